"""The matrix of all pairs of endpoints.

Groups of indistinguishable machines are traced once, and so are equivalent branches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from nestlab.dataclass import dataclass
from nestlab.model.machine_path import path_text
from nestlab.model.topology import Topology
from nestlab.reachability.branches import branch_positions
from nestlab.reachability.declared import from_topology
from nestlab.reachability.endpoints import TraceEndpoint, resolve
from nestlab.reachability.indistinguishable import IndistinguishableGroups
from nestlab.reachability.network import Network
from nestlab.reachability.outcome import Drop, Reason, Status
from nestlab.reachability.tracing import attempt
from nestlab.texts import mark, tr, translate
from nestlab.visible import visible

_REASON_SYMBOLS = {
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

_STATUSES: Mapping[str, str] = {
    "reachable": mark("reachable"),
    "unreachable": mark("unreachable"),
    "unstable": mark("unstable"),
    "undetermined": mark("undetermined"),
}


@dataclass(frozen=True)
class PairResult:
    """The result of one pair: the status, and the reason if it is not reachable."""

    status: Status
    reason: Reason | None = None

    @property
    def symbol(self) -> str:
        """One character: ``.`` reachable, ``?`` undetermined, ``~`` unstable, else the reason's."""
        if self.status == "reachable":
            return "."
        if self.status == "unreachable" and self.reason is not None:
            return _REASON_SYMBOLS[self.reason]
        return "~" if self.status == "unstable" else "?"


REACHABLE = PairResult("reachable")


@dataclass(frozen=True)
class Matrix:
    """Results of all pairs of endpoints.

    `groups` has the group of each endpoint, `table` the results between groups.
    """

    endpoints: tuple[str, ...]
    groups: tuple[int, ...]
    table: tuple[tuple[PairResult, ...], ...]

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.endpoints)}

    def result(self, source: str, target: str) -> PairResult:
        """Return the result of one pair, by the names in `endpoints`; raises KeyError."""
        start, end = self._numbers[source], self._numbers[target]
        return REACHABLE if start == end else self.table[self.groups[start]][self.groups[end]]

    def rows(self) -> Iterator[tuple[str, tuple[PairResult, ...]]]:
        """Yield every source with its results, in the order of `endpoints`."""
        for number, name in enumerate(self.endpoints):
            line = self.table[self.groups[number]]
            results = [line[group] for group in self.groups]
            results[number] = REACHABLE
            yield name, tuple(results)

    def counts(self) -> dict[str, int]:
        """Return the number of ordered pairs of different endpoints by status, without zeros."""
        total = Counter(result.status for _, results in self.rows() for result in results)
        total["reachable"] -= len(self.endpoints)
        return {status: number for status, number in total.items() if number}

    def to_dict(self) -> dict[str, Any]:
        """Return ``{"endpoints": [...], "rows": [[...], ...], "counts": {...}}``.

        There is a row for each source. A cell is the reason of an unreachable pair, else the
        status. `counts` is what the method of that name returns.
        """
        rows = [[_word(result) for result in results] for _, results in self.rows()]
        return {"endpoints": list(self.endpoints), "rows": rows, "counts": self.counts()}

    @property
    def summary(self) -> str:
        """The number of endpoints, and how many of their pairs are reachable, as text."""
        counts = self.counts()
        return tr(
            "Matrix: {endpoints} endpoints, {reachable} of {pairs} pairs reachable",
            endpoints=len(self.endpoints),
            reachable=counts.get("reachable", 0),
            pairs=sum(counts.values()),
        )

    def __repr__(self) -> str:
        return visible(f"<{self.summary}>")

    def __str__(self) -> str:
        names = max((len(name) for name in self.endpoints), default=0)
        cell = len(str(len(self.endpoints)))  # the width of a column, headed by a number
        numbers = range(1, len(self.endpoints) + 1)
        header = f"{'':{cell + names + 1}}  {' '.join(f'{number:>{cell}}' for number in numbers)}"
        lines = [
            f"{number:>{cell}} {name:{names}}  {' '.join(f'{result.symbol:>{cell}}' for result in results)}"
            for number, (name, results) in enumerate(self.rows(), 1)
        ]
        return visible("\n".join([header, *lines, "", *self._legend(), self.summary]))

    def _legend(self) -> list[str]:
        seen = {result for line in self.table for result in line}
        return sorted({f"{result.symbol}  {_shown(result)}" for result in seen})

    def _repr_html_(self) -> str:
        from nestlab.html import escape, headline, table, without_math  # noqa: PLC0415  # only notebooks need it

        cells = [
            [name, *(_cell(name, target, v) for target, v in zip(self.endpoints, vs, strict=True))]
            for name, vs in self.rows()
        ]
        legend = "<br>".join(escape(line) for line in self._legend())
        return without_math(
            headline("", self.summary),
            table((tr("from \\ to"), *self.endpoints), cells),
            f"<p>{legend}</p>",
        )


