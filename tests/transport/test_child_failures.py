"""A child that does not do what it should: one sentence each, what to do, and no child left."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import subprocess
import sys
import time

import pytest

import nestlab
from nestlab.errors import (
    AccessDenied,
    HostUnreachable,
    NestlabError,
    SessionBroken,
    UnknownHost,
    UsageError,
)
from nestlab.model import Cmdlet
from nestlab.transport.process import channel, child, local, packets, starting
from nestlab.transport.psrp import fragments
from tests.transport import misbehaving, replayed_over_stdio
from tests.transport.replayed import statements_of

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the children of the test use signals")

GET = statements_of("output-string")


@pytest.fixture
def children(monkeypatch):
    """Every child that was started."""
    started = []
    start = subprocess.Popen.__init__

    def note(process, *arguments, **options):
        start(process, *arguments, **options)
        started.append(process)

    monkeypatch.setattr(subprocess.Popen, "__init__", note)
    monkeypatch.setattr(local, "require_hyper_v_access", lambda _session: None)
    yield started
    assert [process for process in started if process.poll() is None] == []


def connect(how):
    return nestlab.connect("local:", command=[sys.executable, misbehaving.__file__, how])


def problem_of(how):
    with pytest.raises(NestlabError) as caught:
        run(how)
    assert caught.value.hint
    return caught.value


def run(how):
    session = connect(how)
    try:
        return session.run(*GET)
    finally:
        session.close()


def test_a_child_that_ends_at_once_is_quoted(children):
    problem = problem_of("exit")
    assert isinstance(problem, HostUnreachable)
    assert "exit code 1" in problem.message
    assert "the parameter -s is not known" in problem.message


def test_the_child_that_starts_early_is_that_of_the_session(children):
    session = connect("noise")
    session.run(*GET)
    session.close()
    assert len(children) == 1


def test_a_child_that_starts_early_and_is_not_taken_is_ended(children):
    early = starting.PrestartedProcess()
    early.start([sys.executable, "-c", "input()"])
    early.discard()
    assert len(children) == 1  # which the fixture requires to have ended
    assert early.take() is None


def test_a_program_that_cannot_start_early_says_so_when_the_session_opens():
    early = starting.PrestartedProcess()
    early.start(["no-such-program"])
    assert early.take() is None
    with pytest.raises(HostUnreachable, match="no-such-program cannot be started"):
        nestlab.connect("local:", command=["no-such-program"])


def test_a_banner_is_kept_out_and_shown(children):
    outcome = run("banner")
    assert [record["Value"] for record in outcome] == ["plain"]
    assert [text.rpartition("PowerShell remoting: ")[2] for text in outcome.warnings] == [
        "Welcome to HV01",
        "Mail: none",
    ]


def test_a_line_that_arrives_in_many_pieces_is_no_silence(children):
    """Before, each piece counted as a second without an acknowledgement, and 60 were the end."""
    outcome = run("banner-in-pieces")
    assert [record["Value"] for record in outcome] == ["plain"]
    (warning,) = outcome.warnings
    assert warning.count("Welcome to HV01.") == 6


def test_text_in_the_line_of_a_packet_is_kept_out_and_shown(children):
    outcome = run("noise")
    assert [record["Value"] for record in outcome] == ["plain"]
    assert all("Progress: 50 %" in text for text in outcome.warnings)
    assert outcome.warnings


@pytest.mark.parametrize("how", ["padding-inside", "line-inside", "text-inside", "id-damaged"])
def test_a_damaged_line_is_never_taken_for_text(children, how):
    problem = problem_of(how)
    assert isinstance(problem, SessionBroken)
    assert "damaged line" in problem.message
    assert "<Data Stream=" in problem.message
    assert "may or may not" in problem.hint


def test_a_child_that_only_prints_is_quoted(children):
    assert "Welcome to HV01" in problem_of("only-banner").message


@pytest.mark.parametrize("command", [[sys.executable, misbehaving.__file__, "silent"], ["cat"]])
def test_a_child_that_says_nothing_of_its_own_is_ended(children, monkeypatch, command):
    monkeypatch.setattr(local.LocalTarget, "opening_seconds", 0.5, raising=False)
    monkeypatch.setattr(channel, "ACKNOWLEDGE_SECONDS", 1)
    with pytest.raises(HostUnreachable) as caught:
        nestlab.connect("local:", command=command).run(*GET)
    assert "It has not answered" in caught.value.message
    assert "reading" not in caught.value.message
    assert caught.value.hint


def test_a_line_without_an_end_is_not_held(children):
    problem = problem_of("endless-line")
    assert "line that does not end" in problem.message
    assert len(problem.message) < 2_000


def test_text_without_an_end_is_not_held(children, monkeypatch):
    monkeypatch.setattr(channel, "_STRAY_LIMIT", 1_000)
    assert "keeps writing text" in problem_of("endless-text").message


def test_a_message_without_an_end_is_not_held(children, monkeypatch):
    monkeypatch.setattr(fragments, "MESSAGE_LIMIT", 1_000)
    command = [sys.executable, replayed_over_stdio.__file__, os.devnull, "many-fragments"]
    session = nestlab.connect("local:", command=command)
    with pytest.raises(SessionBroken, match="a message is larger than"):
        session.run(*statements_of("many-fragments"))
    session.close()


def test_a_child_that_stops_reading_is_given_up(children, monkeypatch):
    session = connect("stops-reading")
    monkeypatch.setattr(channel, "ACKNOWLEDGE_SECONDS", 1)
    with contextlib.closing(session), pytest.raises(SessionBroken) as caught:
        session.run(*GET)
    problem = caught.value
    assert "stopped reading" in problem.message


def test_a_line_that_arrives_twice_is_noticed(children):
    """Otherwise one VM would be two."""
    problem = problem_of("doubled")
    assert isinstance(problem, SessionBroken)
    assert "violated the protocol: object" in problem.message
    assert "arrived twice" in problem.message


@pytest.mark.parametrize(("how", "words"), [("dies", "SIGKILL"), ("half", "cut off")])
def test_a_child_that_dies_while_a_command_runs_is_named(children, how, words):
    problem = problem_of(how)
    assert isinstance(problem, SessionBroken)
    assert words in problem.message
    assert "may or may not" in problem.hint


def test_a_change_that_never_arrived_is_sent_to_a_new_child_once(children):
    session = connect("dies-before")
    with pytest.raises(SessionBroken, match="SIGKILL") as caught:
        session.run(Cmdlet("Set-VM", {"Name": "a"}))
    session.close()
    assert "may or may not" in caught.value.hint
    assert len(children) == 2


def test_what_a_dying_child_says_is_free_of_secrets(children, monkeypatch):
    monkeypatch.setenv("TOLD", "Geheim-1234")
    monkeypatch.setenv("NESTLAB_CREDENTIAL_ADA", "ada:Geheim-1234")
    session = connect("tells-secret")
    session.prepare("ada")
    with pytest.raises(SessionBroken, match="cannot log on as ada") as caught:
        session.run(Cmdlet("Set-Something", {"Notes": "x"}))
    assert "Geheim" not in f"{caught.value!r} {caught.value}"
    session.close()


def test_a_child_that_was_killed_while_idle_is_replaced(children):
    session = connect("noise")
    session.run(*GET)
    children[-1].send_signal(signal.SIGKILL)
    children[-1].wait()
    assert [record["Value"] for record in session.run(*GET)] == ["plain"]
    assert len(children) == 2
    session.close()


def test_a_session_that_is_forgotten_takes_its_child_with_it(children):
    session = connect("noise")
    assert children[-1].poll() is None
    del session
    gc.collect()
    assert children[-1].poll() is not None


def test_the_child_of_a_killed_kernel_ends():
    code = (
        "import sys, nestlab\n"
        "from nestlab.transport.process import local\n"
        "local.require_hyper_v_access = lambda session: None\n"
        f"session = nestlab.connect('local:', command=[sys.executable, {misbehaving.__file__!r}, 'noise'])\n"
        "print(session._shells._free[0]._channel.process_id, flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as kernel:
        number = int(kernel.stdout.readline())
        os.kill(number, 0)
        kernel.kill()
        assert ends(number)


def ends(number):
    """Whether a process that is not ours ends; it is looked at until the test's time is over."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return True
        if _is_zombie(number):
            return True
        time.sleep(0.05)  # between two looks
    return False


