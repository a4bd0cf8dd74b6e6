"""Two runs of one topology at one moment: nothing is there twice afterwards, and one of them says so."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nestlab
from nestlab.apply.duplicates import duplicate_of
from nestlab.errors import AnotherRunActive
from nestlab.model import Cmdlet, Outcome, Record
from nestlab.plan import Step, StepTarget
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.runspace import Runspace
from nestlab.transport.simulated import SimulatedSession
from tests.lab.many import in_threads, timeless
from tests.transport.doors import CREDENTIAL, options

ROOT = Path(__file__).parents[2]
NAT_LAB = ROOT / "notebooks" / "topologies" / "nat-lab.yml"
PAIR = """
name: pair
switches: [{name: Net, switch_type: Private}, {name: Other, switch_type: Private}]
vms: [{name: a, memory_startup: 1GB}, {name: b, memory_startup: 1GB, network_adapters: [{switch: Net}]}]
"""
VMS = "name: pair\nvms: [{name: a, memory_startup: 1GB}, {name: b, memory_startup: 1GB}]\n"


class Gate:
    """A session that waits for the other run before its first change."""

    def __init__(self, inner, barrier):
        self._inner, self._barrier, self._passed = inner, barrier, False

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def run(self, *statements, **options):
        if not self._passed and any(statement.name.startswith("New-") for statement in statements):
            self._passed = True
            self._barrier.wait()
        return self._inner.run(*statements, **options)


def applied(topology, host, journal, ended):
    """Apply, and note how it ended: well, or because of another run."""
    failed = []
    try:
        failed = [
            str(result) for result in nestlab.Lab(topology, host, journal).apply() if not result.ok
        ]
    except AnotherRunActive:
        failed = ["other run"]
    ended.append(failed)


def names(host):
    hyper_v = host.machine.hyper_v
    vms = [vm.name for vm in hyper_v.vms if "nestlab:" in vm.settings.notes]
    return sorted(
        [*vms, *(switch.name for switch in hyper_v.switches if "nestlab:" in switch.notes)]
    )


@pytest.mark.parametrize("text", [PAIR, VMS], ids=["switches", "vms"])
@pytest.mark.parametrize("turn", range(3))
def test_two_runs_in_one_process_make_nothing_twice(tmp_path, text, turn):
    host, topology, barrier, ended = (
        SimulatedHost.from_scenario("ws2022-intel"),
        nestlab.loads(text),
        threading.Barrier(2, timeout=100),
        [],
    )
    host.world.seed = f"turn {turn}"  # other Ids: another one is the greater
    sessions = [
        Gate(SimulatedSession(Runspace(host), "sim:ws2022-intel"), barrier) for _ in range(2)
    ]
    works = [
        (topology, session, tmp_path / f"{number}.jsonl", ended)
        for number, session in enumerate(sessions)
    ]
    in_threads(*(lambda work=work: applied(*work) for work in works))
    assert sorted(ended) == [[], ["other run"]]
    assert names(host) == sorted([*(switch.name for switch in topology.switches), "a", "b"])
    assert nestlab.Lab(topology, sessions[0]._inner).plan().is_empty


@pytest.mark.parametrize("first", [0, 1])
def test_undo_of_the_run_that_yielded_takes_nothing_of_the_other(tmp_path, first):
    host, topology, barrier, ended = (
        SimulatedHost.from_scenario("ws2022-intel"),
        nestlab.loads(VMS),
        threading.Barrier(2, timeout=100),
        [],
    )
    sessions = [
        Gate(SimulatedSession(Runspace(host), "sim:ws2022-intel"), barrier) for _ in range(2)
    ]
    in_threads(
        *(
            lambda n=n: applied(topology, sessions[n], tmp_path / f"{n}.jsonl", ended)
            for n in (first, 1 - first)
        )
    )
    before = host.world.to_dict()["host"]
    records = [
        json.loads(line)
        for number in range(2)
        for line in (tmp_path / f"{number}.jsonl").read_text("utf-8").splitlines()
    ]
    assert sum(record["record"] == "undone" for record in records) == 1
    (yielded,) = (n for n in range(2) if '"undone"' in (tmp_path / f"{n}.jsonl").read_text("utf-8"))
    assert list(nestlab.Lab(topology, sessions[0]._inner).undo(tmp_path / f"{yielded}.jsonl")) == []
    assert host.world.to_dict()["host"] == before


def test_two_computers_over_winrm_make_nothing_twice(tmp_path, monkeypatch):
    host, topology, barrier, ended = (
        SimulatedHost.from_scenario("ws2022-intel"),
        nestlab.loads(PAIR),
        threading.Barrier(2, timeout=100),
        [],
    )
    with serve(host) as endpoint:
        monkeypatch.setenv(CREDENTIAL, f"{endpoint.guest_user}:{endpoint.guest_password}")
        sessions = [
            Gate(nestlab.connect(endpoint.address, **options(endpoint)), barrier) for _ in range(2)
        ]
        in_threads(
            *(
                lambda n=n: applied(topology, sessions[n], tmp_path / f"{n}.jsonl", ended)
                for n in range(2)
            )
        )
        assert ["other run"] in ended
        assert [item for item in ended if item not in ([], ["other run"])] == []
        assert [
            str(result)
            for result in nestlab.Lab(topology, sessions[0]._inner, tmp_path / "3.jsonl").apply()
            if not result.ok
        ] == []
        for session in sessions:
            session.close()
    assert names(host) == ["Net", "Other", "a", "b"]


WORKER = """
import json, sys
from pathlib import Path
import nestlab
from nestlab.errors import NestlabError
host = nestlab.connect(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
lab = nestlab.Lab(nestlab.load(sys.argv[3]), host, Path(sys.argv[2]))
try:
    said = [str(result) for result in lab.apply() if not result.ok]
except NestlabError as error:
    said = [type(error).__name__]
print(json.dumps(said))
"""


@pytest.mark.parametrize("computers", ["one", "two"])
def test_two_processes_at_one_state_file_make_nothing_twice(tmp_path, monkeypatch, computers):
    address = f"sim:ws2022-intel?state={tmp_path / 'host.json'}"
    alone = nestlab.connect()
    assert all(
        result.ok
        for result in nestlab.Lab(nestlab.load(NAT_LAB), alone, tmp_path / "alone.jsonl").apply()
    )
    nestlab.connect(address)
    processes = []
    for number in range(2):
        monkeypatch.setenv(
            "NESTLAB_JOURNALS", str(tmp_path / (f"home-{number}" if computers == "two" else "home"))
        )
        words = [
            sys.executable,
            "-c",
            WORKER,
            address,
            str(tmp_path / f"{number}.jsonl"),
            str(NAT_LAB),
        ]
        processes.append(
            subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
            )
        )
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write("go\n")
            process.stdin.flush()
    said = [json.loads(process.communicate()[0]) for process in processes]
    ends = [[], ["AnotherRunActive"], ["StalePlan"]]
    if computers == "two":
        ends.append(["GuestUnreachable"])  # the other run restarts HV1 during a step of this one
    assert [words for words in said if words not in ends] == []
    lab = nestlab.Lab(nestlab.load(NAT_LAB), nestlab.connect(address), tmp_path / "third.jsonl")
    assert [str(result) for result in lab.apply() if not result.ok] == []
    assert lab.plan().is_empty
    assert timeless(lab.host.simulated_host) == timeless(alone.simulated_host)


STEP = Step(
    id="host:create-vm:web",
    machine=(),
    action="",
    title="",
    why="",
    target=StepTarget("vm", "web"),
    cmdlets=(),
    creates=True,
)
SWITCH = Step(
    id="host:create-switch:web",
    machine=(),
    action="",
    title="",
    why="",
    target=StepTarget("switch", "web"),
    cmdlets=(),
    creates=True,
)


def vm(identity, second, notes="nestlab:lab"):
    properties = {
        "Id": identity,
        "CreationTime": datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC),
        "Notes": notes,
    }
    return Record(("Microsoft.HyperV.PowerShell.VirtualMachine",), properties, "web")


def switch(identity, notes="nestlab:lab"):
    return Record(
        ("Microsoft.HyperV.PowerShell.VMSwitch",), {"Id": identity, "Notes": notes}, "web"
    )


def decided(step, own, *looks):
    """Return what is decided where each look shows these objects, the last one for ever."""
    left = list(looks)

    def look(_cmdlet: Cmdlet) -> Outcome:
        return Outcome(tuple(left.pop(0) if len(left) > 1 else left[0]))

    return duplicate_of(
        replace(step, target=replace(step.target, id=own)), look, lambda _seconds: None
    )


def test_alone_it_stays_and_of_two_vms_the_later_goes():
    assert decided(STEP, "A", [vm("a", 1)]) is None
    assert decided(STEP, "A", [vm("a", 1), vm("b", 2)]) is None
    assert decided(STEP, "B", [vm("a", 1), vm("b", 2)]) == "a"
    assert decided(STEP, "B", [vm("a", 1), vm("b", 1)]) == "a"


def test_what_is_not_marked_is_not_yielded_to_and_a_mark_is_waited_for():
    assert decided(STEP, "b", [vm("a", 1, notes=""), vm("b", 2)]) is None
    assert decided(STEP, "b", [vm("a", 1, notes="nestlab:other"), vm("b", 2)]) is None
    assert decided(STEP, "b", [vm("a", 1, notes=""), vm("b", 2)], [vm("a", 1), vm("b", 2)]) == "a"


def test_of_two_switches_the_greater_id_goes_and_the_other_only_where_that_one_stays():
    assert decided(SWITCH, "b", [switch("a"), switch("b")]) == "a"
    assert decided(SWITCH, "a", [switch("a"), switch("b")], [switch("a")]) is None
    assert decided(SWITCH, "a", [switch("a"), switch("b")]) == "b"


@given(st.permutations("abcd"), st.lists(st.integers(0, 3), min_size=4, max_size=4))
def test_of_any_vms_exactly_one_stays_whoever_looks(order, seconds):
    found = [vm(identity, second) for identity, second in zip(order, seconds, strict=True)]
    assert sum(decided(STEP, identity, found) is None for identity in order) == 1


def test_an_address_that_another_run_has_assigned_meanwhile_is_told_as_such(tmp_path):
    text = "name: lab\nswitches: [{name: S, switch_type: Internal, ip_address: 10.0.0.1/24}]"
    host = nestlab.connect()
    values = {"IPAddress": "10.0.0.1", "PrefixLength": 24, "InterfaceAlias": "vEthernet (S)"}

    def assign_first(event):
        starts = isinstance(event, nestlab.StepStarted)
        if starts and any(c.name == "New-NetIPAddress" for c in event.step.cmdlets):
            host.run(Cmdlet("New-NetIPAddress", values))

    lab = nestlab.Lab(nestlab.loads(text), host, tmp_path / "lab.jsonl")
    with pytest.raises(AnotherRunActive, match="by another run"):
        list(lab.apply(on_event=assign_first))
    assert lab.plan().is_empty


class Overtaken:
    """A session: another run assigns each address first, and restarts the guest when this one fails."""

    def __init__(self, inner, outer=None):
        self._inner, self._outer = inner, outer

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def guest(self, vm_name, credential):
        return Overtaken(self._inner.guest(vm_name, credential), self._inner)

    def run(self, *statements, **options):
        assigns = any(statement.name == "New-NetIPAddress" for statement in statements)
        if self._inner.machine != ("HV1", "db1") or not assigns:
            return self._inner.run(*statements, **options)
        self._inner.run(*statements)
        try:
            return self._inner.run(*statements, **options)
        finally:
            self._outer.run(Cmdlet("Restart-VM", {"Name": "db1", "Force": True}))


def test_an_address_that_another_run_assigned_before_a_restart_is_told_as_such(tmp_path):
    """The other run goes on after its step: the guest does not answer when this run looks again."""
    host, topology = nestlab.connect(), nestlab.load(NAT_LAB)
    with pytest.raises(AnotherRunActive, match="by another run"):
        list(nestlab.Lab(topology, Overtaken(host), tmp_path / "lab.jsonl").apply())
    assert [str(r) for r in nestlab.Lab(topology, host).apply() if not r.ok] == []
