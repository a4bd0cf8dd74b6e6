"""The records of virtual switches and network adapters."""

from __future__ import annotations

from functools import lru_cache

from nestlab.model import Record
from nestlab.simulator.behaviour import power
from nestlab.simulator.behaviour.network.ip_stack import addresses_of
from nestlab.simulator.cmdlets.hyper_v.vm_records import on_off
from nestlab.simulator.powershell.objects import MakeRecord, make_record
from nestlab.simulator.powershell.record_cache import shared_records
from nestlab.simulator.powershell.record_factory import Getters, RecordFactory
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import (
    VirtualMachine,
    VirtualSwitch,
    VMNetworkAdapter,
)


def adapter_record(
    machine: Machine,
    adapter: VMNetworkAdapter,
    vm: VirtualMachine | None,
    needed: frozenset[str] | None = None,
) -> Record:
    """Return the record of Get-VMNetworkAdapter; with `needed`, only these properties.

    Without a VM it is an adapter of the management operating system.
    """
    if vm is None:
        return _MANAGEMENT_ADAPTER(machine, adapter, None, needed=needed)
    return _VM_ADAPTER(machine, adapter, vm, needed=needed)


def adapter_record_makers(needed: frozenset[str] | None) -> tuple[MakeRecord, MakeRecord]:
    """Return the functions that `adapter_record` uses, for many adapters.

    The first is for adapters of VMs, the second for those of the management operating system.
    """
    return _VM_ADAPTER.maker(needed), _MANAGEMENT_ADAPTER.maker(needed)


def guest_addresses(machine: Machine, vm: VirtualMachine, adapter: VMNetworkAdapter) -> list[str]:
    """Return the addresses that a running guest reports to the host for one of its adapters."""
    guest = machine.guest(vm)
    if guest is None or not power.guest_is_up(machine, vm):
        return []
    return [
        entry.address
        for own in guest.adapters
        if own.port == adapter.id
        for entry in addresses_of(own)
    ]


def vlan_record(machine: Machine, adapter: VMNetworkAdapter, vm: VirtualMachine | None) -> Record:
    """Return what Get-VMNetworkAdapterVlan shows."""
    vlan = adapter.vlan
    return _vlan_record(
        machine.name,
        (adapter.name, adapter.id),
        (vm.id, vm.name) if vm else None,
        (vlan.mode, vlan.access, vlan.native, vlan.primary, vlan.private_mode),
        (tuple(vlan.allowed), tuple(vlan.secondary)),
    )


_ADAPTER: Getters = {
    "Name": lambda _machine, adapter, _vm: adapter.name,
    "Id": lambda _machine, adapter, _vm: adapter.id,
    "ComputerName": lambda machine, _adapter, _vm: machine.name,
    "SwitchName": lambda _machine, adapter, _vm: adapter.switch_name or None,
    "SwitchId": lambda _machine, adapter, _vm: adapter.switch_id or None,
    "MacAddress": lambda _machine, adapter, _vm: adapter.mac_address,
    "MacAddressSpoofing": lambda _machine, adapter, _vm: on_off(adapter.mac_address_spoofing),
    "DhcpGuard": lambda _machine, adapter, _vm: on_off(adapter.dhcp_guard),
    "RouterGuard": lambda _machine, adapter, _vm: on_off(adapter.router_guard),
    "AllowTeaming": lambda _machine, adapter, _vm: on_off(adapter.allow_teaming),
    "VlanSetting": vlan_record,
    "IsManagementOs": lambda _machine, _adapter, vm: vm is None,
}
_MANAGEMENT_ADAPTER = RecordFactory(
    "VMInternalNetworkAdapter",
    {
        **_ADAPTER,
        "DeviceId": lambda _machine, adapter, _vm: adapter.device_id,
        "Status": lambda _machine, _adapter, _vm: ["Ok"],
    },
    always_cached=True,
)
_VM_ADAPTER = RecordFactory(
    "VMNetworkAdapter",
    {
        **_ADAPTER,
        "VMId": lambda _machine, _adapter, vm: vm.id,
        "VMName": lambda _machine, _adapter, vm: vm.name,
        "Connected": lambda _machine, adapter, _vm: bool(adapter.switch_id),
        "DynamicMacAddressEnabled": lambda _machine, adapter, _vm: adapter.dynamic_mac_address,
        "DeviceNaming": lambda _machine, adapter, _vm: on_off(adapter.device_naming),
        "IsLegacy": lambda _machine, adapter, _vm: adapter.is_legacy,
        "IsSynthetic": lambda _machine, adapter, _vm: not adapter.is_legacy,
        "IPAddresses": lambda machine, adapter, vm: guest_addresses(machine, vm, adapter),
        "Status": lambda _machine, _adapter, vm: ["Ok"] if vm.state == "Running" else [],
    },
)