def _is_zombie(number):
    done = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(number)], capture_output=True, text=True, check=False
    )
    return done.stdout.strip().startswith("Z")


@pytest.mark.parametrize(
    ("address", "words"),
    [("local:", "no powershell.exe"), ("local:pwsh", "PowerShell 7"), ("ssh://hv01", "no ssh")],
)
def test_a_program_that_is_not_there_is_named(monkeypatch, tmp_path, address, words):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnknownHost, match=words) as caught:
        nestlab.connect(address)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("address", "options"),
    [
        ("local:core", {}),
        ("local:?colour=red", {}),
        ("local:", {"password": "Geheim-1"}),
        ("local:", {"ca": "ca.pem"}),
        ("local:?command=", {}),
        ("local:?command='a", {}),
        ("ssh://", {}),
        ("ssh://-oProxyCommand=reboot", {}),
        ("ssh://-l@hv01", {}),
        ("ssh://hv01:port", {}),
        ("ssh://hv01?colour=red", {}),
        ("ssh://hv01?subsystem=a&command=b", {}),
        ("ssh://ada:Geheim-1@hv01", {}),
        ("ssh://hv01", {"password": "Geheim-1"}),
        ("ssh://hv01", {"verify": False}),
    ],
)
def test_an_address_that_cannot_be_is_refused_before_anything_starts(address, options, children):
    with pytest.raises(UsageError) as caught:
        nestlab.connect(address, **options)
    assert caught.value.hint
    assert "Geheim" not in str(caught.value).replace(address, "")
    assert children == []


def test_a_program_that_must_not_be_started_is_named(tmp_path):
    program = tmp_path / "powershell.exe"
    program.write_text("", encoding="utf-8")
    with pytest.raises(AccessDenied, match=r"powershell.exe.*Permission denied") as caught:
        nestlab.connect("local:", command=[str(program)])
    assert "AppLocker" in caught.value.hint


def test_a_blocked_program_is_named_by_windows_number():
    target = local.LocalTarget(("powershell.exe",))
    error = OSError("blocked")
    error.strerror = "This program is blocked by group policy"
    error.winerror = 1260
    assert "blocked by group policy" in target.not_started(error).message


def test_the_job_object_has_the_size_that_windows_expects():
    from ctypes import c_void_p, sizeof  # of one test

    from nestlab.transport.process.job_object import ExtendedLimits  # of one test

    assert sizeof(ExtendedLimits) == {8: 144, 4: 112}[sizeof(c_void_p)]


def test_a_queue_of_packets_is_bounded():
    assert child._QUEUE_SIZE * packets.LINE_LIMIT <= 1 << 30
