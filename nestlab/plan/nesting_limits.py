"""Memory and processors that a nesting change may give a VM, refused before its first step."""

from __future__ import annotations

from nestlab.constants import (
    GENERATION_1_MEMORY_MAXIMUM,
    GENERATION_1_PROCESSORS_MAXIMUM,
    GENERATION_2_MEMORY_MAXIMUM,
    LARGE_VMS_BUILD_MINIMUM,
    MEMORY_MINIMUM,
    MEMORY_STEP,
    OLD_GENERATION_2_MEMORY_MAXIMUM,
    OLD_GENERATION_2_PROCESSORS_MAXIMUM,
    PROCESSORS_MAXIMUM,
)
from nestlab.errors import UsageError
from nestlab.model.size import Size
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.plan.nesting_options import NestingOptions
from nestlab.texts import tr


def require_possible_resources(
    state: HostState, vm: VirtualMachineState, options: NestingOptions
) -> None:
    """Raise UsageError if Hyper-V would refuse the requested memory or processors.

    Hyper-V would refuse them only after the VM was shut down for the change.
    """
    is_old = state.computer.build < LARGE_VMS_BUILD_MINIMUM
    if options.memory_startup is not None:
        _check_memory(vm, options.memory_startup, is_old=is_old)
    if options.processor_count is not None:
        _check_processors(state, vm, options.processor_count, is_old=is_old)


def _check_memory(vm: VirtualMachineState, wanted: Size, *, is_old: bool) -> None:
    large = OLD_GENERATION_2_MEMORY_MAXIMUM if is_old else GENERATION_2_MEMORY_MAXIMUM
    maximum = GENERATION_1_MEMORY_MAXIMUM if vm.generation == 1 else large
    below, minimum = wanted // MEMORY_STEP * MEMORY_STEP, Size(MEMORY_MINIMUM)
    if wanted < minimum:
        message = tr(
            "{vm} cannot have {wanted} of memory; a VM has at least {minimum}.",
            vm=vm.name,
            wanted=wanted,
            minimum=minimum,
        )
        raise UsageError(message, hint=tr("Give {minimum} or more.", minimum=minimum))
    if wanted > maximum:
        message = tr(
            "{vm} cannot have {wanted} of memory; a VM of generation {generation} has at most {maximum} on this host.",
            vm=vm.name,
            wanted=wanted,
            generation=vm.generation,
            maximum=maximum,
        )
        raise UsageError(message, hint=tr("Give {maximum} or less.", maximum=maximum))
    if wanted != below:
        message = tr(
            "{vm} cannot have {wanted} of memory, which is not a multiple of {step}.",
            vm=vm.name,
            wanted=wanted,
            step=Size(MEMORY_STEP),
        )
        hint = tr("Give {below} or {above}.", below=Size(below), above=Size(below + MEMORY_STEP))
        raise UsageError(message, hint=hint)


def _check_processors(
    state: HostState, vm: VirtualMachineState, wanted: int, *, is_old: bool
) -> None:
    large = OLD_GENERATION_2_PROCESSORS_MAXIMUM if is_old else PROCESSORS_MAXIMUM
    maximum = GENERATION_1_PROCESSORS_MAXIMUM if vm.generation == 1 else large
    if wanted > maximum:
        message = tr(
            "{vm} cannot have {wanted} virtual processors; a VM of generation {generation} has at most {maximum} on this host.",
            vm=vm.name,
            wanted=wanted,
            generation=vm.generation,
            maximum=maximum,
        )
        raise UsageError(message, hint=tr("Give {maximum} or fewer.", maximum=maximum))
    logical = sum(processor.number_of_logical_processors for processor in state.processors)
    if logical and wanted > logical:
        message = tr(
            "{vm} would not start with {wanted} virtual processors: this host has {logical} logical processors.",
            vm=vm.name,
            wanted=wanted,
            logical=logical,
        )
        raise UsageError(message, hint=tr("Give {logical} or fewer.", logical=logical))
