"""Which statements are read-only: those may share a pipeline, and may be repeated."""

from __future__ import annotations

from nestlab.model import Cmdlet

_READ_ONLY_VERBS = frozenset({"Confirm", "Find", "Get", "Measure", "Test"})
# After a pipe, these verbs pass on their input.
_PASSING_VERBS = frozenset({"Group", "Select", "Sort", "Where"})


def is_read_only(statement: Cmdlet) -> bool:
    """Whether every command of a statement is read-only, so that it may be repeated.

    >>> is_read_only(Cmdlet("Get-VM")), is_read_only(Cmdlet("Get-VM", pipe_to=Cmdlet("Stop-VM")))
    (True, False)
    """
    command: Cmdlet | None = statement
    verbs = _READ_ONLY_VERBS
    while command is not None:
        if command.name.rpartition("\\")[2].partition("-")[0] not in verbs:
            return False
        command, verbs = command.pipe_to, _READ_ONLY_VERBS | _PASSING_VERBS
    return True
