"""Stopped at any point, for any reason, a second apply converges."""

import contextlib
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nestlab
from nestlab.errors import Cancelled, PlanRefused
from nestlab.model import Cmdlet
from tests.lab.interrupted import Counter, Interrupted, PowerCut

TOPOLOGIES = Path(__file__).parents[1] / "cases" / "topologies"


def lab_on(host, name, journal, interrupt=None):
    session = Interrupted(host, *interrupt) if interrupt else host
    return nestlab.Lab(nestlab.load(TOPOLOGIES / f"{name}.yml"), session, journal=journal)


def state_of(host):
    return {
        key: value for key, value in host.simulated_host.world.to_dict().items() if key != "clock"
    }


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["bridged-lab", "nat-lab", "two-node-cluster"]),
    statement=st.integers(1, 50),
    how=st.sampled_from(["error before", "cut before", "cut after"]),
)
def test_a_second_apply_converges_and_nothing_is_left_behind(
    tmp_path_factory, name, statement, how
):
    host, journal = nestlab.connect(), tmp_path_factory.mktemp("lab") / "journal.jsonl"
    before = state_of(host)
    lab = lab_on(host, name, journal, (Counter(statement), how))
    with contextlib.suppress(PowerCut):
        list(lab.apply())
    second = lab_on(host, name, journal)
    assert [result.message for result in second.apply() if not result.ok] == []
    assert second.plan().is_empty
    assert all(
        check.passed or check.status == "undetermined" for check in second.verify()
    )  # nobody looks into Linux guests
    assert all(result.ok for result in second.undo())
    assert state_of(host) == before


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    statement=st.integers(1, 30), how=st.sampled_from(["error before", "cut before", "cut after"])
)
def test_what_was_begun_can_be_destroyed(tmp_path_factory, statement, how):
    host, journal = nestlab.connect(), tmp_path_factory.mktemp("lab") / "journal.jsonl"
    before = state_of(host)
    lab = lab_on(host, "nat-lab", journal, (Counter(statement), how))
    with contextlib.suppress(PowerCut):
        list(lab.apply())
    assert [
        result.message for result in lab_on(host, "nat-lab", journal).destroy() if not result.ok
    ] == []
    assert state_of(host) == before


def test_cancel_stops_between_two_steps_and_apply_goes_on(tmp_path):
    lab, cancel, events = (
        lab_on(nestlab.connect(), "nat-lab", tmp_path / "journal.jsonl"),
        threading.Event(),
        [],
    )
    run = lab.apply(cancel=cancel, on_event=lambda event: events.append(event.to_dict()))
    assert [next(run).status for _ in range(3)] == ["done"] * 3
    cancel.set()
    with pytest.raises(Cancelled, match="Stopped before: Create a differencing disk for HV1"):
        next(run)
    assert events[-1]["status"] == "cancelled"
    assert next(result.step.action for result in lab.apply()) == "create-disk"
    list(lab.apply())
    assert lab.plan().is_empty


def test_a_failed_step_says_why_and_leaves_the_rest_untouched(tmp_path):
    lab = lab_on(
        nestlab.connect(), "nat-lab", tmp_path / "journal.jsonl", (Counter(4), "error before")
    )
    events = []
    results = list(lab.apply(on_event=lambda event: events.append(event.to_dict())))
    assert [result.status for result in results] == ["done", "done", "failed"]
    assert results[-1].message == "The disk is full."
    assert results[-1].hint.startswith("Check the machine, then run the same command again")
    assert events[-1]["status"] == "failed"
    assert lab.observe()[()].hyper_v.vms[-1].name != "HV1"


def make_hv1_without_its_mark(host, lab):
    """Leave HV1 as a run that ends between New-VM and the Set-VM behind it."""
    for step in lab.plan().steps:
        for cmdlet in step.cmdlets:
            host.run(replace(cmdlet, pipe_to=None))
        if step.action == "create-vm":
            return


def test_a_vm_that_was_made_but_not_marked_yet_is_adopted(tmp_path):
    host = nestlab.connect()
    before = state_of(host)
    lab = lab_on(host, "nat-lab", tmp_path / "journal.jsonl")
    make_hv1_without_its_mark(host, lab)
    assert [finding.code for finding in lab.check() if finding.severity == "error"] == []
    first = lab.plan().steps[0]
    assert (first.action, first.title) == ("mark-vm", "Mark HV1 as owned by this topology")
    assert "interrupted" in first.why
    assert [str(cmdlet) for cmdlet in first.cmdlets] == [
        f"Get-VM -Id '{first.target.id}' | Set-VM -Notes 'nestlab:nat-lab'"
    ]
    assert [result.message for result in lab.apply() if not result.ok] == []
    assert lab.plan().steps == ()
    assert [result.message for result in lab.destroy() if not result.ok] == []
    assert state_of(host) == before


