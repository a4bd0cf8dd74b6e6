"""A VM or switch without a mark that has a name of the file, and how it differs, as sentences."""

from __future__ import annotations

from collections.abc import Iterable

from nestlab.dataclass import dataclass
from nestlab.model import MachinePath, path_text
from nestlab.plan.kinds import TargetKind
from nestlab.texts import tr


@dataclass(frozen=True)
class Unmarked:
    """A VM or switch without a mark that has a name of the file: the first of `count` of that name.

    None of them has a mark.
    """

    machine: MachinePath
    kind: TargetKind
    name: str
    id: str
    notes: str
    count: int = 1

    @property
    def label(self) -> str:
        """What it is, with its machine path: ``VM HV1/web1``."""
        return f"{NOUNS[self.kind]} {path_text((*self.machine, self.name))}"


def difference_text(texts: Iterable[str]) -> str:
    """Return the first differences of an object as one text."""
    first = [*dict.fromkeys(texts)]
    shown = "; ".join(first[:_SHOWN])
    if len(first) <= _SHOWN:
        return shown
    return tr("{differences}; and {count} more", differences=shown, count=len(first) - _SHOWN)


def clash_text(found: Unmarked, differences: str) -> str:
    """Return the sentence that refuses a plan, because an object differs from the file."""
    machine = path_text(found.machine)
    if found.kind is TargetKind.VM:
        return tr(
            "VM {vm} exists on {machine}, nestlab did not create it, and it differs from the file: {differences}",
            vm=found.name,
            machine=machine,
            differences=differences,
        )
    return tr(
        "switch {switch} exists on {machine}, nestlab did not create it, and it differs from the file: {differences}",
        switch=found.name,
        machine=machine,
        differences=differences,
    )


def hint_for(found: Unmarked) -> str:
    """Return what to do about an unmarked object that differs from the file."""
    if found.kind is TargetKind.SWITCH:
        return tr(
            "Give the one in the file another name, or write {{name: {switch}, existing: true}} to use that one. To change that one with this topology, write into the file what the host has, and make it this topology's with `nestlab adopt`.",
            switch=found.name,
        )
    return tr(
        "Give the one in the file another name. To change that one with this topology, write into the file what the host has, and make it this topology's with `nestlab adopt`."
    )


NOUNS = {TargetKind.VM: "VM", TargetKind.SWITCH: "switch"}


_SHOWN = 3  # differences of one object in a message
