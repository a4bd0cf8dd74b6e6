"""Adapters of VMs that were renamed by hand on the host: they keep their identity.

Before, a plan added an adapter of the declared name and removed the renamed one: the guest, which
knows its adapter by its MAC address, was left without its address.
"""

from __future__ import annotations

import pytest

import nestlab
from nestlab.model import Cmdlet, SwitchParameter

FILE = r"""
name: lab
images:
  ubuntu: {path: 'D:\images\ubuntu2404.vhdx', os: linux}
  ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}
defaults:
  vm: {memory_startup: 1GB}
switches:
  - {name: L, switch_type: Internal, ip_address: 10.3.0.1/24}
  - {name: M, switch_type: Internal, ip_address: 10.4.0.1/24}
vms:
  - name: lin
    disk: {image: ubuntu}
    guest: {os: linux, cloud_init: true}
    network_adapters: [{name: One, switch: L, ip_address: 10.3.0.11/24}, {name: Two, switch: M, ip_address: 10.4.0.11/24}]
  - name: win
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{name: One, switch: L, ip_address: 10.3.0.12/24}, {name: Two, switch: M, ip_address: 10.4.0.12/24}]
"""


@pytest.fixture
def lab():
    built = nestlab.Lab(nestlab.loads(FILE), nestlab.connect())
    assert all(result.ok for result in built.apply())
    return built


def rename(lab, vm, **names):
    for old, new in names.items():
        lab.host.run(Cmdlet("Rename-VMNetworkAdapter", {"VMName": vm, "Name": old, "NewName": new}))


def adapters(lab, vm):
    records = lab.host.run(Cmdlet("Get-VMNetworkAdapter", {"VMName": vm})).records
    return {record["Name"]: (record["Id"], record["MacAddress"]) for record in records}


def answers(lab):
    """Return which of the declared addresses of the guests answer a ping of the host."""
    lab.host.simulated_host.world.clock.advance(600)  # the guests start
    found = (each.ip_address.ip for vm in lab.topology.vms for each in vm.network_adapters)
    return {str(address): _answers(lab.host, str(address)) for address in found}


def _answers(host, address):
    ping = {"ComputerName": address, "Count": 1, "Quiet": SwitchParameter.ON}
    (record,) = host.run(Cmdlet("Test-Connection", ping)).records
    return record["Value"]


def titles(plan):
    return [step.title for step in plan]


@pytest.mark.parametrize("vm", ["lin", "win"])
@pytest.mark.parametrize("names", [{"One": "x"}, {"One": "x", "Two": "y"}, {"Two": "nic-é"}])
def test_a_renamed_adapter_gets_its_name_again_and_stays_the_same(lab, vm, names):
    before = adapters(lab, vm)
    rename(lab, vm, **names)
    plan = lab.plan()
    assert titles(plan) == [
        f"Rename the adapter {new} of {vm} to {old}" for old, new in names.items()
    ]
    assert {step.effect for step in plan} == {"live"}
    assert not plan.deferred
    drift = [each for each in nestlab.drift(lab.topology, lab.host) if each.code == "drift"]
    assert [each.subject for each in drift] == [vm] * len(names)
    run = lab.apply()
    assert all(result.ok for result in run)
    assert adapters(lab, vm) == before
    assert lab.plan().is_empty
    assert all(answers(lab).values())
    assert all(result.ok for result in lab.undo())
    assert set(adapters(lab, vm)) == {names.get(name, name) for name in before}


def test_an_adapter_that_the_file_renames_is_renamed(lab):
    before = adapters(lab, "win")
    changed = nestlab.Lab(nestlab.loads(FILE.replace("name: One", "name: LAN")), lab.host)
    assert titles(changed.plan())[:2] == [
        "Rename the adapter One of lin to LAN",
        "Rename the adapter One of win to LAN",
    ]
    assert all(result.ok for result in changed.apply())
    assert adapters(lab, "win") == {"LAN": before["One"], "Two": before["Two"]}
    assert all(answers(lab).values())


def test_the_adapter_of_another_switch_is_no_renamed_one(lab):
    lab.host.run(Cmdlet("Remove-VMNetworkAdapter", {"VMName": "win", "Name": "One"}))
    lab.host.run(Cmdlet("Add-VMNetworkAdapter", {"VMName": "win", "Name": "x"}))
    assert titles(lab.plan()) == [
        "Add the adapter One to win, connected to L",
        "Remove the adapter x from win",
    ]


def test_two_adapters_that_may_be_the_renamed_one_are_replaced(lab):
    lab.host.run(Cmdlet("Remove-VMNetworkAdapter", {"VMName": "win", "Name": "One"}))
    for name in ("x", "y"):
        lab.host.run(
            Cmdlet("Add-VMNetworkAdapter", {"VMName": "win", "Name": name, "SwitchName": "L"})
        )
    assert titles(lab.plan())[0] == "Add the adapter One to win, connected to L"


def test_an_adapter_that_was_removed_comes_back_at_a_restart_of_a_linux_guest(lab):
    before = adapters(lab, "lin")
    lab.host.run(Cmdlet("Remove-VMNetworkAdapter", {"VMName": "lin", "Name": "One"}))
    plan = lab.plan()
    assert titles(plan) == [
        "Stop lin",
        "Add the adapter One to lin, connected to L",
        "Start lin",
    ]
    assert {step.effect for step in plan} == {"restart"}
    assert "it has 10.3.0.11/24 there after the next start" in plan.steps[1].why
    assert all(result.ok for result in lab.apply())
    assert {name: mac for name, (_, mac) in adapters(lab, "lin").items()} == {
        name: mac for name, (_, mac) in before.items()
    }
    assert all(answers(lab).values())


def test_a_linux_guest_configures_an_adapter_added_while_it_ran_at_its_next_start(lab):
    identity, mac = adapters(lab, "lin")["One"]
    new = {"VMName": "lin", "Name": "New", "SwitchName": "L", "StaticMacAddress": mac}
    lab.host.run(Cmdlet("Add-VMNetworkAdapter", new))
    by_id = {"Property": "Id", "EQ": SwitchParameter.ON, "Value": identity}
    removed = Cmdlet("Where-Object", by_id, Cmdlet("Remove-VMNetworkAdapter"))
    lab.host.run(Cmdlet("Get-VMNetworkAdapter", {"VMName": "lin"}, removed))
    assert not answers(lab)["10.3.0.11"]
    lab.host.run(Cmdlet("Restart-VM", {"Name": "lin", "Force": True}))
    assert answers(lab)["10.3.0.11"]
    assert titles(lab.plan()) == ["Rename the adapter New of lin to One"]
