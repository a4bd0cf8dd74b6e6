"""Finding the one VM with a given name."""

from __future__ import annotations

from collections.abc import Sequence

from nestlab.errors import UsageError
from nestlab.model.powershell_text import argument
from nestlab.model.spelling import same_name
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.texts import tr


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
        msg = tr("Hyper-V does not answer on {host}, so no VM can be changed", host=state.host)
        raise UsageError(
            msg,
            hint=tr("`nestlab check --host {host}` says why.", host=argument(state.host)),
        )
    found = next((vm for vm in vms if same_name(vm.name, vm_name)), None)
    if found is None:
        msg = tr("VM {vm} was not found", vm=vm_name or repr(""))
        names = ", ".join(vm.name for vm in vms)
        raise UsageError(
            msg, hint=tr("VMs there: {vms}.", vms=names) if names else tr("VMs there: none.")
        )
    problem = name_problem(vms, vm_name)
    if problem is not None:
        raise problem
    return found


def name_problem(vms: Sequence[VirtualMachineState], vm_name: str) -> UsageError | None:
    """Return why this VM's name does not select it, and only it, in a cmdlet; None if it does."""
    same = [vm for vm in vms if same_name(vm.name, vm_name)]
    ways = "".join(
        f"\n  Get-VM -Id {vm.id} | Rename-VM -NewName '<{tr('name')}>'  ({tr('it is {state}', state=vm.state)})"
        for vm in same
    )
    if len(same) > 1:
        msg = tr("{count} VMs are named {name}", count=len(same), name=vm_name)
        return UsageError(
            msg,
            hint=tr(
                "Cmdlets would change them all. Rename one first, on their host:{ways}", ways=ways
            ),
        )
    if any(character in vm_name for character in "*?[]`"):
        msg = tr(
            "The name {name} has wildcard characters: cmdlets would treat it as a pattern",
            name=vm_name,
        )
        return UsageError(msg, hint=tr("Rename the VM first, on its host:{ways}", ways=ways))
    return None
