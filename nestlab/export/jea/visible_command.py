"""The visible commands of a role, their parameters, and the values that these accept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nestlab.dataclass import dataclass, replace


@dataclass(frozen=True)
class Pattern:
    """A regular expression of .NET that the whole value has to match."""

    text: str


@dataclass(frozen=True)
class ValueSet:
    """The values that a parameter accepts: ValidateSet."""

    values: tuple[str, ...]


@dataclass(frozen=True)
class AnyValue:
    """Any value that the type of the parameter allows."""


@dataclass(frozen=True)
class LabObject:
    """An object of the lab that its string does not identify: a function of the module checks it.

    The string has to match `pattern` as well. `piped` is true if the object comes from the
    pipeline.
    """

    function: str
    pattern: str = ""
    piped: bool = True


Accepted = Pattern | ValueSet | AnyValue | LabObject


@dataclass(frozen=True)
class VisibleCommand:
    """A command with its visible parameters; `parameters` is None where all are visible.

    `required` are groups of parameters, one of which has to be given. A role capability cannot
    require a parameter, and some commands act on all objects without it: a proxy function of the
    module then replaces the command.
    """

    name: str
    parameters: Mapping[str, Accepted] | None
    required: tuple[tuple[str, ...], ...] = ()


_ANY = AnyValue()
LAB_ADAPTER = LabObject("Test-NestLabAdapter")
LAB_MAPPING = LabObject("Test-NestLabMapping")
LAB_DISK = LabObject("Test-NestLabDisk")
"""A disk, or a partition, that Windows shows while a virtual disk of the lab is mounted."""


def lab_file(pattern: str) -> LabObject:
    """Return the check of a path in the folder that a disk of the lab is mounted into."""
    return LabObject("Test-NestLabFile", pattern, piped=False)


def command(name: str, *free: str, **limited: str | tuple[str, ...] | LabObject) -> VisibleCommand:
    """Return a command: `free` parameters accept any value, others match a pattern or are in a set.

    >>> command("Stop-VM", "Force", VM="x").parameters["VM"]
    Pattern(text='x')
    """
    parameters: dict[str, Accepted] = dict.fromkeys(free, _ANY)
    for parameter, accepted in limited.items():
        parameters[parameter] = _accepted(accepted)
    return VisibleCommand(name, parameters)


def _accepted(accepted: str | tuple[str, ...] | LabObject) -> Accepted:
    if isinstance(accepted, LabObject):
        return accepted
    return Pattern(accepted) if isinstance(accepted, str) else ValueSet(accepted)


def requiring(command: VisibleCommand, *groups: str) -> VisibleCommand:
    """Return a command with mandatory parameters: those of one of these groups."""
    return replace(command, required=tuple(tuple(group.split()) for group in groups))


def unrestricted(names: str) -> Iterator[VisibleCommand]:
    """Yield commands with all their parameters."""
    yield from (VisibleCommand(name, None) for name in names.split())
