"""Static addresses of the file that a guest does not have: a difference, whoever sets them."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.model import Cmdlet, SwitchParameter

FILE = r"""
name: lab
images:
  ubuntu: {path: 'D:\images\ubuntu2404.vhdx', os: linux}
  ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}
defaults: {vm: {memory_startup: 1GB}, network_adapter: {name: LAN}}
switches: [{name: L, switch_type: Internal, ip_address: 10.3.0.1/24}]
vms:
  - {name: lin, disk: {image: ubuntu}, guest: {os: linux, cloud_init: true}, network_adapters: [{switch: L, ip_address: 10.3.0.11/24}]}
  - {name: other, disk: {image: ubuntu}, guest: {os: linux}, network_adapters: [{switch: L, ip_address: 10.3.0.12/24}]}
  - {name: win, disk: {image: ws2022}, guest: {os: windows, credential: lab-admin}, network_adapters: [{switch: L, ip_address: 10.3.0.13/24}]}
  - {name: apart, disk: {image: ws2022}, guest: {os: windows}, network_adapters: [{switch: L, ip_address: 10.3.0.14/24}]}
"""


@pytest.fixture
def lab():
    built = nestlab.Lab(nestlab.loads(FILE), nestlab.connect())
    assert all(result.ok for result in built.apply())
    built.host.simulated_host.world.clock.advance(600)
    return built


def missing(findings):
    return {
        each.subject: each.message for each in findings if each.code == "static-address-missing"
    }


def test_guests_that_nobody_set_up_differ_from_the_file(lab):
    found = missing(nestlab.drift(lab.topology, lab.host))
    assert found.keys() == {"adapter other/LAN", "adapter apart/LAN"}
    for message in found.values():
        assert message.startswith("is to have 10.3.0.1")
        assert message.endswith(", which it gave itself")
    assert missing(lab.check()).keys() == missing(lab.plan().warnings).keys() == found.keys()
    assert nestlab.drift(lab.topology, lab.host).differs
    assert "differs from lab: the warnings say how" in lab.plan().nothing_to_do_text


def test_a_linux_guest_whose_adapter_is_another_one_differs_until_it_starts_again(lab):
    (old,) = lab.host.run(Cmdlet("Get-VMNetworkAdapter", {"VMName": "lin"})).records
    new = {"VMName": "lin", "Name": "x", "SwitchName": "L", "StaticMacAddress": old["MacAddress"]}
    lab.host.run(Cmdlet("Add-VMNetworkAdapter", new))
    by_id = {"Property": "Id", "EQ": SwitchParameter.ON, "Value": old["Id"]}
    gone = Cmdlet("Where-Object", by_id, Cmdlet("Remove-VMNetworkAdapter"))
    lab.host.run(Cmdlet("Get-VMNetworkAdapter", {"VMName": "lin"}, gone))
    rename = {"VMName": "lin", "Name": "x", "NewName": "LAN"}
    lab.host.run(Cmdlet("Rename-VMNetworkAdapter", rename))
    drift = nestlab.drift(lab.topology, lab.host)
    assert missing(drift)["adapter lin/LAN"].startswith("is to have 10.3.0.11/24, and its guest")
    assert "restart the VM" in next(each.hint for each in drift if "lin/" in each.subject)
    lab.host.run(Cmdlet("Restart-VM", {"Name": "lin", "Force": True}))
    lab.host.simulated_host.world.clock.advance(600)
    assert "adapter lin/LAN" not in missing(nestlab.drift(lab.topology, lab.host))


def test_a_plan_that_starts_the_guest_again_does_not_warn_of_it(lab):
    lab.host.run(Cmdlet("Remove-VMNetworkAdapter", {"VMName": "lin", "Name": "LAN"}))
    lab.host.run(Cmdlet("Add-VMNetworkAdapter", {"VMName": "lin", "Name": "x", "SwitchName": "L"}))
    lab.host.run(Cmdlet("Stop-VM", {"Name": "lin"}))
    mac = {"VMName": "lin", "Name": "x", "StaticMacAddress": "00155D010101"}
    lab.host.run(Cmdlet("Set-VMNetworkAdapter", mac))
    lab.host.run(Cmdlet("Start-VM", {"Name": "lin"}))
    lab.host.simulated_host.world.clock.advance(600)
    assert "adapter lin/LAN" in missing(lab.check())
    plan = lab.plan()
    assert "adapter lin/LAN" not in missing(plan.warnings)
    assert all(result.ok for result in lab.apply())
    lab.host.simulated_host.world.clock.advance(600)
    assert "adapter lin/LAN" not in missing(lab.check())


def test_where_nestlab_sets_the_address_the_plan_has_a_step_and_no_finding(lab):
    guest = lab.host.guest("win", credential="lab-admin")
    guest.run(Cmdlet("Remove-NetIPAddress", {"IPAddress": "10.3.0.13", "Confirm": False}))
    assert "adapter win/LAN" not in missing(lab.check())
    assert "Assign the address 10.3.0.13/24 to Ethernet" in [step.title for step in lab.plan()]


def test_a_plan_does_not_call_an_address_unchanged_that_windows_does_not_use(lab):
    taken = {"InterfaceAlias": "vEthernet (L)", "IPAddress": "10.3.0.13", "PrefixLength": 24}
    lab.host.run(Cmdlet("Stop-VM", {"Name": "win"}))
    lab.host.run(Cmdlet("New-NetIPAddress", taken))
    lab.host.run(Cmdlet("Start-VM", {"Name": "win"}))
    lab.host.simulated_host.world.clock.advance(600)
    (why,) = (each.why for each in lab.plan().unchanged if each.subject == "win: addresses of LAN")
    assert "10.3.0.13/24, which is in use by another machine" in why
