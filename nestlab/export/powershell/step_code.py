"""The code of one step: the test whether it is needed, its conflicts, and its changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nestlab.dataclass import dataclass, field
from nestlab.export.powershell.fields import DataField, with_fields
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.ownership import mark_line_pattern, owner_of
from nestlab.model.parameter_values import Value
from nestlab.plan import Step


@dataclass(frozen=True)
class Same:
    """True if a property of a pipeline's objects has these items in this order."""

    pipeline: Cmdlet
    property: str
    wanted: DataField


@dataclass(frozen=True)
class Absent:
    """True if a pipeline returns nothing."""

    pipeline: Cmdlet


Query = Cmdlet | Same | Absent
"""True if a pipeline returns something other than False."""


@dataclass(frozen=True)
class Conflict:
    """A condition that blocks a step: all queries are true. `text` also says what to do."""

    queries: tuple[Query, ...]
    text: str


@dataclass(frozen=True)
class StepChange:
    """A change, which is skipped if all queries of `unless` are true."""

    cmdlet: Cmdlet
    unless: tuple[Query, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StepCode:
    """The blocks of a step.

    All queries of `test` are true if the step is not needed. If there is one of the `conflicts`, it
    must not run, and the script must not use the object that it would create. With `on_host`, the
    changes run on the host of the machine. With `restarts`, the test becomes true some time later;
    with `stops`, the script waits for guests again after the step; with `tested_later`, a later
    step makes the test true. The cmdlets of `cleanup` run last, even if a change fails after the
    first `before_cleanup` ones. `facts` are values for the runner of the script, such as the
    adapters whose names it asks Windows for.
    """

    changes: tuple[StepChange, ...]
    test: tuple[Query, ...]
    conflicts: tuple[Conflict, ...] = ()
    on_host: bool = False
    restarts: bool = False
    stops: bool = False
    tested_later: bool = False
    cleanup: tuple[Cmdlet, ...] = ()
    before_cleanup: int = 0
    facts: Mapping[str, Value] = field(default_factory=dict)


def pipeline(*stages: Cmdlet) -> Cmdlet:
    """Return commands as one pipeline.

    >>> print(pipeline(Cmdlet("Get-VM"), where("State", "Running")))
    Get-VM | Where-Object -Property 'State' -EQ -Value 'Running'
    """
    *before, last = [stage for given in stages for stage in given.stages]
    result = Cmdlet(last.name, last.parameters)
    for stage in reversed(before):
        result = Cmdlet(stage.name, stage.parameters, result)
    return result


def where(name: str, value: Value, operator: str = "EQ") -> Cmdlet:
    """Return the filter of objects by one property."""
    return Cmdlet("Where-Object", {"Property": name, operator: SwitchParameter.ON, "Value": value})


Build = Callable[[Step], StepCode]
"""Returns the code of a step."""


def last_parameters(step: Step) -> Mapping[str, Any]:
    """Return the parameters of the command of a step that makes its change."""
    return step.cmdlets[-1].last_command.parameters


def simple(step: Step, *test: Query, **others: Any) -> StepCode:
    """Return the code of a step whose changes are its unmodified cmdlets."""
    changes = tuple(StepChange(with_fields(cmdlet)) for cmdlet in step.cmdlets)
    return StepCode(changes=changes, test=test, **others)


def equal_values(values: Mapping[str, Any], *names: str) -> tuple[Cmdlet, ...]:
    """Return the filters of objects by values of a step, by default all of them."""
    return tuple(where(name, DataField(name, values[name])) for name in names or values)


def named_by_others(find: Callable[..., Cmdlet], text: str, name: str, notes: str) -> StepCode:
    """Return the test and the conflict of the creation of an object that carries a mark.

    `text` says that an object without the mark exists. `find` returns the pipeline that finds
    objects by name: names of VMs and switches are not unique, so an object without the mark is a
    conflict even if one with the mark exists as well.
    """
    theirs = find(name, unmarked(notes))
    return StepCode(
        changes=(),
        test=(find(name, marked(notes)), Absent(theirs)),
        conflicts=(Conflict((theirs,), text),),
    )


def vm_of(step: Step) -> str:
    """Return the name of the VM that a step changes."""
    return str(step.cmdlets[0].parameters["Name"])


def marked(notes: str) -> Cmdlet:
    """Return the filter of objects with the mark that is in these Notes."""
    return where("Notes", _mark_pattern(notes), "Match")


def unmarked(notes: str) -> Cmdlet:
    """Return the filter of objects without the mark that is in these Notes."""
    return where("Notes", _mark_pattern(notes), "NotMatch")


def _mark_pattern(notes: str) -> DataField:
    return DataField("Mark", mark_line_pattern(owner_of(notes) or ""))
