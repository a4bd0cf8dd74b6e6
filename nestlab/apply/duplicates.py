"""Duplicates: two runs, perhaps on two computers, created objects with the same name.

Hyper-V accepts two VMs or two switches with the same name. So after creating one, a run searches by
name; if another run of the same topology has created one as well, one of the two removes its own.
Both see the same objects and decide the same: the later VM is removed; of two switches, which have
no creation time, the one with the greater Id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from nestlab.dataclass import dataclass
from nestlab.model import Cmdlet, Outcome, Record, SwitchParameter
from nestlab.model.ownership import owner_of
from nestlab.plan import Step, TargetKind

ATTEMPTS = 4
ATTEMPT_SECONDS = 2.0
"""The wait between two attempts: the other object may be about to be marked or removed."""


@dataclass(frozen=True)
class _Kind:
    read: str
    remove: str


_KINDS = {
    TargetKind.VM: _Kind("Get-VM", "Remove-VM"),
    TargetKind.SWITCH: _Kind("Get-VMSwitch", "Remove-VMSwitch"),
}


@dataclass(frozen=True)
class Candidate:
    """An object with the name: its Id, its creation time if it has one, and its owner."""

    id: str
    created: datetime | None
    owner: str | None

    @classmethod
    def of(cls, record: Record) -> Candidate:
        """Read a VM or a switch."""
        created: Any = record.get("CreationTime")
        owner = owner_of(str(record.get("Notes") or ""))
        return cls(
            comparable_id(str(record["Id"])),
            created if isinstance(created, datetime) else None,
            owner and owner.casefold(),
        )


def comparable_id(text: str) -> str:
    """Return an Id in the form in which Ids are compared: lower case, without braces."""
    return text.strip("{}").lower()


def may_have_a_duplicate(step: Step) -> bool:
    """Whether a step has created an object whose name Hyper-V also accepts for another one."""
    return step.creates and step.target.kind in _KINDS and bool(step.target.id)


def remove_own_object(step: Step) -> Cmdlet:
    """Return the cmdlet that removes the object that a step has just created, by its Id."""
    kind = _KINDS[step.target.kind]
    return Cmdlet(
        kind.read, {"Id": step.target.id}, Cmdlet(kind.remove, {"Force": SwitchParameter.ON})
    )


def duplicate_of(
    step: Step, run: Callable[[Cmdlet], Outcome], wait: Callable[[float], None]
) -> str | None:
    """Return the Id of the object that is kept instead of the step's; None if that is kept.

    `run` and `wait` act on the step's machine; their errors are passed on.
    """
    own_id = comparable_id(step.target.id)
    for attempt in range(ATTEMPTS):
        if attempt:
            wait(ATTEMPT_SECONDS)
        found = [
            Candidate.of(record)
            for record in run(Cmdlet(_KINDS[step.target.kind].read, {"Name": step.target.name}))
        ]
        own = next((candidate for candidate in found if candidate.id == own_id), None)
        others = [candidate for candidate in found if candidate.id != own_id]
        if own is None or not others:
            return None
        same_owner = [candidate for candidate in others if candidate.owner == own.owner]
        if first := _kept_instead(own, same_owner):
            return first.id
        if all(candidate.owner is not None for candidate in others) and _have_creation_times(
            own, same_owner
        ):
            return None
    # The run that created the other switch did not find this one, and continues with its own.
    return next((candidate.id for candidate in same_owner if candidate.created is None), None)


def _kept_instead(own: Candidate, same_owner: Iterable[Candidate]) -> Candidate | None:
    """Return the object that is kept instead of the run's own; None if that is kept."""
    return min(
        (candidate for candidate in same_owner if _order(candidate) < _order(own)),
        key=_order,
        default=None,
    )


def _order(candidate: Candidate) -> tuple[float, str]:
    return candidate.created.timestamp() if candidate.created is not None else 0.0, candidate.id


def _have_creation_times(own: Candidate, same_owner: Iterable[Candidate]) -> bool:
    return own.created is not None and all(
        candidate.created is not None for candidate in same_owner
    )
