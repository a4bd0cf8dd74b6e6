"""A NAT whose network changes in the file is not said to be incomplete; one that lacks a part is."""

from __future__ import annotations

import nestlab
from nestlab.model import Cmdlet, SwitchParameter

FILE = """
name: lab
switches: [{name: Lab, switch_type: Internal, ip_address: 10.5.0.1/24, nat: 10.5.0.0/24}]
"""
WITH_VM = rf"""{FILE}
images: {{ws2022: {{path: 'D:\images\ws2022.vhdx', os: windows}}}}
vms:
  - name: a
    memory_startup: 2GB
    disk: {{image: ws2022}}
    guest: {{os: windows, credential: lab-admin}}
    network_adapters: [{{switch: Lab, ip_address: 10.5.0.11/24, gateway: 10.5.0.1, dns_servers: [1.1.1.1]}}]
checks: [{{from: a, to: internet}}]
"""
REMOVED = Cmdlet("Remove-NetNat", {"Name": "nestlab.lab.Lab", "Confirm": SwitchParameter.OFF})


def applied():
    lab = nestlab.Lab(nestlab.loads(FILE), nestlab.connect())
    assert all(result.ok for result in lab.apply())
    return lab


def findings(lab):
    """What `check` says of the NAT, and what the plan says of it."""
    return [
        [each.code for each in found if each.code == "nat-incomplete"]
        for found in (lab.check(), lab.plan().warnings)
    ]


def test_a_network_that_changes_in_the_file_is_not_incomplete():
    lab = applied()
    for old, new in (("10.5.0", "10.6.0"), ("10.5.0.1/24", "10.5.0.9/24")):
        changed = nestlab.Lab(nestlab.loads(FILE.replace(old, new)), lab.host)
        assert findings(changed) == [[], []]
        assert {str(step.action) for step in changed.plan().steps} >= {"set-address"}


def test_a_wider_nat_of_others_that_translates_the_network_is_not_called_incomplete():
    lab = nestlab.Lab(nestlab.loads(WITH_VM), nestlab.connect())
    assert all(result.ok for result in lab.apply())
    wider = {"Name": "Corp", "InternalIPInterfaceAddressPrefix": "10.0.0.0/8"}
    lab.host.run(REMOVED, Cmdlet("New-NetNat", wider))
    assert lab.verify().ok
    (found,) = nestlab.drift(lab.topology, lab.host)
    assert found.code == "nat-taken"
    assert "which the NAT Corp of the host translates already (10.0.0.0/8)" in found.message
    assert "Leave nat out here, since Corp does the same" in found.hint
    assert found.fix == ()
    without = nestlab.Lab(
        nestlab.loads(WITH_VM.replace(", nat: 10.5.0.0/24", "").split("checks")[0]), lab.host
    )
    assert without.plan().is_empty
    assert not nestlab.drift(without.topology, lab.host)


def test_a_nat_of_others_for_another_network_leaves_it_incomplete():
    lab = applied()
    other = {"Name": "Corp", "InternalIPInterfaceAddressPrefix": "10.9.0.0/24"}
    lab.host.run(REMOVED, Cmdlet("New-NetNat", other))
    assert findings(lab) == [["nat-incomplete"], []]


def test_what_the_plan_creates_does_not_stay_incomplete():
    lab = applied()
    lab.host.run(REMOVED)
    assert findings(lab) == [["nat-incomplete"], []]
    assert [str(step.action) for step in lab.plan().steps] == ["create-nat"]
    assert all(result.ok for result in lab.apply())
    assert findings(lab) == [[], []]
