"""Injected faults: deterministic, and nothing more happens than the fault says."""

import json

import pytest

from nestlab.errors import (
    AccessDenied,
    CmdletError,
    GuestUnreachable,
    HostUnreachable,
    SessionBroken,
    UsageError,
)
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.faults import Fault
from nestlab.simulator.host import SimulatedHost
from nestlab.transport import connect
from tests.transport.doors import options

LAB = Cmdlet("New-VMSwitch", {"Name": "Lab", "SwitchType": "Private"})


def session_with(*faults):
    session = connect()
    session.simulated_host.inject_faults(*faults)
    return session


def switches(session):
    return [record["Name"] for record in session.run(Cmdlet("Get-VMSwitch"))]


def test_the_nth_call_of_a_cmdlet_fails_with_the_error_given():
    session = session_with(
        Fault(
            cmdlet="New-VMSwitch",
            nth=2,
            message="Out of luck.",
            category="ResourceBusy",
            error_id="Luck",
        )
    )
    session.run(LAB)
    with pytest.raises(CmdletError) as caught:
        session.run(Cmdlet("New-VMSwitch", {"Name": "Two", "SwitchType": "Private"}))
    record = caught.value.record
    assert (record.message, record.category, record.fully_qualified_error_id) == (
        "Out of luck.",
        "ResourceBusy",
        "Luck,New-VMSwitch",
    )
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
        session.run(Cmdlet("Remove-VMSwitch", {"Name": "Lab", "Force": SwitchParameter.ON}))


def test_a_scenario_can_inject_faults_and_a_state_file_keeps_count(tmp_path):
    path = tmp_path / "mine.json"
    faults = [{"kind": "fail", "cmdlet": "New-VMSwitch", "nth": 1}]
    path.write_text(
        json.dumps(
            {"name": "mine", "description": "x", "based_on": "ws2022-intel", "faults": faults}
        ),
        encoding="utf-8",
    )
    address = f"sim:{path}?state={tmp_path / 'state.json'}"
    with pytest.raises(CmdletError):
        connect(address).run(LAB)
    connect(address).run(LAB)


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="power-cut"):
        Fault("explode")


def cut_after(moment, cmdlet):
    return session_with(Fault("power-cut", cmdlet.name, after_effects=moment))


def test_power_cut_between_two_effects_leaves_the_first():
    new = Cmdlet("New-VM", {"Name": "a", "NewVHDPath": r"D:\a.vhdx", "NewVHDSizeBytes": 40 << 30})
    session = cut_after(1, new)
    with pytest.raises(SessionBroken):
        session.run(new)
    session.wait(300)
    assert session.run(Cmdlet("Test-Path", {"Path": r"D:\a.vhdx"})).records[0]["Value"] is True
    with pytest.raises(CmdletError, match="unable to find"):
        session.run(Cmdlet("Get-VM", {"Name": "a"}))
    with pytest.raises(CmdletError, match="file exists"):
        session.run(new)


def test_power_cut_while_an_external_switch_takes_its_adapter_leaves_the_host_without_its_address(
    tmp_path,
):
    new = Cmdlet("New-VMSwitch", {"Name": "Up", "NetAdapterName": "Ethernet"})
    address = f"sim:ws2022-intel?state={tmp_path / 'host.json'}&fault=power-cut:New-VMSwitch:1:1"
    with pytest.raises(SessionBroken):
        connect(address).run(new)
    again = connect(address.partition("&")[0])  # from the file: what was done so far was saved
    again.wait(300)
    assert switches(again) == ["Up"]
    addresses = again.run(
        Cmdlet("Get-NetIPAddress", {"AddressFamily": "IPv4", "ErrorAction": "SilentlyContinue"})
    )
    assert "192.0.2.10" not in [record["IPAddress"] for record in addresses]
    again.run(Cmdlet("Set-VMSwitch", {"Name": "Up", "AllowManagementOS": True}))
    (moved,) = again.run(
        Cmdlet("Get-NetIPAddress", {"InterfaceAlias": "vEthernet (Up)", "AddressFamily": "IPv4"})
    )
    assert moved["IPAddress"] == "192.0.2.10"


def test_power_cut_after_more_effects_than_there_are_comes_at_the_end():
    session = cut_after(50, LAB)
    with pytest.raises(SessionBroken):
        session.run(LAB)
    session.wait(300)
    assert switches(session) == ["Lab"]


def test_a_cmdlet_behind_the_pipe_is_struck_too():
    session = session_with(Fault("fail", "Stop-VM"))
    stop = Cmdlet("Stop-VM", {"TurnOff": SwitchParameter.ON, "ErrorAction": "Stop"})
    with pytest.raises(CmdletError, match="injected"):
        session.run(Cmdlet("Get-VM", {"Name": "build-agent"}, stop))
    assert session.run(Cmdlet("Get-VM", {"Name": "build-agent"})).records[0]["State"] == "Running"


