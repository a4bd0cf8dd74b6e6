"""Exposing virtualization extensions to one VM, or hiding them: with all that goes with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from nestlab.errors import UsageError
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.model.topology import Topology
from nestlab.plan.plan import Plan
from nestlab.plan.power import ON_STATES, drop_saved_state, start, stop
from nestlab.plan.settings import set_extensions, set_memory
from nestlab.plan.site import Site, same_name
from nestlab.plan.step import Planned, Step, Unchanged


def plan_nesting(state: HostState, vm_name: str, *, enable: bool) -> Plan:
    """Return what exposes virtualization extensions to a VM of this machine, or hides them.

    The VM is stopped where it runs, and started again after. Undone, it has the values of before. Raises UsageError
    where there is no such VM, or more than one.
    """
    vm = _the_vm(state, vm_name)
    site = Site(topology="", path=state.machine, wanted=Topology(name="nesting"), state=state)
    steps = (replace(item, by_request=True) if isinstance(item, Step) else item for item in _steps(site, vm, enable=enable))
    return Plan.of(f"nesting of {vm.name}", state.host, steps, states={state.machine: state})


def _the_vm(state: HostState, vm_name: str) -> VirtualMachineState:
    vms = state.hyper_v.vms if state.hyper_v else ()
    found = [vm for vm in vms if same_name(vm.name, vm_name)]
    if len(found) == 1:
        return found[0]
    if found:
        msg = f"{len(found)} VMs are named {vm_name}"
        raise UsageError(msg, hint="Names of VMs are not unique, and cmdlets would change them all. Rename one first.")
    known = ", ".join(vm.name for vm in vms) or "none"
    msg = f"There is no VM {vm_name}"
    raise UsageError(msg, hint=f"VMs there: {known}.")


def _steps(site: Site, vm: VirtualMachineState, *, enable: bool) -> Iterator[Planned]:
    # While Hyper-V runs in it, the memory of a VM does not float, so dynamic memory gives it nothing but its startup memory.
    memory = enable and vm.dynamic_memory_enabled
    extensions = vm.expose_virtualization_extensions != enable
    if not memory and not extensions:
        yield Unchanged(f"VM {vm.name}", f"virtualization extensions are {'exposed' if enable else 'hidden'} already")
        return
    reason = "virtualization extensions and static memory are set while it is Off"
    if vm.state in ON_STATES:
        yield stop(site, vm, reason)
    elif vm.state == "Saved":
        yield drop_saved_state(site, vm, reason)
    if extensions:
        yield set_extensions(site, vm.name, expose=enable)
    if memory:
        title = f"Give {vm.name} {vm.memory_startup} of static memory"
        yield set_memory(site, vm, title, {"DynamicMemoryEnabled": False, "StartupBytes": vm.memory_startup})
    if vm.state in ON_STATES:
        yield start(site, vm.name, "it ran before")
