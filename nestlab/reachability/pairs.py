"""All pairs at once. Machines that no packet can tell apart are walked once for all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nestlab.model.machine import path_text
from nestlab.model.topology import Topology
from nestlab.reachability.declared import from_topology
from nestlab.reachability.endpoints import Endpoint, resolve
from nestlab.reachability.network import Network
from nestlab.reachability.outcome import Drop, Reason, Status
from nestlab.reachability.parts import Stack
from nestlab.reachability.tables import Tables
from nestlab.reachability.tracing import attempt

_INITIALS = {
    Reason.MAC_SPOOFING_OFF: "S",
    Reason.VLAN_MISMATCH: "V",
    Reason.NOT_SAME_NETWORK: "N",
    Reason.ADAPTER_DISCONNECTED: "D",
    Reason.NO_ADDRESS: "A",
    Reason.NO_ROUTE: "R",
    Reason.NEIGHBOR_UNREACHABLE: "B",
    Reason.NOT_FORWARDING: "F",
    Reason.STRONG_HOST: "H",
    Reason.PRIVATE_ADDRESS_OUTSIDE: "P",
    Reason.ECHO_BLOCKED: "E",
    Reason.LOOP: "L",
}


@dataclass(frozen=True)
class Verdict:
    """What became of one pair: the status, and the reason where it is not reachable."""

    status: Status
    reason: Reason | None = None

    @property
    def mark(self) -> str:
        """One character: a dot for reachable, ``?`` not known, ``~`` unstable, else the reason's letter."""
        if self.status == "reachable":
            return "."
        if self.status == "unreachable" and self.reason is not None:
            return _INITIALS[self.reason]
        return "~" if self.status == "unstable" else "?"


REACHABLE = Verdict("reachable")


@dataclass(frozen=True)
class Matrix:
    """Verdicts of all pairs of endpoints. `groups` tells each endpoint's class, `table` the verdict between classes."""

    endpoints: tuple[str, ...]
    groups: tuple[int, ...]
    table: tuple[tuple[Verdict, ...], ...]

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.endpoints)}

    def verdict(self, source: str, target: str) -> Verdict:
        """Return the verdict of one pair, by the names in `endpoints`; raises KeyError."""
        start, end = self._numbers[source], self._numbers[target]
        return REACHABLE if start == end else self.table[self.groups[start]][self.groups[end]]

    def rows(self) -> Iterator[tuple[str, tuple[Verdict, ...]]]:
        """Yield every source with its verdicts, in the order of `endpoints`."""
        for number, name in enumerate(self.endpoints):
            line = self.table[self.groups[number]]
            verdicts = [line[group] for group in self.groups]
            verdicts[number] = REACHABLE
            yield name, tuple(verdicts)

    def counts(self) -> dict[str, int]:
        """Return how many pairs of two different endpoints have each status."""
        total = Counter(verdict.status for _, verdicts in self.rows() for verdict in verdicts)
        total["reachable"] -= len(self.endpoints)
        return {status: number for status, number in total.items() if number}

    def to_dict(self) -> dict[str, Any]:
        """Return ``{"endpoints": [...], "rows": [["reachable" | reason | status, ...], ...]}``; a row for each source."""
        rows = [[_word(verdict) for verdict in verdicts] for _, verdicts in self.rows()]
        return {"endpoints": list(self.endpoints), "rows": rows, "counts": self.counts()}

    def __repr__(self) -> str:
        counts = self.counts()
        pairs = sum(counts.values())
        return f"<Matrix: {len(self.endpoints)} endpoints, {counts.get('reachable', 0)} of {pairs} pairs reachable>"

    def __str__(self) -> str:
        width = max((len(name) for name in self.endpoints), default=0)
        wide = len(str(len(self.endpoints)))
        header = f"{'':{wide + width + 1}}  {' '.join(f'{number:>{wide}}' for number in range(1, len(self.endpoints) + 1))}"
        lines = [
            f"{number:>{wide}} {name:{width}}  {' '.join(f'{verdict.mark:>{wide}}' for verdict in verdicts)}"
            for number, (name, verdicts) in enumerate(self.rows(), 1)
        ]
        return "\n".join([header, *lines, "", *self._legend(), repr(self)[1:-1]])

    def _legend(self) -> list[str]:
        seen = {verdict for line in self.table for verdict in line}
        return sorted({f"{verdict.mark}  {_word(verdict)}" for verdict in seen})

    def _repr_html_(self) -> str:
        from nestlab.model.html import Html, escape, table  # noqa: PLC0415  # only notebooks need it

        cells = [[name, *(_cell(name, target, v) for target, v in zip(self.endpoints, vs, strict=True))] for name, vs in self.rows()]
        legend = "<br>".join(escape(line) for line in self._legend())
        return Html(table(("from \\ to", *self.endpoints), cells, caption=repr(self)[1:-1]) + f"<p>{legend}</p>")


