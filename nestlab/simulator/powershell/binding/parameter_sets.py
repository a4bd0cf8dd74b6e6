"""Parameter sets as bits, and which a call leaves possible (CmdletParameterBinderController)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

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
    """Return the metadata of a parameter that belong to these sets."""
    return [entry for entry in entries if entry.bit == ALL or entry.bit & sets]


@dataclass
class Demand:
    """What a set still needs: from objects, by value or property name, and from the caller."""

    sets: int
    pipeable: list[str] = field(default_factory=list)
    by_value: list[str] = field(default_factory=list)
    by_property_name: list[str] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)

    @property
    def of_all_sets(self) -> bool:
        """Whether it applies to all sets."""
        return self.sets == ALL


@dataclass(frozen=True)
class Missing:
    """The result of the search for mandatory parameters.

    The missing ones, the possible sets, and the set to try first; `ambiguous` if no set can be
    chosen.
    """

    names: tuple[str, ...]
    sets: int
    first: int = 0
    ambiguous: bool = False


def demands(
    command: Signature, unbound: Iterable[str], sets: int, *, has_pipeline_input: bool
) -> dict[int, Demand]:
    """Return what is still needed, by set."""
    found: dict[int, Demand] = {}
    for name in unbound:
        parameter = command.parameters[name]
        for entry in matching(command.set_metadata[name], sets):
            if not entry.mandatory:
                continue
            demand = found.setdefault(entry.bit, Demand(entry.bit))
            if has_pipeline_input and (parameter.by_value or parameter.by_property_name):
                demand.pipeable.append(name)
                if parameter.by_value:
                    demand.by_value.append(name)
                if parameter.by_property_name:
                    demand.by_property_name.append(name)
            else:
                demand.typed.append(name)
    return found


def missing_before_objects(
    command: Signature, unbound: Iterable[str], sets: int, valid: int
) -> Missing:
    """Return what objects cannot provide, and the sets that remain possible for objects.

    GetMissingMandatoryParameters before input.
    """
    found = demands(command, unbound, sets, has_pipeline_input=True)
    if not found:
        return Missing((), sets)
    demanding = 0
    for bit in found:
        demanding |= 0 if bit == ALL else bit & sets
    demanding = sets & (command.available or ALL) if ALL in found else demanding or sets
    first = 0
    default = command.default_bit
    others_pipe = any(
        not demand.of_all_sets
        and demand.sets & sets
        and not demand.sets & default
        and demand.pipeable
        for demand in found.values()
    )
    if valid > 1 and default and not default & demanding and default & sets and not others_pipe:
        # The default set needs nothing, and objects provide what no other set needs.
        demanding = sets & ~demanding
        sets = demanding
        first = 0 if sets == default else default
    left = count(demanding)
    if left == 0:
        return Missing((), sets, ambiguous=True)
    if left == 1:
        return Missing(_typed(found, demanding), sets, first)
    return Missing((), sets, first) if first else _among_several(command, found, sets, demanding)


def _typed(found: Mapping[int, Demand], chosen: int) -> tuple[str, ...]:
    return tuple(
        name
        for demand in found.values()
        if demand.sets & chosen or demand.of_all_sets
        for name in demand.typed
    )


def _among_several(
    command: Signature, found: Mapping[int, Demand], sets: int, demanding: int
) -> Missing:
    if command.default_bit & demanding and _default_holds(command, found):
        return Missing(_typed(found, command.default_bit), command.default_bit)
    own = [
        demand for demand in found.values() if not demand.of_all_sets and demand.sets & demanding
    ]
    by_value = [demand.sets for demand in own if demand.by_value]
    by_name = [demand.sets for demand in own if demand.by_property_name]
    value_set = by_value[0] if len(by_value) == 1 else 0
    name_set = by_name[0] if len(by_name) == 1 else 0
    unique = _unique(value_set, name_set, both=bool(by_value and by_name))
    if unique:
        return _settled(command, found, sets, unique)
    demanded = [
        demand
        for demand in found.values()
        if (demand.sets & demanding or demand.of_all_sets) and demand.typed
    ]
    if not demanded:
        return Missing((), sets)
    if value_set:
        return _settled(command, found, sets, value_set)
    if len(by_value) < 2 and len(by_name) < 2:  # noqa: PLR2004  # several sets take objects
        return Missing((), sets, ambiguous=True)
    without = 0
    for demand in demanded:
        without |= 0 if demand.of_all_sets else demand.sets
    sets = _less(command, sets, without)
    return Missing((), sets, ambiguous=not sets)


def _unique(value_set: int, name_set: int, *, both: bool) -> int:
    """Return the only set that accepts objects, by value and by name; else 0."""
    if both:
        return value_set if value_set == name_set else 0
    return value_set or name_set


def _default_holds(command: Signature, found: Mapping[int, Demand]) -> bool:
    """Whether the default set is chosen before the first object."""
    others = [
        demand
        for demand in found.values()
        if not demand.of_all_sets and not demand.sets & command.default_bit
    ]
    other_pipes = any(demand.pipeable and not demand.typed for demand in others)
    other_pipes_by_name = any(demand.by_property_name for demand in others)
    own = found.get(command.default_bit)
    if own is not None and own.by_property_name and not other_pipes_by_name:
        return True
    return not other_pipes or bool(ALL in found and found[ALL].typed)


def _settled(command: Signature, found: Mapping[int, Demand], sets: int, chosen: int) -> Missing:
    names = _typed(found, chosen)
    if any(
        demand.typed for demand in found.values() if demand.sets & chosen and not demand.of_all_sets
    ):
        return Missing(names, chosen)
    others = 0
    for demand in found.values():
        others |= 0 if demand.of_all_sets or demand.sets & chosen else demand.sets
    sets = _less(command, sets, others)
    return Missing(names, sets, 0 if sets == chosen else chosen)


def _less(command: Signature, sets: int, without: int) -> int:
    if not without:
        return sets
    return (command.available if sets == ALL else sets) & ~without
