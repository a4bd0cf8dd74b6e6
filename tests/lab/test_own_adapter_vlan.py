"""The VLAN of a machine's own adapter on a switch, at every level."""

from pathlib import Path

import pytest

import nestlab
from nestlab.model import Cmdlet

CASES = Path(__file__).parents[1] / "cases" / "reported"
TEXT = (CASES / "management-os-vlan.yml").read_text(encoding="utf-8")
NESTED = """
name: nested-vlan
vms:
  - name: HV1
    memory_startup: 8GB
    disk: {parent: 'D:\\images\\ws2022.vhdx'}
    guest: {os: windows, credential: lab-admin}
    nested:
      switches: [{name: Mgmt, switch_type: Internal, ip_address: 10.10.0.1/24, vlan: %s}]
      vms:
        - {name: in, memory_startup: 1GB, network_adapters: [{switch: Mgmt, ip_address: 10.10.0.5/24, vlan: {access: 10}}]}
checks: [{from: HV1, to: HV1/in, expect: %s}]
"""


def own_vlans(host):
    return {
        adapter.name: (adapter.vlan.operation_mode, adapter.vlan.access_vlan_id)
        for adapter in nestlab.Lab(nestlab.loads("name: x"), host)
        .observe()[()]
        .hyper_v.management_adapters
    }


def texts(steps):
    return [str(cmdlet) for step in steps for cmdlet in step.cmdlets]


def test_the_own_adapter_is_put_into_its_vlan_and_its_check_holds():
    host = nestlab.connect()
    lab = nestlab.Lab(nestlab.loads(TEXT), host)
    assert lab.check().ok
    (vlan,) = (text for text in texts(lab.plan().steps) if "-ManagementOS" in text)
    assert vlan == (
        "Set-VMNetworkAdapterVlan -ManagementOS -VMNetworkAdapterName 'Mgmt' -Access -VlanId 10"
    )
    assert all(result.ok for result in lab.apply())
    assert lab.plan().steps == ()
    assert own_vlans(host) == {"Mgmt": ("Access", 10)}
    assert lab.verify().ok
    assert all(result.ok for result in lab.destroy())
    assert own_vlans(host) == {}


@pytest.mark.parametrize("vlan", ["{access: 20}", "{trunk: [1-10, 20], native: 10}", ""])
def test_a_vlan_changes_by_id_and_back(vlan):
    host = nestlab.connect()
    assert all(result.ok for result in nestlab.Lab(nestlab.loads(TEXT), host).apply())
    key = f"vlan: {vlan}" if vlan else "interface_metric: 20"
    text = TEXT.split("checks:", maxsplit=1)[0].replace("vlan: {access: 10}}\nvms", f"{key}}}\nvms")
    changed = nestlab.Lab(nestlab.loads(text), host)
    (step,) = (step for step in changed.plan().steps if step.action == "set-vlan")
    assert texts([step])[0].startswith("Get-VMNetworkAdapter -ManagementOS | Where-Object")
    assert all(result.ok for result in changed.apply())
    assert changed.plan().steps == ()
    assert all(result.ok for result in changed.undo())
    assert own_vlans(host) == {"Mgmt": ("Access", 10)}


def test_a_vlan_set_by_hand_is_seen():
    host = nestlab.connect()
    lab = nestlab.Lab(nestlab.loads(TEXT), host)
    assert all(result.ok for result in lab.apply())
    own = {"ManagementOS": True, "VMNetworkAdapterName": "Mgmt"}
    host.run(Cmdlet("Set-VMNetworkAdapterVlan", {**own, "Untagged": True}))
    assert [step.action for step in lab.plan().steps] == ["set-vlan"]
    assert not lab.verify().ok


def test_an_adapter_of_that_name_on_another_switch_stays_as_it_is():
    host = nestlab.connect()
    host.run(Cmdlet("New-VMSwitch", {"Name": "Theirs", "SwitchType": "Internal"}))
    host.run(
        Cmdlet(
            "Add-VMNetworkAdapter", {"ManagementOS": True, "SwitchName": "Theirs", "Name": "Mgmt"}
        )
    )
    lab = nestlab.Lab(nestlab.loads(TEXT), host)
    list(lab.apply())  # Windows names the second adapter otherwise, and the address is refused
    assert all(result.ok for result in lab.apply())
    states = nestlab.Lab(lab.topology, host).observe()[()].hyper_v.management_adapters
    assert {(a.switch_name, a.name): a.vlan.access_vlan_id for a in states if a.name == "Mgmt"} == {
        ("Theirs", "Mgmt"): 0,
        ("Mgmt", "Mgmt"): 10,
    }


@pytest.mark.parametrize(
    ("vlan", "expect"),
    [
        ("{access: 10}", "reachable"),
        ("{access: 11}", "unreachable"),
        ("{trunk: [1-20], native: 10}", "reachable"),
    ],
)
def test_it_is_so_in_a_nested_host(vlan, expect):
    host = nestlab.connect()
    topology = nestlab.loads(NESTED % (vlan, expect))
    assert nestlab.trace(topology, "HV1", "HV1/in").status == expect
    lab = nestlab.Lab(topology, host)
    assert all(result.ok for result in lab.apply())
    assert lab.plan().steps == ()


def test_a_trace_names_the_vlan_that_keeps_the_host_out():
    topology = nestlab.loads(TEXT.replace("vlan: {access: 10}}\nvms", "vlan: {access: 20}}\nvms"))
    assert "check-contradicted" in nestlab.validate(topology).codes
    trace = nestlab.trace(topology, "host", "A")
    assert trace.drop.reason == "VLAN_MISMATCH"
    assert trace.fixes[0].verified


def test_the_vlan_is_captured():
    host = nestlab.connect()
    assert all(result.ok for result in nestlab.Lab(nestlab.loads(TEXT), host).apply())
    (switch,) = nestlab.capture(host).switches
    assert switch.to_dict()["vlan"] == {"access": 10}


@pytest.mark.parametrize(
    ("switch", "code"),
    [
        ("switch_type: Internal, vlan: {access: 4095}", "vlan-out-of-range"),
        ("switch_type: Internal, vlan: {trunk: [1-5000], native: 0}", "vlan-out-of-range"),
        ("switch_type: Internal, vlan: {access: 5, native: 0, trunk: [1]}", "vlan-mode-conflict"),
        ("switch_type: Private, vlan: {access: 5}", "key-without-effect"),
    ],
)
def test_what_its_vlan_cannot_be_is_a_finding(switch, code):
    assert (
        code in nestlab.validate(nestlab.loads(f"name: x\nswitches: [{{name: A, {switch}}}]")).codes
    )


def test_two_vlans_of_one_switch_have_addresses_of_their_own():
    topology = nestlab.loads(
        """
name: two
switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24, vlan: {access: 5}}]
vms: [{name: a, network_adapters: [{switch: A, ip_address: 10.0.0.1/24, vlan: {access: 6}}]}]
"""
    )
    assert "duplicate-address" not in nestlab.validate(topology).codes
