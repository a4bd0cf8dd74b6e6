"""Rules about amounts that the file itself contradicts: processors of nested hosts, the range of dynamic memory."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import SCALABILITY, SET_MEMORY
from nestlab.model.finding import Finding
from nestlab.rules.topology.topology_index import Survey


def processors_not_enough(survey: Survey) -> Iterator[Finding]:
    """A VM inside does not start with more virtual processors than its nested host has: those are its logical ones."""
    for place, vm in survey.nested_hosts:
        for index, inner in enumerate(vm.vms):
            if inner.processor_count > vm.processor_count:
                yield survey.finding(
                    "processors-not-enough",
                    "error",
                    f"{place.subject}/{inner.name}",
                    (*place.keys, "nested", "vms", index, "processor_count"),
                    f"wants {inner.processor_count} virtual processors; its nested host {place.subject} has {vm.processor_count}",
                    hint=f"Give {place.subject} a processor_count of {inner.processor_count}, or this VM one of at most {vm.processor_count}.",
                    source=SCALABILITY,
                )


def dynamic_memory_range(survey: Survey) -> Iterator[Finding]:
    """Hyper-V takes dynamic memory only where the startup memory lies between minimum and maximum."""
    for place, vm in survey.vms:
        memory = vm.dynamic_memory
        if memory is not None and not memory.minimum <= vm.memory_startup <= memory.maximum:
            yield survey.finding(
                "dynamic-memory-range",
                "error",
                place.subject,
                (*place.keys, "dynamic_memory"),
                f"starts with {vm.memory_startup}, which is not between {memory.minimum} and {memory.maximum} of its dynamic memory",
                hint="Let minimum be at most memory_startup, and maximum at least.",
                source=SET_MEMORY,
            )
