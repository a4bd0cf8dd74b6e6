"""The cmdlets for network adapters of VMs and of the management operating system."""

from __future__ import annotations

import re

from nestlab.model import Record
from nestlab.pattern import pattern
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import hyper_v_role, power
from nestlab.simulator.behaviour.localization import NETWORK_ADAPTER, name_in
from nestlab.simulator.behaviour.naming import free_name
from nestlab.simulator.behaviour.network.ip_stack import (
    add_management_adapter,
    management_net_adapter,
    remove_management_adapter,
)
from nestlab.simulator.cmdlets.hyper_v.network_records import adapter_record, adapter_record_makers
from nestlab.simulator.cmdlets.hyper_v.networking.adapter_selection import (
    NONE_FOUND,
    SelectedAdapter,
    select_adapters,
)
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.selection import (
    named_switch,
    require_hyper_v,
    same_id,
    select_vms,
)
from nestlab.simulator.powershell.action_preferences import needed_properties
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import NO_MAC, VirtualMachine, VMNetworkAdapter

_MAC = pattern(r"(?:[0-9A-F]{2}[-:.]?){5}[0-9A-F]{2}", re.IGNORECASE)
_SYNTHETIC_MAXIMUM = 8
_SYNTHETIC_MAXIMUM_8_3 = 64  # from configuration version 8.3 on, which Server 2016 does not support
_LEGACY_MAXIMUM = 4


def update_guest(machine: Machine, vm: VirtualMachine | None) -> None:
    """Update the adapters that the running guest of a VM sees."""
    guest = machine.guest(vm) if vm is not None and vm.is_powered_on else None
    if guest is not None and vm is not None:
        power.update_guest_adapters(guest, vm)


