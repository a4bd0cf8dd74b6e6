"""An address that was added by hand, and that another machine has: the plan removes it."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.model import Cmdlet

FILE = r"""
name: lab
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}}
defaults: {vm: {memory_startup: 1GB, disk: {image: ws2022}, guest: {os: windows, credential: lab-admin}}}
switches: [{name: Lab, switch_type: Internal, ip_address: 10.5.0.1/24}]
vms:
  - {name: a, network_adapters: [{switch: Lab, ip_address: 10.5.0.11/24}]}
  - {name: b, network_adapters: [{switch: Lab, ip_address: 10.5.0.12/24}]}
"""


def said(lab):
    return [
        each for each in nestlab.drift(lab.topology, lab.host) if each.code == "address-duplicated"
    ]


@pytest.mark.parametrize(
    ("vm", "alias"), [("a", "Ethernet"), ("", "vEthernet (Lab)")], ids=["guest", "host"]
)
def test_drift_names_who_has_it_and_says_that_apply_removes_it(vm, alias):
    lab = nestlab.Lab(nestlab.loads(FILE), nestlab.connect())
    assert all(result.ok for result in lab.apply())
    machine = lab.host.guest(vm, "lab-admin") if vm else lab.host
    added = {"InterfaceAlias": alias, "IPAddress": "10.5.0.12", "PrefixLength": 24}
    machine.run(Cmdlet("New-NetIPAddress", added))
    (found,) = said(lab)
    assert "the VM b on the same switch has the same address" in found.message
    assert found.hint == "The file does not give it to this machine: `nestlab apply` removes it."
    assert [step.action for step in lab.plan().steps] == ["remove-address"]
    assert all(result.ok for result in lab.apply())
    assert said(lab) == []
