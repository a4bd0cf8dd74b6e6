"""Further adapters of a machine on a switch: built, changed, captured, undone and destroyed."""

from __future__ import annotations

from dataclasses import replace

import pytest

import nestlab
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.topology import SwitchType
from nestlab.topology_file import dumps

LAB = """\
name: lab
images: {ws: {path: 'D:\\images\\ws2022.vhdx'}}
switches:
  - name: Lab
    switch_type: Internal
    management_adapters:
      - {name: 'Tag{n}', count: {n: 2}, ip_address: '10.{n+6}.0.1/24', vlan: {access: '{n+6}'}}
      - {name: Plain, ip_address: 10.9.0.1/24, dns_servers: [1.1.1.1], interface_metric: 30}
vms:
  - {name: a, <<: &vm {disk: {image: ws}, guest: {os: windows, credential: lab-admin}, x-y: 1}, network_adapters: [{switch: Lab, ip_address: auto, vlan: {access: 7}}]}
  - {<<: *vm, name: b, network_adapters: [{switch: Lab, ip_address: auto, vlan: {access: 8}}]}
  - {<<: *vm, name: c, network_adapters: [{switch: Lab, ip_address: 10.9.0.2/24}]}
checks:
  - {from: host, to: a, expect: reachable}
  - {from: host, to: b, expect: reachable}
  - {from: host, to: c, expect: reachable}
  - {from: a, to: b, expect: unreachable}
"""
NESTED = """\
name: lab
images: {ws: {path: 'D:\\images\\ws2022.vhdx'}}
switches: [{name: Net, switch_type: Internal, ip_address: 10.0.0.1/24}]
vms:
  - name: HV1
    memory_startup: 8GB
    disk: {image: ws}
    guest: {os: windows, credential: lab-admin}
    network_adapters:
      - {name: Nic, switch: Net, ip_address: 10.0.0.2/24, mac_address_spoofing: true}
    nested:
      switches:
        - name: Bridge
          switch_type: External
          net_adapter: Nic
          management_adapters: [{name: Storage, ip_address: 10.5.0.1/24, vlan: {access: 5}}]
      vms:
        - {name: x, disk: {image: ws}, guest: {os: windows, credential: lab-admin}, network_adapters: [{switch: Bridge, ip_address: 10.5.0.2/24, vlan: {access: 5}}]}
checks: [{from: HV1, to: x, expect: reachable}, {from: host, to: x, expect: unreachable}]
"""
OWN = Cmdlet("Get-VMNetworkAdapter", {"ManagementOS": SwitchParameter.ON})


def own_adapters(host):
    return sorted(str(record["Name"]) for record in host.run(OWN).records)


def built(text, host):
    lab = nestlab.Lab(nestlab.loads(text), host)
    assert all(result.ok for result in lab.apply(lab.plan()))
    return lab


@pytest.fixture
def host():
    return nestlab.connect()


@pytest.mark.parametrize("text", [LAB, NESTED], ids=["host", "nested host"])
def test_a_lab_with_them_is_built_verified_and_then_unchanged(text, host):
    lab = built(text, host)
    assert lab.plan().steps == ()
    assert lab.verify().ok


def test_a_trace_of_the_file_and_of_the_host_agree(host):
    topology = nestlab.loads(LAB)
    assert not nestlab.validate(topology)
    lab = built(LAB, host)
    for check in topology.checks:
        declared = nestlab.trace(topology, check.source, check.target)
        observed = nestlab.trace(lab.with_observed_switches(), check.source, check.target)
        assert (declared.status == "reachable") == check.reachable
        assert observed.status == declared.status


def test_a_captured_host_has_them(host):
    built(LAB, host)
    captured = nestlab.capture(host)
    assert (
        captured.switches[0].management_adapters
        == nestlab.loads(LAB).switches[0].management_adapters
    )
    assert "adapters of its own" not in dumps(captured)


def test_undo_removes_them(host):
    check = "  - {from: host, to: c, expect: reachable}\n"
    built(LAB.replace("      - {name: Plain", "      # {name: Plain").replace(check, ""), host)
    second = built(LAB, host)
    assert own_adapters(host) == ["Lab", "Plain", "Tag1", "Tag2"]
    assert all(result.ok for result in second.undo())
    assert own_adapters(host) == ["Lab", "Tag1", "Tag2"]


def test_destroy_removes_them_with_the_switch(host):
    before = own_adapters(host)
    lab = built(LAB, host)
    assert all(result.ok for result in lab.destroy())
    assert own_adapters(host) == before


def test_an_adapter_that_somebody_added_keeps_the_switch(host):
    lab = built(LAB, host)
    by = {"ManagementOS": SwitchParameter.ON, "Name": "Theirs", "SwitchName": "Lab"}
    host.run(Cmdlet("Add-VMNetworkAdapter", by))
    plan = lab.plan_destroy()
    assert any("Theirs" in item.why for item in plan.unchanged)
    assert not any(step.action == "remove-switch" for step in plan.steps)


def changed(text, **values):
    topology = nestlab.loads(text)
    switch = topology.switches[0]
    first = replace(switch.management_adapters[2], **values)
    adapters = (*switch.management_adapters[:2], first)
    return replace(topology, switches=(replace(switch, management_adapters=adapters),), checks=())


@pytest.mark.parametrize(
    ("values", "action"),
    [
        ({"vlan": nestlab.loads(LAB).switches[0].management_adapters[0].vlan}, "set-vlan"),
        ({"dns_servers": ()}, "set-dns-servers"),
        ({"interface_metric": 40}, "set-metric"),
        ({"name": "Other"}, "add-management-adapter"),
    ],
)
def test_a_difference_is_one_step(values, action, host):
    built(LAB, host)
    plan = nestlab.Lab(changed(LAB, **values), host).plan()
    assert plan.steps[0].action == action


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("name: Plain, ip_address: 10.9.0.1/24", "name: Tag1, ip_address: 10.9.0.1/24", "duplicate-name"),
        ("name: Plain, ip_address: 10.9.0.1/24", "name: Lab, ip_address: 10.9.0.1/24", "duplicate-name"),
        ("c, network_adapters: [{switch: Lab, ip_address: 10.9.0.2", "c, network_adapters: [{switch: Lab, ip_address: 10.9.0.1", "duplicate-address"),
        ("ip_address: 10.9.0.1/24", "ip_address: 10.9.0.0/24", "address-not-usable"),
        ("access: '{n+6}'", "access: '{n+4094}'", "vlan-out-of-range"),
        ("switch_type: Internal", "switch_type: Private", "key-without-effect"),
        ("switch_type: Internal", "existing: true", "key-without-effect"),
    ],
)  # fmt: skip
def test_a_mistake_is_a_finding(old, new, code):
    assert old in LAB
    text = (
        LAB.replace(old, new, 1).replace("auto", "10.1.1.1/8", 1).replace("auto", "10.1.1.2/8", 1)
    )
    found = nestlab.validate(nestlab.loads(text, "lab.yml"))
    assert code in {finding.code for finding in found}


def test_they_are_drawn_and_shown():
    topology = nestlab.loads(LAB)
    assert "10.9.0.1/24 on vEthernet (Plain)" in topology._repr_html_()
    assert topology.switches[0].switch_type is SwitchType.INTERNAL
    svg = nestlab.drawing.svg(topology) if hasattr(nestlab, "drawing") else ""
    assert not svg or "10.9.0.1/24" in svg
