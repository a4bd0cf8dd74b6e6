"""Credentials that are missing or cannot be used: one report of all of them, before any step.

Before, a missing one ended the command with exit code 3 and hid the others, and those that cannot
be used came with exit code 2, the fixes of all of them in one line.
"""

from __future__ import annotations

import pytest

import nestlab
from nestlab.cli import app
from nestlab.errors import CredentialNotUsable
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from tests.transport.doors import CLOCK_RATE, guests_of, options

TOPOLOGY = r"""
name: missing
images:
  ws2022: {path: 'D:\images\ws2022.vhdx', prepared: false}
  ubuntu: {path: 'D:\images\ubuntu2404.vhdx', os: linux}
vms:
  - name: HV1
    memory_startup: 8GB
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-host}
    nested:
      vms:
        - name: web1
          disk: {image: ws2022}
          guest: {os: windows, credential: lab-admin}
  - name: web2
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
  - name: web3
    disk: {image: ws2022}
    guest: {os: windows, credential: no-colon}
  - name: app1
    disk: {image: ubuntu}
    guest: {os: linux, cloud_init: true, credential: lab-linux}
"""
RUNNING = r"""
name: running
images: {ws2022: {path: 'D:\images\ws2022.vhdx'}}
switches: [{name: A, switch_type: Internal, ip_address: 192.168.100.1/24}]
vms:
  - name: one
    disk: {image: ws2022}
    guest: {os: windows, credential: first}
    network_adapters: [{name: Ethernet, switch: A, ip_address: 192.168.100.11/24}]
  - name: two
    disk: {image: ws2022}
    guest: {os: windows, credential: second}
    network_adapters: [{name: Ethernet, switch: A, ip_address: 192.168.100.12/24}]
checks: [{from: one, to: two}]
"""


@pytest.fixture
def connect(monkeypatch, tmp_path):
    """Yield a function that opens a session to one host, without a terminal to ask at."""
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    monkeypatch.setattr("sys.stdin", None)
    # Whether this machine has a keyring is not what is tested.
    monkeypatch.setattr("nestlab.transport.credentials.keyring_problem", str)
    with serve(
        SimulatedHost.from_scenario("ws2022-generalized", language="en"), clock_rate=CLOCK_RATE
    ) as found:
        guests_of(found, monkeypatch)
        for name in ("FIRST", "SECOND", "LAB_ADMIN", "LAB_HOST", "LAB_LINUX", "NO_COLON"):
            monkeypatch.delenv(f"NESTLAB_CREDENTIAL_{name}", raising=False)
        opened = []

        def open_session():
            opened.append(nestlab.connect(found.address, **options(found)))
            opened[-1].guest_account = f"{found.guest_user}:{found.guest_password}"
            return opened[-1]

        yield open_session
        for session in opened:
            session.close()


def test_all_of_them_are_in_one_report_with_their_vms_and_the_way_to_give_them(
    connect, monkeypatch, tmp_path
):
    monkeypatch.setenv("NESTLAB_CREDENTIAL_LAB_HOST", "a/b:p")
    monkeypatch.setenv("NESTLAB_CREDENTIAL_NO_COLON", "Geheim-17")
    lab = nestlab.Lab(nestlab.loads(TOPOLOGY), connect(), tmp_path / "j.jsonl")
    results = []
    with pytest.raises(CredentialNotUsable) as caught:
        results += lab.apply()
    assert results == []
    lines = str(caught.value).splitlines()
    assert [line for line in lines if not line.startswith(" ")] == [
        "The credential 'lab-host' cannot be used for the account of HV1: Windows refuses / in the user name 'a/b'",
        "The credential 'lab-admin' of HV1/web1 and web2 was not found.",
        "The credential 'no-colon' of web3 was not found. NESTLAB_CREDENTIAL_NO_COLON has no colon between user and password.",
        "The credential 'lab-linux' of app1 was not found.",
    ]
    for place, name in ((0, "LAB_HOST"), (1, "LAB_ADMIN"), (2, "NO_COLON"), (3, "LAB_LINUX")):
        fix = lines[2 * place + 1]
        assert fix.startswith("    ")
        assert f"NESTLAB_CREDENTIAL_{name}" in fix
    assert "Geheim-17" not in str(caught.value)
    assert [problem.machines for problem in caught.value.problems] == [
        ("HV1",),
        ("HV1/web1", "web2"),
        ("web3",),
        ("app1",),
    ]
    assert not (tmp_path / "j.jsonl").exists()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "lab.yml"
    path.write_text(RUNNING, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "command", [("plan",), ("apply", "--yes"), ("verify",), ("check",), ("undo", "--yes")]
)
def test_every_command_that_enters_guests_names_all_that_are_missing(
    command, connect, file, monkeypatch, tmp_path, capsys
):
    session = connect()
    for name in ("FIRST", "SECOND"):
        monkeypatch.setenv(f"NESTLAB_CREDENTIAL_{name}", session.guest_account)
    prepared = RUNNING.replace("ws2022.vhdx'", "ws2022.vhdx', prepared: false")
    lab = nestlab.Lab(nestlab.loads(prepared), session)
    assert [str(result) for result in lab.apply() if not result.ok] == []
    changed = nestlab.Lab(nestlab.loads(prepared.replace("100.12/", "100.13/")), session)
    assert [str(result) for result in changed.apply() if not result.ok] == []
    for name in ("FIRST", "SECOND"):
        monkeypatch.delenv(f"NESTLAB_CREDENTIAL_{name}")
    again = connect()
    monkeypatch.setattr("nestlab.transport.connect", lambda *_args, **_options: again)
    name, *more = command
    assert app.run([name, str(file), "--host", again.host, *more]) == 2
    said = capsys.readouterr().err
    assert "The credential 'second' of two was not found." in said
    assert "NESTLAB_CREDENTIAL_SECOND=user:password" in said
    # The undo of the last run enters the second guest only.
    assert ("The credential 'first' of one was not found." in said) is (name != "undo")


def test_a_plan_of_a_lab_that_is_not_built_needs_no_credential(connect):
    assert nestlab.Lab(nestlab.loads(RUNNING), connect()).plan().steps
