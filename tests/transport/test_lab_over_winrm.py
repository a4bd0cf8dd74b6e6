"""Build, verify and undo over the wire: the examples, with the same result as in process."""

from __future__ import annotations

import contextlib
import json
import os
import re
import threading
from pathlib import Path

import pytest

import nestlab
from nestlab.cli import main
from nestlab.constants.commands import COMMANDS
from nestlab.errors import Cancelled, CredentialNotUsable, GuestUnreachable
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.powershell.binding.signatures import command_names
from nestlab.topology_file import loads
from nestlab.transport.credentials import Credential
from nestlab.transport.psrp_session import PsrpSession
from tests.transport.doors import CLOCK_RATE, guests_of, options

ROOT = Path(__file__).parents[2]
TOPOLOGIES = ROOT / "tests" / "cases" / "topologies"
LARGE_TOPOLOGIES = ROOT / "tests" / "cases" / "large_topologies"
"""Examples that take too long for the tests that build every one on every scenario."""

ONE_GUEST = r"""
name: one-guest
switches: [{name: LabNet, switch_type: Internal, ip_address: 192.168.100.1/24, nat: 192.168.100.0/24}]
vms:
  - name: HV1
    memory_startup: 4GB
    disk: {parent: 'D:\images\ws2022.vhdx'}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{name: Ethernet, switch: LabNet, ip_address: 192.168.100.11/24, gateway: 192.168.100.1}]
checks: [{from: HV1, to: internet, expect: reachable}]
"""
SAMPLED = os.environ.get("NESTLAB_CHAOS") != "all"
_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
WAYS = [
    ("bridged-lab", {}),
    ("nat-lab", {"configuration_name": "NestLab"}),
    ("two-node-cluster", {}),
]


def world(host):
    data = host.world.to_dict()
    data.pop("clock")
    return data


def build(name, session, tmp_path):
    """Plan, apply and verify; return what a reader sees of it."""
    folder = TOPOLOGIES if (TOPOLOGIES / f"{name}.yml").exists() else LARGE_TOPOLOGIES
    topology = nestlab.load(folder / f"{name}.yml")
    lab = nestlab.Lab(topology, session, journal=tmp_path / "journal.jsonl")
    assert lab.check().ok
    results = list(lab.apply(lab.plan()))
    assert [result.message for result in results if not result.ok] == []
    assert lab.plan().is_empty
    report = lab.verify()
    assert all(check.passed or check.status == "undetermined" for check in report), str(
        report
    )  # nobody looks into Linux guests
    told = report.to_dict()
    for check in told["checks"]:
        # Whether a Linux guest has started by now depends on the clock of the endpoint.
        check["explanation"] = "" if check["status"] == "undetermined" else check["explanation"]
    # On several machines at once they end as they like; on each machine they keep their order.
    in_order = sorted(results, key=lambda result: result.step.machine)
    # Ids are given out in the order of creation, which is as they like.
    return (
        lab,
        [_ID.sub("ID", str(cmdlet)) for result in in_order for cmdlet in result.step.cmdlets],
        told,
    )


@pytest.mark.parametrize(("name", "given"), WAYS, ids=[name for name, _ in WAYS])
def test_an_example_is_built_verified_and_destroyed_over_winrm_as_in_process(
    name, given, tmp_path, monkeypatch
):
    near = nestlab.connect()
    _, expected_cmdlets, expected_report = build(name, near, tmp_path / "near")
    far = SimulatedHost.from_scenario("ws2022-intel")
    before = world(far)
    with serve(far, tls=True, clock_rate=CLOCK_RATE) as endpoint:
        guests_of(endpoint, monkeypatch)
        session = nestlab.connect(endpoint.address, **options(endpoint), **given)
        lab, cmdlets, report = build(name, session, tmp_path / "far")
        assert cmdlets == expected_cmdlets
        assert report == expected_report
        assert world(far)["wires"] == world(near.simulated_host)["wires"]
        assert endpoint.shells <= 4
        assert [result.message for result in lab.destroy() if not result.ok] == []
        session.close()
    assert world(far) == before


