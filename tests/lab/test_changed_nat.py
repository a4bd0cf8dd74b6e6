"""A NAT whose network changes in the file is not said to be incomplete; one that lacks a part is."""

from __future__ import annotations

import nestlab
from nestlab.model import Cmdlet, SwitchParameter

FILE = """
name: lab
switches: [{name: Lab, switch_type: Internal, ip_address: 10.5.0.1/24, nat: 10.5.0.0/24}]
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


def test_what_the_plan_creates_does_not_stay_incomplete():
    lab = applied()
    lab.host.run(REMOVED)
    assert findings(lab) == [["nat-incomplete"], []]
    assert [str(step.action) for step in lab.plan().steps] == ["create-nat"]
    assert all(result.ok for result in lab.apply())
    assert findings(lab) == [[], []]