@cmdlet("Get-VMNetworkAdapter")
def get_vm_network_adapter(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VMNetworkAdapter."""
    legacy, needed = bound.get("IsLegacy"), needed_properties(sink)
    of_vm, of_management = adapter_record_makers(needed)
    for found in select_adapters(machine, bound, sink):
        if legacy is None or found.adapter.is_legacy is legacy:
            make_record = of_management if found.vm is None else of_vm
            sink.output(make_record(machine, found.adapter, found.vm))


@cmdlet("Add-VMNetworkAdapter")
def add_vm_network_adapter(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Add-VMNetworkAdapter; generation 2 also while the VM runs. Names need not be unique."""
    hyper_v = require_hyper_v(machine, bound)
    switch = (
        named_switch(hyper_v, bound.name, bound.text("SwitchName"))
        if bound.text("SwitchName")
        else None
    )
    mac = _static_mac(bound)
    if bound.is_present("ManagementOS"):
        if switch is None:
            raise cmdlet_errors.hyper_v(
                bound.name,
                "InvalidParameter",
                "A switch is needed for an adapter of the management operating system.",
            )
        add_management_adapter(machine, hyper_v, switch, bound.text("Name") or None)
        if bound.is_present("Passthru"):
            sink.output(adapter_record(machine, hyper_v.management_adapters[-1], None))
        return
    for vm in select_vms(machine, bound, sink, "VMName"):
        error = _addition_error(bound, vm)
        if error is not None:
            sink.error(error.record)
            continue
        adapter = VMNetworkAdapter(
            id=f"Microsoft:{vm.id.upper()}\\{machine.world.new_id().upper()}",
            name=bound.text("Name") or name_in(machine.world.quirks.language, NETWORK_ADAPTER),
            switch_id=switch.id if switch else "",
            switch_name=switch.name if switch else "",
            mac_address=mac or NO_MAC,
            dynamic_mac_address=not mac,
            is_legacy=bound.get("IsLegacy") is True,
            device_naming=bound.text("DeviceNaming") == "On",
        )
        if vm.is_powered_on and not mac:
            adapter.mac_address = hyper_v_role.free_mac(hyper_v)
        vm.settings.adapters.append(adapter)
        update_guest(machine, vm)
        if bound.is_present("Passthru"):
            sink.output(adapter_record(machine, adapter, vm))


def _static_mac(bound: Bound) -> str:
    mac = bound.text("StaticMacAddress")
    if mac and not _MAC.fullmatch(mac):
        raise cmdlet_errors.hyper_v(
            bound.name, "InvalidParameter", f"'{mac}' is not a valid MAC address.", mac
        )
    return re.sub("[-:.]", "", mac).upper()


def _addition_error(bound: Bound, vm: VirtualMachine) -> PowerShellError | None:
    legacy = bound.get("IsLegacy") is True
    if legacy and vm.generation != 1:
        return cmdlet_errors.hyper_v(
            bound.name,
            "NotSupported",
            "Legacy network adapters are supported on generation 1 virtual machines only.",
            vm.name,
        )
    if vm.state not in ("Off", "Running") or (vm.state == "Running" and vm.generation == 1):
        return cmdlet_errors.hyper_v(
            bound.name,
            "InvalidState",
            f"Failed to add device 'Network Adapter'.\n{cmdlet_errors.WRONG_STATE}",
            vm.name,
        )
    recent = hyper_v_role.version_key(vm.version) >= (8, 3)
    maximum = (
        _LEGACY_MAXIMUM if legacy else (_SYNTHETIC_MAXIMUM_8_3 if recent else _SYNTHETIC_MAXIMUM)
    )
    if sum(1 for adapter in vm.settings.adapters if adapter.is_legacy == legacy) >= maximum:
        message = f"Failed to add device 'Network Adapter'. The maximum of {maximum} network adapters of this kind is reached."
        return cmdlet_errors.hyper_v(bound.name, "InvalidParameter", message, vm.name)
    return None


@cmdlet("Remove-VMNetworkAdapter")
def remove_vm_network_adapter(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Remove-VMNetworkAdapter: all adapters with that name."""
    hyper_v = require_hyper_v(machine, bound)
    for found in select_adapters(machine, bound, sink):
        record = adapter_record(machine, found.adapter, found.vm)
        if found.vm is None:
            remove_management_adapter(machine, hyper_v, found.adapter)
        elif found.vm.state == "Off" or (found.vm.state == "Running" and found.vm.generation != 1):
            found.vm.settings.adapters = [
                adapter for adapter in found.vm.settings.adapters if adapter is not found.adapter
            ]
            update_guest(machine, found.vm)
        else:
            message = f"Failed to remove device 'Network Adapter'.\n{cmdlet_errors.WRONG_STATE}"
            sink.error(
                cmdlet_errors.hyper_v(bound.name, "InvalidState", message, found.vm.name).record
            )
            continue
        if bound.is_present("Passthru"):
            sink.output(record)


@cmdlet("Set-VMNetworkAdapter")
def set_vm_network_adapter(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-VMNetworkAdapter.

    MAC address spoofing can change while the VM runs; a static MAC address cannot.
    """
    mac = _static_mac(bound)
    for found in select_adapters(machine, bound, sink):
        error = _setting_error(machine, bound, found, mac)
        if error is not None:
            sink.error(error.record)
            continue
        adapter = found.adapter
        adapter.mac_address_spoofing = (
            bound.text("MacAddressSpoofing", "On" if adapter.mac_address_spoofing else "Off")
            == "On"
        )
        adapter.dhcp_guard = bound.text("DhcpGuard", "On" if adapter.dhcp_guard else "Off") == "On"
        adapter.router_guard = (
            bound.text("RouterGuard", "On" if adapter.router_guard else "Off") == "On"
        )
        adapter.allow_teaming = (
            bound.text("AllowTeaming", "On" if adapter.allow_teaming else "Off") == "On"
        )
        adapter.device_naming = (
            bound.text("DeviceNaming", "On" if adapter.device_naming else "Off") == "On"
        )
        if mac:
            adapter.mac_address, adapter.dynamic_mac_address = mac, False
        if bound.is_present("DynamicMacAddress") and not adapter.dynamic_mac_address:
            adapter.mac_address, adapter.dynamic_mac_address = NO_MAC, True
        if bound.is_present("Passthru"):
            sink.output(adapter_record(machine, adapter, found.vm))


def _setting_error(
    machine: Machine, bound: Bound, found: SelectedAdapter, mac: str
) -> PowerShellError | None:
    failed = "Failed to modify device 'Network Adapter'."
    target = found.vm.name if found.vm else found.adapter.name
    only_off = mac or bound.is_present("DynamicMacAddress")
    only_off = only_off or (
        "MacAddressSpoofing" in bound and not machine.world.quirks.mac_spoofing_while_running
    )
    if found.vm is not None and found.vm.state != "Off" and only_off:
        return cmdlet_errors.hyper_v(
            bound.name, "InvalidState", f"{failed}\n{cmdlet_errors.WRONG_STATE}", target
        )
    return None


@cmdlet("Connect-VMNetworkAdapter")
def connect_vm_network_adapter(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Connect-VMNetworkAdapter: all adapters with that name; without -Name, all of the VM."""
    hyper_v = require_hyper_v(machine, bound)
    objects = [item["Id"] for item in bound.values("VMSwitch") if isinstance(item, Record)]
    switch = next(
        (
            switch
            for switch in hyper_v.switches
            if any(same_id(switch.id, switch_id) for switch_id in objects)
        ),
        None,
    )
    switch = switch or named_switch(hyper_v, bound.name, bound.text("SwitchName"))
    found = select_adapters(machine, bound, sink)
    if not found:
        sink.error(cmdlet_errors.hyper_v(bound.name, "ObjectNotFound", NONE_FOUND).record)
    for entry in found:
        entry.adapter.switch_id, entry.adapter.switch_name = switch.id, switch.name
        update_guest(machine, entry.vm)
        if bound.is_present("Passthru"):
            sink.output(adapter_record(machine, entry.adapter, entry.vm))


@cmdlet("Disconnect-VMNetworkAdapter")
def disconnect_vm_network_adapter(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Disconnect-VMNetworkAdapter."""
    for entry in select_adapters(machine, bound, sink):
        entry.adapter.switch_id = entry.adapter.switch_name = ""
        update_guest(machine, entry.vm)
        if bound.is_present("Passthru"):
            sink.output(adapter_record(machine, entry.adapter, entry.vm))


@cmdlet("Rename-VMNetworkAdapter")
def rename_vm_network_adapter(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Rename-VMNetworkAdapter.

    The host adapter in Windows is renamed, too: ``vEthernet (<new>)``.
    """
    for entry in select_adapters(machine, bound, sink):
        entry.adapter.name = bound.text("NewName")
        own = management_net_adapter(machine, entry.adapter) if entry.vm is None else None
        if own is not None:
            names = {adapter.name for adapter in machine.adapters if adapter is not own}
            own.name = free_name(f"vEthernet ({entry.adapter.name})", names, " {}")
        if bound.is_present("Passthru"):
            sink.output(adapter_record(machine, entry.adapter, entry.vm))
