"""An address that Windows has marked Duplicate: observed, reported, and not taken for one in use."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.model import Cmdlet

FILE = r"""
name: lab
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}}
defaults:
  vm: {memory_startup: 1GB, disk: {image: ws2022}, guest: {os: windows, credential: lab-admin}}
  network_adapter: {name: Ethernet}
switches: [{name: A, switch_type: Internal, ip_address: 10.5.0.1/24}]
vms:
  - {name: one, network_adapters: [{switch: A, ip_address: 10.5.0.11/24}]}
  - {name: two, network_adapters: [{switch: A, ip_address: 10.5.0.12/24}]}
checks:
  - {from: host, to: one}
  - {from: one, to: two}
"""
NOT_USED = "which its Windows does not use"
DUPLICATE = f"{NOT_USED}: another machine on that network has the same address"


def owned_by(vm):
    return f"{NOT_USED}: the VM {vm} on the same switch has the same address"


@pytest.fixture
def lab():
    built = nestlab.Lab(nestlab.loads(FILE), nestlab.connect())
    assert all(result.ok for result in built.apply())
    return built


def static(address, alias="Ethernet"):
    return Cmdlet(
        "New-NetIPAddress", {"InterfaceAlias": alias, "IPAddress": address, "PrefixLength": 24}
    )


def guest(lab, name):
    return lab.host.guest(name, credential="lab-admin")


def duplicates(lab):
    found = nestlab.drift(lab.topology, lab.host)
    return [(each.subject, each.message) for each in found if each.code == "address-duplicated"]


def test_the_address_of_a_guest_that_another_had_before(lab):
    guest(lab, "two").run(static("10.5.0.11"))
    assert duplicates(lab) == [("two", f"has 10.5.0.11 on Ethernet, {owned_by('one')}")]
    report = lab.verify()
    assert [each.status for each in report.results] == ["reachable", "reachable"]


def test_an_address_of_the_file_that_another_took_while_its_machine_was_off(lab):
    lab.host.run(Cmdlet("Stop-VM", {"Name": "one"}))
    guest(lab, "two").run(static("10.5.0.11"))
    lab.host.run(Cmdlet("Start-VM", {"Name": "one"}))
    lab.host.simulated_host.world.clock.advance(600)
    assert duplicates(lab) == [
        ("adapter one/Ethernet", f"has 10.5.0.11 on Ethernet, {owned_by('two')}")
    ]
    (finding,) = (each for each in lab.check() if each.code == "address-duplicated")
    assert "AddressState = Duplicate" in finding.evidence
    assert "address-duplicated" in [each.code for each in lab.plan().warnings]
    to_one = lab.verify().results[0]
    assert to_one.status == "unreachable"
    assert to_one.explanation == f"one has 10.5.0.11 on Ethernet, {DUPLICATE}."


def test_the_address_of_the_host(lab):
    lab.host.run(static("10.5.0.12", "vEthernet (A)"))
    assert duplicates(lab) == [("host", f"has 10.5.0.12 on vEthernet (A), {owned_by('two')}")]


def test_the_same_address_on_another_network_is_none(lab):
    lab.host.run(static("10.5.0.12"))
    assert duplicates(lab) == []
