"""One contract, on every way to a host."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from nestlab.errors import Cancelled, CmdletError, GuestUnreachable, UsageError
from nestlab.model import Cmdlet, EnumValue, Size, SwitchParameter
from tests.transport.doors import SOCKETS, STREAMS, opened

GB = 1 << 30


@pytest.fixture(scope="module")
def environment():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module", params=["in-process", *SOCKETS, *STREAMS])
def session(request, environment):
    with opened(request.param, environment) as way:
        yield way


def new_vm(session, name, **parameters):
    return session.run(
        Cmdlet(
            "New-VM",
            {
                "Name": name,
                "MemoryStartupBytes": Size(GB),
                "Generation": 2,
                "NoVHD": SwitchParameter.ON,
                **parameters,
            },
        )
    )


def remove_vm(session, name):
    session.run(Cmdlet("Remove-VM", {"Name": name, "Force": SwitchParameter.ON}))


def test_records_arrive_typed(session):
    (vm,) = session.run(Cmdlet("Get-VM", {"Name": "sql-test"})).of_type("VirtualMachine")
    assert vm.type_name == "Microsoft.HyperV.PowerShell.VirtualMachine"
    assert vm["VMName"] == vm["Name"] == "sql-test"
    assert vm["State"] == "Off"
    assert isinstance(vm["Id"], UUID)
    assert isinstance(vm["Uptime"], timedelta)
    assert isinstance(vm["CreationTime"], datetime)
    assert vm["MemoryStartup"] % (1 << 20) == 0
    assert vm["DynamicMemoryEnabled"] in (True, False)
    assert isinstance(vm["NetworkAdapters"], list)
    assert "sql-test" in vm.text


def test_every_way_gives_the_same_records(session, environment):
    statements = [
        Cmdlet("Get-VMHost"),
        Cmdlet("Get-NetAdapter"),
        Cmdlet("Get-VMProcessor", {"VMName": "*"}),
        Cmdlet("Get-NetRoute"),
    ]
    with opened("in-process", environment) as reference:
        expected = reference.run(*statements)
    found = session.run(*statements)
    assert [record.type_name for record in found] == [record.type_name for record in expected]
    assert [dict(record.properties) for record in found] == [
        dict(record.properties) for record in expected
    ]


def test_pipelines_select_sort_and_expand(session):
    names = session.run(
        Cmdlet(
            "Get-VM", pipe_to=Cmdlet("Select-Object", {"Property": ["Name", "State"], "First": 2})
        )
    )
    assert [sorted(record.properties) for record in names] == [["Name", "State"]] * 2
    # An object of Select-Object has no text, and keeps the number of an enum value; a cmdlet's own
    # object has texts.
    assert all(isinstance(record["State"], EnumValue) and not record.text for record in names)
    expanded = session.run(
        Cmdlet("Get-VM", pipe_to=Cmdlet("Select-Object", {"ExpandProperty": "Name"}))
    )
    assert "sql-test" in [record["Value"] for record in expanded]
    states = session.run(
        Cmdlet("Get-VM", pipe_to=Cmdlet("Select-Object", {"ExpandProperty": "State"}))
    )
    assert {record.type_name for record in states} == {"Microsoft.HyperV.PowerShell.VMState"}
    assert EnumValue("Running", 2) in [record["Value"] for record in states]


def test_a_large_size_and_switches_arrive_as_they_are(session):
    new_vm(session, "sized", Generation=1)
    session.run(
        Cmdlet(
            "Set-VM",
            {
                "Name": "sized",
                "MemoryStartupBytes": Size.parse("6GB"),
                "DynamicMemory": SwitchParameter.ON,
                "Confirm": SwitchParameter.OFF,
            },
        )
    )
    (vm,) = session.run(Cmdlet("Get-VM", {"Name": "sized"}))
    assert (vm["MemoryStartup"], vm["DynamicMemoryEnabled"]) == (6 * GB, True)
    remove_vm(session, "sized")


@pytest.mark.parametrize(
    "notes",
    ['it\'s "$x" `n', "Ünïcode 😀", "_x0041_", "line\nbreak\ttab", "‘curly’", "-Name", "<a>&amp;"],
)
def test_text_arrives_unchanged(session, notes):
    session.run(Cmdlet("Set-VM", {"Name": "sql-test", "Notes": notes}))
    (vm,) = session.run(Cmdlet("Get-VM", {"Name": "sql-test"}))
    assert vm["Notes"] == notes


@pytest.mark.parametrize("value", [1 << 64, timedelta.max, object()])
def test_values_that_no_message_can_carry_are_refused_before_anything_runs(session, value):
    with pytest.raises(UsageError, match="The value of Set-VM -Notes cannot be sent"):
        session.run(Cmdlet("Set-VM", {"Name": "sql-test", "Notes": value}))


def test_an_enum_value_arrives_as_its_name(session):
    for name, error in (("ProcessorCount", "CannotConvertArgumentNoMessage"), ("Notes", "")):
        statement = Cmdlet("Set-VM", {"Name": "sql-test", name: EnumValue("Two", 2)})
        if error:
            with pytest.raises(CmdletError) as caught:
                session.run(statement)
            assert error in caught.value.record.fully_qualified_error_id
        else:
            session.run(statement)
    (vm,) = session.run(Cmdlet("Get-VM", {"Name": "sql-test"}))
    assert vm["Notes"] == "Two"
    session.run(Cmdlet("Set-VM", {"Name": "sql-test", "Notes": ""}))


def test_a_refusal_is_the_cmdlets_own_error(session):
    with pytest.raises(CmdletError) as caught:
        session.run(Cmdlet("Get-VM", {"Name": "nobody"}))
    record = caught.value.record
    assert record.error_id == "InvalidParameter"
    assert record.category == "InvalidArgument"
    assert "nobody" in record.message
    assert record.exception_type.endswith("VirtualizationException")
    assert caught.value.cmdlet.name == "Get-VM"


def test_an_unknown_command_and_an_unknown_parameter_are_named(session):
    with pytest.raises(CmdletError, match="Get-Nothing"):
        session.run(Cmdlet("Get-Nothing"))
    with pytest.raises(CmdletError, match="Colour"):
        session.run(Cmdlet("Get-VM", {"Colour": "red"}))


def test_statements_after_a_failed_one_do_not_run(session):
    with pytest.raises(CmdletError):
        session.run(
            Cmdlet("Start-VM", {"Name": "nobody"}),
            Cmdlet("Set-VM", {"Name": "sql-test", "Notes": "never"}),
        )
    assert session.run(Cmdlet("Get-VM", {"Name": "sql-test"})).records[0]["Notes"] != "never"


@pytest.mark.parametrize(("action", "kept"), [("Continue", 1), ("SilentlyContinue", 0)])
def test_a_tolerated_error_ends_its_own_statement_only(session, action, kept):
    missing = Cmdlet("Get-VM", {"Name": "nobody", "ErrorAction": action})
    outcome = session.run(missing, Cmdlet("Get-VMHost"))
    assert len(outcome.of_type("VMHost")) == 1
    assert len(outcome.errors) == kept


@pytest.mark.parametrize("action", ["Continue", "SilentlyContinue"])
def test_a_missing_command_is_tolerated_too(session, action):
    outcome = session.run(
        Cmdlet("Get-VMHost"), Cmdlet("Get-Nothing", {"ErrorAction": action}), Cmdlet("Get-VMSwitch")
    )
    assert len(outcome.of_type("VMHost")) == 1


def test_a_name_that_would_be_a_pattern_never_leaves(session):
    with pytest.raises(UsageError, match="pattern"):
        session.run(Cmdlet("Remove-VM", {"Name": "sql*", "Force": SwitchParameter.ON}))
    assert session.run(Cmdlet("Get-VM", {"Name": "sql-test"})).records


@pytest.mark.parametrize("name", ["sql*", "sql?test", "[a]"])
def test_a_guest_whose_name_would_be_a_pattern_gets_no_credential(name, session):
    with pytest.raises(UsageError, match="pattern"):
        session.guest(name, "lab-admin").run(Cmdlet("Get-NetAdapter"))


def test_a_cancelled_run_does_nothing(session):
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        session.run(Cmdlet("Set-VM", {"Name": "sql-test", "Notes": "cancelled"}), cancel=cancel)
    with pytest.raises(Cancelled):
        session.wait(3600, cancel)
    assert session.run(Cmdlet("Get-VM", {"Name": "sql-test"})).records[0]["Notes"] != "cancelled"


@pytest.fixture(scope="module")
def guest(session):
    disk = {
        "Path": r"D:\VMs\guest.vhdx",
        "ParentPath": r"D:\images\ws2022.vhdx",
        "Differencing": SwitchParameter.ON,
    }
    session.run(Cmdlet("New-VHD", disk))
    session.run(
        Cmdlet(
            "New-VM",
            {
                "Name": "guest",
                "MemoryStartupBytes": Size(4 * GB),
                "Generation": 2,
                "VHDPath": disk["Path"],
            },
        )
    )
    inside = session.guest("guest", "lab-admin")
    with pytest.raises(GuestUnreachable):
        inside.run(Cmdlet("Get-NetAdapter"))
    session.run(Cmdlet("Start-VM", {"Name": "guest"}))
    session.wait(300)
    yield inside
    session.run(
        Cmdlet(
            "Stop-VM", {"Name": "guest", "TurnOff": SwitchParameter.ON, "Force": SwitchParameter.ON}
        ),
        Cmdlet("Remove-VM", {"Name": "guest", "Force": SwitchParameter.ON}),
    )
    session.run(Cmdlet("Remove-Item", {"Path": disk["Path"]}))


def test_a_guest_answers_with_its_own_objects(guest):
    (system,) = guest.run(Cmdlet("Get-CimInstance", {"ClassName": "Win32_OperatingSystem"}))
    assert guest.machine == ("guest",)
    assert "PSComputerName" not in system
    assert "Windows Server" in system["Caption"]


def test_a_guests_refusal_is_its_own_and_ends_the_run(guest):
    with pytest.raises(CmdletError) as caught:
        guest.run(Cmdlet("Get-NetAdapter", {"Name": "nothing"}), Cmdlet("Get-NetRoute"))
    assert caught.value.machine == "guest"
    assert caught.value.cmdlet.name == "Get-NetAdapter"
    assert caught.value.record.category == "ObjectNotFound"


def test_a_guests_tolerated_error_ends_its_own_statement_only(guest):
    missing = Cmdlet("Get-NetAdapter", {"Name": "nothing", "ErrorAction": "SilentlyContinue"})
    pick = Cmdlet("Select-Object", {"Property": ["Name"]})
    outcome = guest.run(missing, Cmdlet("Get-NetAdapter", pipe_to=pick))
    assert [sorted(record.properties) for record in outcome] == [["Name"]] * len(outcome.records)
    assert outcome.records


def test_a_vm_that_is_not_there_is_no_way_in(session):
    with pytest.raises(GuestUnreachable):
        session.guest("nobody", "lab-admin").run(Cmdlet("Get-NetAdapter"))
