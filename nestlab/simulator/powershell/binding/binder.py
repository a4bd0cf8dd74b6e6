"""The passes of PowerShell's parameter binder: names, positions, what is mandatory, then each object in four passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from nestlab.model import Record
from nestlab.model.cmdlet import Value
from nestlab.simulator.powershell.binding import binder_errors as errors
from nestlab.simulator.powershell.binding.arguments import UNFIT, bind_argument, bind_as_it_is
from nestlab.simulator.powershell.binding.parameter_sets import (
    count,
    matching,
    missing_before_objects,
)
from nestlab.simulator.powershell.binding.signatures import (
    ALL,
    Parameter,
    ParameterSetSpecificMetadata,
    Signature,
)
from nestlab.simulator.powershell.call import PowerShellError
from nestlab.simulator.powershell.objects import is_scalar, scalar_value
from nestlab.simulator.powershell.values.net_values import shown
from nestlab.simulator.powershell.values.object_types import property_kind

_Positions = dict[int, dict[str, list[ParameterSetSpecificMetadata]]]


def look_up(command: Signature, name: str) -> Parameter | None:
    """Return the parameter that a name, an alias or a beginning means, or None; raises PowerShellError where several do.

    A beginning that is one of the command's own parameters goes before common ones.
    """
    wanted = name.removeprefix("-").lower()
    if (exact := command.by_name.get(wanted)) is not None:
        return exact
    if not wanted:
        return None
    begins = [
        parameter
        for parameter in command.parameters.values()
        if parameter.name.lower().startswith(wanted)
    ]
    begins += [
        parameter
        for parameter in command.parameters.values()
        if parameter not in begins
        and any(alias.lower().startswith(wanted) for alias in parameter.aliases)
    ]
    if len(begins) <= 1:
        return begins[0] if begins else None
    own = [parameter for parameter in begins if not parameter.common]
    if len(own) == 1:
        return own[0]
    raise errors.ambiguous_parameter(
        command, name.removeprefix("-"), [parameter.name for parameter in begins]
    )


class Binder:
    """The state of one binding: what is bound, which sets are still possible, which goes first with objects."""

    def __init__(self, command: Signature) -> None:
        self.command = command
        self.bound: dict[str, Value] = {}
        self.sets = ALL
        self.set_name = ""
        self._first = 0
        self._left: list[tuple[str | None, Value]] = []
        self._failure: PowerShellError | None = None

    def for_object(self) -> Binder:
        """Return a copy that one object can be bound to."""
        other = Binder(self.command)
        other.bound = dict(self.bound)
        other.sets = self.sets
        other.set_name = self.set_name
        other._first = self._first  # its own kind
        return other

    def bind_named(self, arguments: Iterable[tuple[str | None, Value]]) -> None:
        """Bind the arguments that have a name, in their order; an unknown name waits until all else is bound."""
        for name, value in arguments:
            parameter = None if name is None else look_up(self.command, name)
            if name is None or parameter is None:
                self._left.append((name, value))
                continue
            if parameter.name in self.bound:
                raise errors.parameter_already_bound(self.command, name.removeprefix("-"))
            self._bind(parameter, bind_argument(self.command, parameter, value))

    def _bind(self, parameter: Parameter, value: Value) -> None:
        self.bound[parameter.name] = value
        self.sets &= self.command.masks[parameter.name]

    def bind_positional(self) -> None:
        """Bind the arguments without a name, each to the parameters of the next position that is free."""
        if not any(name is None for name, _ in self._left):
            return
        positions = self._positions()
        waiting, self._left = self._left, []
        index = 0
        for position in sorted(positions):
            candidates = positions[position]
            if not candidates:
                continue
            index = self._skip_named(waiting, index)
            if index >= len(waiting):
                break
            name, value = waiting[index]
            index += 1
            before = self.sets
            if not self._bind_position(candidates, value):
                self._left.append((name, value))
            elif self.sets != before:
                _narrow(positions, self.sets)
        self._left += waiting[index:]

    def _skip_named(self, waiting: list[tuple[str | None, Value]], index: int) -> int:
        """Pass over unknown names, each with the argument behind it, which may be its own."""
        while index < len(waiting) and waiting[index][0] is not None:
            self._left.append(waiting[index])
            index += 1
            if index < len(waiting) and waiting[index][0] is None:
                self._left.append(waiting[index])
                index += 1
        return index

    def _positions(self) -> _Positions:
        found: _Positions = {}
        for name, spots in self.command.spots.items():
            if name in self.bound:
                continue
            for spot in matching(spots, self.sets):
                if spot.position is not None:
                    found.setdefault(spot.position, {}).setdefault(name, []).append(spot)
        return found

    def _bind_position(
        self, candidates: dict[str, list[ParameterSetSpecificMetadata]], value: Value
    ) -> bool:
        """As it is, then converted; each time the default set before the others.

        Whether anything took it.
        """
        default = self.command.default_bit & self.sets
        sets = self.sets
        for convert in (False, True):
            if default and self._bind_in_sets(candidates, value, default, convert=convert):
                return True
            if self._bind_in_sets(candidates, value, sets, convert=convert):
                return True
        return False

    def _bind_in_sets(
        self,
        candidates: dict[str, list[ParameterSetSpecificMetadata]],
        value: Value,
        sets: int,
        *,
        convert: bool,
    ) -> bool:
        taken = False
        self._failure = None
        for name, spots in candidates.items():
            if not matching(spots, sets):
                continue
            parameter = self.command.parameters[name]
            try:
                bound = (
                    bind_argument(self.command, parameter, value)
                    if convert
                    else bind_as_it_is(self.command, parameter, value)
                )
            except PowerShellError as error:
                if error.record.exception_type != errors.BINDING:
                    raise
                self._failure = error
                continue
            if bound is not UNFIT:
                self._bind(parameter, bound)
                taken = True
        return taken

    def finish(self, *, objects_come: bool) -> None:
        """Settle on a set, or on those that objects may still choose from; tell of what is left over and of what is missing."""
        self._settle(before_objects=True, take_default=False)
        self._refuse_leftovers()
        valid = self._settle(before_objects=objects_come, take_default=not objects_come)
        if objects_come:
            if valid > 1 and (sets := self._sets_that_take_objects()) != self.sets:
                self.sets = sets
                valid = self._settle(before_objects=True, take_default=False)
            self._require_what_no_object_gives(valid)
        else:
            self._require(self._missing())
            self._verify_set()

    def _refuse_leftovers(self) -> None:
        if not self._left:
            return
        name, value = self._left[0]
        if name is not None:
            raise errors.named_parameter_not_found(self.command, name.removeprefix("-"))
        raise self._failure or errors.positional_parameter_not_found(
            self.command, "$null" if value is None else shown(value)
        )

    def _require(self, names: Iterable[str]) -> None:
        if missing := tuple(names):
            raise errors.missing_mandatory(self.command, missing)

    def _missing(self) -> list[str]:
        unbound = (name for name in self.command.mandatory if name not in self.bound)
        return [
            name
            for name in unbound
            if any(spot.mandatory for spot in matching(self.command.spots[name], self.sets))
        ]

    def _require_what_no_object_gives(self, valid: int) -> None:
        unbound = (name for name in self.command.mandatory if name not in self.bound)
        missing = missing_before_objects(self.command, unbound, self.sets, valid)
        if missing.ambiguous:
            raise errors.ambiguous_parameter_set(self.command)
        self.sets, self._first = missing.sets, missing.first
        self._require(missing.names)

    def _sets_that_take_objects(self) -> int:
        taking = 0
        for name in self.command.from_pipeline:
            if name in self.bound:
                continue
            spots = matching(self.command.spots[name], self.sets)
            if any(spot.bit == ALL for spot in spots):
                return self.sets
            for spot in spots:
                taking |= spot.bit
        return self.sets & taking if taking else self.sets

    def _settle(self, *, before_objects: bool, take_default: bool) -> int:
        """ValidateParameterSets: how many sets are possible; raises PowerShellError where none is, or nothing tells which."""
        left, default = count(self.sets), self.command.default_bit
        if left == 0:
            raise errors.ambiguous_parameter_set(self.command)
        if left > 1:
            if default & self.sets:
                self.set_name = self.command.set_name(default)
                if take_default:
                    self.sets, left = default, 1
                return left
            return left if before_objects and self._takes_objects() else self._only_complete_set()
        if self.sets == ALL:
            left = len(self.command.bits) or 1
            if before_objects and self._takes_objects():
                pass
            elif default:
                if take_default:
                    self.sets, left = default, 1
            elif left > 1:
                left = self._only_complete_set()
        self.set_name = self.command.set_name(self.sets)
        return left

    def _takes_objects(self) -> bool:
        return any(
            name not in self.bound and matching(self.command.spots[name], self.sets)
            for name in self.command.from_pipeline
        )

    def _only_complete_set(self) -> int:
        """The one set that misses nothing; what all sets need does not count."""
        complete = self.sets & self.command.available
        for name in self.command.mandatory:
            if name not in self.bound:
                for spot in self.command.spots[name]:
                    complete &= ALL if spot.bit == ALL or not spot.mandatory else ~spot.bit
        if count(complete) != 1:
            raise errors.ambiguous_parameter_set(self.command)
        self.sets = complete
        self.set_name = self.command.set_name(complete)
        return 1

    def _verify_set(self) -> None:
        if len(self.command.bits) > 1 and self.sets == ALL:
            if not self.command.default_bit:
                raise errors.ambiguous_parameter_set(self.command)
            self.sets = self.command.default_bit

    def bind_object(self, record: Record) -> None:
        """Bind one object: by value and by property name, as it is and then converted; raises PowerShellError."""
        taken = self._bind_in_passes(record)
        self._settle(before_objects=False, take_default=True)
        self._verify_set()
        if not taken:
            raise errors.input_object_not_bound(self.command)
        if missing := self._missing():
            raise errors.input_object_missing_mandatory(self.command, missing)

    def _bind_in_passes(self, record: Record) -> bool:
        taken = False
        sets = self._first or self.sets
        for turn in (1, 2) if self._first else (2,):
            for act in _PASSES:
                if self._pass(record, act, sets):
                    taken = True
                    if turn == 2:  # noqa: PLR2004  # the set that goes first is not settled on yet
                        self._settle(before_objects=True, take_default=True)
                        sets = self.sets
            if turn == 1:
                if self.sets == self._first:
                    break
                sets = self.sets & ~self._first
        return taken

    def _pass(self, record: Record, act: _Act, sets: int) -> bool:
        """The parameters of the default set first, and alone where one of them takes the object."""
        default = self.command.default_bit
        if default & sets:
            if self._pass_in_sets(record, act, default):
                return True
            sets &= ~default
        return self._pass_in_sets(record, act, sets)

    def _pass_in_sets(self, record: Record, act: _Act, sets: int) -> bool:
        taken = False
        for name in self.command.from_pipeline:
            if name in self.bound or not matching(self.command.spots[name], sets):
                continue
            parameter = self.command.parameters[name]
            value = act(self.command, parameter, record)
            if value is not UNFIT:
                self._bind(parameter, value)
                taken = True
        return taken


def _narrow(positions: _Positions, sets: int) -> None:
    for candidates in positions.values():
        for name in list(candidates):
            candidates[name] = matching(candidates[name], sets)
            if not candidates[name]:
                del candidates[name]


_Act = Callable[[Signature, Parameter, Record], Value]


def _itself(record: Record) -> Value:
    return scalar_value(record) if is_scalar(record) else record


def _value_as_it_is(command: Signature, parameter: Parameter, record: Record) -> Value:
    if not parameter.by_value:
        return UNFIT
    return bind_as_it_is(command, parameter, _itself(record), from_pipeline=True)


def _value_converted(command: Signature, parameter: Parameter, record: Record) -> Value:
    if not parameter.by_value:
        return UNFIT
    try:
        return bind_argument(command, parameter, _itself(record))
    except PowerShellError as error:
        # A value that does not convert belongs to another parameter; one that an attribute refuses
        # is an error of the object.
        if error.record.exception_type == errors.VALIDATION or "user" in error.record.message:
            raise
        return UNFIT


def _property(parameter: Parameter, record: Record) -> tuple[str, Value] | None:
    """The first member of the object that bears the parameter's name or an alias: its name and value."""
    if is_scalar(record) or not parameter.by_property_name:
        return None
    name = next((name for name in parameter.names() if name in record), None)
    if name is None or (
        record[name] is None
        and (parameter.element_type == "CimSession" or _may_come_without(parameter))
    ):
        return None  # Hyper-V's objects never have a null session, those of the simulated host do
    return name, record[name]


def _may_come_without(parameter: Parameter) -> bool:
    """Whether a null member leaves the parameter alone: drives without a disk number go into Set-VMHardDiskDrive (its reference)."""
    return parameter.nullable and not parameter.is_mandatory


def _property_as_it_is(command: Signature, parameter: Parameter, record: Record) -> Value:
    found = _property(parameter, record)
    if found is None:
        return UNFIT
    declared = property_kind(record.type_names[0], found[0]) if record.type_names else ""
    return bind_as_it_is(command, parameter, found[1], declared=declared)


def _property_converted(command: Signature, parameter: Parameter, record: Record) -> Value:
    found = _property(parameter, record)
    if found is None:
        return UNFIT
    try:
        return bind_argument(command, parameter, found[1])
    except PowerShellError as error:
        if error.record.exception_type != errors.BINDING:
            raise
        return UNFIT


_PASSES: tuple[_Act, ...] = (
    _value_as_it_is,
    _property_as_it_is,
    _value_converted,
    _property_converted,
)
