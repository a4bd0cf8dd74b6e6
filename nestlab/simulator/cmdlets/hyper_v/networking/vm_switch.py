"""Get-VMSwitch, New-VMSwitch, Set-VMSwitch, Remove-VMSwitch and Rename-VMSwitch."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour.network.ip_stack import (
    add_management_adapter,
    management_net_adapter,
    remove_management_adapter,
)
from nestlab.simulator.cmdlets.hyper_v.network_records import switch_record
from nestlab.simulator.cmdlets.hyper_v.networking.uplinks import (
    default_load_balancing,
    lose_unused_settings,
    release_uplinks,
    requested_uplinks,
    team_problem,
    wants_team,
)
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.selection import (
    require_hyper_v,
    same_id,
    select_switches,
    switch_not_found,
)
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.values.wildcard import has_wildcard, matches
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import NetAdapter
from nestlab.simulator.state.virtual_machine import (
    DEFAULT_SWITCH_ID,
    HyperV,
    VirtualSwitch,
    VMNetworkAdapter,
)

_ICS = "Failed while removing virtual Ethernet switch.\nThe automatic Internet Connection Sharing switch cannot be modified."


@cmdlet("Get-VMSwitch")
def get_vm_switch(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VMSwitch."""
    hyper_v = require_hyper_v(machine, bound)
    types = {str(kind) for kind in bound.values("SwitchType")}
    for switch in _selected(hyper_v, bound, sink):
        if not types or switch.switch_type in types:
            sink.output(switch_record(machine, switch))


def _selected(hyper_v: HyperV, bound: Bound, sink: Sink) -> list[VirtualSwitch]:
    found: list[VirtualSwitch] = []
    for switch_id in bound.values("Id"):
        chosen = [switch for switch in hyper_v.switches if same_id(switch.id, switch_id)]
        if not chosen:
            message = "No Ethernet switch could be found matching the specified criteria."
            sink.error(
                cmdlet_errors.hyper_v(bound.name, "ObjectNotFound", message, str(switch_id)).record
            )
        found += chosen
    if "Id" in bound:
        return found
    if "Name" not in bound:
        return list(hyper_v.switches)
    name = str(bound.values("Name")[0])
    found = [switch for switch in hyper_v.switches if matches(name, switch.name)]
    if not found and not has_wildcard(name):
        raise switch_not_found(bound.name, name)
    return found


@cmdlet("New-VMSwitch")
def new_vm_switch(machine: Machine, bound: Bound, sink: Sink) -> None:
    """New-VMSwitch."""
    hyper_v = require_hyper_v(machine, bound)
    uplinks = requested_uplinks(machine, hyper_v, bound)
    error = _creation_error(machine, hyper_v, bound, uplinks)
    if error is not None:
        raise error
    world = machine.world
    switch = VirtualSwitch(
        id=world.new_id(),
        name=str(bound.get("Name", "New Virtual Switch")),
        switch_type="External" if uplinks else str(bound.values("SwitchType")[0]),
        notes=str(bound.get("Notes") or ""),
        net_adapters=[adapter.device_id for adapter in uplinks],
        embedded_teaming=wants_team(bound, uplinks),
        load_balancing=default_load_balancing(machine) if wants_team(bound, uplinks) else "",
        bandwidth_mode=_bandwidth_mode(bound),
        iov=bound.get("EnableIov") is True,
        packet_direct=bound.get("EnablePacketDirect") is True,
    )
    hyper_v.switches.append(switch)
    for adapter in uplinks:
        adapter.bound_switch = switch.id
        # The physical adapter has no addresses until they are transferred to the new host adapter.
        # An interruption at this point was observed to leave it without them.
        world.clock.advance(2.0)
    if switch.switch_type == "Internal" or (uplinks and bound.get("AllowManagementOS", True)):
        add_management_adapter(machine, hyper_v, switch)
    lose_unused_settings(machine, switch)
    world.clock.advance(2.0 if uplinks else 1.0)
    sink.output(switch_record(machine, switch))


