"""Finding the one VM with a given name."""

from __future__ import annotations

from collections.abc import Sequence

from nestlab.errors import UsageError
from nestlab.model.powershell_text import argument
from nestlab.model.spelling import same_name
from nestlab.model.state import HostState, VirtualMachineState


def distinct_names(vm_names: str | Sequence[str]) -> tuple[str, ...]:
    """Return each name once, in order; names in Hyper-V are not case-sensitive.

    >>> distinct_names(["HV2", "HV1", "hv2"])
    ('HV2', 'HV1')
    """
    names: dict[str, str] = {}
    for name in [vm_names] if isinstance(vm_names, str) else vm_names:
        names.setdefault(name.casefold(), name)
    return tuple(names.values())


def find_vm(state: HostState, vm_name: str) -> VirtualMachineState:
    """Return the one VM of this name; raises UsageError if there is none, or more than one."""
    vms = state.hyper_v.vms if state.hyper_v else ()
    if state.hyper_v is None:
        msg = f"Hyper-V does not answer on {state.host}, so no VM can be changed"
        raise UsageError(msg, hint=f"`nestlab check --host {argument(state.host)}` says why.")
    found = next((vm for vm in vms if same_name(vm.name, vm_name)), None)
    if found is None:
        msg = f"VM {vm_name or repr('')} was not found"
        raise UsageError(msg, hint=f"VMs there: {', '.join(vm.name for vm in vms) or 'none'}.")
    problem = name_problem(vms, vm_name)
    if problem is not None:
        raise problem
    return found


def name_problem(vms: Sequence[VirtualMachineState], vm_name: str) -> UsageError | None:
    """Return why this VM's name does not select it in a cmdlet, or None if it does."""
    same = [vm for vm in vms if same_name(vm.name, vm_name)]
    ways = "".join(
        f"\n  Get-VM -Id {vm.id} | Rename-VM -NewName '<name>'  (it is {vm.state})" for vm in same
    )
    if len(same) > 1:
        msg = f"{len(same)} VMs are named {vm_name}"
        return UsageError(
            msg, hint=f"Cmdlets would change them all. Rename one first, on their host:{ways}"
        )
    if any(character in vm_name for character in "*?[]`"):
        msg = f"The name {vm_name} has wildcard characters: cmdlets would treat it as a pattern"
        return UsageError(msg, hint=f"Rename the VM first, on its host:{ways}")
    return None
