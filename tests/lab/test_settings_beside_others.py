"""A changed type, adapter or VLAN of a switch that VMs of others use: refused in a plan, kept in a run and in undo."""

from __future__ import annotations

from pathlib import Path

import pytest

import nestlab
from nestlab.errors import PlanRefused
from nestlab.lab.journal_folder import journals_of
from nestlab.model import SwitchParameter
from nestlab.texts import set_language
from tests.lab.beside_others import add_guest, applied, run

INTERNAL = "name: one\nswitches: [{name: L1, switch_type: Internal, ip_address: 10.9.0.1/24}]\n"
BARE = "name: one\nswitches: [{name: L1, switch_type: Internal}]\n"
PRIVATE = BARE.replace("Internal", "Private")
EXTERNAL = "name: one\nswitches: [{name: L1, switch_type: External, net_adapter: NIC1}]\n"
STORAGE = BARE.replace(
    "}]", ", management_adapters: [{name: Storage, VLANip_address: 10.31.0.1/24}]}]"
)
CHANGES = {
    "type": (BARE, PRIVATE, "Change the switch L1"),
    "type to External": (BARE, EXTERNAL, "Change the switch L1"),
    "type from External": (EXTERNAL, PRIVATE, "Change the switch L1"),
    "net adapter": (
        EXTERNAL,
        EXTERNAL.replace("NIC1", "NIC2"),
        "Change the switch L1",
    ),
    "VLAN": (
        INTERNAL,
        INTERNAL.replace("ip_address", "vlan: {access: 5}, ip_address"),
        "Set the VLAN of vEthernet (L1): access VLAN 5",
    ),
    "VLAN of a further adapter": (
        STORAGE.replace("VLAN", ""),
        STORAGE.replace("VLAN", "vlan: {access: 7}, "),
        "Set the VLAN of vEthernet (Storage): access VLAN 7",
    ),
}  # fmt: skip
KEPT = "kept: VM guest on switch L1 may use it; `--disconnect-others` changes it anyway"
ON = SwitchParameter.ON
CASES = Path(__file__).parents[1] / "cases" / "reported"


@pytest.fixture
def host(monkeypatch, tmp_path):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    return nestlab.connect(f"sim:{CASES / 'two-adapters.json'}")


@pytest.fixture
def spanish():
    yield
    set_language("en")


def lab_of(host, text):
    return nestlab.Lab(nestlab.loads(text), host)


def now(host):
    """The type and the adapter of the switch, and the VLANs of the machine's adapters."""
    (switch,) = run(host, "Get-VMSwitch", Name="L1")
    vlans = run(host, "Get-VMNetworkAdapterVlan", ManagementOS=ON)
    return (
        str(switch["SwitchType"]),
        str(switch["NetAdapterInterfaceDescription"]),
        sorted((str(each["OperationMode"]), each["AccessVlanId"]) for each in vlans),
    )


def coming(host):
    """A confirmation during which a VM of others comes, before the first step."""
    done = []

    def confirm(_step):
        if not done:
            done.append(add_guest(host))
        return True

    return confirm


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_under_a_vm_of_others_is_refused_and_names_it(host, kind):
    before, after, title = CHANGES[kind]
    applied(host, before)
    add_guest(host)
    found = now(host)
    lab = lab_of(host, after)
    with pytest.raises(PlanRefused) as refused:
        lab.plan()
    (finding,) = refused.value.findings
    assert (finding.code, finding.subject) == ("switch-in-use", "switch L1")
    assert finding.message == f"VM guest may use it, and the plan would change it: {title}"
    assert "`--disconnect-others`" in finding.hint
    assert [each.code for each in nestlab.drift(lab.topology, host)] == ["switch-in-use"]
    with pytest.raises(PlanRefused):
        list(lab.apply())
    assert now(host) == found


@pytest.mark.parametrize("kind", CHANGES)
def test_with_consent_the_step_is_a_hazard_that_names_the_vm_and_undo_needs_consent(host, kind):
    before, after, title = CHANGES[kind]
    applied(host, before)
    add_guest(host)
    lab, found = lab_of(host, after), now(host)
    plan = lab.plan(disconnect_others=True)
    step = next(each for each in plan if each.title == title)
    assert step.hazard == "may-cut-connection"
    assert step.why.endswith("; VM guest on switch L1 may use it, too")
    assert [str(each) for each in lab.apply(plan) if not each.ok] == []
    changed = now(host)
    assert changed != found
    journal = journals_of(host)[0].path
    undone = {each.step.id: each for each in nestlab.undo(host, journal)}
    assert (undone[step.id].status, undone[step.id].message) == ("skipped", KEPT)
    assert now(host) == changed
    assert [str(each) for each in nestlab.undo(host, journal, disconnect_others=True) if not each.ok] == []  # fmt: skip
    assert now(host) == found


@pytest.mark.parametrize("kind", CHANGES)
def test_a_vm_of_others_that_came_since_the_plan_keeps_it(host, kind):
    before, after, title = CHANGES[kind]
    applied(host, before)
    found, lab = now(host), lab_of(host, after)
    results = [*lab.apply(lab.plan(), confirm=coming(host))]
    first = next(each for each in results if each.step.title == title)
    assert (first.status, first.message) == ("skipped", f"Not done: {KEPT}")
    assert now(host) == found


@pytest.mark.parametrize("kind", CHANGES)
def test_without_vms_of_others_it_is_changed_and_undone_as_before(host, kind):
    before, after, _ = CHANGES[kind]
    applied(host, before)
    found = now(host)
    lab = applied(host, after)
    assert now(host) != found
    assert [str(each) for each in lab.undo() if not each.ok] == []
    assert now(host) == found


def test_the_hosts_own_adapter_on_an_external_switch_needs_no_consent(host):
    applied(host, EXTERNAL)
    add_guest(host)
    lab = lab_of(host, EXTERNAL.replace("}]", ", vlan: {access: 5}}]"))
    assert [step.action for step in lab.plan()] == ["set-vlan"]
    shared = lab_of(host, EXTERNAL.replace("}]", ", allow_management_os: false}]"))
    assert [step.action for step in shared.plan()] == ["set-switch"]


def test_a_further_adapter_that_a_run_added_stays_when_the_run_is_undone_under_others(host):
    applied(host, BARE)
    lab = applied(host, STORAGE.replace("VLAN", ""))
    add_guest(host)
    results = {each.step.action: each for each in lab.undo()}
    assert results["add-management-adapter"].status == "skipped"
    adapters = run(host, "Get-VMNetworkAdapter", ManagementOS=ON)
    assert sorted(each["Name"] for each in adapters) == ["L1", "Storage"]
    assert [str(each) for each in lab.undo(disconnect_others=True) if not each.ok] == []
    assert len(run(host, "Get-VMNetworkAdapter", ManagementOS=ON)) == 1


def test_the_refusal_is_in_spanish(host, spanish):
    applied(host, BARE)
    add_guest(host)
    set_language("es")
    with pytest.raises(PlanRefused) as refused:
        lab_of(host, PRIVATE).plan()
    (finding,) = refused.value.findings
    assert finding.code == "switch-in-use"
    assert "puede" in finding.message
