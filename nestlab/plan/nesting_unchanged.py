"""What a change of nesting leaves unchanged, although the user may expect a change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nestlab.constants import NESTED_MEMORY_MINIMUM
from nestlab.model.state import VirtualMachineState
from nestlab.plan.nesting_options import NestingOptions, PreviousState
from nestlab.plan.step import Unchanged
from nestlab.texts import tr


def unchanged_settings(
    vm: VirtualMachineState, options: NestingOptions, previous: PreviousState
) -> Iterable[Unchanged]:
    """Yield a note for each setting that is not changed although the user may expect it."""
    subject = f"VM {vm.name}"
    if (
        options.enable
        and options.memory_startup is None
        and vm.memory_startup < NESTED_MEMORY_MINIMUM
    ):
        why = tr(
            "it starts with {memory} of memory; Hyper-V inside needs {minimum}; set it with memory_startup='{minimum}', --memory {minimum}, or Memory in the panel",
            memory=vm.memory_startup,
            minimum=NESTED_MEMORY_MINIMUM,
        )
        yield Unchanged(subject, why)
    if options.enable and vm.parent_checkpoint_id.strip("0-"):
        yield Unchanged(
            subject,
            tr(
                "it has a checkpoint with the earlier setting: applying that hides the extensions again"
            ),
        )
    if not options.enable and vm.expose_virtualization_extensions and not previous.known:
        yield Unchanged(
            subject,
            tr(
                "no journal here has its values from before nesting was enabled, so they are not known: its memory, processors and MAC address spoofing are kept (journal= or --journal FILE names the journal)"
            ),
        )
    if not options.enable:
        yield from (Unchanged(subject, why) for why in _changed_since(vm, options, previous))


def _changed_since(
    vm: VirtualMachineState, options: NestingOptions, previous: PreviousState
) -> Iterator[str]:
    """Yield the values that are not restored, because they are not those that nestlab set."""
    if previous.memory is not None and previous.memory_set is not None:
        was = {name: value for name, value in previous.memory.items() if name != "VMName"}
        if not has_memory(vm, previous.memory_set) and not has_memory(vm, was):
            yield tr(
                "its memory was changed after nesting was enabled, and is kept: {memory} at startup",
                memory=vm.memory_startup,
            )
    counts = (previous.processor_count, previous.processor_count_set)
    if (
        previous.processor_count_set is not None
        and options.processor_count is None
        and vm.processor_count not in counts
    ):
        yield tr(
            "its processors were changed after nesting was enabled, and are kept: {count}",
            count=vm.processor_count,
        )


def has_memory(vm: VirtualMachineState, wanted: Mapping[str, Any]) -> bool:
    """Whether a VM has the memory that these parameters of Set-VMMemory give."""
    has = {
        "DynamicMemoryEnabled": vm.dynamic_memory_enabled,
        "StartupBytes": vm.memory_startup,
        "MinimumBytes": vm.memory_minimum,
        "MaximumBytes": vm.memory_maximum,
    }
    return all(has[name] == value for name, value in wanted.items() if name in has)
