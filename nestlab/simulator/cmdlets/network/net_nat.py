"""WinNAT: Get-NetNat, New-NetNat, Set-NetNat and Remove-NetNat."""

from __future__ import annotations

from ipaddress import IPv4Interface, IPv4Network

from nestlab.model import Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour.network.ip_stack import DEFAULT_ROUTE, addresses_of, has_ipv4
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.objects import make_record
from nestlab.simulator.powershell.values.wildcard import has_wildcard, matches
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import NetAdapter, NetNat
from nestlab.simulator.state.virtual_machine import DEFAULT_SWITCH_ID

_TARGET = "MSFT_NetNat:root/StandardCimv2/MSFT_NetNat"
_TIMEOUTS = {
    "IcmpQueryTimeout": 30,
    "TcpEstablishedConnectionTimeout": 1800,
    "TcpTransientConnectionTimeout": 120,
    "UdpIdleSessionTimeout": 120,
}
_FIRST_BUILD = 14393
_SECONDS = 1.0  # duration of a change
IN_USE = "The process cannot access the file because it is being used by another process."


def require_win_nat(machine: Machine, bound: Bound) -> None:
    """Raise PowerShellError if WinNAT is not available.

    It is part of Hyper-V and Containers, from Windows 10 1607 and Server 2016 on. Whether Windows
    Server has it without them is not documented; `win_nat_needs_a_role` decides.
    """
    has_win_nat = (
        machine.hyper_v is not None
        or machine.features.get("Containers") == "Installed"
        or not machine.world.quirks.win_nat_needs_a_role
    )
    if not has_win_nat or machine.operating_system.build < _FIRST_BUILD:
        raise cmdlet_errors.cim(
            bound.name, "HRESULT 0x80041010", "Invalid class", "MetadataError", _TARGET
        )


def begin_change(machine: Machine, bound: Bound, target: str = _TARGET) -> None:
    """Begin a change of WinNAT; raises PowerShellError while another one is in progress.

    Concurrent changes were observed to fail with ERROR_SHARING_VIOLATION (windsorcli's Terraform
    provider, PR#98).
    """
    require_win_nat(machine, bound)
    world = machine.world
    if (
        world.quirks.nat_changes_exclude_each_other
        and world.nat_changes.get(machine.name, 0.0) > world.clock.now
    ):
        raise cmdlet_errors.cim(
            bound.name, "Windows System Error 32", IN_USE, "NotSpecified", target
        )


def end_change(machine: Machine) -> None:
    """End a change of WinNAT, after the time that it takes."""
    world = machine.world
    world.nat_changes[machine.name] = world.clock.now + _SECONDS
    world.clock.advance(_SECONDS)


def nat_record(nat: NetNat) -> Record:
    """Return what Get-NetNat shows; the prefix is spelled as it was given."""
    return make_record(
        "MSFT_NetNat",
        Name=nat.name,
        ExternalIPInterfaceAddressPrefix=nat.external_prefix,
        InternalIPInterfaceAddressPrefix=nat.internal_prefix,
        **{name: nat.timeouts.get(name, default) for name, default in _TIMEOUTS.items()},
        TcpFilteringBehavior=nat.tcp_filtering,
        UdpFilteringBehavior=nat.udp_filtering,
        UdpInboundRefresh=nat.udp_inbound_refresh,
        Store="Local",
        Active=True,
    )


def select_nats(
    machine: Machine, bound: Bound, sink: Sink, parameter: str = "Name"
) -> list[NetNat]:
    """Return the NATs selected by object or by name; a missing name is an error."""
    objects = {
        str(item["Name"]) for item in bound.values("InputObject") if isinstance(item, Record)
    }
    if objects:
        return [nat for nat in machine.nats if nat.name in objects]
    if parameter not in bound:
        return list(machine.nats)
    found: list[NetNat] = []
    for wanted in bound.values(parameter):
        chosen = [nat for nat in machine.nats if matches(str(wanted), nat.name)]
        if not chosen and not has_wildcard(str(wanted)):
            sink.error(
                cmdlet_errors.cim_not_found(bound.name, "MSFT_NetNat", "Name", str(wanted)).record
            )
        found += chosen
    return found


