"""Doubles: two runs, perhaps on two computers, saw that a thing was not there, and both have made it.

Hyper-V takes two VMs and two switches of one name. So whoever has made one looks again, by name;
where another run of the same topology has made one as well, one of the two takes its own back. Both
see the same, and agree on which: the later VM; of two switches, which know no time, that of the
greater Id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nestlab.model import Cmdlet, Outcome, Record, SwitchParameter
from nestlab.model.ownership import owner_of
from nestlab.plan import Step, ThingKind

LOOKS = 4
LOOK_SECONDS = 2.0
"""Between two looks at another's object: it may be about to get its mark, or to be taken back."""


@dataclass(frozen=True)
class _Kind:
    read: str
    remove: str


_KINDS = {
    ThingKind.VM: _Kind("Get-VM", "Remove-VM"),
    ThingKind.SWITCH: _Kind("Get-VMSwitch", "Remove-VMSwitch"),
}


@dataclass(frozen=True)
class Made:
    """One object of the name: its Id, when it was made where that is known, and whose mark it has."""

    id: str
    created: datetime | None
    owner: str | None

    @classmethod
    def of(cls, record: Record) -> Made:
        """Read a VM or a switch."""
        created: Any = record.get("CreationTime")
        owner = owner_of(str(record.get("Notes") or ""))
        return cls(
            same_id(str(record["Id"])),
            created if isinstance(created, datetime) else None,
            owner and owner.casefold(),
        )


def same_id(text: str) -> str:
    """Return an Id in the one spelling in which Ids are compared."""
    return text.strip("{}").lower()


def may_have_a_duplicate(step: Step) -> bool:
    """Whether a step has made what Hyper-V would make twice."""
    return step.creates and step.thing.kind in _KINDS and bool(step.thing.id)


def take_back(step: Step) -> Cmdlet:
    """Return what removes the object that a step has just made: that one, and no other of its name."""
    kind = _KINDS[step.thing.kind]
    return Cmdlet(
        kind.read, {"Id": step.thing.id}, Cmdlet(kind.remove, {"Force": SwitchParameter.ON})
    )


def duplicate_of(
    step: Step, run: Callable[[Cmdlet], Outcome], wait: Callable[[float], None]
) -> str | None:
    """Return the Id of the object for which that of a step has to go; None where it stays.

    `run` and `wait` are of the step's machine. Raises what they raise.
    """
    own_id = same_id(step.thing.id)
    for look in range(LOOKS):
        if look:
            wait(LOOK_SECONDS)
        found = [
            Made.of(record)
            for record in run(Cmdlet(_KINDS[step.thing.kind].read, {"Name": step.thing.name}))
        ]
        own = next((made for made in found if made.id == own_id), None)
        others = [made for made in found if made.id != own_id]
        if own is None or not others:
            return None
        rivals = [made for made in others if made.owner == own.owner]
        if first := _first(own, rivals):
            return first.id
        if all(made.owner is not None for made in others) and _is_dated(own, rivals):
            return None
    # Who made the other switch has not seen this one, and goes on with its own.
    return next((made.id for made in rivals if made.created is None), None)


def _first(own: Made, rivals: Iterable[Made]) -> Made | None:
    """Return the rival that stays in place of one's own."""
    return min((made for made in rivals if _order(made) < _order(own)), key=_order, default=None)


def _order(made: Made) -> tuple[float, str]:
    return made.created.timestamp() if made.created is not None else 0.0, made.id


def _is_dated(own: Made, rivals: Iterable[Made]) -> bool:
    return own.created is not None and all(made.created is not None for made in rivals)
