"""What goes wrong over ssh: a real server on loopback, and OpenSSH's own texts; one sentence each."""

from __future__ import annotations

import contextlib
import os
import signal

import pytest

import nestlab
from nestlab.errors import AccessDenied, HostUnreachable, NestlabError, SessionBroken
from nestlab.model import Cmdlet
from nestlab.transport.process.process_exit import ProcessExit
from nestlab.transport.process.ssh import SshTarget, read_ssh
from tests.transport.ssh_server import running_ssh_server, ssh_server  # noqa: F401  # a fixture

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the server of the test is a POSIX one")


@pytest.fixture
def server(ssh_server, monkeypatch):  # noqa: F811  # the fixture
    ssh_server.use(monkeypatch)
    return ssh_server


def refusal(address, kind, words):
    with pytest.raises(kind, match=words) as caught:
        nestlab.connect(address)
    assert caught.value.hint
    return caught.value


def test_a_session_names_no_options(server):
    with contextlib.closing(nestlab.connect(f"{server.address}?subsystem=powershell")) as session:
        assert session.host == server.address
        assert session.run(Cmdlet("Get-VMHost")).records


def test_a_command_takes_the_place_of_a_subsystem(server):
    address = f"{server.address}?command={server.folder}/powershell"
    with contextlib.closing(nestlab.connect(address)) as session:
        assert session.run(Cmdlet("Get-VMHost")).records


def test_a_subsystem_that_is_not_there(server):
    problem = refusal(f"{server.address}?subsystem=pwsh", HostUnreachable, "no subsystem 'pwsh'")
    assert "Subsystem pwsh c:/" in problem.hint
    assert "5.1 has no such subsystem" in problem.hint


def test_a_command_that_is_not_there(server):
    address = f"{server.address}?command=pwsh-not-there"
    refusal(address, HostUnreachable, "cannot run 'pwsh-not-there'")


def test_a_shell_that_prints_a_banner(server):
    address = f"{server.address}?command=echo%20Welcome%20to%20HV01"
    problem = refusal(address, HostUnreachable, "not PowerShell remoting.*Welcome to HV01")
    assert "-NoProfile" in problem.hint


def test_a_banner_before_the_session_is_shown(server):
    address = f"{server.address}?command=echo%20Welcome;exec%20{server.folder}/powershell"
    with contextlib.closing(nestlab.connect(address)) as session:
        outcome = session.run(Cmdlet("Get-VMHost"))
        assert outcome.records
        assert [text.rpartition(": ")[2] for text in outcome.warnings] == ["Welcome"]


def test_a_host_key_that_is_not_known(server):
    known = server.folder / "known_hosts"
    with kept(known):
        known.write_text("", encoding="utf-8")
        problem = refusal(server.address, AccessDenied, "does not know the host key")
    assert f"ssh -p {server.port}" in problem.hint


def test_a_host_key_that_has_changed(server):
    known, other = server.folder / "known_hosts", server.folder / "user_key.pub"
    with kept(known):
        key = other.read_text(encoding="utf-8")
        known.write_text(f"[127.0.0.1]:{server.port} {key}", encoding="utf-8")
        problem = refusal(server.address, AccessDenied, "has changed")
    assert f'ssh-keygen -R "[127.0.0.1]:{server.port}"' in problem.hint


def test_a_key_that_is_refused(server):
    allowed = server.folder / "authorized_keys"
    with kept(allowed):
        allowed.write_text("", encoding="utf-8")
        problem = refusal(server.address, AccessDenied, "accepts none of the keys.*publickey")
    assert "ssh-add" in problem.hint


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("ssh://127.0.0.1:1", "does not accept SSH connections"),
        ("ssh://no-such-host.invalid", "cannot be resolved"),
    ],
)
def test_a_host_that_does_not_answer(server, address, words):
    refusal(address, HostUnreachable, words)


def test_an_ssh_that_is_killed_while_idle_is_replaced(server):
    with contextlib.closing(nestlab.connect(server.address)) as session:
        os.kill(process_of(session), signal.SIGKILL)
        assert session.run(Cmdlet("Get-VMHost")).records


def process_of(session):
    return session._shells._free[0]._channel.process_id


def test_a_server_that_stops_is_named(tmp_path, monkeypatch):
    with running_ssh_server(tmp_path) as server:
        server.use(monkeypatch)
        with contextlib.closing(nestlab.connect(server.address)) as session:
            server.stop()
            with contextlib.suppress(NestlabError):
                session.run(Cmdlet("Set-VM", {"Name": "sql-test", "Notes": "x"}))
            refusal(server.address, HostUnreachable, "does not accept SSH connections")


