"""A change of a VM whose guest serves others: what its adapters and its power state mean for them."""

from __future__ import annotations

import json

import pytest

from nestlab.errors import PlanRefused
from nestlab.lab.journal_folder import journals_of
from nestlab.model import Cmdlet
from tests.lab.beside_others import applied, coming, host_of, run
from tests.lab.test_guest_nat_of_others import SENDS, add_guest, lab_of
from tests.lab.test_services_of_removed_vms import DOES, SERVES, SYSTEMS, text_of

OFF = ("- name: router", "- name: router\n    state: Off")
VLAN = ("10.1.0.1/24", "10.1.0.1/24, vlan: {access: 5}")
ELSEWHERE = ("name: In, switch: Lan", "name: In, switch: Wan")
UNPLUGGED = ("name: In, switch: Lan", "name: In, connected: false, switch: Lan")
CASES = [
    ("nat", OFF, "stop-vm"),
    ("nat", VLAN, "set-vlan"),
    ("nat", UNPLUGGED, "disconnect-adapter"),
    ("dhcp", OFF, "stop-vm"),
    ("dhcp", VLAN, "set-vlan"),
    ("dhcp", ELSEWHERE, "connect-adapter"),
    ("routes", OFF, "stop-vm"),
    ("routes", VLAN, "set-vlan"),
    ("routes", ELSEWHERE, "connect-adapter"),
    ("routes", UNPLUGGED, "disconnect-adapter"),
]


@pytest.fixture
def host(monkeypatch, tmp_path):
    return host_of(monkeypatch, tmp_path)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(("does", "edit", "action"), CASES)
def test_it_needs_consent(host, system, does, edit, action):
    text = text_of(system, does)
    applied(host, text)
    changed = lab_of(host, text.replace(*edit))
    (step,) = (each for each in changed.plan().steps if each.action == action)
    assert "VM guest" not in step.why
    add_guest(host)
    said = SENDS if does == "nat" else SERVES
    with pytest.raises(PlanRefused) as error:
        changed.plan()
    (finding,) = error.value.findings.errors
    assert (finding.code, finding.subject) == (
        "nat-in-use" if does == "nat" else "dhcp-scope-in-use",
        "router",
    )
    assert said in finding.message
    plan = changed.plan(disconnect_others=True)
    (step,) = (each for each in plan.steps if each.action == action)
    assert said in step.why
    assert step.hazard in ("may-cut-connection", "stops-vm")
    assert [str(each) for each in changed.apply(plan) if not each.ok] == []


def test_other_changes_of_it_need_none(host):
    text = text_of("windows", "routes")
    applied(host, text)
    add_guest(host)
    more = text.replace("- name: router", "- name: router\n    processor_count: 1")
    assert lab_of(host, more).plan().steps


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(("does", "edit", "action"), CASES)
def test_a_vm_that_came_since_the_plan_keeps_it_as_it_is(host, system, does, edit, action):
    text = text_of(system, does)
    applied(host, text)
    before = state_of_router(host)
    changed = lab_of(host, text.replace(*edit))
    results = [*changed.apply(changed.plan(), confirm=coming(host, add_guest))]
    (result,) = (each for each in results if each.step.action == action)
    said = SENDS if does == "nat" else SERVES
    assert (result.status, said in result.message) == ("skipped", True), str(result)
    assert "`--disconnect-others` changes it anyway" in result.message
    assert state_of_router(host) == before


def state_of_router(host):
    (vm,) = run(host, "Get-VM", Name="router")
    adapters = run(host, "Get-VMNetworkAdapter", VMName="router")
    vlans = run(host, "Get-VMNetworkAdapterVlan", VMName="router")
    return (
        str(vm["State"]),
        [(each["Name"], each["SwitchName"]) for each in adapters],
        [(str(each["OperationMode"]), each["AccessVlanId"]) for each in vlans],
    )


def test_a_restart_of_it_is_not_refused(host):
    text = text_of("windows", "nat")
    applied(host, text)
    more = text.replace("- name: router", "- name: router\n    processor_count: 1")
    lab = lab_of(host, more)
    plan = lab.plan()
    assert [each.action for each in plan.steps if each.action in ("stop-vm", "start-vm")] == [
        "stop-vm",
        "start-vm",
    ]
    results = [*lab.apply(plan, confirm=coming(host, add_guest))]
    assert [str(each) for each in results if not each.ok] == []