def test_a_refused_session_is_access_denied():
    session = session_with(Fault("refuse", "Get-VM"))
    with pytest.raises(AccessDenied):
        session.run(Cmdlet("Get-VM"))
    assert session.run(Cmdlet("Get-VM")).records


def test_a_refused_session_is_access_denied_over_winrm():
    host = SimulatedHost.from_scenario("ws2022-intel")
    host.inject_faults(Fault("refuse", "Get-VM"))
    with serve(host, tls=True) as endpoint:
        session = connect(endpoint.address, **options(endpoint))
        with pytest.raises(AccessDenied):
            session.run(Cmdlet("Get-VM"))
        assert session.run(Cmdlet("Get-VM")).records
        session.close()


def test_a_guest_is_lost_and_refused_as_guests_are():
    for kind, error in (
        ("drop", SessionBroken),
        ("power-cut", SessionBroken),
        ("refuse", GuestUnreachable),
    ):
        session = session_with()
        session.run(Cmdlet("Start-VM", {"Name": "dc-archive"}))
        session.wait(120)
        session.simulated_host.inject_faults(Fault(kind, "Get-Service"))
        with pytest.raises(error):
            session.guest("dc-archive", "x").run(Cmdlet("Get-Service"))
        session.wait(120)
        assert session.guest("dc-archive", "x").run(Cmdlet("Get-Service")).records


@pytest.mark.parametrize(
    ("cmdlet", "identity"),
    [
        (LAB, "AccessDenied,Microsoft.HyperV.PowerShell.Commands.NewVMSwitch"),
        (
            Cmdlet("New-NetNat", {"Name": "n", "InternalIPInterfaceAddressPrefix": "10.0.0.0/24"}),
            "Windows System Error 5,New-NetNat",
        ),
        (Cmdlet("Get-Service"), "AccessDenied,Get-Service"),
    ],
)
def test_denied_is_worded_as_the_module_words_it(cmdlet, identity):
    with pytest.raises(CmdletError) as caught:
        session_with(Fault("deny")).run(cmdlet)
    assert caught.value.record.fully_qualified_error_id == identity


def test_zero_strikes_always_and_faults_can_be_taken_out():
    session = session_with(Fault("fail", "New-VMSwitch", nth=0, error_id="A,B"))
    for _ in range(3):
        with pytest.raises(CmdletError) as caught:
            session.run(LAB)
        assert caught.value.record.fully_qualified_error_id == "A,B"
    session.simulated_host.clear_faults()
    session.run(LAB)


def test_the_address_can_inject_faults():
    session = connect("sim:ws2022-intel?fault=drop:New-VMSwitch&fault=fail:New-VMSwitch:2")
    with pytest.raises(SessionBroken):
        session.run(LAB)
    with pytest.raises(CmdletError):
        session.run(LAB)
    assert switches(session) == ["Lab"]


@pytest.mark.parametrize(
    ("text", "why", "guess"),
    [
        ("explode", "'explode' is not a kind of fault", ""),
        ("fial:New-VM", "'fial' is not a kind of fault", "Did you mean fail? "),
        ("", "its kind is missing", ""),
        ("fail:New-VMM", "'New-VMM' is not a cmdlet", "Did you mean New-VM? "),
        ("fail:New-VM:x", "whole numbers", ""),
        ("fail:New-VM:-1", "whole numbers", ""),
        ("fail:New-VM:1:2:3", "at most two", ""),
    ],
)
def test_a_fault_that_is_none_says_why_and_how_to_write_one(text, why, guess):
    with pytest.raises(UsageError) as caught:
        connect(f"sim:ws2022-intel?fault={text}")
    assert caught.value.message.startswith(f"{text!r} is not a fault: ")
    assert why in caught.value.message
    assert caught.value.hint.startswith(
        f"{guess}Write KIND:CMDLET:NTH, for example drop:New-VMSwitch:1."
    )


def test_a_fault_takes_the_cmdlet_by_any_of_its_names_and_seconds_where_it_is_slow():
    session = connect("sim:ws2022-intel?fault=slow:get-vmcheckpoint:0:600")
    before = session.simulated_host.clock.now
    session.run(Cmdlet("Get-VMSnapshot", {"VMName": "dc-archive"}))
    assert session.simulated_host.clock.now == before + 600


def test_what_if_and_wrong_parameters_are_no_calls():
    session = session_with(Fault("fail", "New-VMSwitch"))
    session.run(LAB.with_parameters(WhatIf=SwitchParameter.ON))
    with pytest.raises(CmdletError, match="cannot be found"):
        session.run(Cmdlet("New-VMSwitch", {"Nome": "Lab"}))
    with pytest.raises(CmdletError, match="injected"):
        session.run(LAB)