def _bandwidth_mode(bound: Bound) -> str:
    """Return the bandwidth mode of a new switch.

    According to the page of New-VMSwitch, Default means Weight, or None with IOV; if the parameter
    is omitted, Absolute was observed.
    """
    requested = str(bound.get("MinimumBandwidthMode", ""))
    if requested in ("", "Default") and bound.get("EnableIov") is True:
        return "None"
    return {"": "Absolute", "Default": "Weight"}.get(requested, requested)


def _creation_error(
    machine: Machine, hyper_v: HyperV, bound: Bound, uplinks: list[NetAdapter]
) -> PowerShellError | None:
    name = str(bound.get("Name", "New Virtual Switch"))
    if (
        any(switch.name.lower() == name.lower() for switch in hyper_v.switches)
        and not machine.world.quirks.duplicate_switch_names
    ):
        message = f"Failed while creating virtual Ethernet switch.\nA virtual switch with the name '{name}' already exists."
        return cmdlet_errors.hyper_v(bound.name, "InvalidParameter", message, name)
    if not uplinks:
        return None
    reason = team_problem(machine, uplinks, team=wants_team(bound, uplinks))
    return cmdlet_errors.hyper_v(bound.name, *reason, name) if reason else None


@cmdlet("Set-VMSwitch")
def set_vm_switch(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-VMSwitch."""
    changing = {
        "AllowManagementOS",
        "NetAdapterName",
        "NetAdapterInterfaceDescription",
        "SwitchType",
        "Notes",
        "Extensions",
    }
    changing |= {name for name in bound if name.startswith("Default")}
    for switch in select_switches(machine, bound, sink):
        if not changing & set(bound):
            raise cmdlet_errors.hyper_v(
                bound.name,
                "InvalidParameter",
                "You must specify at least one parameter",
                switch.name,
            )
        if switch.id == DEFAULT_SWITCH_ID:
            raise cmdlet_errors.hyper_v(
                bound.name, "InvalidParameter", _ICS.replace("removing", "modifying"), switch.name
            )
        _modify(machine, bound, switch)
        if bound.is_present("Passthru"):
            sink.output(switch_record(machine, switch))


def _modify(machine: Machine, bound: Bound, switch: VirtualSwitch) -> None:
    hyper_v = require_hyper_v(machine, bound)
    uplink = next(iter(requested_uplinks(machine, hyper_v, bound, switch)), None)
    new_type = str(bound.values("SwitchType")[0]) if "SwitchType" in bound else switch.switch_type
    if new_type == "External" and uplink is None and switch.switch_type != "External":
        raise cmdlet_errors.hyper_v(
            bound.name,
            "InvalidParameter",
            "An external virtual switch needs a network adapter.",
            switch.name,
        )
    if uplink is not None or new_type != switch.switch_type:
        _change_type(machine, hyper_v, switch, uplink, new_type)
    host_adapters = _host_adapters(hyper_v, switch)
    if bound.get("AllowManagementOS") is True and not host_adapters:
        add_management_adapter(machine, hyper_v, switch)
        switch.switch_type = "Internal" if switch.switch_type == "Private" else switch.switch_type
    if bound.get("AllowManagementOS") is False:
        for adapter in host_adapters:
            remove_management_adapter(machine, hyper_v, adapter)
        # An Internal switch without a host adapter is a Private one.
        switch.switch_type = "Private" if switch.switch_type == "Internal" else switch.switch_type
    lose_unused_settings(machine, switch)
    switch.notes = str(bound.get("Notes", switch.notes))


def _change_type(
    machine: Machine,
    hyper_v: HyperV,
    switch: VirtualSwitch,
    uplink: NetAdapter | None,
    new_type: str,
) -> None:
    host_adapters = _host_adapters(hyper_v, switch)
    keeps = machine.world.quirks.changed_switches_keep_adapters and new_type != "Private"
    for adapter in () if keeps else host_adapters:
        remove_management_adapter(machine, hyper_v, adapter)
    release_uplinks(machine, switch)
    switch.embedded_teaming, switch.load_balancing = False, ""
    switch.switch_type = "External" if uplink else new_type
    if uplink:
        switch.net_adapters = [uplink.device_id]
        uplink.bound_switch = switch.id
    shared = switch.switch_type == "Internal" or (uplink and host_adapters)
    if shared and not _host_adapters(hyper_v, switch):
        add_management_adapter(machine, hyper_v, switch)


@cmdlet("Remove-VMSwitch")
def remove_vm_switch(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Remove-VMSwitch.

    The adapters of VMs that are off become disconnected.
    """
    hyper_v = require_hyper_v(machine, bound)
    for switch in select_switches(machine, bound, sink):
        error = _removal_error(machine, hyper_v, bound, switch)
        if error is not None:
            sink.error(error.record)
            continue
        for vm in hyper_v.vms:
            for adapter in vm.settings.adapters:
                if adapter.switch_id == switch.id:
                    adapter.switch_id = adapter.switch_name = ""
        for adapter in _host_adapters(hyper_v, switch):
            remove_management_adapter(machine, hyper_v, adapter)
        machine.world.clock.advance(1.0)
        release_uplinks(machine, switch, removed=True)
        hyper_v.switches.remove(switch)
        machine.world.clock.advance(1.0)


def _removal_error(
    machine: Machine, hyper_v: HyperV, bound: Bound, switch: VirtualSwitch
) -> PowerShellError | None:
    failed, quirks = "Failed while removing virtual Ethernet switch.\n", machine.world.quirks
    if switch.id == DEFAULT_SWITCH_ID and not quirks.default_switch_removable:
        return cmdlet_errors.hyper_v(bound.name, "InvalidParameter", _ICS, switch.name)
    running = (vm for vm in hyper_v.vms if vm.state != "Off")
    if any(adapter.switch_id == switch.id for vm in running for adapter in vm.settings.adapters):
        message = (
            f"{failed}The virtual switch '{switch.name}' cannot be deleted because it is being used by "
            "running virtual machines or assigned to child pools.\nThe operation cannot be performed while the object is in use."
        )
        return cmdlet_errors.hyper_v(bound.name, "ObjectInUse", message, switch.name)
    host_adapter = next(iter(_host_adapters(hyper_v, switch)), None)
    if (
        host_adapter is not None
        and machine.outer_host is None
        and switch.name in quirks.stuck_switches
    ):
        message = f"{failed}Internal miniport delete failed, internal NIC = '{host_adapter.device_id}': Invalid parameter (0x80041008)."
        return cmdlet_errors.hyper_v(bound.name, "InvalidParameter", message, switch.name)
    if (
        host_adapter is not None
        and quirks.nat_keeps_switch
        and _is_used_by_nat(machine, host_adapter)
    ):
        message = f"{failed}The operation cannot be performed while the object is in use."
        return cmdlet_errors.hyper_v(bound.name, "ObjectInUse", message, switch.name)
    return None


def _host_adapters(hyper_v: HyperV, switch: VirtualSwitch) -> list[VMNetworkAdapter]:
    return [a for a in hyper_v.management_adapters if a.switch_id == switch.id]


def _is_used_by_nat(machine: Machine, host_adapter: VMNetworkAdapter) -> bool:
    adapter = management_net_adapter(machine, host_adapter)
    addresses = (
        [IPv4Address(address.address) for address in adapter.ip.addresses] if adapter else []
    )
    prefixes = [IPv4Network(nat.internal_prefix, strict=False) for nat in machine.nats]
    return any(address in prefix for address in addresses for prefix in prefixes)


@cmdlet("Rename-VMSwitch")
def rename_vm_switch(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Rename-VMSwitch. The name of the host adapter in Windows does not change."""
    hyper_v = require_hyper_v(machine, bound)
    for switch in select_switches(machine, bound, sink):
        if switch.id == DEFAULT_SWITCH_ID:
            raise cmdlet_errors.hyper_v(
                bound.name, "InvalidParameter", _ICS.replace("removing", "modifying"), switch.name
            )
        switch.name = str(bound["NewName"])
        adapters: list[VMNetworkAdapter] = [
            *hyper_v.management_adapters,
            *(a for vm in hyper_v.vms for a in vm.settings.adapters),
        ]
        for adapter in adapters:
            if adapter.switch_id == switch.id:
                adapter.switch_name = switch.name
        if bound.is_present("Passthru"):
            sink.output(switch_record(machine, switch))
