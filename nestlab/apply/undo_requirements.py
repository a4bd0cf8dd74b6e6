"""What an undo needs on its machines, checked before it changes anything.

An undo that found out halfway through that a disk is missing would leave its VM turned off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from nestlab.apply.context import UndoContext
from nestlab.apply.sessions import Sessions
from nestlab.errors import GuestUnreachable, SessionBroken, UndoRefused
from nestlab.model import HOST, path_text
from nestlab.plan import (
    SIGN_IN_HINT,
    Refusal,
    Step,
    TargetKind,
    administrator_steps,
    attached_disks,
    named_switches,
)
from nestlab.texts import mark, tr, translate

_HINT = mark(
    "Restore what is missing and undo again; or apply the previous version of the topology file, which creates it again."
)


def require_objects(
    journal: Path,
    steps: Iterable[Step],
    identified: Callable[[Step], Step | Refusal],
    context: UndoContext,
    sessions: Sessions,
) -> None:
    """Raise UndoRefused if steps need disks or switches that their machines do not have.

    Steps that will be skipped, and those in guests that do not answer now, are not checked.
    """
    missing = [
        tr("{target} needs {object}, which no longer exists", target=_name(step), object=what)
        for step in _steps_with_needs(steps)
        if isinstance(identified(step), Step)
        for what in _missing(step, context, sessions)
    ]
    if missing:
        raise UndoRefused(journal, tuple(dict.fromkeys(missing)), hint=translate(_HINT))


def require_rights(
    journal: Path,
    steps: Iterable[Step],
    is_undone: Callable[[Step], bool],
    context: UndoContext,
) -> None:
    """Raise UndoRefused where steps on the host need a local Administrator and the session is none.

    Left out are steps that will be skipped.
    """
    steps = [step for step in administrator_steps(steps) if step.runs_on == HOST]
    if not steps or context.is_elevated() is not False:
        return
    needs = [
        tr("{title} needs a local Administrator of the host", title=step.title)
        for step in steps
        if is_undone(step)
    ]
    if needs:
        raise UndoRefused(journal, tuple(dict.fromkeys(needs)), hint=translate(SIGN_IN_HINT))


def _steps_with_needs(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        if not step.creates and (any(attached_disks(step.cmdlets)) or any(named_switches(step))):
            yield step


def _name(step: Step) -> str:
    is_vm = step.target.kind is TargetKind.VM
    return f"VM {path_text((*step.machine, step.target.name))}" if is_vm else str(step.target)


def _missing(step: Step, context: UndoContext, sessions: Sessions) -> tuple[str, ...]:
    try:
        return context.find_missing(step, sessions.to)
    except (GuestUnreachable, SessionBroken):
        if not step.machine:
            raise
        return ()