def _word(result: PairResult) -> str:
    return (
        result.reason.value
        if result.status == "unreachable" and result.reason is not None
        else result.status
    )


def _shown(result: PairResult) -> str:
    word = _word(result)
    return translate(_STATUSES.get(word, word))


def _cell(source: str, target: str, result: PairResult) -> str:
    from nestlab.html import Html, escape  # noqa: PLC0415  # only notebooks need it

    title = tr(
        "{source} to {target}: {result}", source=source, target=target, result=_shown(result)
    )
    return Html(f'<span title="{escape(title)}">{escape(result.symbol)}</span>')


def matrix(network: Network | Topology, endpoints: Sequence[str] | None = None) -> Matrix:
    """Return the results of all pairs.

    Args:
        network: The network, or a topology (then the network it describes).
        endpoints: Names of endpoints, each once; by default every machine, and the internet.

    Raises:
        UnknownEndpoint: An endpoint names no machine, or several.
    """
    whole = from_topology(network) if isinstance(network, Topology) else network
    if endpoints is None:
        ends = _all_endpoints(whole)
    else:
        ends = list(dict.fromkeys(resolve(whole, text) for text in endpoints))
    groups = IndistinguishableGroups(whole.tables)
    members: dict[Hashable, list[TraceEndpoint]] = {}
    keys = [groups.key(end) for end in ends]
    for key, end in zip(keys, ends, strict=True):
        members.setdefault(key, []).append(end)
    numbers = {key: number for number, key in enumerate(members)}
    table = _table(whole, list(members.values()))
    return Matrix(tuple(end.text for end in ends), tuple(numbers[key] for key in keys), table)


def _all_endpoints(network: Network) -> list[TraceEndpoint]:
    """Return every machine, and the internet."""
    machines = [
        TraceEndpoint(path_text(stack.machine), stack=number)
        for number, stack in enumerate(network.stacks)
        if stack.kind == "machine"
    ]
    return [*machines, resolve(network, "internet")]


def _table(
    network: Network, members: list[list[TraceEndpoint]]
) -> tuple[tuple[PairResult, ...], ...]:
    """Return the results between groups, a row for each source.

    A result for one branch holds for all equivalent branches. The result within a group may differ
    from that between groups, and the result within a branch from that between branches.
    """
    skipped = {end.stack for each in members for end in each[1:] if end.stack is not None}
    positions = branch_positions(network, [each[0] for each in members], skipped)
    known: dict[Hashable, PairResult] = {}

    def between(source: int, target: int) -> PairResult:
        start, end = positions[source], positions[target]
        key = (start.place, end.place, start.branch == end.branch, source == target)
        if (result := known.get(key)) is None:
            result = known[key] = _result(network, members[source], members[target])
        return result

    return tuple(
        tuple(between(source, target) for target in range(len(members)))
        for source in range(len(members))
    )


def _result(
    network: Network, sources: list[TraceEndpoint], targets: list[TraceEndpoint]
) -> PairResult:
    """Return the result between a member of each of two groups, or two members of one group."""
    target = targets[-1] if sources is targets else targets[0]
    drop = attempt(network, sources[0], target)[0]
    return REACHABLE if drop is None else _result_of(drop)


def _result_of(drop: Drop) -> PairResult:
    return PairResult(drop.status, drop.reason)
