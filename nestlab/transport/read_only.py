"""Which statements only read: those may share a pipeline, and may be repeated."""

from __future__ import annotations

from nestlab.model import Cmdlet

_READING_VERBS = frozenset({"Confirm", "Find", "Get", "Measure", "Test"})
# After a pipe, these pass on their input.
_PASSING_VERBS = frozenset({"Group", "Select", "Sort", "Where"})


def is_reading(statement: Cmdlet) -> bool:
    """Whether a statement only reads, and may be repeated: each command of its pipeline does.

    >>> is_reading(Cmdlet("Get-VM")), is_reading(Cmdlet("Get-VM", pipe_to=Cmdlet("Stop-VM")))
    (True, False)
    """
    command: Cmdlet | None = statement
    verbs = _READING_VERBS
    while command is not None:
        if command.name.rpartition("\\")[2].partition("-")[0] not in verbs:
            return False
        command, verbs = command.pipe_to, _READING_VERBS | _PASSING_VERBS
    return True
