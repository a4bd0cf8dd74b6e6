"""Pipelines on a machine of three VMs: dispatch, streams, confirmation, object commands."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from nestlab.model import Cmdlet, Record, SwitchParameter
from nestlab.simulator.cmdlet_errors import hyper_v
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Call, CollectingSink, PowerShellError, Sink
from nestlab.simulator.powershell.objects import make_record
from nestlab.simulator.powershell.pipeline_processor import run_call
from nestlab.simulator.powershell.session_state import Handler, SessionState


def get_vm(machine: Machine, bound: Bound, sink: Sink) -> None:
    for name in bound.get("Name") or machine.vms:
        if name in machine.vms:
            sink.output(machine.vms[name])
        else:
            text = f'Hyper-V was unable to find a virtual machine with name "{name}".'
            sink.error(hyper_v("Get-VM", "InvalidParameter", text, name).record)


def remember(machine: Machine, bound: Bound, sink: Sink) -> None:
    machine.done.append(bound)
    sink.verbose("done")
    sink.warning("look out")


def get_adapter(_machine: Machine, bound: Bound, sink: Sink) -> None:
    for vm in bound.get("VM", ()):
        setting = make_record(
            "VMNetworkAdapterVlanSetting", OperationMode="Access", AccessVlanId=10
        )
        sink.output(
            make_record("VMNetworkAdapter", Name="Ethernet", VMName=vm["Name"], VlanSetting=setting)
        )


HANDLERS: dict[str, Handler] = {
    "Get-VM": get_vm,
    "Get-VMNetworkAdapter": get_adapter,
    "Remove-NetNat": remember,
    "Remove-VM": remember,
    "Restore-VMSnapshot": remember,
    "Start-VM": remember,
    "Update-VMVersion": remember,
}


@dataclass
class Machine:
    name: str = "HOST"
    vms: dict[str, Record] = field(default_factory=dict)
    done: list[Bound] = field(default_factory=list)
    hidden: tuple[str, ...] = ()

    def has_command(self, name: str, module: str) -> bool:
        return name not in self.hidden and module != "DhcpServer"


@pytest.fixture
def machine() -> Machine:
    gigabytes = {"HV1": 8, "web1": 1, "web2": 2}
    records = {
        name: make_record(
            "VirtualMachine",
            Name=name,
            State="Off" if name == "HV1" else "Running",
            MemoryStartup=size << 30,
            StatusDescriptions=["busy", "fine"] if name == "web1" else [],
        )
        for name, size in gigabytes.items()
    }
    return Machine(vms=records)


def run(machine: Machine, cmdlet: Cmdlet) -> CollectingSink:
    sink = CollectingSink()
    run_call(Call.from_cmdlet(cmdlet), SessionState(machine, HANDLERS), sink)
    return sink


def piped(*cmdlets: Cmdlet) -> Cmdlet:
    first, *rest = cmdlets
    return Cmdlet(first.name, first.parameters, piped(*rest)) if rest else first


def names(sink: CollectingSink) -> list[str]:
    return [record["Name"] for record in sink.records]


def select(**parameters: object) -> Cmdlet:
    return Cmdlet("Select-Object", parameters)


def where(prop: str, operator: str, value: object) -> Cmdlet:
    return Cmdlet("Where-Object", {"Property": prop, operator: SwitchParameter.ON, "Value": value})


# -ErrorAction


def test_errors_go_to_the_error_stream_and_the_rest_goes_on(machine):
    sink = run(machine, Cmdlet("Get-VM", {"Name": ["HV1", "no", "web1"]}))
    assert names(sink) == ["HV1", "web1"]
    assert [error.target for error in sink.errors] == ["no"]


def test_stop_raises_with_the_errors_own_id_and_category(machine):
    with pytest.raises(PowerShellError) as caught:
        run(machine, Cmdlet("Get-VM", {"Name": "no", "ErrorAction": "Stop"}))
    assert caught.value.terminating
    assert caught.value.record.category == "InvalidArgument"
    assert (
        caught.value.record.fully_qualified_error_id
        == "InvalidParameter,Microsoft.HyperV.PowerShell.Commands.GetVM"
    )


@pytest.mark.parametrize("action", ["SilentlyContinue", "Ignore", "silently"])
def test_silence_drops_errors(machine, action):
    sink = run(machine, Cmdlet("Get-VM", {"Name": ["no", "web1"], "ErrorAction": action}))
    assert names(sink) == ["web1"]
    assert sink.errors == []


def test_error_action_of_one_command_is_not_that_of_the_next(machine):
    sink = run(
        machine,
        piped(
            Cmdlet("Get-VM", {"ErrorAction": "Stop", "Name": "HV1"}),
            select(ExpandProperty="Nothing"),
        ),
    )
    assert (
        sink.errors[0].fully_qualified_error_id
        == "ExpandPropertyNotFound,Microsoft.PowerShell.Commands.SelectObjectCommand"
    )


def test_warnings_and_verbose_lines_follow_their_preferences(machine):
    assert run(machine, Cmdlet("Start-VM", {"Name": "HV1"})).warnings == ["look out"]
    quiet = run(
        machine,
        Cmdlet(
            "Start-VM",
            {"Name": "HV1", "WarningAction": "SilentlyContinue", "Verbose": SwitchParameter.ON},
        ),
    )
    assert (quiet.warnings, quiet.verbose_lines) == ([], ["done"])
    with pytest.raises(PowerShellError, match="WarningPreference"):
        run(machine, Cmdlet("Start-VM", {"Name": "HV1", "WarningAction": "Stop"}))


# commands that are not there


def test_a_command_without_its_module_is_not_recognized(machine):
    with pytest.raises(PowerShellError, match="The term 'Get-DhcpServerv4Scope' is not recognized"):
        run(machine, Cmdlet("Get-DhcpServerv4Scope"))


def test_a_command_of_the_catalogue_without_a_handler_says_so(machine):
    with pytest.raises(PowerShellError) as caught:
        run(machine, Cmdlet("Move-VM", {"Name": "HV1", "DestinationHost": "HV02"}))
    assert caught.value.record.fully_qualified_error_id == "NotSimulated,Move-VM"
    assert caught.value.record.category == "NotImplemented"


def test_a_wrong_parameter_behind_the_pipe_is_told_before_anything_runs(machine):
    with pytest.raises(PowerShellError, match="parameter name 'Propperty'"):
        run(machine, piped(Cmdlet("Start-VM", {"Name": "HV1"}), select(Propperty="Name")))
    assert machine.done == []


def test_another_computer_is_not_simulated(machine):
    assert names(
        run(
            machine,
            Cmdlet("Get-VM", {"Name": "HV1", "ComputerName": ["localhost", "host.contoso.com"]}),
        )
    ) == ["HV1"]
    for parameters in ({"ComputerName": "other"}, {"CimSession": "other"}):
        with pytest.raises(PowerShellError, match="names another computer"):
            run(machine, Cmdlet("Get-VM", parameters))


# -WhatIf and confirmation


@pytest.mark.parametrize("name", ["Start-VM", "Remove-VM", "Remove-NetNat"])
def test_what_if_does_nothing_and_says_it_to_a_host_that_a_remoting_client_has_not(machine, name):
    found = run(machine, Cmdlet(name, {"Name": "HV1", "WhatIf": SwitchParameter.ON}))
    assert (found.records, found.verbose_lines, found.warnings) == ([], [], [])
    assert machine.done == []


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("Remove-VM", {"Name": "HV1"}),
        ("Remove-VM", {"Name": "HV1", "Confirm": SwitchParameter.OFF}),
        ("Remove-NetNat", {}),
        ("Remove-NetNat", {"Name": "n"}),
        ("Update-VMVersion", {"Name": "HV1"}),
        ("Restore-VMSnapshot", {"Name": "s", "VMName": "HV1"}),
        ("Start-VM", {"Name": "HV1", "Confirm": SwitchParameter.ON}),
    ],
)
def test_a_question_that_cannot_be_answered_is_an_error(machine, name, parameters):
    with pytest.raises(PowerShellError, match="does not support user interaction") as caught:
        run(machine, Cmdlet(name, parameters))
    error = caught.value.record
    assert (error.error_id, error.category) in {
        ("HostFunctionNotImplemented", "NotImplemented"),
        ("HostException", "NotSpecified"),
    }
    assert machine.done == []


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("Remove-VM", {"Name": "HV1", "Force": SwitchParameter.ON}),
        ("Remove-NetNat", {"Confirm": SwitchParameter.OFF}),
        ("Update-VMVersion", {"Name": "HV1", "Force": SwitchParameter.ON}),
        ("Restore-VMSnapshot", {"Name": "s", "VMName": "HV1", "Confirm": SwitchParameter.OFF}),
    ],
)
def test_the_question_is_answered_beforehand(machine, name, parameters):
    run(machine, Cmdlet(name, parameters))
    assert [bound.name for bound in machine.done] == [name]


# pipeline input


def test_virtual_machines_are_piped_by_value(machine):
    sink = run(machine, piped(Cmdlet("Get-VM"), Cmdlet("Get-VMNetworkAdapter")))
    assert [record["VMName"] for record in sink.records] == ["HV1", "web1", "web2"]


def test_an_object_that_does_not_bind_is_an_error_of_its_own(machine):
    pipeline = piped(
        Cmdlet("Get-VM"),
        select(Property="State"),
        Cmdlet("Get-VMNetworkAdapter", {"ErrorAction": "SilentlyContinue"}),
    )
    assert run(machine, pipeline).records == []
    loud = run(
        machine,
        piped(
            Cmdlet("Get-VM"),
            select(Property="State"),
            Cmdlet("Remove-NetNat", {"Confirm": SwitchParameter.OFF}),
        ),
    )
    assert [error.error_id for error in loud.errors] == ["InputObjectNotBound"] * 3


# Select-Object


def test_select_properties_keeps_their_order_and_real_names(machine):
    record = run(
        machine,
        piped(Cmdlet("Get-VM", {"Name": "HV1"}), select(Property=["state", "Name", "Nothing"])),
    ).records[0]
    assert list(record.properties) == ["State", "Name", "Nothing"]
    assert record.type_names[0] == "Selected.Microsoft.HyperV.PowerShell.VirtualMachine"
    assert record["Nothing"] is None


def test_select_takes_wildcards_and_exclusions(machine):
    cmdlet = piped(
        Cmdlet("Get-VM", {"Name": "HV1"}), select(Property="Memory*", ExcludeProperty="*Status")
    )
    assert set(run(machine, cmdlet).records[0].properties) == {
        "MemoryAssigned",
        "MemoryDemand",
        "MemoryMaximum",
        "MemoryMinimum",
        "MemoryStartup",
    }


def test_expanding_a_property_adds_the_selected_ones_to_what_it_holds(machine):
    expand = select(Property=["VMName", "Name"], ExpandProperty="VlanSetting")
    record = run(machine, piped(Cmdlet("Get-VM"), Cmdlet("Get-VMNetworkAdapter"), expand)).records[
        1
    ]
    assert record.type_name == "Microsoft.HyperV.PowerShell.VMNetworkAdapterVlanSetting"
    assert (record["VMName"], record["Name"], record["AccessVlanId"]) == ("web1", "Ethernet", 10)


def test_expanding_text_gives_text(machine):
    sink = run(machine, piped(Cmdlet("Get-VM"), select(ExpandProperty="Name")))
    assert [record["Value"] for record in sink.records] == ["HV1", "web1", "web2"]
    assert sink.records[0].type_name == "System.String"


def test_expanding_onto_an_existing_property_is_an_error(machine):
    sink = run(
        machine,
        piped(
            Cmdlet("Get-VM", {"Name": "HV1"}),
            Cmdlet("Get-VMNetworkAdapter"),
            select(Property="ComputerName", ExpandProperty="VlanSetting"),
        ),
    )
    assert sink.errors[0].error_id == "AlreadyExistingUserSpecifiedPropertyExpand"
    assert len(sink.records) == 1


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"First": 2}, ["HV1", "web1"]),
        ({"First": 0}, []),
        ({"First": 1, "Skip": 1}, ["web1"]),
        ({"Last": 1}, ["web2"]),
        ({"Last": 1, "Skip": 1}, ["web1"]),
        ({"Skip": 2}, ["web2"]),
        ({"SkipLast": 2}, ["HV1"]),
        ({"Index": [2, 0]}, ["HV1", "web2"]),
    ],
)
def test_select_some_of_the_objects(machine, parameters, expected):
    assert names(run(machine, piped(Cmdlet("Get-VM"), select(**parameters)))) == expected


def test_unique_compares_whole_objects(machine):
    sink = run(
        machine, piped(Cmdlet("Get-VM"), select(Property="State", Unique=SwitchParameter.ON))
    )
    assert [str(record["State"]) for record in sink.records] == ["Off", "Running"]


def test_first_stops_the_commands_before_it(machine):
    sink = run(machine, piped(Cmdlet("Get-VM", {"Name": ["HV1", "no"]}), select(First=1)))
    assert names(sink) == ["HV1"]
    assert sink.errors == []


def test_a_wildcard_that_runs_backwards_is_no_pattern(machine):
    with pytest.raises(PowerShellError) as caught:
        run(machine, piped(Cmdlet("Get-VM"), select(Property="[z-a]*")))
    record = caught.value.record
    assert (record.fully_qualified_error_id, record.category) == (
        "RuntimeException",
        "NotSpecified",
    )
    assert record.message == "The specified wildcard character pattern is not valid: [z-a]*"


def test_first_stops_a_command_that_writes_at_its_end(machine):
    every = Cmdlet("Get-VM")
    assert names(
        run(machine, piped(every, Cmdlet("Sort-Object", {"Property": "Name"}), select(First=1)))
    ) == ["HV1"]
    assert names(run(machine, piped(every, select(Last=2), select(First=1)))) == ["web1"]


def test_a_hashtable_gives_a_property_another_name(machine):
    record = run(
        machine,
        piped(
            Cmdlet("Get-VM", {"Name": "HV1"}),
            select(Property=[{"Label": "vm", "Expression": "Name"}]),
        ),
    ).records[0]
    assert dict(record.properties) == {"vm": "HV1"}


def test_a_hashtable_with_an_unknown_key_is_refused(machine):
    with pytest.raises(PowerShellError, match="The Colour key is not valid"):
        run(
            machine,
            piped(Cmdlet("Get-VM"), select(Property=[{"Colour": "vm", "Expression": "Name"}])),
        )


# Where-Object, Sort-Object, Measure-Object, Get-Command


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (where("State", "EQ", "running"), ["web1", "web2"]),
        (where("State", "NE", "Running"), ["HV1"]),
        (where("Name", "Like", "WEB*"), ["web1", "web2"]),
        (where("Name", "CLike", "WEB*"), []),
        (where("Name", "CEQ", "web1"), ["web1"]),
        (where("MemoryStartup", "GT", "1GB"), ["HV1", "web2"]),
        (where("MemoryStartup", "LE", 1 << 30), ["web1"]),
        (where("Name", "In", ["hv1", "web2"]), ["HV1", "web2"]),
        (where("Name", "Match", r"\d$"), ["HV1", "web1", "web2"]),
        (where("Name", "NotMatch", "^web"), ["HV1"]),
        (where("StatusDescriptions", "EQ", "fine"), ["web1"]),
        (where("StatusDescriptions", "Contains", "fine"), ["web1"]),
        (Cmdlet("Where-Object", {"Property": "DynamicMemoryEnabled"}), []),
    ],
)
def test_where_object(machine, condition, expected):
    assert names(run(machine, piped(Cmdlet("Get-VM"), condition))) == expected


def test_where_object_with_a_script_block_is_refused_as_remoting_does(machine):
    with pytest.raises(PowerShellError, match=r'of type "System.String" to type .*ScriptBlock'):
        run(machine, piped(Cmdlet("Get-VM"), Cmdlet("Where-Object", {"FilterScript": "$_.Name"})))


def test_sort_object(machine):
    by_memory = run(
        machine, piped(Cmdlet("Get-VM"), Cmdlet("Sort-Object", {"Property": "MemoryStartup"}))
    )
    assert names(by_memory) == ["web1", "web2", "HV1"]
    descending = run(
        machine,
        piped(
            Cmdlet("Get-VM"),
            Cmdlet(
                "Sort-Object", {"Property": ["State", "Name"], "Descending": SwitchParameter.ON}
            ),
        ),
    )
    assert names(descending) == ["HV1", "web2", "web1"]
    mixed = [{"Expression": "State", "Descending": True}, "Name"]
    assert names(
        run(machine, piped(Cmdlet("Get-VM"), Cmdlet("Sort-Object", {"Property": mixed})))
    ) == ["HV1", "web1", "web2"]


def test_measure_object(machine):
    measure = Cmdlet(
        "Measure-Object",
        {
            "Property": "MemoryStartup",
            "Sum": SwitchParameter.ON,
            "Maximum": SwitchParameter.ON,
            "Average": SwitchParameter.ON,
        },
    )
    record = run(machine, piped(Cmdlet("Get-VM"), measure)).records[0]
    assert (record["Count"], record["Sum"], record["Maximum"], record["Minimum"]) == (
        3,
        float(11 << 30),
        8 << 30,
        None,
    )
    assert run(machine, piped(Cmdlet("Get-VM"), Cmdlet("Measure-Object"))).records[0]["Count"] == 3


def test_measuring_a_property_that_no_object_has_is_an_error(machine):
    sink = run(machine, piped(Cmdlet("Get-VM"), Cmdlet("Measure-Object", {"Property": "Weight"})))
    assert sink.errors[0].error_id == "GenericMeasurePropertyNotFound"


def test_get_command_shows_what_the_session_has(machine):
    machine.hidden = ("Remove-VM",)
    assert names(
        run(machine, Cmdlet("Get-Command", {"Module": "Hyper-V", "Verb": "R*", "Noun": "VM"}))
    ) == [
        "Rename-VM",
        "Restart-VM",
        "Resume-VM",
    ]
    record = run(machine, Cmdlet("Get-Command", {"Name": "new-netnat"})).records[0]
    assert (record["Name"], str(record["CommandType"]), record["ModuleName"]) == (
        "New-NetNat",
        "Function",
        "NetNat",
    )


def test_get_command_misses_a_name(machine):
    sink = run(machine, Cmdlet("Get-Command", {"Name": ["Get-Nothing", "Get-Nothing*"]}))
    assert [error.fully_qualified_error_id for error in sink.errors] == [
        "CommandNotFoundException,Microsoft.PowerShell.Commands.GetCommandCommand"
    ]


def test_a_null_among_the_excluded_properties_is_an_error(machine):
    with pytest.raises(PowerShellError) as caught:
        run(machine, piped(Cmdlet("Get-VM"), select(ExcludeProperty=["Name", None])))
    assert caught.value.record.exception_type.endswith(".PSArgumentNullException")


def test_a_null_among_the_names_of_commands_is_rejected(machine):
    with pytest.raises(PowerShellError) as caught:
        run(machine, Cmdlet("Get-Command", {"Name": ["Get-VM", None]}))
    assert caught.value.record.error_id == "ParameterArgumentValidationError"
