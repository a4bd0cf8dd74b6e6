"""The address of the host's uplink, where an External switch is bound to it."""

from __future__ import annotations

import pytest

import nestlab

UPLINK = "uplinks: [{net_adapter: Ethernet, network: 192.0.2.0/24, gateway: 192.0.2.1, ip_address: 192.0.2.10/24}]"
SAME = "ip_address: 192.0.2.10/24, gateway: 192.0.2.1"
ON_UPLINK = "{name: Ext, switch_type: External, net_adapter: Ethernet"


def duplicates(switch, vm="ip_address: 192.0.2.60/24"):
    text = f"""
name: e4
{UPLINK}
switches: [{switch}]
vms: [{{name: V, network_adapters: [{{switch: Ext, {vm}}}]}}]
"""
    found = nestlab.validate(nestlab.loads(text))
    return [each.subject for each in found if each.code == "duplicate-address"]


@pytest.mark.parametrize(
    "switch",
    [
        f"{ON_UPLINK}, {SAME}}}",
        f"{ON_UPLINK}, allow_management_os: false, management_adapters: [{{name: Mgmt, {SAME}}}]}}",
        f"{ON_UPLINK}, allow_management_os: false, management_adapters: [{{name: Mgmt, {SAME}, vlan: {{access: 30}}}}]}}",
        f"{ON_UPLINK.replace('Ethernet', 'ethernet')}, {SAME}}}",
        f"{ON_UPLINK}}}",
    ],
)
def test_the_adapter_that_takes_the_address_over_is_no_duplicate(switch):
    assert duplicates(switch) == []


@pytest.mark.parametrize(
    "switch", [f"{ON_UPLINK}}}", f"{ON_UPLINK}, {SAME}}}", f"{ON_UPLINK}, existing: true}}"]
)
def test_a_vm_with_the_address_is_a_duplicate(switch):
    assert duplicates(switch, "ip_address: 192.0.2.10/24") == ["adapter V/Network Adapter"]


def test_an_address_that_the_switch_replaces_is_free():
    switch = f"{ON_UPLINK}, ip_address: 192.0.2.11/24, gateway: 192.0.2.1}}"
    assert duplicates(switch, "ip_address: 192.0.2.10/24") == []


def test_another_switch_of_the_host_with_the_address_is_a_duplicate():
    text = f"""
name: e4
{UPLINK}
switches: [{{name: Int, switch_type: Internal, ip_address: 192.0.2.10/24}}]
"""
    found = nestlab.validate(nestlab.loads(text))
    assert "duplicate-address" in [each.code for each in found]


def test_the_plan_moves_the_address_to_the_management_adapter():
    text = f"""
name: e4
{UPLINK}
switches: [{ON_UPLINK}, {SAME}}}]
"""
    lab = nestlab.Lab(nestlab.loads(text), nestlab.connect())
    assert [str(result) for result in lab.apply() if not result.ok] == []
    assert lab.plan().is_empty