@cmdlet("Get-NetNat")
def get_net_nat(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-NetNat."""
    require_win_nat(machine, bound)
    for nat in select_nats(machine, bound, sink):
        sink.output(nat_record(nat))


@cmdlet("New-NetNat")
def new_net_nat(machine: Machine, bound: Bound, sink: Sink) -> None:
    """New-NetNat: one NAT per host before build 20348; later, several that do not overlap."""
    begin_change(machine, bound)
    name, prefix = bound.text("Name"), bound.text("InternalIPInterfaceAddressPrefix")
    hidden = machine.world.quirks.hidden_nat_names if machine.outer_host is None else []
    if name.lower() in (known.lower() for known in (*hidden, *(nat.name for nat in machine.nats))):
        message = (
            "You were not connected because a duplicate name exists on the network. If joining a domain, go to System in Control Panel "
            "to change the computer name and try again. If joining a workgroup, choose another workgroup name."
        )
        raise cmdlet_errors.cim(
            bound.name, "Windows System Error 52", message, "NotSpecified", _TARGET
        )
    error = _creation_error(machine, bound, prefix)
    if error is not None:
        raise error
    nat = NetNat(name, prefix, bound.text("ExternalIPInterfaceAddressPrefix"))
    machine.nats.append(nat)
    end_change(machine)
    sink.output(nat_record(nat))


def _creation_error(machine: Machine, bound: Bound, prefix: str) -> PowerShellError | None:
    refused = cmdlet_errors.cim(
        bound.name,
        "Windows System Error 87",
        cmdlet_errors.PARAMETER_INCORRECT,
        "InvalidArgument",
        _TARGET,
    )
    try:
        network = IPv4Network(prefix, strict=False)
    except ValueError:
        return refused
    hidden = (
        [IPv4Network(prefix) for prefix in machine.world.quirks.hidden_nats]
        if machine.outer_host is None
        else []
    )
    if (
        machine.nats or hidden
    ) and machine.operating_system.build < machine.world.quirks.several_nats_from_build:
        return refused
    taken = [*hidden, *(IPv4Network(nat.internal_prefix, strict=False) for nat in machine.nats)]
    if any(network.overlaps(other) for other in taken):
        return refused
    return refused if overlaps_other_network(machine, network) else None


def overlaps_other_network(machine: Machine, network: IPv4Network) -> bool:
    """Whether a NAT prefix overlaps a network of this machine.

    Networks on its own Internal switches that are inside the prefix do not count. In a guest, those
    of its adapters without a default gateway do not either: a VM can be the router of others
    (https://learn.microsoft.com/virtualization/hyper-v/setup-nat-network has only the first case).
    """
    hyper_v = machine.hyper_v
    # The NAT of the Default Switch is Internet Connection Sharing, not WinNAT.
    switches = (
        [switch for switch in hyper_v.switches if switch.id != DEFAULT_SWITCH_ID] if hyper_v else []
    )
    internal = {switch.id for switch in switches if switch.switch_type == "Internal"}
    inside = (
        {own.device_id for own in hyper_v.management_adapters if own.switch_id in internal}
        if hyper_v
        else set()
    )
    inside |= {adapter.device_id for adapter in machine.adapters if _leads_inside(machine, adapter)}
    for adapter in machine.adapters:
        if not has_ipv4(adapter):
            continue
        for address in addresses_of(adapter):
            own = IPv4Interface(f"{address.address}/{address.prefix_length}").network
            if network.overlaps(own) and (
                adapter.device_id not in inside or not own.subnet_of(network)
            ):
                return True
    return False


def _leads_inside(machine: Machine, adapter: NetAdapter) -> bool:
    is_of_guest = machine.outer_host is not None and adapter.kind == "synthetic"
    return is_of_guest and all(route.destination != DEFAULT_ROUTE for route in adapter.ip.routes)


@cmdlet("Set-NetNat")
def set_net_nat(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-NetNat: timeouts; the prefix cannot be changed."""
    begin_change(machine, bound)
    for nat in select_nats(machine, bound, sink):
        nat.timeouts.update({name: int(bound[name]) for name in _TIMEOUTS if name in bound})
        nat.tcp_filtering = bound.text("TcpFilteringBehavior", nat.tcp_filtering)
        nat.udp_filtering = bound.text("UdpFilteringBehavior", nat.udp_filtering)
        nat.udp_inbound_refresh = bound.get("UdpInboundRefresh", nat.udp_inbound_refresh) is True
        if bound.is_present("PassThru"):
            sink.output(nat_record(nat))
    end_change(machine)


@cmdlet("Remove-NetNat")
def remove_net_nat(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Remove-NetNat: without a name, all NATs."""
    begin_change(machine, bound)
    chosen = select_nats(machine, bound, sink)
    machine.nats = [nat for nat in machine.nats if nat not in chosen]
    end_change(machine)
