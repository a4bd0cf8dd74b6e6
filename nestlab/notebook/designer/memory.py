"""Gives nested hosts the memory that VMs added inside them need."""

from __future__ import annotations

from collections.abc import Callable

from nestlab.constants import host_memory_reserve, nested_host_memory
from nestlab.dataclass import replace
from nestlab.model.machine_path import path_text
from nestlab.model.size import Size
from nestlab.model.topology import VM, Topology, VMState
from nestlab.notebook.designer.draft import Draft
from nestlab.notebook.designer.parts import with_vm
from nestlab.texts import tr


def with_memory_for_content(before: Topology, draft: Draft) -> Draft:
    """Return the draft with more memory for nested hosts in which an edit added too much.

    A nested host in which nothing was added keeps its memory, also where that is too little.
    """
    known = {path: _needed(machine) for path, machine in before.hosts()}
    for path, _ in reversed(list(draft.topology.hosts())):  # from the inside out
        host = draft.topology.machine(path)
        if not isinstance(host, VM) or _needed(host) <= known.get(path, 0):
            continue
        if _needed(host) + host_memory_reserve(host.memory_startup) > host.memory_startup:
            memory = nested_host_memory(_needed(host))
            grown = replace(host, memory_startup=memory)
            text = tr(
                "{vm} has {memory} of memory now, for the VMs inside it.",
                vm=path_text(path),
                memory=memory,
            )
            draft = replace(
                draft,
                topology=with_vm(draft.topology, path, _always(grown)),
                message=f"{draft.message} {text}",
            )
    return draft


def _always(vm: VM) -> Callable[[VM], VM]:
    return lambda _: vm


def _needed(machine: Topology | VM) -> Size:
    """Return the memory of the VMs of a machine that are to run."""
    running = (vm for vm in machine.vms if vm.state is VMState.RUNNING)
    return Size(sum(vm.memory_startup for vm in running))
