"""Test-NetConnection and Test-Connection, for the simulated network."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv4Interface

from nestlab.dataclass import replace
from nestlab.model import Record, path_text
from nestlab.reachability import INTERNET_ADDRESS, Reason
from nestlab.reachability.endpoints import resolve
from nestlab.reachability.outcome import Drop
from nestlab.reachability.tracing import attempt
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour.network.ip_stack import has_ipv4
from nestlab.simulator.behaviour.network.ping_participants import uninvolved_vms
from nestlab.simulator.behaviour.network.world_network import WorldNetwork, world_network
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.objects import scalar_record
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import NetAdapter

_BEACON = "internetbeacon.msedge.net"
_COMMON_PORTS = {"HTTP": 80, "RDP": 3389, "SMB": 445, "WINRM": 5985}
_OPEN_PORTS_OF_WINDOWS = frozenset({135, 445, 3389, 5985})
_OPEN_PORTS_ON_THE_INTERNET = frozenset({53, 80, 443})
_LOOPBACK = ("localhost", "127.0.0.1")
_FAILURE_SECONDS = 4.0


def _address_of(machine: Machine, name: str) -> str | None:
    """Return the address of a name; None if it cannot be resolved.

    The name can be an address, the name of this machine, or one that a DNS server resolves.
    """
    if name.lower() in (*_LOOPBACK, machine.name.lower()):
        return _LOOPBACK[1]
    try:
        return str(IPv4Address(name))
    except AddressValueError:
        has_dns = any(
            adapter.ip.used_dns_servers for adapter in machine.adapters if has_ipv4(adapter)
        )
        return str(INTERNET_ADDRESS) if "." in name and has_dns else None


def _network_between(machine: Machine, address: str | None) -> WorldNetwork:
    """Return the network that packets between a machine and an address can reach."""
    world = machine.world
    return world_network(world, uninvolved_vms(world, machine, address or _LOOPBACK[1]))


def _ping(machine: Machine, simulated_network: WorldNetwork, address: str) -> Drop | None:
    """Trace an echo request and its reply; return where one was dropped, or None."""
    if address == _LOOPBACK[1]:
        return None
    network = simulated_network.network
    drop, _ = attempt(
        network,
        resolve(network, path_text(simulated_network.path_of(machine))),
        resolve(network, address),
    )
    return drop


def _source(machine: Machine, address: str) -> tuple[NetAdapter | None, str]:
    """Return the interface and the source address of a packet to `address`.

    A directly connected network takes precedence over a route.
    """
    candidates = [
        (adapter, own)
        for adapter in machine.adapters
        if has_ipv4(adapter)
        for own in adapter.ip.addresses
    ]
    target = IPv4Address(address)
    near = [
        (a, own)
        for a, own in candidates
        if target in IPv4Interface(f"{own.address}/{own.prefix_length}").network
    ]
    routed = [(a, own) for a, own in candidates if a.ip.routes]
    chosen = next(iter([*near, *routed]), None)
    return (chosen[0], chosen[1].address) if chosen else (None, "")


@cmdlet("Test-NetConnection")
def check_net_connection(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Test-NetConnection."""
    name = bound.text("ComputerName", _BEACON)
    port = (
        int(bound["Port"])
        if "Port" in bound
        else _COMMON_PORTS.get(bound.text("CommonTCPPort").upper())
    )
    address = _address_of(machine, name)
    simulated_network = _network_between(machine, address)
    drop = _ping(machine, simulated_network, address) if address is not None else None
    succeeded = address is not None and drop is None
    if address is None:
        sink.warning(f"Name resolution of {name} failed")
    connected = False
    if address is not None and port is not None:
        connected = (
            succeeded or (drop is not None and drop.reason is Reason.ECHO_BLOCKED)
        ) and _connects(machine, simulated_network, address, port)
    if port is not None and not connected:
        sink.warning(f"TCP connect to ({address or name} : {port}) failed")
    if not succeeded:
        machine.world.clock.advance(_FAILURE_SECONDS)
        if address is not None and not connected:
            sink.warning(f"Ping to {address} failed with status: {_status(drop)}")
    if bound.text("InformationLevel") == "Quiet":
        sink.output(scalar_record(connected if port is not None else succeeded))
        return
    sink.output(_result(machine, name, address, port, succeeded=succeeded, connected=connected))


