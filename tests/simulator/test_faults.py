"""Planted faults: deterministic, and nothing more happens than the fault says."""

import json

import pytest

from nestlab.errors import CmdletError, HostUnreachable, SessionBroken
from nestlab.model import Cmdlet, Switch
from nestlab.simulator.faults import Fault
from nestlab.transport import connect

LAB = Cmdlet("New-VMSwitch", {"Name": "Lab", "SwitchType": "Private"})


def session_with(*faults):
    session = connect()
    session.simulated_host.plant(*faults)
    return session


def switches(session):
    return [record["Name"] for record in session.run(Cmdlet("Get-VMSwitch"))]


def test_the_nth_call_of_a_cmdlet_fails_with_the_error_given():
    session = session_with(Fault(cmdlet="New-VMSwitch", nth=2, message="Out of luck.", category="ResourceBusy", error_id="Luck"))
    session.run(LAB)
    with pytest.raises(CmdletError) as caught:
        session.run(Cmdlet("New-VMSwitch", {"Name": "Two", "SwitchType": "Private"}))
    record = caught.value.record
    assert (record.message, record.category, record.fully_qualified_error_id) == ("Out of luck.", "ResourceBusy", "Luck,New-VMSwitch")
    assert switches(session) == ["Lab"]
    session.run(Cmdlet("New-VMSwitch", {"Name": "Two", "SwitchType": "Private"}))


def test_denied_changes_nothing():
    session = session_with(Fault("deny", "New-VMSwitch"))
    with pytest.raises(CmdletError) as caught:
        session.run(LAB)
    assert caught.value.record.category == "PermissionDenied"
    assert switches(session) == []


def test_a_dropped_session_leaves_the_work_done():
    session = session_with(Fault("drop", "New-VMSwitch"))
    with pytest.raises(SessionBroken):
        session.run(LAB)
    assert switches(session) == ["Lab"]


def test_slow_takes_virtual_time():
    session = session_with(Fault("slow", "New-VMSwitch", seconds=600))
    before = session.simulated_host.clock.now
    session.run(LAB)
    assert session.simulated_host.clock.now >= before + 600


def test_a_power_cut_turns_the_host_off_and_on():
    session = session_with(Fault("power-cut", "New-VMSwitch"))
    with pytest.raises(SessionBroken):
        session.run(LAB)
    with pytest.raises(HostUnreachable):
        switches(session)
    session.wait(300)
    assert switches(session) == []
    (vm,) = session.run(Cmdlet("Get-VM", {"Name": "build-agent"}))
    assert vm["State"] == "Off"


def test_any_cmdlet_can_be_the_one():
    session = session_with(Fault(nth=3))
    session.run(LAB)
    session.run(Cmdlet("Get-VM"))
    with pytest.raises(CmdletError):
        session.run(Cmdlet("Remove-VMSwitch", {"Name": "Lab", "Force": Switch.ON}))


def test_a_scenario_can_plant_faults_and_a_state_file_keeps_count(tmp_path):
    path = tmp_path / "mine.json"
    faults = [{"kind": "fail", "cmdlet": "New-VMSwitch", "nth": 1}]
    path.write_text(json.dumps({"name": "mine", "description": "x", "based_on": "ws2022-intel", "faults": faults}), encoding="utf-8")
    address = f"sim:{path}?state={tmp_path / 'state.json'}"
    with pytest.raises(CmdletError):
        connect(address).run(LAB)
    connect(address).run(LAB)


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="power-cut"):
        Fault("explode")
