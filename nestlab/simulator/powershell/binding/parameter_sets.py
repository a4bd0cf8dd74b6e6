"""Parameter sets as bits, and those that remain possible (CmdletParameterBinderController)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nestlab.dataclass import dataclass, field
from nestlab.simulator.powershell.binding.parameters import (
    ALL,
    ParameterSetSpecificMetadata,
    Signature,
)


def count(sets: int) -> int:
    """Return how many sets are possible; `ALL` counts as one."""
    return 1 if sets == ALL else sets.bit_count()


def matching(
    entries: Iterable[ParameterSetSpecificMetadata], sets: int
) -> list[ParameterSetSpecificMetadata]:
    """Return the entries of a parameter's metadata that belong to these sets."""
    return [entry for entry in entries if entry.bit == ALL or entry.bit & sets]


@dataclass
class SetRequirements:
    """The mandatory parameters that a set still needs, from pipeline objects or explicitly."""

    sets: int
    pipeable: list[str] = field(default_factory=list)
    by_value: list[str] = field(default_factory=list)
    by_property_name: list[str] = field(default_factory=list)
    explicit: list[str] = field(default_factory=list)

    @property
    def of_all_sets(self) -> bool:
        """Whether it applies to all sets."""
        return self.sets == ALL


@dataclass(frozen=True)
class Missing:
    """The mandatory parameters that are missing, and the sets that remain possible.

    `prioritized` is the set to try first; `ambiguous` means that no set can be chosen.
    """

    names: tuple[str, ...]
    sets: int
    prioritized: int = 0
    ambiguous: bool = False


def requirements_of_sets(
    command: Signature, unbound: Iterable[str], sets: int, *, has_pipeline_input: bool
) -> dict[int, SetRequirements]:
    """Return the mandatory parameters that are still missing, by set."""
    found: dict[int, SetRequirements] = {}
    for name in unbound:
        parameter = command.parameters[name]
        for entry in matching(command.set_metadata[name], sets):
            if not entry.mandatory:
                continue
            required = found.setdefault(entry.bit, SetRequirements(entry.bit))
            if has_pipeline_input and (parameter.by_value or parameter.by_property_name):
                required.pipeable.append(name)
                if parameter.by_value:
                    required.by_value.append(name)
                if parameter.by_property_name:
                    required.by_property_name.append(name)
            else:
                required.explicit.append(name)
    return found


def missing_before_objects(
    command: Signature, unbound: Iterable[str], sets: int, valid: int
) -> Missing:
    """Return what objects cannot provide, and the sets that remain possible for objects.

    GetMissingMandatoryParameters before input.
    """
    found = requirements_of_sets(command, unbound, sets, has_pipeline_input=True)
    if not found:
        return Missing((), sets)
    requiring = 0
    for bit in found:
        requiring |= 0 if bit == ALL else bit & sets
    requiring = sets & (command.named_bits or ALL) if ALL in found else requiring or sets
    prioritized = 0
    default = command.default_bit
    other_sets_pipe = any(
        not required.of_all_sets
        and required.sets & sets
        and not required.sets & default
        and required.pipeable
        for required in found.values()
    )
    if valid > 1 and default and not default & requiring and default & sets and not other_sets_pipe:
        # The default set lacks no parameters, and objects cannot provide those of any other set.
        requiring = sets & ~requiring
        sets = requiring
        prioritized = 0 if sets == default else default
    left = count(requiring)
    if left == 0:
        return Missing((), sets, ambiguous=True)
    if left == 1:
        return Missing(_explicit_names(found, requiring), sets, prioritized)
    return (
        Missing((), sets, prioritized)
        if prioritized
        else _latch_on_set(command, found, sets, requiring)
    )


def _explicit_names(found: Mapping[int, SetRequirements], chosen: int) -> tuple[str, ...]:
    return tuple(
        name
        for required in found.values()
        if required.sets & chosen or required.of_all_sets
        for name in required.explicit
    )


def _latch_on_set(
    command: Signature, found: Mapping[int, SetRequirements], sets: int, requiring: int
) -> Missing:
    """Choose the parameter set before the first object arrives, if objects can only bind to one.

    "Latch on" is the term of PowerShell's source for this choice.
    """
    if command.default_bit & requiring and _latches_on_default(command, found):
        return Missing(_explicit_names(found, command.default_bit), command.default_bit)
    own = [
        required
        for required in found.values()
        if not required.of_all_sets and required.sets & requiring
    ]
    by_value = [required.sets for required in own if required.by_value]
    by_name = [required.sets for required in own if required.by_property_name]
    value_set = by_value[0] if len(by_value) == 1 else 0
    name_set = by_name[0] if len(by_name) == 1 else 0
    unique = _unique(value_set, name_set, both=bool(by_value and by_name))
    if unique:
        return _latched_on(command, found, sets, unique)
    unmet = [
        required
        for required in found.values()
        if (required.sets & requiring or required.of_all_sets) and required.explicit
    ]
    if not unmet:
        return Missing((), sets)
    if value_set:
        return _latched_on(command, found, sets, value_set)
    if len(by_value) < 2 and len(by_name) < 2:  # noqa: PLR2004  # several sets take objects
        return Missing((), sets, ambiguous=True)
    without = 0
    for required in unmet:
        without |= 0 if required.of_all_sets else required.sets
    sets = _without_sets(command, sets, without)
    return Missing((), sets, ambiguous=not sets)


def _unique(value_set: int, name_set: int, *, both: bool) -> int:
    """Return the only set that accepts objects, by value and by name; else 0."""
    if both:
        return value_set if value_set == name_set else 0
    return value_set or name_set


def _latches_on_default(command: Signature, found: Mapping[int, SetRequirements]) -> bool:
    """Whether the default set is chosen before the first object."""
    others = [
        required
        for required in found.values()
        if not required.of_all_sets and not required.sets & command.default_bit
    ]
    other_pipes = any(required.pipeable and not required.explicit for required in others)
    other_pipes_by_name = any(required.by_property_name for required in others)
    own = found.get(command.default_bit)
    if own is not None and own.by_property_name and not other_pipes_by_name:
        return True
    return not other_pipes or bool(ALL in found and found[ALL].explicit)


def _latched_on(
    command: Signature, found: Mapping[int, SetRequirements], sets: int, chosen: int
) -> Missing:
    """Return what is missing in the chosen set.

    Sets that also have mandatory parameters are excluded. Others remain possible, unless the chosen
    set needs an explicit parameter.
    """
    names = _explicit_names(found, chosen)
    if any(
        required.explicit
        for required in found.values()
        if required.sets & chosen and not required.of_all_sets
    ):
        return Missing(names, chosen)
    others = 0
    for required in found.values():
        others |= 0 if required.of_all_sets or required.sets & chosen else required.sets
    sets = _without_sets(command, sets, others)
    return Missing(names, sets, 0 if sets == chosen else chosen)


def _without_sets(command: Signature, sets: int, without: int) -> int:
    if not without:
        return sets
    return (command.named_bits if sets == ALL else sets) & ~without
