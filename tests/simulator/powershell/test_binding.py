"""Binding, one test an error of the binder; expected texts and ids are Windows PowerShell 5.1's."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from nestlab.model import Cmdlet, EnumValue, Record, Secret, Size, SwitchParameter
from nestlab.simulator.powershell.binding import signatures
from nestlab.simulator.powershell.binding.bound import Bound, bind
from nestlab.simulator.powershell.binding.signatures import command_names, signature
from nestlab.simulator.powershell.call import Call, PowerShellError
from nestlab.simulator.powershell.objects import make_record, scalar_record

HV = "Microsoft.HyperV.PowerShell.Commands."
ON = SwitchParameter.ON
GUID = "11111111-2222-3333-4444-555555555555"


def bound(name: str, /, *positional: object, **parameters: object) -> Bound:
    return bind(Call(name, (*((None, value) for value in positional), *parameters.items())))


def refused(name: str, /, *positional: object, **parameters: object) -> tuple[str, str, str]:
    with pytest.raises(PowerShellError) as caught:
        bound(name, *positional, **parameters)
    record = caught.value.record
    return record.fully_qualified_error_id, record.category, record.message


# names


def test_command_not_found():
    identity, category, text = refused("Get-Thing")
    assert (identity, category) == ("CommandNotFoundException", "ObjectNotFound")
    assert text == (
        "The term 'Get-Thing' is not recognized as the name of a cmdlet, function, script file, or operable program. Check the spelling "
        "of the name, or if a path was included, verify that the path is correct and try again."
    )


def test_named_parameter_not_found():
    assert refused("New-VM", Nam="x", Memory="4GB", Disk="D:") == (
        f"NamedParameterNotFound,{HV}NewVM",
        "InvalidArgument",
        "A parameter cannot be found that matches parameter name 'Disk'.",
    )


def test_the_id_of_a_function_ends_with_its_name():
    assert refused("New-NetNat", Nme="x")[0] == "NamedParameterNotFound,New-NetNat"


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("New-VHD", "Microsoft.Vhd.PowerShell.Cmdlets.NewVhd"),
        (
            "Install-WindowsFeature",
            "Microsoft.Windows.ServerManager.Commands.AddWindowsFeatureCommand",
        ),
        ("Get-CimInstance", "Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand"),
        (
            "Enable-WindowsOptionalFeature",
            "Microsoft.Dism.Commands.EnableWindowsOptionalFeatureCommand",
        ),
        ("Restart-Computer", "Microsoft.PowerShell.Commands.RestartComputerCommand"),
        ("Test-NetConnection", "Test-NetConnection"),
    ],
)
def test_ids_carry_the_command_class(name, suffix):
    assert refused(name, Nothing=1)[0] == f"NamedParameterNotFound,{suffix}"


def test_ambiguous_parameter():
    identity, _, text = refused("Set-VM", Name="x", Memory="4GB")
    assert identity == f"AmbiguousParameter,{HV}SetVM"
    assert text == (
        "Parameter cannot be processed because the parameter name 'Memory' is ambiguous. Possible matches include: "
        "-MemoryMaximumBytes -MemoryMinimumBytes -MemoryStartupBytes."
    )


def test_an_own_parameter_goes_before_a_common_one():
    assert "Version" in bound("New-VM", Name="x", Ver="9.0")


def test_unambiguous_beginnings_aliases_and_any_case():
    for name in ("Name", "name", "na", "VMName", "vmname"):
        assert bound("start-vm", **{name: "x"})["Name"] == ("x",)


def test_parameter_already_bound():
    with pytest.raises(
        PowerShellError, match="parameter 'VMName' is specified more than once"
    ) as caught:
        bind(Call("Start-VM", (("Name", "x"), ("VMName", "y"))))
    assert caught.value.record.error_id == "ParameterAlreadyBound"


# positions


def test_positions():
    assert dict(bound("New-VM", "x", "4GB").arguments) == {
        "Name": "x",
        "MemoryStartupBytes": 4 << 30,
    }
    assert dict(bound("Connect-VMNetworkAdapter", "x", SwitchName="s").arguments) == {
        "VMName": ("x",),
        "SwitchName": "s",
    }


def test_the_parameter_that_the_default_set_has_at_the_position_goes_first():
    command = bound("Get-VMSnapshot", "HV1", "base")
    assert (command.parameter_set, dict(command.arguments)) == (
        "VMName",
        {"VMName": ("HV1",), "Name": "base"},
    )


def test_checkpoint_cmdlets_have_two_names():
    for verb in ("Get", "Remove", "Rename", "Restore"):
        assert (
            bound(
                f"{verb}-VMCheckpoint",
                VMName="HV1",
                Name="a",
                **({"NewName": "b"} if verb == "Rename" else {}),
            ).name
            == f"{verb}-VMSnapshot"
        )


def test_positional_parameter_not_found():
    assert refused("Start-VM", "x", "y") == (
        f"PositionalParameterNotFound,{HV}StartVM",
        "InvalidArgument",
        "A positional parameter cannot be found that accepts argument 'y'.",
    )


def test_a_name_after_a_position_takes_its_place():
    assert refused("Start-VM", "y", Name="x")[0].startswith("PositionalParameterNotFound")


# parameter sets


def test_allow_management_os_does_not_go_with_a_switch_type():
    assert refused("New-VMSwitch", Name="s", SwitchType="Internal", AllowManagementOS=True) == (
        f"AmbiguousParameterSet,{HV}NewVMSwitch",
        "InvalidArgument",
        "Parameter set cannot be resolved using the specified named parameters.",
    )


def test_no_default_set_and_several_possible():
    assert refused("Enable-WindowsOptionalFeature", FeatureName="x", Online=ON, Path="D:\\")[
        0
    ].startswith("AmbiguousParameterSet")


@pytest.mark.parametrize(
    ("name", "parameters", "expected"),
    [
        ("New-VM", {"Name": "x"}, "No VHD"),
        ("New-VM", {"Name": "x", "VHDPath": "D:\\x"}, "Existing VHD"),
        ("New-VM", {"Name": "x", "NewVHDPath": "D:\\x", "NewVHDSizeBytes": "1GB"}, "New VHD"),
        ("New-VMSwitch", {"Name": "s", "NetAdapterName": "Ethernet"}, "NetAdapterName"),
        ("New-VHD", {"Path": "x", "ParentPath": "p"}, "Differencing"),
        ("Test-NetConnection", {"ComputerName": "x"}, "ICMP"),
        ("Test-NetConnection", {"ComputerName": "x", "Port": 80}, "RemotePort"),
        ("Where-Object", {"Property": "x", "Like": ON, "Value": "y"}, "LikeSet"),
    ],
)
def test_the_set_that_has_all_parameters(name, parameters, expected):
    assert bound(name, **parameters).parameter_set == expected


def test_missing_mandatory_parameters_are_all_named():
    assert refused("Set-VMProcessor", Count=2) == (
        f"MissingMandatoryParameter,{HV}SetVMProcessor",
        "InvalidArgument",
        "Cannot process command because of one or more missing mandatory parameters: VMName.",
    )
    assert refused("New-VM", NewVHDPath="D:\\x")[2].endswith("parameters: NewVHDSizeBytes.")


def test_missing_argument():
    identity, _, text = refused("Set-VMProcessor", VMName="x", Count=ON)
    assert identity == f"MissingArgument,{HV}SetVMProcessor"
    assert (
        text
        == "Missing an argument for parameter 'Count'. Specify a parameter of type 'System.Nullable`1[System.Int64]' and try again."
    )


# conversion


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (4, 4),
        ("4GB", 4 << 30),
        (" 0x10 ", 16),
        (Size.parse("1TB"), 1 << 40),
        (2.5, 2),
        (3.5, 4),
        ("1.5KB", 1536),
        (True, 1),
        ("-3", -3),
        ("", 0),
    ],
)
def test_sizes(value, expected):
    assert bound("New-VM", MemoryStartupBytes=value)["MemoryStartupBytes"] == expected


@pytest.mark.parametrize(
    ("name", "parameter", "value", "reason"),
    [
        (
            "New-VM",
            "MemoryStartupBytes",
            "much",
            'Cannot convert value "much" to type "System.Int64". Error: "Input string was not in a correct format."',
        ),
        (
            "New-VM",
            "Generation",
            70000,
            'Cannot convert value "70000" to type "System.Int16". Error: "Value was either too large or too small for an Int16."',
        ),
        (
            "Set-VMNetworkAdapterVlan",
            "VlanId",
            1 << 40,
            'Value was either too large or too small for an Int32."',
        ),
        (
            "New-VM",
            "Version",
            "new",
            'Cannot convert value "new" to type "System.Version". Error: "Version string portion was too short or too long."',
        ),
        (
            "Get-VM",
            "Id",
            "x",
            'Error: "Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)."',
        ),
        (
            "Set-VMNetworkAdapter",
            "MacAddressSpoofing",
            True,
            "Invalid cast from 'System.Boolean' to 'Microsoft.HyperV.PowerShell.OnOffState'.\"",
        ),
        (
            "Set-VMNetworkAdapter",
            "MacAddressSpoofing",
            7,
            'The possible enumeration values are "On,Off".',
        ),
        (
            "Stop-VM",
            "VM",
            "x",
            'Cannot convert the "x" value of type "System.String" to type "Microsoft.HyperV.PowerShell.VirtualMachine".',
        ),
        (
            "Set-VMHost",
            "ResourceMeteringSaveInterval",
            "soon",
            "String was not recognized as a valid TimeSpan.",
        ),
    ],
)
def test_a_cmdlet_says_why_a_value_does_not_convert(name, parameter, value, reason):
    identity, category, text = refused(name, **{parameter: value})
    assert identity.startswith(
        "CannotConvertArgumentNoMessage,Microsoft.HyperV.PowerShell.Commands."
    )
    assert category == "InvalidArgument"
    assert text.startswith(f"Cannot bind parameter '{parameter}'. ")
    assert reason in text


def test_an_unknown_enum_name_lists_the_known_ones():
    assert refused("Set-VM", Name="x", CheckpointType="Full")[2] == (
        'Cannot bind parameter \'CheckpointType\'. Cannot convert value "Full" to type "Microsoft.HyperV.PowerShell.CheckpointType". '
        'Error: "Unable to match the identifier name Full to a valid enumerator name. Specify one of the following enumerator names and '
        'try again: Disabled, Production, ProductionOnly, Standard"'
    )


def test_a_function_transforms_its_arguments():
    identity, category, text = refused("Set-NetIPInterface", InterfaceAlias="x", Dhcp="Maybe")
    assert (identity, category) == (
        "ParameterArgumentTransformationError,Set-NetIPInterface",
        "InvalidData",
    )
    assert text.startswith(
        "Cannot process argument transformation on parameter 'Dhcp'. Cannot convert value \"Maybe\" to type "
    )
    assert text.endswith('try again: Disabled, Enabled"')


def test_text_is_no_boolean():
    assert refused("Set-VMProcessor", VMName="x", ExposeVirtualizationExtensions="true") == (
        f"CannotConvertArgument,{HV}SetVMProcessor",
        "InvalidArgument",
        "Cannot convert 'System.String' to the type 'System.Nullable`1[System.Boolean]' required by parameter 'ExposeVirtualizationExtensions'. ",
    )
    assert refused("Disable-NetAdapter", Name="x", Confirm="$false") == (
        "CannotConvertArgument,Disable-NetAdapter",
        "InvalidArgument",
        "Cannot convert 'System.String' to the type 'System.Management.Automation.SwitchParameter' required by parameter 'Confirm'. ",
    )


@pytest.mark.parametrize(("value", "expected"), [(True, True), (0, False), (1, True)])
def test_numbers_and_switches_are_booleans(value, expected):
    assert (
        bound("Set-VMProcessor", VMName="x", ExposeVirtualizationExtensions=value)[
            "ExposeVirtualizationExtensions"
        ]
        is expected
    )


def test_a_switch_that_is_sent_as_false_is_one():
    cmdlet = Cmdlet(
        "Set-VMProcessor", {"VMName": "x", "ExposeVirtualizationExtensions": SwitchParameter.OFF}
    )
    assert bind(Call.from_cmdlet(cmdlet))["ExposeVirtualizationExtensions"] is False


def test_a_switch_of_a_function_that_is_sent_without_a_value_is_off():
    assert bound("Get-NetAdapter", IncludeHidden=None)["IncludeHidden"] is SwitchParameter.OFF
    assert bound("Get-NetAdapter", IncludeHidden=ON)["IncludeHidden"] is ON


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (ON, ON),
        (SwitchParameter.OFF, SwitchParameter.OFF),
        (True, ON),
        (0, SwitchParameter.OFF),
        (None, ON),
    ],
)
def test_switches(value, expected):
    assert bound("Stop-VM", Name="x", Force=value)["Force"] is expected


def test_a_list_is_no_single_value():
    assert refused("New-VM", Name=["x", "y"]) == (
        f"CannotConvertArgument,{HV}NewVM",
        "InvalidArgument",
        "Cannot convert 'System.Object[]' to the type 'System.String' required by parameter 'Name'. Specified method is not supported.",
    )


def test_values_arrive_as_the_parameters_type():
    vm = bound("Set-VM", Name="x", CheckpointType="production", AutomaticStartDelay="30")
    assert vm["Name"] == ("x",)
    assert vm["CheckpointType"] == EnumValue("Production", 3)
    assert vm["AutomaticStartDelay"] == 30
    assert bound("Get-VM", Id=GUID)["Id"] == UUID(GUID)
    assert bound("Set-VMHost", ResourceMeteringSaveInterval="01:30:00")[
        "ResourceMeteringSaveInterval"
    ] == timedelta(minutes=90)
    assert bound("New-VM", Version="9.00")["Version"] == "9.0"
    assert bound("Install-WindowsFeature", Name="Hyper-V")["Name"] == ("Hyper-V",)
    assert bound("Set-VMNetworkAdapter", VMName="x", MacAddressSpoofing="on")[
        "MacAddressSpoofing"
    ] == EnumValue("On", 0)
    assert bound("Get-NetIPAddress", AddressFamily="IPv6")["AddressFamily"] == (
        EnumValue("IPv6", 23),
    )
    mapping = bound(
        "Add-NetNatStaticMapping",
        "n",
        Protocol="tcp",
        ExternalIPAddress="192.0.2.1",
        ExternalPort=80,
        InternalIPAddress="10.0.0.2",
    )
    assert mapping["Protocol"] == EnumValue("TCP", 6)


def test_a_user_name_without_password_cannot_be_asked_about():
    secret = Secret("lab-admin")
    assert bound("Get-VM", Credential=secret)["Credential"] == (secret,)
    assert "A command that prompts the user failed" in refused("Get-VM", Credential="ada")[2]


# values that are refused


def test_validate_set():
    assert refused("New-VMSwitch", Name="s", SwitchType="External") == (
        f"ParameterArgumentValidationError,{HV}NewVMSwitch",
        "InvalidData",
        (
            'Cannot validate argument on parameter \'SwitchType\'. The argument "External" does not belong to the set "Internal,Private" '
            "specified by the ValidateSet attribute. Supply an argument that is in the set and then try the command again."
        ),
    )
    assert 'The argument "3" does not belong to the set "1,2"' in refused("New-VM", Generation=3)[2]


def test_validate_range():
    identity, _, text = refused("Select-Object", First=-1)
    assert (
        identity
        == "ParameterArgumentValidationError,Microsoft.PowerShell.Commands.SelectObjectCommand"
    )
    assert "The -1 argument is less than the minimum allowed range of 0." in text
    assert (
        "greater than the maximum allowed range of 2147483."
        in refused("Start-Sleep", Seconds=3000000)[2]
    )


@pytest.mark.parametrize(
    ("value", "identity", "what"),
    [
        ("", "EmptyStringNotAllowed", "an empty string"),
        (["x", ""], "EmptyStringNotAllowed", "an empty string"),
        (None, "NullNotAllowed", "null"),
        ([], "EmptyArrayNotAllowed", "an empty array"),
    ],
)
def test_mandatory_parameters_take_nothing_empty(value, identity, what):
    assert refused("Start-VM", Name=value) == (
        f"ParameterArgumentValidationError{identity},{HV}StartVM",
        "InvalidData",
        f"Cannot bind argument to parameter 'Name' because it is {what}.",
    )


def test_optional_parameters_of_the_hyper_v_module_take_no_null():
    assert (
        "The argument is null. Provide a valid value for the argument"
        in refused("Set-VMProcessor", VMName="x", Count=None)[2]
    )
    assert (
        "an element of the argument collection contains a null value"
        in refused("Get-VM", Name="")[2]
    )
    assert "The argument is null or empty." in refused("Get-VM", Name=None)[2]


# common parameters


def test_common_parameters():
    vm = bound(
        "Start-VM",
        Name="x",
        ErrorAction="stop",
        WarningAction="Silently",
        Verbose=ON,
        WhatIf=ON,
        Confirm=SwitchParameter.OFF,
    )
    assert (vm.error_action, vm.warning_action, vm.verbose, vm.what_if, vm.confirm) == (
        "Stop",
        "SilentlyContinue",
        True,
        True,
        False,
    )
    assert dict(vm.arguments) == {"Name": ("x",)}
    assert bound("Start-VM", Name="x", ea=0).error_action == "SilentlyContinue"
    assert bound("Get-VM").error_action == "Continue"


def test_an_unknown_error_action():
    identity, _, text = refused("Get-VM", ErrorAction="Never")
    assert identity == f"CannotConvertArgumentNoMessage,{HV}GetVM"
    assert 'try again: SilentlyContinue, Stop, Continue, Inquire, Ignore, Suspend"' in text


def test_what_if_only_where_the_command_supports_it():
    assert refused("Get-VM", WhatIf=ON)[0].startswith("NamedParameterNotFound")


# pipeline objects


def from_pipeline(name: str, record: object, **parameters: object) -> Bound:
    return bind(Call.from_cmdlet(Cmdlet(name, parameters)), record)


def test_by_value_the_object_takes_its_own_parameter():
    vm = make_record("VirtualMachine", Name="HV1")
    taken = from_pipeline("Start-VM", vm)
    assert (taken.parameter_set, taken["VM"]) == ("VMObject", (vm,))


def test_by_value_text_takes_the_name():
    assert from_pipeline("Start-VM", scalar_record("HV1"))["Name"] == ("HV1",)


def test_by_property_name():
    address = make_record("MSFT_NetNeighbor", InterfaceAlias="Ethernet", InterfaceIndex=4)
    assert from_pipeline("Get-NetIPAddress", address)["InterfaceAlias"] == ("Ethernet",)


def test_cim_objects_go_to_the_parameter_of_their_class():
    nat = make_record("MSFT_NetNat", Name="n")
    assert from_pipeline("Remove-NetNat", nat)["InputObject"] == (nat,)
    identity, _, text = refused("Remove-NetNat", InputObject=make_record("MSFT_NetRoute"))
    assert identity == "MismatchedPSTypeName,Remove-NetNat"
    assert text.endswith(
        "required by the parameter: Microsoft.Management.Infrastructure.CimInstance#MSFT_NetNat."
    )


def test_what_arrived_over_remoting_is_no_live_object():
    vm = make_record("VirtualMachine", Name="HV1")
    dead = Record(tuple(f"Deserialized.{name}" for name in vm.type_names), vm.properties, vm.text)
    with pytest.raises(
        PowerShellError, match=r'to type "Microsoft\.HyperV\.PowerShell\.VirtualMachine"'
    ):
        bound("Start-VM", VM=dead)


def test_an_object_that_fits_nothing_ends_only_itself():
    with pytest.raises(PowerShellError) as caught:
        from_pipeline("Clear-DnsClientCache", make_record("VMHostSupportedVersion", Name="x"))
    assert not caught.value.terminating
    assert caught.value.record.error_id == "InputObjectNotBound"


@pytest.mark.parametrize("name", ["web1", "user1"])
def test_the_text_of_a_piped_string_does_not_decide_which_error_it_is(name):
    with pytest.raises(PowerShellError) as caught:
        from_pipeline("Disconnect-VMNetworkAdapter", scalar_record(name))
    assert caught.value.record.error_id == "InputObjectNotBound"


def test_a_piped_user_name_would_prompt_for_its_password():
    with pytest.raises(PowerShellError) as caught:
        from_pipeline("Get-VMHost", scalar_record("web1"))
    assert caught.value.record.error_id == "ParameterArgumentTransformationError"


def test_every_row_of_the_table_is_a_signature_under_all_its_names():
    folder = Path(signatures.__file__).parent
    table = json.loads((folder / "signatures.json").read_text(encoding="utf-8"))
    assert command_names() == tuple(sorted(table["cmdlets"]))
    for name, row in table["cmdlets"].items():
        expected = signatures.make_signature(name, row)
        names = [name, name.upper(), f"{row['module']}\\{name}", *row.get("aliases", ())]
        assert [signature(known) for known in names] == [expected] * len(names)