UNDONE = [
    ("nat", UNPLUGGED, "connect-adapter"),
    ("routes", ELSEWHERE, "connect-adapter"),
    ("dhcp", VLAN, "set-vlan"),
    ("nat", OFF, "start-vm"),
]


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(("does", "edit", "action"), UNDONE)
def test_an_undo_that_ends_it_needs_consent(host, system, does, edit, action):
    text = text_of(system, does)
    applied(host, text)
    applied(host, text.replace(*edit))
    lab = applied(host, text)
    before = state_of_router(host)
    add_guest(host)
    said = SENDS if does == "nat" else SERVES
    (result,) = (each for each in lab.undo() if each.step.action == action)
    assert (result.status, said in result.message) == ("skipped", True), str(result)
    assert state_of_router(host) == before
    results = [*lab.undo(disconnect_others=True)]
    assert [str(each) for each in results if not each.ok] == []
    assert state_of_router(host) != before


def as_written_before(host):
    """Make the journals as those of a version whose steps do not say what ends in a guest."""
    for path in {each.path for each in journals_of(host)}:
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for each in lines:
            each.get("step", {}).pop("ends_services", None)
        path.write_text("".join(f"{json.dumps(each)}\n" for each in lines), "utf-8")


@pytest.mark.parametrize(("does", "edit", "action"), UNDONE)
def test_a_journal_of_an_earlier_version_needs_consent_as_well(host, does, edit, action):
    text = text_of("windows", does)
    applied(host, text)
    applied(host, text.replace(*edit))
    applied(host, text)
    before = state_of_router(host)
    as_written_before(host)
    add_guest(host)
    (result,) = (each for each in lab_of(host, text).undo() if each.step.action == action)
    assert result.status == "skipped", str(result)
    assert state_of_router(host) == before


def test_a_restart_in_a_journal_of_an_earlier_version_is_undone(host):
    text = text_of("windows", "nat")
    applied(host, text)
    more = text.replace("- name: router", "- name: router\n    processor_count: 1")
    lab = applied(host, more)
    as_written_before(host)
    add_guest(host)
    results = [*lab.undo()]
    assert [str(each) for each in results if not each.ok] == []
    assert [each.step.action for each in results if each.status == "skipped"] == []


def test_an_adapter_disconnected_by_hand_is_connected_again(host):
    text = text_of("windows", "nat")
    applied(host, text)
    add_guest(host)
    run(host, "Disconnect-VMNetworkAdapter", VMName="router", Name="Out")
    lab = lab_of(host, text)
    plan = lab.plan()
    assert [each.action for each in plan.steps] == ["connect-adapter"]
    assert [str(each) for each in lab.apply(plan) if not each.ok] == []


THIRD = "      - {name: Out,", "      - {name: Third, switch: Other}\n      - {name: Out,"


@pytest.mark.parametrize("when", ["before", "since"])
def test_the_vlan_of_an_adapter_beside_the_nat_is_free(host, when):
    text = text_of("linux", "nat").replace(*THIRD)
    text = text.replace("vms:", "  - {name: Other, switch_type: Private}\nvms:")
    applied(host, text)
    if when == "before":
        add_guest(host)
    lab = lab_of(host, text.replace("switch: Other}", "switch: Other, vlan: {access: 5}}"))
    plan = lab.plan()
    assert [each.action for each in plan.steps] == ["set-vlan"]
    results = [*lab.apply(plan, confirm=coming(host, add_guest if when == "since" else str))]
    assert [str(each) for each in results if not each.ok] == []


def test_the_vlan_of_the_outside_adapter_of_a_nat_needs_consent(host):
    text = text_of("windows", "nat")
    applied(host, text)
    changed = text.replace("100.11/24,", "100.11/24, vlan: {access: 5},")
    lab = lab_of(host, changed)
    plan = lab.plan()
    (result,) = (
        each
        for each in lab.apply(plan, confirm=coming(host, add_guest))
        if each.step.action == "set-vlan"
    )
    assert (result.status, SENDS in result.message) == ("skipped", True)
    with pytest.raises(PlanRefused, match="nothing translates"):
        lab.plan()


def without_seed(does):
    setting, serves = DOES[does]
    text = text_of("linux", does).replace("cloud_init: true", "cloud_init: false")
    return text.replace(setting, "notes: plain").replace(serves or "no such text", "")


def seeds(host):
    drives = run(host, "Get-VMHardDiskDrive", VMName="router")
    return [each["Path"] for each in drives if "cidata" in each["Path"]]


@pytest.mark.parametrize("does", DOES)
def test_a_linux_guest_without_its_seed_disk_needs_consent(host, does):
    applied(host, text_of("linux", does))
    add_guest(host)
    lab = lab_of(host, without_seed(does))
    said = SENDS if does == "nat" else SERVES
    with pytest.raises(PlanRefused) as error:
        lab.plan()
    (finding,) = error.value.findings.errors
    assert (finding.subject, said in finding.message) == ("router", True)
    plan = lab.plan(disconnect_others=True)
    (step,) = (each for each in plan.steps if each.action == "detach-disk")
    assert "forwarding, NAT and DHCP end at the next start" in step.why
    assert (step.hazard, said in step.why) == ("may-cut-connection", True)
    assert [str(each) for each in lab.apply(plan) if not each.ok] == []
    assert seeds(host) == []