@pytest.mark.parametrize(
    "doing",
    [Cmdlet("Set-VM", {"Name": "HV1", "Notes": "Ada's"}), Cmdlet("Start-VM", {"Name": "HV1"})],
    ids=["written on", "started"],
)
def test_an_unmarked_vm_that_somebody_took_over_is_left_alone(tmp_path, doing):
    host = nestlab.connect()
    lab = lab_on(host, "nat-lab", tmp_path / "journal.jsonl")
    make_hv1_without_its_mark(host, lab)
    host.run(doing)
    with pytest.raises(PlanRefused) as refused:
        lab.plan()
    assert [finding.code for finding in refused.value.findings] == ["name-clash"]


EXTERNAL = nestlab.loads("""
name: wire
forwarding: true
routes: [{to: 10.9.0.0/16, via: 192.0.2.77}]
switches:
  - {name: Out, switch_type: External, net_adapter: Ethernet, ip_address: 192.0.2.10/24, gateway: 192.0.2.1, dns_servers: [1.1.1.1], interface_metric: 20}
  - {name: In, switch_type: Internal, ip_address: 10.7.0.1/24, nat: 10.7.0.0/24, port_forwards: [{protocol: tcp, external_port: 80, to: '10.7.0.5:80'}]}
vms: [{name: a, memory_startup: 1GB, disk: {size: 1GB}, network_adapters: [{switch: In}]}]
""")
SECOND = nestlab.loads("""
name: wire
switches:
  - {name: Out, switch_type: External, net_adapter: Ethernet, ip_address: 192.0.2.11/24, gateway: 192.0.2.1}
  - {name: In, switch_type: Internal, ip_address: 10.7.1.1/24, nat: 10.7.1.0/24}
vms: [{name: a, memory_startup: 2GB, processor_count: 4, state: Off, network_adapters: [{name: new, mac_address: 00-15-5D-00-00-01}], disk: {size: 1GB}}]
""")


@pytest.mark.parametrize("how", ["cut before", "cut after"])
@pytest.mark.parametrize("topology", [EXTERNAL, SECOND], ids=["creation", "change"])
def test_an_undo_killed_at_every_statement_goes_on(tmp_path, topology, how):
    counter, end = Counter(0), undone(topology, Counter(0), how, tmp_path / "0.jsonl")
    for statement in range(1, 100):
        counter = Counter(statement)
        assert undone(topology, counter, how, tmp_path / f"{statement}.jsonl") == end, (
            f"killed at statement {statement}"
        )
        if counter.left > 0:
            break
    assert statement > 5


def undone(topology, counter, how, journal):
    """Return what is there after an undo that was killed, and another one."""
    host = nestlab.connect()
    if topology is SECOND:
        assert all(
            result.ok
            for result in nestlab.Lab(EXTERNAL, host, journal.with_suffix(".first")).apply()
        )
    assert all(result.ok for result in applied_with_consent(nestlab.Lab(topology, host, journal)))
    with contextlib.suppress(PowerCut):
        list(nestlab.undo(Interrupted(host, counter, how), journal))
    assert [result.message for result in nestlab.undo(host, journal) if not result.ok] == []
    return lasting(state_of(host))


def applied_with_consent(lab):
    """Apply a lab; its journal does not show who made the entries that it removes."""
    return lab.apply(lab.plan(disconnect_others=True))


@pytest.mark.parametrize("how", ["cut before", "cut after"])
@pytest.mark.parametrize("topology", [EXTERNAL, SECOND], ids=["creation", "change"])
def test_an_apply_killed_at_every_statement_is_undone(tmp_path, topology, how):
    for statement in range(1, 100):
        host, counter, journal = (
            nestlab.connect(),
            Counter(statement),
            tmp_path / f"{statement}.jsonl",
        )
        if topology is SECOND:
            assert all(
                result.ok
                for result in nestlab.Lab(EXTERNAL, host, journal.with_suffix(".first")).apply()
            )
        before = settings_of(state_of(host))
        with contextlib.suppress(PowerCut):
            lab = nestlab.Lab(topology, Interrupted(host, counter, how), journal)
            list(applied_with_consent(lab))
        assert [result.message for result in nestlab.undo(host, journal) if not result.ok] == []
        assert settings_of(state_of(host)) == before, f"killed at statement {statement}"
        if counter.left > 0:
            break
    assert statement > 5


def settings_of(value):
    """A state without the ids of what was made anew, and with routes in no order."""
    if isinstance(value, dict):
        known = {
            key: settings_of(item)
            for key, item in value.items()
            if key not in {*OF_TIME, "id", "mac_address"}
        }
        return known | ({"routes": sorted(map(str, known["routes"]))} if "routes" in known else {})
    return [settings_of(item) for item in value] if isinstance(value, list) else value


OF_TIME = {"started", "booted_at", "ready_at", "writes"}


def lasting(value):
    """A state without what tells when VMs ran."""
    if isinstance(value, dict):
        return {key: lasting(item) for key, item in value.items() if key not in OF_TIME}
    return [lasting(item) for item in value] if isinstance(value, list) else value