def test_the_command_line_checks_a_host_over_winrm(monkeypatch, capsys):
    with serve(SimulatedHost.from_scenario("ws2019-amd"), tls=True) as endpoint:
        monkeypatch.setenv("NESTLAB_CREDENTIAL_HOST", f"{endpoint.user}:{endpoint.password}")
        address = f"{endpoint.address}?ca={endpoint.certificate}"
        assert main(["check", "--json", "--host", address]) == 1
        assert json.loads(capsys.readouterr().out)["findings"]
        monkeypatch.setenv("NESTLAB_CREDENTIAL_HOST", f"{endpoint.user}:wrong-password")
        assert main(["check", "--host", address]) == 3
        message = capsys.readouterr().err
        assert "Add-LocalGroupMember" in message
        assert "wrong-password" not in message
    assert main(["check", "--host", "winrm://localhost:1?credential=host"]) == 3
    assert "Enable-PSRemoting" in capsys.readouterr().err


def test_everything_that_nestlab_sends_is_in_its_list_of_commands():
    known = {name.lower(): name for name in command_names()}
    sent = set()
    for layer in ("plan", "observe", "apply", "lab"):
        for module in (ROOT / "nestlab" / layer).glob("*.py"):
            sent |= set(
                re.findall(r'"([A-Z][a-z]+-[A-Za-z0-9]+)"', module.read_text(encoding="utf-8"))
            )
    assert {name for name in sent if name.lower() in known} - COMMANDS == set()
    assert len(sent & COMMANDS) > 30


def test_a_cancel_in_a_wait_ends_the_apply_and_the_next_one_goes_on(tmp_path, monkeypatch):
    with serve(SimulatedHost.from_scenario("ws2022-intel"), tls=True, clock_rate=20) as endpoint:
        guests_of(endpoint, monkeypatch)
        session = nestlab.connect(endpoint.address, **options(endpoint))
        for _ in range(3):
            lab, cancel = (
                nestlab.Lab(loads(ONE_GUEST), session, journal=tmp_path / "journal.jsonl"),
                threading.Event(),
            )
            with pytest.raises(Cancelled):
                list(
                    lab.apply(
                        cancel=cancel,
                        on_event=lambda event, cancel=cancel: cancel_at_wait(
                            event.to_dict(), cancel
                        ),
                    )
                )
        assert [result.message for result in lab.apply() if not result.ok] == []
        assert lab.plan().is_empty
        assert lab.verify().ok
        session.close()


def test_a_wrong_guest_password_ends_the_apply_at_once_and_names_the_credential(
    tmp_path, monkeypatch
):
    with serve(
        SimulatedHost.from_scenario("ws2022-intel"), tls=True, clock_rate=CLOCK_RATE
    ) as endpoint:
        monkeypatch.setenv("NESTLAB_CREDENTIAL_LAB_ADMIN", f"{endpoint.guest_user}:Wrong-Geheim-99")
        session = nestlab.connect(endpoint.address, **options(endpoint))
        lab = nestlab.Lab(loads(ONE_GUEST), session, journal=tmp_path / "journal.jsonl")
        with pytest.raises(GuestUnreachable) as caught:
            list(lab.apply())
        assert all(
            word in caught.value.message for word in ("HV1", endpoint.guest_user, "'lab-admin'")
        )
        assert "NESTLAB_CREDENTIAL_LAB_ADMIN" in caught.value.hint
        assert "Wrong-Geheim-99" not in str(caught.value) + (tmp_path / "journal.jsonl").read_text(
            encoding="utf-8"
        )
        guests_of(endpoint, monkeypatch)
        assert [result.message for result in lab.apply() if not result.ok] == []
        assert lab.plan().is_empty
        session.close()


def test_a_credential_that_is_nowhere_ends_the_apply_before_its_first_step(tmp_path, monkeypatch):
    monkeypatch.delenv("NESTLAB_CREDENTIAL_LAB_ADMIN", raising=False)
    monkeypatch.setattr("sys.stdin", None)
    host = SimulatedHost.from_scenario("ws2022-intel")
    with serve(host, tls=True, clock_rate=CLOCK_RATE) as endpoint:
        session = nestlab.connect(endpoint.address, **options(endpoint))
        before = world(host)
        with pytest.raises(CredentialNotUsable, match="lab-admin") as caught:
            list(nestlab.Lab(loads(ONE_GUEST), session, journal=tmp_path / "journal.jsonl").apply())
        assert "host.prepare('lab-admin')" in str(caught.value)
        assert world(host) == before
        session.close()


