"""Addresses, DHCP scopes, NATs and nested hosts that an undo keeps for others.

A run that changes the range of a scope, or the prefix of a NAT, creates it again and then sets its
options, reservations and port forwards: undoing only these would leave it without them. The VMs
inside a nested host can be seen only before the undo stops it to hide its extensions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from nestlab.model import MachinePath
from nestlab.plan import (
    Action,
    Refusal,
    Step,
    TargetKind,
    reason_of,
    removed_addresses,
)
from nestlab.plan.cutting_steps import hides_extensions
from nestlab.texts import tr

_POWER = (Action.START_VM, Action.STOP_VM)  # around a step that needs the VM Off
_REMOVES = ("Remove-NetNat", "Remove-DhcpServerv4Scope")
_Key = tuple[MachinePath, TargetKind, str]


class KeptServices:
    """The scopes and NATs that the steps of an undo remove or create again."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._removals: dict[_Key, Step] = {}
        self._addresses: dict[str, Step] = {}  # the steps that remove an address, by id
        self._hiding: dict[str, Step] = {}  # the steps that hide extensions, by id
        self._kept_hosts: dict[_Key, str] = {}  # why VMs inside keep them
        for step in steps:
            if hides_extensions(step):
                self._hiding[step.id] = step
            if step.target.kind is TargetKind.ADDRESS and removed_addresses(step):
                self._addresses[step.id] = step
            if _removes_service(step):
                self._removals.setdefault(_key(step), step)

    def why_kept(self, step: Step, identified: Callable[[Step], Step | Refusal]) -> str:
        """Return why a step is not undone: its scope or NAT stays as it is; empty if it is undone.

        `identified` returns a step with its objects as they are now, or why it is not undone.
        The address of its switch, which a step needs, is asked about as well; the step that removes
        its scope or NAT or creates it again is not. Raises what reading the host raises.
        """
        while self._hiding:
            hiding = self._hiding.pop(next(iter(self._hiding)))
            found = identified(hiding)
            if isinstance(found, Refusal) and found.in_use:
                self._kept_hosts[_key(hiding)] = found.why
        if hides_extensions(step) or step.action in _POWER:
            return self._kept_hosts.get(_key(step), "")
        for address in filter(None, map(self._addresses.get, step.needs)):
            found = identified(address)
            if isinstance(found, Refusal) and found.in_use:
                return tr(
                    "kept: the address of {adapter} stays as it is: {why}",
                    adapter=address.target.name,
                    why=reason_of(found.why),
                )
        removal = self._removals.get(_key(step))
        if removal is None or removal.id == step.id:
            return ""
        found = identified(removal)
        if not isinstance(found, Refusal) or not found.in_use:
            return ""
        name, why = step.target.name, reason_of(found.why)
        if step.target.kind is TargetKind.NAT:
            return tr("kept: the NAT {nat} stays as it is: {why}", nat=name, why=why)
        return tr("kept: the DHCP scope {scope} stays as it is: {why}", scope=name, why=why)


def _removes_service(step: Step) -> bool:
    """Whether a step removes a scope, or creates a scope or NAT again.

    The port forwards of a NAT that the run created lead to VMs of the topology only.
    """
    replaces = step.target.kind is TargetKind.SCOPE or not step.creates
    return replaces and any(cmdlet.name in _REMOVES for cmdlet in step.cmdlets)


def _key(step: Step) -> _Key:
    return step.machine, step.target.kind, step.target.name.casefold()
