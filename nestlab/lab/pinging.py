"""Real pings between the machines of a lab, sent by the host and Windows guests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv4Interface

from nestlab.apply import Sessions
from nestlab.dataclass import dataclass
from nestlab.errors import CmdletError, GuestUnreachable, SessionBroken
from nestlab.model import Cmdlet, MachinePath, Outcome, path_text
from nestlab.model.state import HostState
from nestlab.model.topology import Check, Topology
from nestlab.reachability import INTERNET_ADDRESS, Network
from nestlab.texts import tr
from nestlab.transport.session import Cancel


@dataclass(frozen=True)
class PingResult:
    """The result of a ping.

    `answered` is None if it was not sent; `not_sent_because` says why.

    `target_observed` is true if the address was observed on the target, or no machine of the lab
    has it. `address_conflict` names another machine with the same address, which may have answered.
    """

    answered: bool | None
    not_sent_because: str = ""
    target_observed: bool = True
    address_conflict: str = ""


@dataclass(frozen=True)
class Pinger:
    """Sends the pings of checks."""

    topology: Topology
    states: Mapping[MachinePath, HostState]
    observed: Network
    sessions: Sessions
    cancel: Cancel | None = None

    def ping(self, check: Check) -> PingResult:
        """Send the pings of a check; one address of the target that answers is enough."""
        source = self._machine(check.source)
        if source is None or source not in self.states:
            return PingResult(None, tr("{source} cannot send a ping.", source=check.source))
        targets, was_observed = self._targets(check.target, source)
        if not targets:
            has_unused = any(self._unused(self._machine(check.target)))
            why = "" if has_unused else tr("No address of {target} is known.", target=check.target)
            return PingResult(None, why)
        try:
            answered = [target for target in targets if _answered(self._send(source, target))]
        except (GuestUnreachable, SessionBroken, CmdletError) as error:
            return PingResult(
                None,
                tr(
                    "{source} could not send a ping: {reason}",
                    source=check.source,
                    reason=error.message,
                ),
            )
        conflicts = [
            self._address_conflict(target, self._machine(check.target)) for target in answered
        ]
        return PingResult(
            bool(answered),
            target_observed=was_observed,
            address_conflict="" if "" in conflicts else "".join(conflicts[:1]),
        )

    def _address_conflict(self, target: IPv4Address, path: MachinePath | None) -> str:
        """Return a message that another machine has the address too; empty if none has."""
        if path is None:
            return ""
        others = (
            path_text(stack.machine)
            for stack, interface in self.observed.interfaces()
            if stack.kind == "machine" and stack.machine != path
            for address in interface.addresses
            if address.ip == target
        )
        other = next(others, "")
        return (
            tr("{other} has the address {target} as well", other=other, target=target)
            if other
            else ""
        )

    def _send(self, source: MachinePath, target: IPv4Address) -> Outcome:
        statement = Cmdlet(
            "Test-NetConnection", {"ComputerName": str(target), "WarningAction": "SilentlyContinue"}
        )
        return self.sessions.to(source).run(statement, cancel=self.cancel)

    def _machine(self, endpoint: str) -> MachinePath | None:
        if endpoint.casefold() == "host":
            return ()
        machines = [path for path, _ in self.topology.machines() if path]
        by_path = [path for path in machines if path_text(path).casefold() == endpoint.casefold()]
        named = by_path or [path for path in machines if path[-1].casefold() == endpoint.casefold()]
        return named[0] if len(named) == 1 else None

    def _targets(self, endpoint: str, source: MachinePath) -> tuple[list[IPv4Address], bool]:
        """Return the addresses to ping, and whether one of them was observed on the target.

        Those on a network of the sender come first.
        """
        if endpoint.casefold() == "internet":
            return [INTERNET_ADDRESS], True
        path = self._machine(endpoint)
        if path is None:
            try:
                return [IPv4Address(endpoint)], True
            except ValueError:
                return [], True
        own = [address.network for address, _ in self._addresses(source)]
        found = self._addresses(path)
        near = [address.ip for address, _ in found if any(address.ip in network for network in own)]
        return [*near, *(address.ip for address, _ in found if address.ip not in near)], any(
            was_observed for _, was_observed in found
        )

    def _unused(self, path: MachinePath | None) -> Iterator[IPv4Interface]:
        """Yield the addresses of a machine that are not pinged; the trace explains why.

        They are link-local, or not used because another machine has them.
        """
        for stack, interface in self.observed.interfaces():
            if stack.kind == "machine" and stack.machine == path:
                yield from (*interface.link_local, *interface.duplicates)

    def _addresses(self, path: MachinePath) -> list[tuple[IPv4Interface, bool]]:
        """Return the addresses of a machine, each with whether it was observed there."""
        return [
            (address, not interface.assumed)
            for stack, interface in self.observed.interfaces()
            if stack.kind == "machine" and stack.machine == path
            for address in interface.addresses
        ]


def _answered(outcome: Outcome) -> bool:
    return any(record.get("PingSucceeded") is True for record in outcome)
