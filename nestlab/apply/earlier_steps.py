"""Steps in journals of earlier versions, which lack a field that decides whether they are safe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nestlab.apply.journal_records import Header, StepStartRecord
from nestlab.plan import Action

_Line = tuple[int, Mapping[str, Any]]
_FIELD = "ends_services"


def with_ended_services(lines: Iterable[_Line]) -> Iterator[_Line]:
    """Yield the lines of a journal; a step without `ends_services` has it, as if written today.

    Without it, undo would not look for VMs of others that a guest serves. So it is true, except of
    the start of a VM that the same run has stopped: its undo stops the VM for a while only.
    """
    stopped = set[tuple[str, str]]()
    for number, data in lines:
        step = data.get("step", data) if data["record"] == StepStartRecord.RECORD else None
        if data["record"] == Header.RECORD:
            stopped.clear()
        if not isinstance(step, dict) or _FIELD in step:
            yield number, data
            continue
        vm = str(step.get("machine")), str(step.get("target"))
        if step.get("action") == Action.STOP_VM:
            stopped.add(vm)
        is_restart = step.get("action") == Action.START_VM and vm in stopped
        completed = {**step, _FIELD: not is_restart}
        yield number, {**data, "step": completed} if step is not data else completed