@pytest.mark.parametrize(
    ("errors", "kind", "words"),
    [
        (
            "Timeout, server hv01 not responding.",
            SessionBroken,
            "connection to hv01 was lost while Start-VM ran",
        ),
        (
            "client_loop: send disconnect: Broken pipe",
            SessionBroken,
            "connection to hv01 was lost",
        ),
    ],
)
def test_a_computer_that_slept_has_lost_its_connection(errors, kind, words):
    problem = SshTarget("hv01").explain(ProcessExit("Start-VM", exit_code=255, errors=errors))
    assert isinstance(problem, kind)
    assert words in problem.message
    assert "sleeps" in problem.hint
    assert "may or may not" in problem.hint


@pytest.mark.parametrize(
    ("errors", "words"),
    [
        ("hv01: Too many authentication failures", "offered too many keys"),
        (
            "ada@hv01: Permission denied (publickey,password).",
            "(its logon methods: publickey,password)",
        ),
        ("/home/ada/.ssh/config: line 3: Bad configuration option: hots", "its configuration"),
        ("ssh: connect to host hv01 port 22: Connection timed out", "does not accept SSH"),
        ("something new", "ssh ended with exit code 255. It wrote: something new"),
    ],
)
def test_the_texts_of_ssh_are_understood(errors, words):
    problem = SshTarget("hv01").explain(ProcessExit("", exit_code=255, errors=errors))
    assert words in problem.message
    assert problem.hint


def test_the_command_line_asks_nothing_and_hides_nothing(monkeypatch, tmp_path):
    (tmp_path / "ssh").write_text("", encoding="utf-8")
    (tmp_path / "ssh").chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    target = read_ssh("ssh://ada@[fe80::1]:2222?subsystem=jea")
    words = list(target.command)
    assert "BatchMode=yes" in words
    assert words[-8:] == ["-p", "2222", "-l", "ada", "-s", "--", "fe80::1", "jea"]
    assert target.address == "ssh://ada@[fe80::1]:2222"
    assert read_ssh("ssh://Lab-Host").command[-2] == "Lab-Host"


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (SshTarget("hv01", 22), "hv01"),
        (SshTarget("hv01"), "hv01"),
        (SshTarget("::1", 2), "[::1]:2"),
    ],
)
def test_an_old_key_is_removed_under_the_name_that_ssh_gives_it(target, name):
    errors = "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @"
    hint = target.explain(ProcessExit("", exit_code=255, errors=errors)).hint
    assert f'ssh-keygen -R "{name}")' in hint


CLOSED = "kex_exchange_identification: Connection closed by remote host"
PROXIED = f"{CLOSED}\nConnection closed by UNKNOWN port 65535"


@pytest.mark.parametrize(
    "first",
    [
        "ssh: Could not resolve hostname jump.contoso.com: Name or service not known",
        "ada@jump.contoso.com: Permission denied (publickey).",
        "Host key verification failed.",
        "ssh: connect to host jump.contoso.com port 22: Connection refused",
        "/bin/sh: 1: nc: not found",
    ],
)
def test_a_failure_of_the_jump_host_is_not_blamed_on_the_host(first):
    process_exit = ProcessExit("", exit_code=255, errors=f"{first}\n{PROXIED}")
    problem = SshTarget("hv01").explain(process_exit)
    assert "jump host or proxy command on the way to hv01" in problem.message
    assert first in problem.message
    assert "ssh hv01" in problem.hint


def test_a_jump_host_that_cannot_be_found_is_named(server):
    config = server.folder / "ssh_config"
    with kept(config):
        text = config.read_text(encoding="utf-8")
        jump = "Match host 127.0.0.1\n  ProxyJump no-such-host.invalid\n"
        config.write_text(f"{jump}{text}", encoding="utf-8")
        refusal(server.address, HostUnreachable, "on the way to 127.0.0.1.*no-such-host.invalid")


def test_a_host_that_the_jump_host_cannot_reach_is_the_one_that_is_named():
    first = "channel 0: open failed: connect failed: Connection refused\nstdio forwarding failed"
    process_exit = ProcessExit("", exit_code=255, errors=f"{first}\n{PROXIED}")
    assert "hv01 does not accept" in SshTarget("hv01").explain(process_exit).message


@pytest.mark.parametrize("code", [126, 127])
def test_a_subsystem_whose_program_is_missing_is_named(code):
    problem = SshTarget("hv01", subsystem="pwsh").explain(ProcessExit("", exit_code=code))
    assert "cannot start its subsystem 'pwsh'" in problem.message
    assert "sshd_config" in problem.hint


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (SshTarget("hv01"), "ssh -s hv01 powershell"),
        (SshTarget("hv01", 2222, "ada", remote_command="pwsh"), "ssh -p 2222 ada@hv01 pwsh"),
    ],
)
def test_a_failure_without_advice_can_be_repeated_in_a_terminal(target, words):
    assert words in target.explain(ProcessExit("", exit_code=0)).hint


@contextlib.contextmanager
def kept(path):
    """Restore a file of the server behind the block."""
    text = path.read_text(encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(text, encoding="utf-8")
