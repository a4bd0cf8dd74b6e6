"""Cmdlets for NetAdapter, and Get-NetConnectionProfile."""

from __future__ import annotations

from nestlab.model import EnumValue, Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour.network.ip_stack import DEFAULT_ROUTE, addresses_of
from nestlab.simulator.behaviour.network.lease_assignment import renew_lease
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.objects import make_record
from nestlab.simulator.powershell.record_cache import shared_records
from nestlab.simulator.powershell.values.wildcard import has_wildcard, matches
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import NetAdapter

_CONNECTED = EnumValue("Connected", 1)
_DISCONNECTED = EnumValue("Disconnected", 2)
STANDARD_CIM = "Microsoft.Management.Infrastructure.CimInstance#ROOT/StandardCimv2/"


def adapter_record(machine: Machine, adapter: NetAdapter) -> Record:
    """Return what Get-NetAdapter shows."""
    return _adapter_record(
        (adapter.name, adapter.interface_description, adapter.interface_index),
        (adapter.device_id, adapter.mac_address, machine.name),
        (adapter.enabled, adapter.enabled and adapter.link, adapter.wireless),
        adapter.kind,
        status(adapter),
        shared=machine.outer_host is None,
    )


@shared_records
def _adapter_record(
    names: tuple[str, str, int],
    identity: tuple[str, str, str],
    flags: tuple[bool, bool, bool],
    kind: str,
    current_status: str,
) -> Record:
    (name, description, index), (device_id, mac_address, computer) = names, identity
    enabled, up, wireless = flags
    speed = 10_000_000_000
    return make_record(
        "MSFT_NetAdapter",
        Name=name,
        InterfaceDescription=description,
        InterfaceIndex=index,
        InterfaceName=f"ethernet_{index}",
        InterfaceGuid=device_id,
        DeviceID=device_id,
        PermanentAddress=mac_address,
        NetworkAddresses=[mac_address],
        MediaConnectState=_CONNECTED if up else _DISCONNECTED,
        InterfaceOperationalStatus=EnumValue("Up", 1) if up else EnumValue("Down", 2),
        InterfaceAdminStatus=EnumValue("Up", 1) if enabled else EnumValue("Down", 2),
        Status=current_status,
        Virtual=kind == "management",
        HardwareInterface=kind == "physical",
        ConnectorPresent=kind != "management",
        Speed=speed if up else 0,
        ReceiveLinkSpeed=speed if up else 0,
        TransmitLinkSpeed=speed if up else 0,
        MtuSize=1500,
        NdisPhysicalMedium=EnumValue("Native 802.11", 9) if wireless else EnumValue("802.3", 14),
        SystemName=computer,
        Hidden=False,
    )


def status(adapter: NetAdapter) -> str:
    """Return the status as Get-NetAdapter shows it."""
    if not adapter.enabled:
        return "Disabled"
    return "Up" if adapter.link else "Disconnected"


def select_net_adapters(
    machine: Machine, bound: Bound, sink: Sink, *, name: str = "Name"
) -> list[NetAdapter]:
    """Return the adapters selected by name, description, index or object.

    A value that matches no adapter is a CIM error.
    """
    for parameter, prop, key in (
        (name, "Name", lambda a: a.name),
        ("InterfaceDescription", "InterfaceDescription", lambda a: a.interface_description),
        ("InterfaceIndex", "InterfaceIndex", lambda a: str(a.interface_index)),
    ):
        if parameter not in bound:
            continue
        found: list[NetAdapter] = []
        for wanted in bound.values(parameter):
            chosen = [adapter for adapter in machine.adapters if matches(str(wanted), key(adapter))]
            if not chosen and not has_wildcard(str(wanted)):
                sink.error(
                    cmdlet_errors.cim_not_found(
                        bound.name, "MSFT_NetAdapter", prop, str(wanted)
                    ).record
                )
            found += chosen
        return found
    objects = [
        item.get("DeviceID") or item.get("Name")
        for item in bound.values("InputObject")
        if isinstance(item, Record)
    ]
    if objects:
        return [
            adapter
            for adapter in machine.adapters
            if adapter.device_id in objects or adapter.name in objects
        ]
    return list(machine.adapters)


@cmdlet("Get-NetAdapter")
def get_net_adapter(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-NetAdapter."""
    for adapter in select_net_adapters(machine, bound, sink):
        if not bound.is_present("Physical") or adapter.kind != "management":
            sink.output(adapter_record(machine, adapter))


@cmdlet("Rename-NetAdapter")
def rename_net_adapter(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Rename-NetAdapter; adapter names are unique."""
    new = bound.text("NewName")
    for adapter in select_net_adapters(machine, bound, sink):
        other = machine.adapter(new)
        if other is not None and other is not adapter:
            message = "{Object Exists} An attempt was made to create an object and the object name already existed."
            raise cmdlet_errors.cim(
                bound.name, "Windows System Error 183", message, "ResourceExists", adapter.name
            )
        adapter.name = new
        if bound.is_present("PassThru"):
            sink.output(adapter_record(machine, adapter))


@cmdlet("Enable-NetAdapter")
def enable_net_adapter(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Enable-NetAdapter."""
    _set_enabled(machine, bound, sink, enabled=True)


@cmdlet("Disable-NetAdapter")
def disable_net_adapter(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Disable-NetAdapter."""
    _set_enabled(machine, bound, sink, enabled=False)


def _set_enabled(machine: Machine, bound: Bound, sink: Sink, *, enabled: bool) -> None:
    for adapter in select_net_adapters(machine, bound, sink):
        comes_up = enabled and not adapter.enabled
        adapter.enabled = enabled
        if comes_up:
            renew_lease(machine, adapter)
        if bound.is_present("PassThru"):
            sink.output(adapter_record(machine, adapter))


@cmdlet("Restart-NetAdapter")
def restart_net_adapter(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Restart-NetAdapter: a DHCP client renews its lease."""
    for adapter in select_net_adapters(machine, bound, sink):
        machine.world.clock.advance(3.0)
        renew_lease(machine, adapter)
        if bound.is_present("PassThru"):
            sink.output(adapter_record(machine, adapter))


@cmdlet("Get-NetConnectionProfile")
def get_net_connection_profile(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-NetConnectionProfile: one for each interface that has an address."""
    for adapter in select_net_adapters(machine, bound, sink, name="InterfaceAlias"):
        profile = profile_record(adapter)
        if profile is not None:
            sink.output(profile)


def profile_record(adapter: NetAdapter) -> Record | None:
    """Return the record of Get-NetConnectionProfile; None for an adapter without a network."""
    if not addresses_of(adapter) or not adapter.link:
        return None
    routed = any(route.destination == DEFAULT_ROUTE for route in adapter.ip.routes)
    properties = {
        "Name": "Network" if routed else "Unidentified network",
        "InterfaceAlias": adapter.name,
        "InterfaceIndex": adapter.interface_index,
        "NetworkCategory": EnumValue("Private", 1) if routed else EnumValue("Public", 0),
        "IPv4Connectivity": EnumValue("Internet", 4) if routed else EnumValue("NoTraffic", 1),
        "IPv6Connectivity": EnumValue("NoTraffic", 1),
    }
    return Record((STANDARD_CIM + "MSFT_NetConnectionProfile",), properties, adapter.name)
