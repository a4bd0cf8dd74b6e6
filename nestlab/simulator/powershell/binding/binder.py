"""The passes of PowerShell's parameter binder: names, positions, mandatory parameters."""

from __future__ import annotations

from collections.abc import Iterable

from nestlab.model.parameter_values import Value
from nestlab.simulator.powershell.binding import binder_errors as errors
from nestlab.simulator.powershell.binding.arguments import (
    NOT_BOUND,
    bind_argument,
    bind_unconverted,
)
from nestlab.simulator.powershell.binding.parameter_lookup import match_parameter
from nestlab.simulator.powershell.binding.parameter_sets import (
    count,
    matching,
    missing_before_objects,
)
from nestlab.simulator.powershell.binding.parameters import (
    ALL,
    Parameter,
    ParameterSetSpecificMetadata,
    Signature,
)
from nestlab.simulator.powershell.call import PowerShellError
from nestlab.simulator.powershell.values.dotnet_values import display_text

_Positions = dict[int, dict[str, list[ParameterSetSpecificMetadata]]]


class Binder:
    """A call being bound: the values so far, and the parameter sets that are still possible.

    Pipeline objects are bound with `prioritized_sets` first.
    """

    def __init__(self, command: Signature) -> None:
        self.command = command
        self.bound: dict[str, Value] = {}
        self.sets = ALL
        self.set_name = ""
        self.prioritized_sets = 0
        self._unbound: list[tuple[str | None, Value]] = []
        self._failure: PowerShellError | None = None

    def for_object(self) -> Binder:
        """Return a copy for binding one pipeline object."""
        other = Binder(self.command)
        other.bound = dict(self.bound)
        other.sets = self.sets
        other.set_name = self.set_name
        other.prioritized_sets = self.prioritized_sets
        return other

    def bind_named(self, arguments: Iterable[tuple[str | None, Value]]) -> None:
        """Bind the named arguments in order; `finish` reports unknown names."""
        for name, value in arguments:
            parameter = None if name is None else match_parameter(self.command, name)
            if name is None or parameter is None:
                self._unbound.append((name, value))
                continue
            if parameter.name in self.bound:
                raise errors.parameter_already_bound(self.command, name.removeprefix("-"))
            self.bind(parameter, bind_argument(self.command, parameter, value))

    def bind(self, parameter: Parameter, value: Value) -> None:
        """Bind a value, and exclude the sets that do not have its parameter."""
        self.bound[parameter.name] = value
        self.sets &= self.command.masks[parameter.name]

    def bind_positional(self) -> None:
        """Bind the positional arguments, each to the parameters of the next free position."""
        if not any(name is None for name, _ in self._unbound):
            return
        positions = self._positions()
        waiting, self._unbound = self._unbound, []
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
                self._unbound.append((name, value))
            elif self.sets != before:
                _narrow(positions, self.sets)
        self._unbound += waiting[index:]

    def _skip_named(self, waiting: list[tuple[str | None, Value]], index: int) -> int:
        """Keep unknown names for later, each with the argument after it, which may belong to it."""
        while index < len(waiting) and waiting[index][0] is not None:
            self._unbound.append(waiting[index])
            index += 1
            if index < len(waiting) and waiting[index][0] is None:
                self._unbound.append(waiting[index])
                index += 1
        return index

    def _positions(self) -> _Positions:
        found: _Positions = {}
        for name, entries in self.command.set_metadata.items():
            if name in self.bound:
                continue
            for entry in matching(entries, self.sets):
                if entry.position is not None:
                    found.setdefault(entry.position, {}).setdefault(name, []).append(entry)
        return found

    def _bind_position(
        self, candidates: dict[str, list[ParameterSetSpecificMetadata]], value: Value
    ) -> bool:
        """Bind a value to one of the parameters of a position; return whether one accepted it.

        The value is tried unconverted, then converted; each time in the default set first.
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
        any_bound = False
        self._failure = None
        for name, entries in candidates.items():
            if not matching(entries, sets):
                continue
            parameter = self.command.parameters[name]
            try:
                bound = (
                    bind_argument(self.command, parameter, value)
                    if convert
                    else bind_unconverted(self.command, parameter, value)
                )
            except PowerShellError as error:
                if error.record.exception_type != errors.BINDING:
                    raise
                self._failure = error
                continue
            if bound is not NOT_BOUND:
                self.bind(parameter, bound)
                any_bound = True
        return any_bound

    def finish(self, *, has_pipeline_input: bool) -> None:
        """Choose the parameter set, or the sets that remain possible for pipeline objects.

        Raises PowerShellError for arguments that no parameter accepts, and for missing ones.
        """
        self.validate_sets(before_objects=True, take_default=False)
        self._reject_unbound()
        valid = self.validate_sets(
            before_objects=has_pipeline_input, take_default=not has_pipeline_input
        )
        if has_pipeline_input:
            if valid > 1 and (sets := self._sets_with_pipeline_input()) != self.sets:
                self.sets = sets
                valid = self.validate_sets(before_objects=True, take_default=False)
            self._require_explicit(valid)
        else:
            self._require(self.missing_mandatory())
            self.verify_set()

    def _reject_unbound(self) -> None:
        if not self._unbound:
            return
        name, value = self._unbound[0]
        if name is not None:
            raise errors.named_parameter_not_found(self.command, name.removeprefix("-"))
        raise self._failure or errors.positional_parameter_not_found(
            self.command, "$null" if value is None else display_text(value)
        )

    def _require(self, names: Iterable[str]) -> None:
        if missing := tuple(names):
            raise errors.missing_mandatory(self.command, missing)

    def missing_mandatory(self) -> list[str]:
        """Return the mandatory parameters of the possible sets that are not bound."""
        unbound = (name for name in self.command.mandatory if name not in self.bound)
        return [
            name
            for name in unbound
            if any(
                entry.mandatory for entry in matching(self.command.set_metadata[name], self.sets)
            )
        ]

    def _require_explicit(self, valid: int) -> None:
        unbound = (name for name in self.command.mandatory if name not in self.bound)
        missing = missing_before_objects(self.command, unbound, self.sets, valid)
        if missing.ambiguous:
            raise errors.ambiguous_parameter_set(self.command)
        self.sets, self.prioritized_sets = missing.sets, missing.prioritized
        self._require(missing.names)

    def _sets_with_pipeline_input(self) -> int:
        accepting = 0
        for name in self.command.from_pipeline:
            if name in self.bound:
                continue
            entries = matching(self.command.set_metadata[name], self.sets)
            if any(entry.bit == ALL for entry in entries):
                return self.sets
            for entry in entries:
                accepting |= entry.bit
        return self.sets & accepting if accepting else self.sets

    def validate_sets(self, *, before_objects: bool, take_default: bool) -> int:
        """ValidateParameterSets: return how many sets are possible.

        Before pipeline objects (`before_objects`), several sets may remain possible if objects can
        decide between them. With `take_default`, the default set is chosen if it is possible.

        Raises PowerShellError if there is none, or if the choice is ambiguous.
        """
        left, default = count(self.sets), self.command.default_bit
        if left == 0:
            raise errors.ambiguous_parameter_set(self.command)
        if left > 1:
            if default & self.sets:
                self.set_name = self.command.set_name(default)
                if take_default:
                    self.sets, left = default, 1
                return left
            return (
                left
                if before_objects and self._accepts_pipeline_input()
                else self._only_complete_set()
            )
        if self.sets == ALL:
            left = len(self.command.bits) or 1
            if before_objects and self._accepts_pipeline_input():
                pass
            elif default:
                if take_default:
                    self.sets, left = default, 1
            elif left > 1:
                left = self._only_complete_set()
        self.set_name = self.command.set_name(self.sets)
        return left

    def _accepts_pipeline_input(self) -> bool:
        return any(
            name not in self.bound and matching(self.command.set_metadata[name], self.sets)
            for name in self.command.from_pipeline
        )

    def _only_complete_set(self) -> int:
        """Choose the only set without missing parameters, not counting those that all sets need."""
        complete = self.sets & self.command.named_bits
        for name in self.command.mandatory:
            if name not in self.bound:
                for entry in self.command.set_metadata[name]:
                    complete &= ALL if entry.bit == ALL or not entry.mandatory else ~entry.bit
        if count(complete) != 1:
            raise errors.ambiguous_parameter_set(self.command)
        self.sets = complete
        self.set_name = self.command.set_name(complete)
        return 1

    def verify_set(self) -> None:
        """Choose the default set if all sets are possible.

        Raises PowerShellError if there is no default set.
        """
        if len(self.command.bits) > 1 and self.sets == ALL:
            if not self.command.default_bit:
                raise errors.ambiguous_parameter_set(self.command)
            self.sets = self.command.default_bit


def _narrow(positions: _Positions, sets: int) -> None:
    for candidates in positions.values():
        for name in list(candidates):
            candidates[name] = matching(candidates[name], sets)
            if not candidates[name]:
                del candidates[name]
