"""Records of network adapters and their VLAN settings as states."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from nestlab.constants.enum_numbers import ON_OFF
from nestlab.model import Outcome, Record
from nestlab.model.state import NetworkAdapterState, VlanState
from nestlab.model.vlan_ids import parse_vlan_list
from nestlab.observe.key_settings import settings_of
from nestlab.observe.reading import enum_name, flag, guid, number, read_once, text, texts
from nestlab.observe.settings_without_key import adapter_settings_without_key
from nestlab.topology_file.keys import ADAPTER_SETTINGS

_STATE = "_state"


def vlans_by_vm(outcome: Outcome) -> Mapping[str, list[Record]]:
    """Return the VLAN settings in an outcome, by the Id of their VM."""
    return by_vm(outcome.of_type("VMNetworkAdapterVlanSetting"))


def adapters_by_vm(outcome: Outcome) -> Mapping[str, tuple[NetworkAdapterState, ...]]:
    """Return the adapters of VMs in an outcome, by the Id of their VM."""
    vlans = vlans_by_vm(outcome)
    groups = by_vm(outcome.of_type("VMNetworkAdapter"))
    return {
        vm_id: tuple(vm_adapter(record, vlans.get(vm_id, ())) for record in records)
        for vm_id, records in groups.items()
    }


def management_adapters(
    outcome: Outcome, vlans: Mapping[str, list[Record]]
) -> Iterator[NetworkAdapterState]:
    """Yield the adapters of the management operating system.

    Each is the same object as last time if neither its record nor that of its VLAN setting has
    changed.
    """
    records = outcome.of_type("VMInternalNetworkAdapter")
    vlan_of = {
        _identity(vlan): vlan
        for vm_id in {_identity(record)[0] for record in records}
        for vlan in reversed(vlans.get(vm_id, ()))
    }
    for record in records:
        vlan, readings = vlan_of.get(_identity(record)), record.readings
        before = readings.get(_STATE)
        if before is None or before[0] is not vlan:
            before = readings[_STATE] = vlan, _adapter(record, vlan)
        yield before[1]


@read_once
def _identity(record: Record) -> tuple[str, str]:
    """Return the Ids of an adapter's VM and of the adapter, from its record or VLAN setting."""
    return guid(record, "VMId"), text(record, "Id").lower()


def vm_adapter(record: Record, vlans: Sequence[Record]) -> NetworkAdapterState:
    """Return an adapter; `vlans` are the VLAN settings of all adapters of its VM."""
    adapter_id = text(record, "Id").lower()
    same = (vlan for vlan in vlans if text(vlan, "Id").lower() == adapter_id)
    return _adapter(record, next(same, None))  # names are not unique


def _adapter(record: Record, vlan: Record | None) -> NetworkAdapterState:
    return NetworkAdapterState(
        id=text(record, "Id"),
        name=text(record, "Name"),
        vm_id=guid(record, "VMId"),
        vm_name=text(record, "VMName"),
        switch_id=guid(record, "SwitchId"),
        switch_name=text(record, "SwitchName"),
        mac_address=text(record, "MacAddress"),
        dynamic_mac_address=flag(record, "DynamicMacAddressEnabled"),
        mac_address_spoofing=enum_name(record, "MacAddressSpoofing", ON_OFF) == "On",
        allow_teaming=enum_name(record, "AllowTeaming", ON_OFF) == "On",
        connected=flag(record, "Connected"),
        ip_addresses=texts(record, "IPAddresses"),
        settings=settings_of(record, ADAPTER_SETTINGS),
        settings_without_key=adapter_settings_without_key(record),
        device_id=text(record, "DeviceId"),
        vlan=VlanState() if vlan is None else _vlan(vlan),
    )


@read_once
def _vlan(record: Record) -> VlanState:
    secondary = text(record, "SecondaryVlanIdListString") or str(number(record, "SecondaryVlanId"))
    return VlanState(
        operation_mode=enum_name(
            record, "OperationMode", {0: "Untagged", 1: "Access", 2: "Trunk", 3: "Private"}
        ),
        access_vlan_id=number(record, "AccessVlanId"),
        native_vlan_id=number(record, "NativeVlanId"),
        allowed_vlan_ids=parse_vlan_list(text(record, "AllowedVlanIdListString")),
        private_vlan_mode=enum_name(
            record, "PrivateVlanMode", {1: "Isolated", 2: "Community", 3: "Promiscuous"}
        ),
        primary_vlan_id=number(record, "PrimaryVlanId"),
        secondary_vlan_ids=parse_vlan_list("" if secondary == "0" else secondary),
    )


def by_vm(records: Iterable[Record]) -> Mapping[str, list[Record]]:
    """Return records of devices by the Id of their VM."""
    groups: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        groups[guid(record, "VMId")].append(record)
    return groups
