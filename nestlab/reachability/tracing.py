"""`trace`: whether one endpoint reaches another, and why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from ipaddress import IPv4Address

from nestlab.dataclass import replace
from nestlab.model.topology import Topology
from nestlab.reachability.addresses import ip
from nestlab.reachability.answer import Trace, TraceDrop, TraceHop
from nestlab.reachability.declared import from_topology
from nestlab.reachability.elements import Assumption
from nestlab.reachability.endpoints import TraceEndpoint, resolve
from nestlab.reachability.fixes import find_fixes
from nestlab.reachability.hop_explanations import explain_hops, touched_elements
from nestlab.reachability.link_local import no_address
from nestlab.reachability.network import Network
from nestlab.reachability.other_causes import with_other_causes
from nestlab.reachability.outcome import Drop, DropPlace, Reason, Status, stack_place
from nestlab.reachability.side_effects import broken_by
from nestlab.reachability.tables import InterfaceRef
from nestlab.reachability.topology_edits import TopologyEdit
from nestlab.reachability.walk import ping, routed_on_internet
from nestlab.reachability.walk_state import Walk
from nestlab.texts import tr

ErrorsOf = Callable[[Topology, TopologyEdit], tuple[str, ...]]
"""Returns the errors that an edit introduces in a topology, as text."""


def trace(
    network: Network | Topology,
    source: str,
    target: str,
    *,
    with_fixes: bool = True,
    errors_of: ErrorsOf | None = None,
) -> Trace:
    """Walk an echo request from one endpoint to another, and the reply back.

    Args:
        network: The network, or a topology (then the network it describes).
        source: A VM name where it is unique, else a machine path; ``host``; ``internet``; an IP
            address of a machine.
        target: The same; any IP address.
        with_fixes: Whether to look for fixes, which takes many walks.
        errors_of: Returns the errors that an edit introduces in a topology; it checks the fixes.

    Returns:
        The status, the hops, where and why a packet is dropped, and fixes that were verified by
        walking again, and by the other checks of the topology.

    Raises:
        UnknownEndpoint: An endpoint names no machine, or several.
    """
    whole = from_topology(network) if isinstance(network, Topology) else network
    start, end = resolve(whole, source), resolve(whole, target)
    drop, walk = attempt(whole, start, end)
    assumed = list(_assumptions(whole, walk, drop))
    texts = tuple(dict.fromkeys(assumption.text for assumption in assumed))
    declared = any(assumption.declared for assumption in assumed)
    hops = _hops(whole, walk, start, end)
    arrived = Trace(source, target, "reachable", hops=hops, assumptions=texts, as_declared=declared)
    if drop is None:
        return arrived
    dropped = replace(
        arrived,
        status=drop.status,
        leg="reply" if drop.packet is not None and drop.packet.reply else "request",
        drop=_shown(whole, drop),
    )
    if not with_fixes:
        return dropped

    def retrace(changed: Network) -> Drop | None:
        return attempt(changed, start, end)[0]

    fixes, breaks = find_fixes(whole, drop, retrace, partial(_breaks, whole, errors_of))
    return replace(dropped, fixes=fixes, breaks=breaks)


def _shown(network: Network, drop: Drop) -> TraceDrop:
    unknown = None if drop.unknown is None else network.tables.interface(drop.unknown)
    return TraceDrop(drop.place, drop.reason, drop.explanation, unknown)


def _breaks(
    network: Network, errors_of: ErrorsOf | None, changed: Network, edit: TopologyEdit
) -> tuple[str, ...]:
    broken = tuple(broken_by(network, changed, _status))
    if errors_of is None or network.declared is None:
        return broken
    return (*broken, *errors_of(network.declared, edit))


def _status(network: Network, source: str, target: str) -> Status:
    drop, _ = attempt(network, resolve(network, source), resolve(network, target))
    return drop.status if drop is not None else "reachable"


def attempt(network: Network, start: TraceEndpoint, end: TraceEndpoint) -> tuple[Drop | None, Walk]:
    """Walk between endpoints, to the first address of the target that is reachable.

    Returns:
        None, or the drop at the address that was tried first if no address is reachable; and the
        walk that led to it.
    """
    tables = network.tables
    walk = Walk(tables)
    if start.internet or start.stack is None:
        return (None if end.internet else _without_sender(network, start, end)), walk
    sender = tables.stacks[start.stack]
    if not sender.running:
        return Drop(
            Reason.NO_ADDRESS,
            stack_place(sender),
            tr("{label} is not running.", label=sender.label),
            "undetermined",
        ), walk
    if end.address is not None and end.stack is None and tables.may_be_leased(end.address):
        text = tr(
            "{address} is in the range of a DHCP scope: it is not known which machine has it.",
            address=end.text,
        )
        return Drop(Reason.NO_ADDRESS, DropPlace(end.text), text, "undetermined"), walk
    if end.stack == start.stack:
        return None, walk
    addresses = list(_addresses(network, start, end))
    if not addresses:
        return with_other_causes(tables, start, end, _no_address(network, end)), walk
    failed: tuple[Drop, Walk] | None = None
    for address in addresses:
        walk = Walk(tables)
        drop = ping(
            walk, start.stack, address, start.address, end.stack if end.address is None else None
        )
        if drop is None:
            return None, walk
        failed = failed or (drop, walk)
    if failed is None:
        return None, walk
    return (
        with_other_causes(
            tables, start, end, _undetermined_if_unresolved(network, start, end, *failed)
        ),
        failed[1],
    )


def _undetermined_if_unresolved(
    network: Network, start: TraceEndpoint, end: TraceEndpoint, drop: Drop, walk: Walk
) -> Drop:
    """Return the drop; undetermined if the target may have another address, which is not known."""
    tables = network.tables
    if (
        drop.status != "unreachable"
        or drop.reason is Reason.ECHO_BLOCKED
        or end.address is not None
    ):
        return drop
    if start.stack is None or end.stack is None or not tables.unresolved[end.stack]:
        return drop
    target = tables.stacks[end.stack]
    unresolved = [target.interfaces[index] for index in tables.unresolved[end.stack]]
    interfaces = tables.stacks[start.stack].interfaces
    if not walk.steps and not any(
        tables.can_exchange_frames(one.port, other.port)
        for one in interfaces
        for other in unresolved
    ):
        return drop  # it did not leave the sender, and would not for another address either
    text = tr(
        "{explanation} It is not known whether {label} is reached by its address on {interface}.",
        explanation=drop.explanation,
        label=target.label,
        interface=unresolved[0].name,
    )
    first = InterfaceRef(end.stack, tables.unresolved[end.stack][0])
    return drop._replace(status="undetermined", explanation=text, unknown=first)


def _addresses(network: Network, start: TraceEndpoint, end: TraceEndpoint) -> Iterator[int]:
    """Yield the addresses to try: the named one, or all of the machine.

    Those in the networks of the sender come first.
    """
    if end.address is not None:
        yield end.address
        return
    if start.stack is None or end.stack is None:
        return
    addresses = network.tables.own_addresses[end.stack]
    if len(addresses) == 1:
        yield from addresses
        return
    sender_networks = [
        address.network
        for interface in network.stacks[start.stack].interfaces
        for address in interface.addresses
    ]
    yield from sorted(
        _target_addresses(network, end),
        key=lambda number: not any(IPv4Address(number) in each for each in sender_networks),
    )


def _no_address(network: Network, end: TraceEndpoint) -> Drop:
    """Return the drop of a request to a machine without a known address."""
    stack = network.stacks[end.stack or 0]
    unknown = bool(network.tables.unresolved[end.stack or 0]) or not stack.known
    if not stack.running:
        return Drop(
            Reason.NO_ADDRESS,
            stack_place(stack),
            tr("{label} is not running.", label=stack.label),
            "undetermined",
        )
    drop = no_address(stack, unknown=unknown)
    unresolved = network.tables.unresolved[end.stack or 0]
    return (
        drop._replace(unknown=InterfaceRef(end.stack or 0, unresolved[0])) if unresolved else drop
    )


def _without_sender(network: Network, start: TraceEndpoint, end: TraceEndpoint) -> Drop:
    """Return why a request from the internet, or from an address of no known machine, fails."""
    if not start.internet and start.address is not None:
        if len({ref.stack for ref in network.tables.owners.get(start.address, ())}) > 1:
            text = tr("More than one machine has the address {address}.", address=start.text)
            return Drop(Reason.NO_ADDRESS, DropPlace(start.text), text, "unstable")
        return Drop(
            Reason.NO_ADDRESS,
            DropPlace(start.text),
            tr("No machine of the lab has the address {address}.", address=start.text),
            "undetermined",
        )
    addresses = [end.address] if end.address is not None else list(_target_addresses(network, end))
    if not addresses:
        return _no_address(network, end)
    if not routed_on_internet(addresses[0]):
        text = tr(
            "The internet has no route to {ip}: it is not a public address.", ip=ip(addresses[0])
        )
        return Drop(Reason.PRIVATE_ADDRESS_OUTSIDE, DropPlace("internet"), text)
    text = tr(
        "The gateway in front of {ip} masquerades: it admits only replies to requests from inside.",
        ip=ip(addresses[0]),
    )
    return Drop(Reason.NOT_FORWARDING, DropPlace("gateway"), text)


def _target_addresses(network: Network, end: TraceEndpoint) -> Iterator[int]:
    if end.stack is not None:
        yield from (
            int(address)
            for interface in network.stacks[end.stack].interfaces
            for address in interface.addresses
        )


def _hops(
    network: Network, walk: Walk, start: TraceEndpoint, end: TraceEndpoint
) -> tuple[TraceHop, ...]:
    if start.stack is not None and start.stack == end.stack and not walk.steps:
        return (TraceHop(start.text, "machine", tr("answers itself")),)
    return tuple(explain_hops(network.tables, walk.steps))


def _assumptions(network: Network, walk: Walk, drop: Drop | None) -> Iterator[Assumption]:
    """Yield the assumptions about the wires and machines that the walk visited."""
    touched = set(touched_elements(network.tables, walk.steps))
    if drop is not None and drop.interface is not None:
        touched.add(drop.interface.stack)
    machines = {
        network.stacks[number].machine
        for number in touched
        if isinstance(number, int) and network.stacks[number].kind == "machine"
    }
    yield from (
        a
        for a in network.assumptions
        if (a.wire is None or a.wire in touched) and (a.machine is None or a.machine in machines)
    )