@pytest.mark.parametrize("does", DOES)
def test_a_vm_that_came_since_the_plan_keeps_the_seed_disk(host, does):
    applied(host, text_of("linux", does))
    before = seeds(host)
    lab = lab_of(host, without_seed(does))
    results = [*lab.apply(lab.plan(), confirm=coming(host, add_guest))]
    (result,) = (each for each in results if each.step.action == "detach-disk")
    said = SENDS if does == "nat" else SERVES
    assert (result.status, said in result.message) == ("skipped", True), str(result)
    assert seeds(host) == before


def test_an_undo_keeps_the_seed_disk_that_it_attached(host):
    applied(host, without_seed("nat"))
    lab = applied(host, text_of("linux", "nat"))
    before = seeds(host)
    add_guest(host)
    results = [*lab.undo()]
    assert any(SENDS in each.message for each in results), [str(each) for each in results]
    assert seeds(host) == before


def test_the_seed_disk_of_a_vm_with_a_checkpoint_leaves_its_differencing_disk(host):
    applied(host, text_of("linux", "routes"))
    run(host, "Checkpoint-VM", Name="router", SnapshotName="before")
    (path,) = seeds(host)
    assert path.endswith(".avhdx")
    lab = lab_of(host, without_seed("routes"))
    (step,) = (each for each in lab.plan().steps if each.action == "detach-disk")
    assert "; it is the differencing disk above a checkpoint" in step.why
    assert [str(each) for each in lab.apply() if not each.ok] == []
    assert seeds(host) == []
    assert [str(each) for each in lab.undo() if not each.ok] == []
    assert seeds(host) == [path]


ROUTES = text_of("windows", "routes")
NO_ROUTES = ROUTES.replace(DOES["routes"][0], "notes: plain")


def test_a_windows_router_that_routes_no_more_needs_consent(host):
    applied(host, ROUTES)
    assert {each.action for each in lab_of(host, NO_ROUTES).plan()} >= {"stop-forwarding"}
    add_guest(host)
    lab = lab_of(host, NO_ROUTES)
    with pytest.raises(PlanRefused) as error:
        lab.plan()
    (finding,) = error.value.findings.errors
    assert (finding.code, finding.subject) == ("dhcp-scope-in-use", "router")
    assert SERVES in finding.message
    plan = lab.plan(disconnect_others=True)
    stops = [each for each in plan.steps if each.action == "stop-forwarding"]
    assert all((each.hazard, SERVES in each.why) == ("may-cut-connection", True) for each in stops)
    assert [str(each) for each in lab.apply(plan) if not each.ok] == []
    assert lab.plan().is_empty


def forwarding(host):
    found = host.guest("router", "lab-admin").run(
        Cmdlet("Get-NetIPInterface", {"AddressFamily": "IPv4"})
    )
    return sorted((each["InterfaceAlias"], str(each["Forwarding"])) for each in found.records)


def test_a_vm_that_came_since_the_plan_keeps_the_routing(host):
    applied(host, ROUTES)
    before = forwarding(host)
    lab = lab_of(host, NO_ROUTES)
    results = [*lab.apply(lab.plan(), confirm=coming(host, add_guest))]
    kept = [each for each in results if each.step.action == "stop-forwarding"]
    assert all((each.status, SERVES in each.message) == ("skipped", True) for each in kept)
    assert kept
    assert forwarding(host) == before


def test_an_undo_keeps_the_routing(host):
    applied(host, NO_ROUTES)
    lab = applied(host, ROUTES)
    before = forwarding(host)
    add_guest(host)
    results = [*lab.undo()]
    assert any(SERVES in each.message for each in results), [str(each) for each in results]
    assert forwarding(host) == before
    assert all(each.ok for each in lab.undo(disconnect_others=True))
    assert forwarding(host) != before


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("does", DOES)
def test_the_vms_that_may_use_an_address_which_changes_are_named(host, system, does):
    text = text_of(system, does)
    applied(host, text)
    action = "set-address" if system == "windows" else "write-seed"
    changed = lab_of(host, text.replace("10.1.0.1/24", "10.1.0.2/24"))
    said = "VM guest on switch Lan may use 10.1.0.1"
    (step,) = (each for each in changed.plan() if each.action == action)
    assert said not in step.why
    add_guest(host)
    (step,) = (each for each in changed.plan() if each.action == action)
    assert said in step.why
    outside = lab_of(host, text.replace("192.168.100.11/24", "192.168.100.12/24"))
    assert [each.why for each in outside.plan() if said in each.why] == []