def _word(verdict: Verdict) -> str:
    return verdict.reason.value if verdict.status == "unreachable" and verdict.reason is not None else verdict.status


def _cell(source: str, target: str, verdict: Verdict) -> str:
    from nestlab.model.html import Html, escape  # noqa: PLC0415  # only notebooks need it

    return Html(f'<span title="{escape(f"{source} to {target}: {_word(verdict)}")}">{escape(verdict.mark)}</span>')


def matrix(network: Network | Topology, endpoints: Sequence[str] | None = None) -> Matrix:
    """Return the verdicts of all pairs.

    Args:
        network: The network, or a topology (then the network it describes).
        endpoints: Endpoint words; without them every machine, and the internet.

    Raises:
        UnknownEndpoint: An endpoint names no machine, or several.
    """
    whole = from_topology(network) if isinstance(network, Topology) else network
    if endpoints is None:
        machines = [Endpoint(path_text(s.machine), stack=n) for n, s in enumerate(whole.stacks) if s.kind == "machine"]
        ends = [*machines, resolve(whole, "internet")]
    else:
        ends = [resolve(whole, word) for word in endpoints]
    classes = _Classes(whole.tables)
    keys = [classes.key(end) for end in ends]
    members: dict[Hashable, list[Endpoint]] = {}
    for key, end in zip(keys, ends, strict=True):
        members.setdefault(key, []).append(end)
    numbers = {key: number for number, key in enumerate(members)}
    table = tuple(tuple(_verdict(whole, one, other) for other in members.values()) for one in members.values())
    return Matrix(tuple(end.text for end in ends), tuple(numbers[key] for key in keys), table)


def _verdict(network: Network, sources: list[Endpoint], targets: list[Endpoint]) -> Verdict:
    """Return the verdict between two classes, from one member each; within a class from two different ones."""
    target = targets[-1] if sources is targets else targets[0]
    drop = attempt(network, sources[0], target)[0]
    return REACHABLE if drop is None else _verdict_of(drop)


def _verdict_of(drop: Drop) -> Verdict:
    return Verdict(drop.status, drop.reason)


class _Classes:
    """Which machines no packet can tell apart: same place, same network, same gateway, in the same prefixes as anybody routes by."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        networks = {address.network for _, interface in tables.places() for address in interface.addresses}
        networks |= {route.to for stack in tables.stacks for route in stack.routes}
        networks |= {nat.prefix for stack in tables.stacks for nat in stack.nats}
        self.prefixes: dict[int, set[int]] = {}
        for network in networks:
            self.prefixes.setdefault(network.prefixlen, set()).add(int(network.network_address))
        self.asked_for = {int(i.gateway) for _, i in tables.places() if i.gateway is not None}
        self.asked_for |= {int(route.via) for stack in tables.stacks for route in stack.routes}

    def key(self, end: Endpoint) -> Hashable:
        """Return the class of an endpoint; its own where anything about it is special."""
        stack = self.tables.stacks[end.stack] if end.stack is not None else None
        if stack is None or end.address is not None or not self._ordinary(stack):
            return end
        (interface,) = stack.interfaces
        (address,) = interface.addresses
        number = int(address.ip)
        within = tuple((length, start) for length in self.prefixes if (start := _start(number, length)) in self.prefixes[length])
        port = interface.port
        place = (port.wire, port.connected, port.vlan)
        return (place, address.network, interface.gateway, stack.routes, stack.answers_ping, address.ip.is_global, within)

    def _ordinary(self, stack: Stack) -> bool:
        """Whether it is a plain running machine with one address that nobody else has and nobody routes by."""
        if stack.kind != "machine" or not stack.running or stack.nats or len(stack.interfaces) != 1:
            return False
        interface = stack.interfaces[0]
        if interface.forwarding or len(interface.addresses) != 1:
            return False
        address = int(interface.addresses[0].ip)
        mac = interface.port.mac_address
        return (
            len(self.tables.owners[address]) == 1
            and len(self.tables.by_mac.get(mac, ())) <= 1
            and mac not in self.tables.uplink_macs
            and address not in self.asked_for
        )


def _start(address: int, length: int) -> int:
    return address >> (32 - length) << (32 - length)
