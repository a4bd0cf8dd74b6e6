"""VMs of others inside the lab's nested host that are bridged onto a switch outside: they count as its users."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.errors import PlanRefused
from nestlab.lab.journal_folder import journals_of
from nestlab.model import SwitchParameter
from tests.lab.beside_others import applied, host_of, run

ON = SwitchParameter.ON
LAB = r"""
name: one
images: {ws: {path: 'D:\images\ws2022.vhdx', os: windows, prepared: true}}
switches:
  - {name: L1, switch_type: Internal, ip_address: 10.9.0.1/24, nat: 10.9.0.0/24, dhcp: {range: 10.9.0.100-10.9.0.120}}
vms:
  - name: HV1
    memory_startup: 8GB
    processor_count: 4
    disk: {image: ws}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{name: Nic, switch: L1, mac_address_spoofing: true, ip_address: 10.9.0.2/24}]
    nested:
      switches: [{name: Out, switch_type: External, net_adapter: Nic}, {name: In, switch_type: Internal}]
      vms: [{name: web, memory_startup: 1GB, disk: {size: 10GB}, network_adapters: [{switch: Out}]}]
"""
DEEPER = LAB.replace(
    "[{name: web, memory_startup: 1GB, disk: {size: 10GB}, network_adapters: [{switch: Out}]}]\n",
    """
        - name: HV2
          memory_startup: 4GB
          disk: {image: ws}
          guest: {os: windows, credential: lab-admin}
          network_adapters: [{name: Nic2, switch: Out, mac_address_spoofing: true}]
          nested: {switches: [{name: Out, switch_type: External, net_adapter: Nic2}]}