def _status(drop: Drop | None) -> str:
    unreachable = (Reason.NEIGHBOR_UNREACHABLE, Reason.NO_ROUTE, Reason.NO_ADDRESS)
    return (
        "DestinationHostUnreachable"
        if drop is not None and drop.reason in unreachable
        else "TimedOut"
    )


def _connects(machine: Machine, simulated_network: WorldNetwork, address: str, port: int) -> bool:
    """Whether a reachable machine accepts a TCP connection.

    It does if it listens on the port, or if its NAT forwards the port.
    """
    network = simulated_network.network
    own, owner = (
        resolve(network, path_text(simulated_network.path_of(machine))),
        resolve(network, address),
    )
    if owner.stack is None:
        return port in _OPEN_PORTS_ON_THE_INTERNET
    mappings = (
        mapping for nat in network.stacks[owner.stack].nats for mapping in nat.port_forwards
    )
    mapping = next(
        (found for found in mappings if (found.protocol, found.external_port) == ("tcp", port)),
        None,
    )
    if mapping is None or owner.stack == own.stack:
        # The mapped ports of a NAT host cannot be reached from that host itself (WinNAT blog,
        # 2016-05-25).
        return _listens(simulated_network, address, port)
    inner = resolve(network, str(mapping.to_address))
    there, _ = attempt(network, replace(owner, address=None), inner)
    back, _ = attempt(network, inner, own)
    return (
        _tcp_passes(there)
        and _tcp_passes(back)
        and _listens(simulated_network, str(mapping.to_address), mapping.to_port)
    )


def _tcp_passes(drop: Drop | None) -> bool:
    """Whether TCP packets arrive, given the result of an echo request."""
    return drop is None or drop.reason is Reason.ECHO_BLOCKED


def _listens(simulated_network: WorldNetwork, address: str, port: int) -> bool:
    endpoint = resolve(simulated_network.network, address)
    if endpoint.stack is None:
        return False
    return (
        simulated_network.network.stacks[endpoint.stack].os == "windows"
        and port in _OPEN_PORTS_OF_WINDOWS
    )


def _result(
    machine: Machine,
    name: str,
    address: str | None,
    port: int | None,
    *,
    succeeded: bool,
    connected: bool,
) -> Record:
    adapter, source = (
        _source(machine, address) if address and address != _LOOPBACK[1] else (None, "")
    )
    properties = {
        "ComputerName": name,
        "RemoteAddress": address,
        "NameResolutionSucceeded": address is not None,
        "InterfaceAlias": adapter.name if adapter else None,
        "SourceAddress": source or None,
        "PingSucceeded": succeeded,
        "TcpTestSucceeded": connected,
        "RemotePort": port or 0,
    }
    return Record(
        ("TestNetConnectionResult", "System.Object"), properties, "TestNetConnectionResult"
    )


@cmdlet("Test-Connection")
def check_connection(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Test-Connection: four echo requests; -Quiet returns whether one was answered."""
    for item in bound.values("ComputerName", "TargetName"):
        name = str(item)
        address = _address_of(machine, name)
        simulated_network = _network_between(machine, address)
        succeeded = address is not None and _ping(machine, simulated_network, address) is None
        if not succeeded:
            machine.world.clock.advance(_FAILURE_SECONDS)
        if bound.is_present("Quiet"):
            sink.output(scalar_record(succeeded))
        elif succeeded:
            for _ in range(int(bound.get("Count", 4))):
                sink.output(_ping_status(machine, name, str(address)))
        else:
            reason = (
                "No such host is known" if address is None else "Error due to lack of resources"
            )
            message = f"Testing connection to computer '{name}' failed: {reason}"
            fully_qualified_id = (
                "TestConnectionException,Microsoft.PowerShell.Commands.TestConnectionCommand"
            )
            exception = "System.Net.NetworkInformation.PingException"
            sink.error(
                cmdlet_errors.generic(
                    message, "ResourceUnavailable", fully_qualified_id, name, exception
                ).record
            )


def _ping_status(machine: Machine, name: str, address: str) -> Record:
    properties = {
        "Address": name,
        "IPV4Address": address,
        "ProtocolAddress": address,
        "ResponseTime": 1,
        "StatusCode": 0,
        "BufferSize": 32,
        "PSComputerName": machine.name,
    }
    return Record(
        ("System.Management.ManagementObject#root\\cimv2\\Win32_PingStatus",),
        properties,
        "Win32_PingStatus",
    )
