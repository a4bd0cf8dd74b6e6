"""Changes to a network: of a port, or of a machine's IP stack."""

from __future__ import annotations

from collections.abc import Callable

from nestlab.dataclass import dataclass, replace
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.machine_path import MachinePath
from nestlab.reachability.elements import Port, Stack, SwitchUplink
from nestlab.reachability.network import Network
from nestlab.reachability.topology_edits import TopologyEdit


@dataclass(frozen=True)
class NetworkChange:
    """One change on a machine: its cmdlets, and the function that applies it to a network.

    `in_file` is the equivalent edit of the topology file, as a phrase; empty if the file has no key
    for it. `in_topology` makes that edit.
    """

    machine: MachinePath
    cmdlets: tuple[Cmdlet, ...]
    apply: Callable[[Network], Network]
    in_file: str
    in_topology: TopologyEdit


def replacing_stack(old: Stack, new: Stack) -> Callable[[Network], Network]:
    """Return the function that replaces one stack of a network by another."""
    return lambda network: replace(
        network, stacks=tuple(new if stack is old else stack for stack in network.stacks)
    )


def with_port(network: Network, port: Port, **new: object) -> Network:
    """Return the network with one port changed, wherever it occurs.

    A port is identified by its wire, VM and adapter; `new` are fields of it.
    """

    def changed(candidate: Port) -> Port:
        same = _port_key(candidate) == _port_key(port)
        return replace(candidate, **new) if same else candidate  # type: ignore[arg-type]  # fields of Port by name

    def changed_uplink(uplink: SwitchUplink) -> SwitchUplink:
        if uplink.port is None:
            return uplink
        return replace(uplink, port=changed(uplink.port), others=tuple(map(changed, uplink.others)))

    def changed_stack(stack: Stack) -> Stack:
        interfaces = (replace(i, port=changed(i.port)) for i in stack.interfaces)
        return replace(stack, interfaces=tuple(interfaces))

    uplinks = tuple(map(changed_uplink, network.uplinks))
    return replace(network, uplinks=uplinks, stacks=tuple(map(changed_stack, network.stacks)))


def _port_key(port: Port) -> tuple[object, ...]:
    return port.wire, port.vm, port.adapter
