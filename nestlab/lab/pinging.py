"""Real pings between the machines of a lab, sent by those that can be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface

from nestlab.apply import Sessions
from nestlab.errors import CmdletError, GuestUnreachable, SessionBroken
from nestlab.model import Cmdlet, MachinePath, Outcome, path_text
from nestlab.model.state import HostState
from nestlab.model.topology import Check, Topology
from nestlab.reachability import INTERNET_ADDRESS, Network
from nestlab.transport.session import Cancel


@dataclass(frozen=True)
class Ping:
    """What came of a ping: whether it was answered, or None and the reason why nobody could be asked.

    `observed_target` says that the target has the address: it was seen there, or is nobody's of the
    lab.
    """

    answered: bool | None
    why_not: str = ""
    observed_target: bool = True


@dataclass(frozen=True)
class Pings:
    """Sends the pings of checks."""

    topology: Topology
    states: Mapping[MachinePath, HostState]
    observed: Network
    sessions: Sessions
    cancel: Cancel | None = None

    def ping(self, check: Check) -> Ping:
        """Ping as a check says; the first of the target's addresses that answers will do."""
        source = self._machine(check.source)
        if source is None or source not in self.states:
            return Ping(None, f"{check.source} cannot be asked to ping.")
        targets, seen = self._targets(check.target, source)
        if not targets:
            return Ping(None, f"No address of {check.target} is known.")
        try:
            answered = any(_answered(self._ask(source, target)) for target in targets)
        except (GuestUnreachable, SessionBroken, CmdletError) as error:
            return Ping(None, f"{check.source} could not be asked to ping: {error.message}")
        return Ping(answered, observed_target=seen)

    def _ask(self, source: MachinePath, target: IPv4Address) -> Outcome:
        statement = Cmdlet(
            "Test-NetConnection", {"ComputerName": str(target), "WarningAction": "SilentlyContinue"}
        )
        return self.sessions.to(source).run(statement, cancel=self.cancel)

    def _machine(self, word: str) -> MachinePath | None:
        if word.casefold() == "host":
            return ()
        machines = [path for path, _ in self.topology.machines() if path]
        whole = [path for path in machines if path_text(path).casefold() == word.casefold()]
        named = whole or [path for path in machines if path[-1].casefold() == word.casefold()]
        return named[0] if len(named) == 1 else None

    def _targets(self, word: str, source: MachinePath) -> tuple[list[IPv4Address], bool]:
        """Return the addresses to ping, those on a network of the sender first, and whether one of them was seen there."""
        if word.casefold() == "internet":
            return [INTERNET_ADDRESS], True
        path = self._machine(word)
        if path is None:
            try:
                return [IPv4Address(word)], True
            except ValueError:
                return [], True
        own = [address.network for address, _ in self._addresses(source)]
        found = self._addresses(path)
        near = [address.ip for address, _ in found if any(address.ip in network for network in own)]
        return [*near, *(address.ip for address, _ in found if address.ip not in near)], any(
            seen for _, seen in found
        )

    def _addresses(self, path: MachinePath) -> list[tuple[IPv4Interface, bool]]:
        """Return the addresses of a machine, each with whether it was seen there, or is only declared."""
        return [
            (address, not interface.assumed)
            for stack, interface in self.observed.interfaces()
            if stack.kind == "machine" and stack.machine == path
            for address in interface.addresses
        ]


def _answered(outcome: Outcome) -> bool:
    return any(record.get("PingSucceeded") is True for record in outcome)