""",
)
BARE = LAB.replace(
    ", ip_address: 10.9.0.1/24, nat: 10.9.0.0/24, dhcp: {range: 10.9.0.100-10.9.0.120}", ""
).replace(", ip_address: 10.9.0.2/24", ", dhcp: true")
CHANGES = {
    "address": (LAB.replace("10.9.0.1/24", "10.9.0.3/24"), "switch-address-in-use", "set-address"),
    "range": (LAB.replace("120}", "110}"), "dhcp-scope-in-use", "serve-addresses"),
    "VLAN": (
        LAB.replace("nat:", "vlan: {access: 5}, nat:"),
        "switch-in-use",
        "set-vlan",
    ),
    "VLAN of its adapter": (
        LAB.replace("{name: Nic, ", "{name: Nic, vlan: {access: 5}, "),
        "nested-host-in-use",
        "set-vlan",
    ),
}
GUEST = "VM HV1/guest"


@pytest.fixture
def host(monkeypatch, tmp_path):
    return host_of(monkeypatch, tmp_path)


def add_bridged(host, switch="Out", inside=("HV1",), name="guest"):
    """Add a VM of others inside a nested host of the lab, on one of its switches."""
    session = host
    for each in inside:
        session = session.guest(each, "lab-admin")
    run(session, "New-VM", Name=name, NoVHD=ON, SwitchName=switch, MemoryStartupBytes=1 << 29)


def lab_of(host, text):
    return nestlab.Lab(nestlab.loads(text), host)


def now(host):
    (nat,) = run(host, "Get-NetNat")
    (scope,) = run(host, "Get-DhcpServerv4Scope")
    alias = {"InterfaceAlias": "vEthernet (L1)", "AddressFamily": "IPv4"}
    vlans = [
        (str(each["OperationMode"]), each["AccessVlanId"])
        for which in ({"ManagementOS": ON}, {"VMName": "HV1"})
        for each in run(host, "Get-VMNetworkAdapterVlan", **which)
    ]
    return (
        nat["InternalIPInterfaceAddressPrefix"],
        str(scope["EndRange"]),
        sorted(str(each["IPAddress"]) for each in run(host, "Get-NetIPAddress", **alias)),
        vlans,
    )


def coming(host, act):
    done = []

    def confirm(_step):
        if not done:
            done.append(act(host))
        return True

    return confirm


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_that_cuts_them_off_is_refused_and_names_them(host, kind):
    text, code, _ = CHANGES[kind]
    applied(host, LAB)
    add_bridged(host)
    before, lab = now(host), lab_of(host, text)
    with pytest.raises(PlanRefused) as refused:
        lab.plan()
    assert code in [each.code for each in refused.value.findings.errors]
    assert GUEST in " ".join(each.message for each in refused.value.findings.errors)
    assert now(host) == before


@pytest.mark.parametrize("kind", CHANGES)
def test_with_consent_the_step_names_them_and_undo_needs_it_again(host, kind):
    text, _, action = CHANGES[kind]
    applied(host, LAB)
    add_bridged(host)
    before, lab = now(host), lab_of(host, text)
    plan = lab.plan(disconnect_others=True)
    step = next(each for each in plan if each.action == action)
    assert step.hazard == "may-cut-connection"
    assert GUEST in step.why
    assert [str(each) for each in lab.apply(plan) if not each.ok] == []
    changed = now(host)
    assert changed != before
    journal = journals_of(host)[0].path
    undone = {each.step.id: each for each in nestlab.undo(host, journal)}
    assert undone[step.id].status == "skipped"
    assert GUEST in undone[step.id].message
    assert now(host) == changed
    assert [str(each) for each in nestlab.undo(host, journal, disconnect_others=True) if not each.ok] == []  # fmt: skip
    assert now(host) == before


@pytest.mark.parametrize("kind", CHANGES)
def test_one_that_came_since_the_plan_keeps_what_would_change(host, kind):
    text, _, action = CHANGES[kind]
    applied(host, LAB)
    before, lab = now(host), lab_of(host, text)
    results = [*lab.apply(lab.plan(), confirm=coming(host, add_bridged))]
    first = next(each for each in results if each.step.action == action)
    assert first.status == "skipped"
    assert GUEST in first.message
    assert now(host) == before


def test_what_the_file_no_longer_has_is_left_over(host):
    applied(host, LAB)
    add_bridged(host)
    before, plan = now(host), lab_of(host, BARE).plan()
    said = " ".join(" ".join(each.holds) for each in plan.remainder)
    assert said.count(GUEST) == 3
    assert not {"remove-nat", "remove-scope"} & {step.action for step in plan}
    assert now(host) == before


@pytest.mark.parametrize("way", ["destroy", "prune"])
def test_the_switch_stays_while_its_nested_host_stays(host, way):
    applied(host, LAB)
    add_bridged(host)
    if way == "destroy":
        plan = lab_of(host, LAB).plan_destroy()
    else:
        other = LAB.replace("{name: L1,", "{name: L2,").replace("10.9.", "10.8.")
        plan = lab_of(host, other.replace("switch: L1", "connected: false, switch: L2")).plan(prune=True, disconnect_others=True)  # fmt: skip
        step = next(each for each in plan if each.action == "remove-switch")
        assert "HV1/guest" in step.title
        return
    assert not any(step.action in {"remove-switch", "remove-vm"} for step in plan)
    assert "HV1" in [each["Name"] for each in run(host, "Get-VM")]


@pytest.mark.parametrize("way", ["destroy", "undo"])
def test_with_consent_to_delete_them_their_switch_goes_with_the_nested_host(host, way):
    lab = applied(host, LAB)
    add_bridged(host)
    if way == "destroy":
        plan = lab.plan_destroy(delete_others=True)
        assert any(step.action == "remove-switch" for step in plan)
    results = [*getattr(lab, way)(delete_others=True)]
    assert [str(each) for each in results if not each.ok] == []
    left = [*run(host, "Get-VMSwitch"), *run(host, "Get-NetNat")]
    left += run(host, "Get-DhcpServerv4Scope") if way == "destroy" else ()  # undo removes the role
    assert [each["Name"] for each in left] == []


def test_one_behind_a_switch_that_is_not_bridged_does_not_count(host):
    applied(host, LAB)
    add_bridged(host, switch="In")
    for text, *_ in CHANGES.values():
        assert lab_of(host, text).plan().steps


def test_one_that_is_bridged_through_two_nested_hosts_counts(host):
    applied(host, DEEPER)
    add_bridged(host, inside=("HV1", "HV2"), name="deep")
    changed = DEEPER.replace("10.9.0.1/24", "10.9.0.3/24")
    with pytest.raises(PlanRefused, match="VM HV1/HV2/deep"):
        lab_of(host, changed).plan()
    plan = lab_of(host, changed).plan(disconnect_others=True)
    assert "VM HV1/HV2/deep" in next(s.why for s in plan if s.action == "set-address")
    inner = DEEPER.replace("{name: Nic2, ", "{name: Nic2, vlan: {access: 5}, ")
    with pytest.raises(PlanRefused, match="VM HV1/HV2/deep") as refused:
        lab_of(host, inner).plan()
    assert [(each.code, each.subject) for each in refused.value.findings.errors] == [
        ("nested-host-in-use", "HV1/HV2")
    ]


@pytest.mark.parametrize("kind", CHANGES)
def test_of_a_nested_host_that_is_off_it_is_said_that_it_is_not_known(host, kind):
    text, _, action = CHANGES[kind]
    applied(host, LAB)
    run(host, "Stop-VM", Name="HV1", TurnOff=ON, Force=ON)
    plan = lab_of(host, text).plan()
    step = next(each for each in plan if each.action == action)
    assert "HV1 is Off, so it is not known whether VMs of others inside it use it" in step.why


@pytest.mark.parametrize("kind", [*CHANGES])
def test_undo_says_that_it_is_not_known(host, kind):
    text, _, action = CHANGES[kind]
    applied(host, LAB)
    lab = applied(host, text)
    run(host, "Stop-VM", Name="HV1", TurnOff=ON, Force=ON)
    results = {each.step.action: each for each in lab.undo()}
    assert results[action].status == "done"
    assert any("HV1 is Off, so it is not known" in text for text in results[action].warnings)
