"""Verifying a topology's checks: by real pings where the sender can be asked, else by tracing what was observed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface
from typing import Any, Literal

from nestlab.apply import Sessions
from nestlab.errors import CmdletError, GuestUnreachable, SessionBroken, UnknownEndpoint
from nestlab.model import Cmdlet, MachinePath, Outcome, path_text
from nestlab.model.state import HostState
from nestlab.model.topology import VM, Check, Topology
from nestlab.reachability import INTERNET_ADDRESS, Network, from_states, from_topology, trace
from nestlab.reachability.endpoints import resolve
from nestlab.transport.session import Cancel

States = Mapping[MachinePath, HostState]


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """What came of one check.

    `how` says whether it was a real ping, or traced over what was observed; *missing* is a check that could not be asked,
    since a machine of it is not on the host: it never passes, whatever it expects.
    """

    check: Check
    reachable: bool
    how: Literal["ping", "traced", "missing"]
    explanation: str = ""

    @property
    def passed(self) -> bool:
        """Whether it is as the check expects."""
        return self.how != "missing" and self.reachable == self.check.reachable

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "from": self.check.source,
            "to": self.check.target,
            "expect": _word(reachable=self.check.reachable),
            "got": _word(reachable=self.reachable),
            "how": self.how,
            "passed": self.passed,
            "explanation": self.explanation,
        }

    def __str__(self) -> str:
        arrow = "→" if self.reachable else "↛"
        text = f"{'✓' if self.passed else '✗'} {self.check.source} {arrow} {self.check.target} ({self.how})"
        return f"{text}: {self.explanation}" if self.explanation else text


def _word(*, reachable: bool) -> str:
    return "reachable" if reachable else "unreachable"


@dataclass(frozen=True)
class VerifyReport:
    """The results of a topology's checks."""

    topology: str
    results: tuple[CheckResult, ...]

    @property
    def ok(self) -> bool:
        """Whether every check passed."""
        return all(result.passed for result in self.results)

    def __iter__(self) -> Iterator[CheckResult]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {"topology": self.topology, "ok": self.ok, "checks": [result.to_dict() for result in self.results]}

    def __repr__(self) -> str:
        return f"<VerifyReport {self.topology}: {sum(result.passed for result in self.results)} of {len(self.results)} checks passed>"

    def __str__(self) -> str:
        return "\n".join(str(result) for result in self.results) or "The topology has no checks."

    def _repr_html_(self) -> str:
        from nestlab.model.html import table  # noqa: PLC0415  # only notebooks need it

        rows = [
            ("✓" if r.passed else "✗", r.check.source, r.check.target, _word(reachable=r.check.reachable), _word(reachable=r.reachable), r.how, r.explanation)
            for r in self.results
        ]  # fmt: skip
        return table(("", "from", "to", "expected", "got", "how", "why"), rows, caption=repr(self).strip("<>"))


def verify(topology: Topology, states: States, sessions: Sessions, cancel: Cancel | None = None) -> VerifyReport:
    """Return the results of the topology's checks on the live machines.

    The host and Windows guests that answer ping for themselves. For a guest that cannot be asked (Linux, no operating
    system) the answer is traced over the observed network and the declared addresses. Raises UnknownEndpoint for an
    endpoint that the topology does not have either; a machine that is declared and not there is in the answer.
    """
    observed = from_states(topology, states)
    live = _Live(topology, states, sessions, cancel)
    results = []
    for check in topology.checks:
        missing = _missing(topology, observed, check)
        if missing is not None:
            results.append(missing)
            continue
        traced = _traced(observed, check)
        answer = live.ping(check)
        if answer is None:
            results.append(traced)
        else:
            explanation = "" if answer else traced.explanation
            results.append(CheckResult(check=check, reachable=answer, how="ping", explanation=explanation))
    return VerifyReport(topology.name, tuple(results))


def _missing(topology: Topology, observed: Network, check: Check) -> CheckResult | None:
    """Return the result of a check with a machine that the topology declares and the host does not have, else None."""
    declared = from_topology(topology)
    absent = [word for word in (check.source, check.target) if not _knows(observed, word) and _knows(declared, word)]
    if not absent:
        return None
    verb = "is" if len(absent) == 1 else "are"
    explanation = f"{' and '.join(absent)} {verb} not there, or cannot be seen: apply the topology, and start what is off."
    return CheckResult(check=check, reachable=False, how="missing", explanation=explanation)


def _knows(network: Network, word: str) -> bool:
    try:
        resolve(network, word)
    except UnknownEndpoint:
        return False
    return True


def _traced(network: Network, check: Check) -> CheckResult:
    found = trace(network, check.source, check.target)
    explanation = found.drop.explanation if found.drop else ""
    return CheckResult(check=check, reachable=found.status == "reachable", how="traced", explanation=explanation)


@dataclass(frozen=True)
class _Live:
    topology: Topology
    states: States
    sessions: Sessions
    cancel: Cancel | None

    def ping(self, check: Check) -> bool | None:
        """Return whether a ping is answered; None where nobody can be asked to send it, or the target has no address."""
        source = self._machine(check.source)
        if source is None or source not in self.states:
            return None
        targets = self._addresses(check.target, source)
        if not targets:
            return None
        try:
            # The first address that answers will do: a machine with several can be reached by any.
            return any(_answered(self._ask(source, target)) for target in targets)
        except (GuestUnreachable, SessionBroken, CmdletError):
            return None

    def _ask(self, source: MachinePath, target: IPv4Address) -> Outcome:
        statement = Cmdlet("Test-NetConnection", {"ComputerName": str(target), "WarningAction": "SilentlyContinue"})
        return self.sessions.to(source).run(statement, cancel=self.cancel)

    def _machine(self, word: str) -> MachinePath | None:
        if word.casefold() == "host":
            return ()
        machines = [path for path, _ in self.topology.machines() if path]
        whole = [path for path in machines if path_text(path).casefold() == word.casefold()]
        named = whole or [path for path in machines if path[-1].casefold() == word.casefold()]
        return named[0] if len(named) == 1 else None

    def _addresses(self, word: str, source: MachinePath) -> list[IPv4Address]:
        if word.casefold() == "internet":
            return [INTERNET_ADDRESS]
        path = self._machine(word)
        if path is None:
            try:
                return [IPv4Address(word)]
            except ValueError:
                return []
        own = self._own(source)
        found = self._own(path)
        # Addresses on a network of the sender first.
        near = [address for address in found if any(address.ip in mine.network for mine in own)]
        return [address.ip for address in (*near, *(address for address in found if address not in near))]

    def _own(self, path: MachinePath) -> list[IPv4Interface]:
        state = self.states.get(path)
        if state is not None:
            found = (address for interface in state.ip_interfaces for address in interface.ip_addresses)
            return [address for address in found if not address.ip.is_link_local]
        machine = self.topology.machine(path)
        if not isinstance(machine, VM):
            return []
        return [adapter.ip_address for adapter in machine.network_adapters if adapter.ip_address]


def _answered(outcome: Outcome) -> bool:
    return any(record.get("PingSucceeded") is True for record in outcome)