@lru_cache(maxsize=8192)  # each adapter record contains its VLAN record, which rarely changes
def _vlan_record(
    computer: str,
    adapter: tuple[str, str],
    owner: tuple[str, str] | None,
    setting: tuple[str, int, int, int, str],
    ids: tuple[tuple[int, ...], tuple[int, ...]],
) -> Record:
    (mode, access, native, primary, private_mode), (allowed, secondary) = setting, ids
    of_vm = {"VMId": owner[0], "VMName": owner[1]} if owner else {}
    return make_record(
        "VMNetworkAdapterVlanSetting",
        ComputerName=computer,
        OperationMode=mode,
        AccessVlanId=access,
        NativeVlanId=native,
        AllowedVlanIdList=list(allowed),
        AllowedVlanIdListString=id_ranges(list(allowed)),
        PrimaryVlanId=primary,
        SecondaryVlanId=secondary[0] if secondary and private_mode != "Promiscuous" else 0,
        SecondaryVlanIdList=list(secondary),
        SecondaryVlanIdListString=id_ranges(list(secondary)),
        **({"PrivateVlanMode": private_mode} if private_mode else {}),
        ParentAdapter=make_record(
            "VMNetworkAdapter" if owner else "VMInternalNetworkAdapter",
            Name=adapter[0],
            Id=adapter[1],
            IsManagementOs=owner is None,
            **of_vm,
        ),
    )


def id_ranges(ids: list[int]) -> str:
    """Return VLAN ids as ranges, in the notation of the Hyper-V module.

    >>> id_ranges([10, 11, 12, 20])
    '10-12,20'
    """
    parts: list[list[int]] = []
    for number in sorted(set(ids)):
        if parts and parts[-1][-1] == number - 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ",".join(str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)


def switch_record(machine: Machine, switch: VirtualSwitch) -> Record:
    """Return what Get-VMSwitch shows."""
    descriptions = [
        adapter.interface_description
        for adapter in machine.adapters
        if adapter.device_id in switch.net_adapters
    ]
    management = machine.hyper_v.management_adapters if machine.hyper_v else []
    return _switch_record(
        (switch.name, switch.id, machine.name),
        (switch.switch_type, switch.notes, switch.bandwidth_mode),
        (tuple(descriptions), tuple(switch.net_adapters)),
        (
            switch.id in {adapter.switch_id for adapter in management},
            switch.embedded_teaming,
            switch.iov,
            switch.packet_direct,
        ),
        shared=machine.outer_host is None,
    )


@shared_records
def _switch_record(
    identity: tuple[str, str, str],
    settings: tuple[str, str, str],
    adapters: tuple[tuple[str, ...], tuple[str, ...]],
    flags: tuple[bool, bool, bool, bool],
) -> Record:
    (name, switch_id, computer), (switch_type, notes, bandwidth_mode) = identity, settings
    (descriptions, net_adapters), (management, embedded_teaming, iov, packet_direct) = (
        adapters,
        flags,
    )
    return make_record(
        "VMSwitch",
        Name=name,
        Id=switch_id,
        ComputerName=computer,
        SwitchType=switch_type,
        Notes=notes,
        AllowManagementOS=management,
        NetAdapterInterfaceDescription=descriptions[0] if descriptions else None,
        NetAdapterInterfaceDescriptions=list(descriptions),
        NetAdapterInterfaceGuid=[device.strip("{}") for device in net_adapters],
        EmbeddedTeamingEnabled=embedded_teaming,
        BandwidthReservationMode=bandwidth_mode,
        IovEnabled=iov,
        PacketDirectEnabled=packet_direct,
        PacketDirectInUse=packet_direct,
    )
