"""Objects: names, types, numbers, defaults, aliases, texts, and what remoting leaves of them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from nestlab.model import EnumValue, Record
from nestlab.simulator.powershell.binding.signatures import command_names, signature
from nestlab.simulator.powershell.objects import is_scalar, make_record, scalar_record, scalar_value
from nestlab.simulator.powershell.serialization import flatten
from nestlab.simulator.powershell.values.object_types import enum_value, object_type

ID = "11111111-2222-3333-4444-555555555555"
SUPPLEMENT = Path(__file__).parents[3] / "tools" / "signatures_supplement.json"


@pytest.mark.parametrize(
    ("enum", "name", "number"),
    [
        ("OnOffState", "On", 0),
        ("OnOffState", "Off", 1),
        ("VMState", "Running", 2),
        ("VMState", "Off", 3),
        ("VMState", "Saved", 6),
        ("VMState", "Paused", 9),
        ("VMSwitchType", "Private", 0),
        ("VMSwitchType", "External", 2),
        ("CheckpointType", "Production", 3),
        ("StartAction", "Start", 4),
        ("StopAction", "ShutDown", 4),
        ("VMNetworkAdapterVlanMode", "Untagged", 0),
        ("VMNetworkAdapterVlanMode", "Trunk", 2),
        ("VMSwitchBandwidthMode", "Weight", 1),
        ("MSFT_NetIPAddress.AddressFamily", "IPv4", 2),
        ("MSFT_NetIPAddress.AddressState", "Preferred", 4),
        ("MSFT_NetIPAddress.PrefixOrigin", "Dhcp", 3),
        ("MSFT_NetIPInterface.Forwarding", "Enabled", 1),
    ],
)
def test_numbers_of_enums(enum, name, number):
    assert enum_value(enum, name.lower()) == EnumValue(name, number)
    assert enum_value(enum, number) == EnumValue(name, number)


def test_a_virtual_machine_has_every_property_with_its_own_type():
    vm = make_record(
        "VirtualMachine", Name="HV1", Id=ID, State="Off", Version="9.0", ProcessorCount=2
    )
    assert len(vm.properties) == 71 + len(object_type("VirtualMachine").aliases)
    assert (vm["Id"], vm["State"], vm["Version"], vm["ProcessorCount"]) == (
        UUID(ID),
        EnumValue("Off", 3),
        "9.0",
        2,
    )
    assert (vm["Uptime"], vm["DynamicMemoryEnabled"], vm["MemoryAssigned"], vm["Notes"]) == (
        timedelta(0),
        False,
        0,
        None,
    )
    assert vm.type_names == (
        "Microsoft.HyperV.PowerShell.VirtualMachine",
        "Microsoft.HyperV.PowerShell.VirtualMachineBase",
        "System.Object",
    )


def test_alias_properties_follow_their_target():
    vm = make_record("VirtualMachine", Name="HV1", Id=ID, ParentSnapshotId=ID)
    assert (vm["VMName"], vm["VMId"], vm["ParentCheckpointId"]) == ("HV1", UUID(ID), UUID(ID))
    assert make_record("VirtualMachine", VMName="HV2")["Name"] == "HV2"


def test_on_off_properties_of_a_new_adapter_are_off():
    adapter = make_record("VMNetworkAdapter", Name="a")
    assert {
        str(adapter[name])
        for name in ("MacAddressSpoofing", "DhcpGuard", "RouterGuard", "AllowTeaming")
    } == {"Off"}
    assert adapter["SwitchId"] is None
    assert adapter["IPAddresses"] == []


def test_lists_are_not_shared_between_objects():
    assert (
        make_record("VMNetworkAdapter")["IPAddresses"]
        is not make_record("VMNetworkAdapter")["IPAddresses"]
    )


@pytest.mark.parametrize(
    ("type_name", "first"),
    [
        (
            "MSFT_NetNat",
            "Microsoft.Management.Infrastructure.CimInstance#ROOT/StandardCimv2/MSFT_NetNat",
        ),
        (
            "Win32_Processor",
            "Microsoft.Management.Infrastructure.CimInstance#root/cimv2/Win32_Processor",
        ),
        ("VirtualHardDisk", "Microsoft.Vhd.PowerShell.VirtualHardDisk"),
        ("VMSwitch", "Microsoft.HyperV.PowerShell.VMSwitch"),
    ],
)
def test_type_names(type_name, first):
    record = make_record(type_name)
    assert record.type_names[0] == first
    assert record.type_names[-1] == "System.Object"


def test_cim_properties_are_null_until_set():
    assert set(make_record("Win32_OperatingSystem").properties.values()) == {None}


def test_what_is_misspelled_is_an_error_of_ours():
    with pytest.raises(KeyError, match="VirtualMachine has no property 'Nam'"):
        make_record("VirtualMachine", Nam="x")
    with pytest.raises(KeyError, match="VMState has no value 'Sleeping'"):
        make_record("VirtualMachine", State="Sleeping")
    with pytest.raises(KeyError, match="no type 'VirtualMachin'"):
        make_record("VirtualMachin")


def test_texts():
    assert make_record("VMSwitch", Name="s", Id=ID).text == f"VMSwitch (Name = 's') [Id = '{ID}']"
    assert (
        make_record("VMNetworkAdapter", Name="a", VMName="HV1", VMId=ID).text
        == f"VMNetworkAdapter (Name = 'a', VMName = 'HV1') [VMId = '{ID}']"
    )
    assert make_record("VMHostSupportedVersion", Version="10.0").text == "10.0"


def test_columns_of_get_net_adapter():
    adapter = make_record(
        "MSFT_NetAdapter",
        Name="Ethernet",
        PermanentAddress="00155D0A0B0C",
        Speed=10_000_000_000,
        MediaConnectState="Connected",
    )
    assert (adapter["MacAddress"], adapter["LinkSpeed"], adapter["ifAlias"]) == (
        "00-15-5D-0A-0B-0C",
        "10 Gbps",
        "Ethernet",
    )
    assert adapter["MediaConnectionState"] == "Connected"


def test_remoting_leaves_texts_of_nested_objects_and_lists_of_scalars():
    adapter = make_record(
        "VMNetworkAdapter", Name="a", VMName="HV1", VMId=ID, IPAddresses=["10.0.0.1"]
    )
    vm = make_record("VirtualMachine", Name="HV1", NetworkAdapters=[adapter], State="Running")
    flat = flatten(vm)
    assert flat["NetworkAdapters"] == [adapter.text]
    assert flat["State"] == "Running"
    assert flatten(adapter)["IPAddresses"] == ["10.0.0.1"]
    assert flatten(flat) == flat
    assert isinstance(vm["NetworkAdapters"][0], Record)


@pytest.mark.parametrize("value", [True, 3, 2**40, 1.5, "x", timedelta(seconds=1), UUID(ID)])
def test_plain_values_are_records_too(value):
    record = scalar_record(value)
    assert is_scalar(record)
    assert scalar_value(record) == value


# the shipped tables


def test_the_table_has_the_commands_of_the_reference_and_of_the_supplement():
    supplement = json.loads(SUPPLEMENT.read_text(encoding="utf-8"))
    assert len(command_names()) == 216 + len(supplement["cmdlets"])
    assert set(supplement["cmdlets"]) <= set(command_names())


def test_the_shipped_tables_are_made_of_the_supplement():
    supplement = json.loads(SUPPLEMENT.read_text(encoding="utf-8"))
    for name, data in supplement["cmdlets"].items():
        command = signature(name)
        assert command is not None
        assert set(command.own_names) - {"WhatIf", "Confirm"} == set(data["parameters"]), name
    for name, change in supplement["amendments"].items():
        command = signature(name)
        assert command.confirm_impact == change.get("impact", command.confirm_impact)
        assert set(change.get("aliases", ())) <= set(command.aliases)
    for name, data in supplement["objects"].items():
        assert set(data["properties"]) <= set(object_type(name).properties)


def test_every_supplement_names_its_page():
    supplement = json.loads(SUPPLEMENT.read_text(encoding="utf-8"))
    assert all(
        data["page"] for data in (*supplement["cmdlets"].values(), *supplement["objects"].values())
    )