def test_a_credential_of_a_linux_guest_that_is_nowhere_ends_a_second_apply_before_its_first_step(
    tmp_path, monkeypatch
):
    text = ONE_GUEST.replace(
        "checks:",
        r"""  - name: lx1
    disk: {parent: 'D:\images\ubuntu2404.vhdx'}
    guest: {os: linux, cloud_init: true, credential: lab-linux}
    network_adapters: [{switch: LabNet, ip_address: 192.168.100.12/24, gateway: 192.168.100.1}]
checks:""",
    )
    monkeypatch.setattr("sys.stdin", None)
    host = SimulatedHost.from_scenario("ws2022-intel")
    with serve(host, tls=True, clock_rate=CLOCK_RATE) as endpoint:
        guests_of(endpoint, monkeypatch)
        session = nestlab.connect(endpoint.address, **options(endpoint))
        for result in nestlab.Lab(loads(text), session, tmp_path / "1.jsonl").apply():
            if result.step.action == "create-vm":
                break
        session.close()
        monkeypatch.delenv("NESTLAB_CREDENTIAL_LAB_LINUX")
        session = nestlab.connect(endpoint.address, **options(endpoint))
        before = world(host)
        with pytest.raises(CredentialNotUsable, match="lab-linux") as caught:
            list(nestlab.Lab(loads(text), session, tmp_path / "2.jsonl").apply())
        assert "host.prepare('lab-linux')" in str(caught.value)
        assert world(host) == before
        session.close()


def test_whoever_is_there_is_asked_once_for_a_whole_lab(tmp_path, monkeypatch):
    asked = []
    with serve(
        SimulatedHost.from_scenario("ws2022-intel"), tls=True, clock_rate=CLOCK_RATE
    ) as endpoint:

        def ask(name):
            asked.append(name)
            return Credential(endpoint.guest_user, endpoint.guest_password)

        monkeypatch.delenv("NESTLAB_CREDENTIAL_LAB_ADMIN", raising=False)
        monkeypatch.setattr("nestlab.transport.credentials.ask", ask)
        session = nestlab.connect(endpoint.address, **options(endpoint))
        lab = nestlab.Lab(loads(ONE_GUEST), session, journal=tmp_path / "journal.jsonl")
        assert [result.message for result in lab.apply() if not result.ok] == []
        assert lab.verify().ok
        session.close()
    assert asked == ["lab-admin"]


@pytest.mark.parametrize("at", [1, 3] if SAMPLED else range(1, 9))
def test_a_cancel_in_any_wait_of_a_nested_apply_leaves_one_that_converges(
    at, tmp_path, monkeypatch
):
    cancel, waits = threading.Event(), []
    through = PsrpSession.wait

    def wait(session, seconds, flag=None):
        waits.append(seconds)
        if len(waits) == at:
            cancel.set()
        through(session, seconds, flag)

    monkeypatch.setattr(PsrpSession, "wait", wait)
    with serve(SimulatedHost.from_scenario("ws2022-intel"), tls=True, clock_rate=60) as endpoint:
        guests_of(endpoint, monkeypatch)
        session = nestlab.connect(endpoint.address, **options(endpoint))
        lab = nestlab.Lab(
            nestlab.load(TOPOLOGIES / "nat-lab.yml"), session, journal=tmp_path / "journal.jsonl"
        )
        with contextlib.suppress(Cancelled):
            list(lab.apply(cancel=cancel))
        assert cancel.is_set(), f"the apply has only {len(waits)} waits"
        assert not lab.plan().is_empty
        assert [result.message for result in lab.apply() if not result.ok] == []
        assert lab.plan().is_empty
        session.close()


def cancel_at_wait(event, cancel):
    """Press Cancel at the first wait."""
    if event["event"] == "progress" and "seconds" in event:
        cancel.set()
