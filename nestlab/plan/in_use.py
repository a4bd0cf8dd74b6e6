"""Objects that are kept because others use them.

These are parents of other VMs' disks, switches that others are connected to, and VMs whose removal
would write to the disks of other VMs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from nestlab.model import Cmdlet
from nestlab.model.ownership import is_marked
from nestlab.model.spelling import same_name
from nestlab.model.state import (
    DiskUseState,
    HyperVState,
    NetworkAdapterState,
    SwitchState,
    VirtualMachineState,
)
from nestlab.plan.cmdlet_targets import on_adapter
from nestlab.texts import tr, tr_count

_CHECKPOINT_SUFFIXES = (".avhdx", ".avhd")


def disk_uses(hyper_v: HyperVState) -> tuple[DiskUseState, ...]:
    """Return the uses of disks on a machine.

    Where the parents of disks were not read, these are the attached disks only.
    """
    if hyper_v.disk_uses is not None:
        return hyper_v.disk_uses
    return tuple(
        DiskUseState(path=disk.path, vm_id=vm.id, vm_name=vm.name)
        for vm in hyper_v.vms
        for disk in vm.hard_disks
    )


def why_disk_is_kept(
    path: str, uses: Iterable[DiskUseState], removed_ids: Collection[str] = ()
) -> str:
    """Return why a disk is kept: who uses it, apart from removed VMs (by Id); empty if unused."""
    return kept_text(_uses_of([path], uses, removed_ids).get(path, ""))


def why_disks_are_kept(
    paths: Collection[str], uses: Iterable[DiskUseState], removed_ids: Collection[str] = ()
) -> dict[str, str]:
    """Return why disks are kept, by path: who uses each, apart from removed VMs (by Id).

    Disks that are not in use are left out.
    """
    return {path: kept_text(use) for path, use in _uses_of(paths, uses, removed_ids).items()}


def _uses_of(
    paths: Collection[str], uses: Iterable[DiskUseState], removed_ids: Collection[str]
) -> dict[str, str]:
    left = {path.casefold(): path for path in paths}
    found: dict[str, str] = {}
    for use in uses:
        if use.vm_id in removed_ids:
            continue
        keys = [*left] if use.unread else [file.casefold() for file in use.files]
        for key in keys:
            if key in left:
                path = left.pop(key)
                found[path] = use_of_disk(use, path)
    return found


def reason_of(why: str) -> str:
    """Return the reason in a text of `kept_text`."""
    return why.removeprefix(tr("kept: {reason}", reason=""))


def kept_text(reason: str) -> str:
    """Return that something is kept, and why, for a plan; empty without a reason."""
    return tr("kept: {reason}", reason=reason) if reason else ""


def use_of_disk(use: DiskUseState, path: str) -> str:
    """Return how a VM or a checkpoint uses a disk, as a clause; empty if it does not."""
    owner = tr("a checkpoint of VM {vm}", vm=use.vm_name) if use.checkpoint else f"VM {use.vm_name}"
    files = [file.casefold() for file in use.files]
    if path.casefold() in files:
        place = files.index(path.casefold())
        return (
            tr(
                "{path} is the parent of {child} of {owner}",
                path=path,
                child=use.files[place - 1],
                owner=owner,
            )
            if place
            else tr("{path} is a disk of {owner}", path=path, owner=owner)
        )
    return (
        tr("the parents of {path} of {owner} could not be read", path=use.path, owner=owner)
        if use.unread
        else ""
    )


def why_vm_is_kept(
    vm_id: str, uses: Collection[DiskUseState], removed_ids: Collection[str] = ()
) -> str:
    """Return why a VM is kept: whose disk its removal would damage; empty if it damages none.

    Remove-VM merges the disks of checkpoints into the base disk, which damages every other disk
    that has it as its parent.
    """
    written = {file.casefold(): file for use in uses if use.vm_id == vm_id for file in _merged(use)}
    for file in written.values():
        use = _uses_of([file], uses, {*removed_ids, vm_id}).get(file, "")
        if use:
            return kept_text(
                tr(
                    "its checkpoints would be merged into {file}; {use_of_file}",
                    file=file,
                    use_of_file=use,
                )
            )
    return ""


def _merged(use: DiskUseState) -> Iterator[str]:
    """Yield the files that a merge of the checkpoint disks of a chain deletes or writes to."""
    for file in use.files if is_checkpoint_disk(use.path) else ():
        yield file
        if not is_checkpoint_disk(file):
            return


def base_of(use: DiskUseState) -> str:
    """Return the disk that remains of a chain after its checkpoints are merged."""
    return next((file for file in use.files if not is_checkpoint_disk(file)), use.path)


def is_checkpoint_disk(path: str) -> bool:
    """Whether a file is the differencing disk of a checkpoint."""
    return path.lower().endswith(_CHECKPOINT_SUFFIXES)


def other_vms_by_switch(
    hyper_v: HyperVState | None, name: str, topology: str
) -> list[tuple[SwitchState, VirtualMachineState]]:
    """Return the VMs of others on each switch with a name, as `other_vms_on` does."""
    if hyper_v is None:
        return []
    switches = (switch for switch in hyper_v.switches if same_name(switch.name, name))
    return [(each, vm) for each in switches for vm in other_vms_on(hyper_v, each, topology)]


def other_vms_on(
    hyper_v: HyperVState, switch: SwitchState, topology: str
) -> tuple[VirtualMachineState, ...]:
    """Return the VMs on a switch that do not carry the mark of this topology.

    Those inside its nested hosts that are bridged onto the switch are among them.
    """
    on_it = (
        vm
        for vm in (*hyper_v.vms, *hyper_v.bridged_vms)
        if any(adapter.switch_id == switch.id for adapter in vm.network_adapters)
    )
    return tuple(vm for vm in on_it if not is_marked(vm.notes, topology))


def extra_management_adapters(
    hyper_v: HyperVState, switch: SwitchState
) -> tuple[NetworkAdapterState, ...]:
    """Return the management adapters on a switch, without the one named like the switch."""
    own = (adapter for adapter in hyper_v.management_adapters if adapter.switch_id == switch.id)
    return tuple(adapter for adapter in own if adapter.name.casefold() != switch.name.casefold())


def why_switch_is_kept(
    hyper_v: HyperVState,
    switch: SwitchState,
    topology: str,
    may_disconnect: Collection[str] | None = (),
) -> str:
    """Return why a switch is kept: who else is connected to it; empty if no one is.

    `may_disconnect` has the Ids of those that may be disconnected; None means all of them.
    """
    if may_disconnect is None:
        return ""
    names = [
        f"VM {vm.name}"
        for vm in other_vms_on(hyper_v, switch, topology)
        if vm.id not in may_disconnect
    ]
    names += [
        tr("management adapter {adapter}", adapter=adapter.name)
        for adapter in extra_management_adapters(hyper_v, switch)
        if adapter.id not in may_disconnect
    ]
    if not names:
        return ""
    reason = tr_count(
        "{names} is connected to it; `--disconnect-others` removes it anyway",
        "{names} are connected to it; `--disconnect-others` removes it anyway",
        len(names),
        names=", ".join(names),
    )
    return kept_text(reason)


def serves_switch_of_others(switch: str) -> str:
    """Return why a NAT, DHCP scope or address is kept: others are connected to its switch."""
    return tr("kept: it serves the switch {switch}, which others are connected to", switch=switch)


def vms_to_disconnect(
    hyper_v: HyperVState, switch: SwitchState, topology: str, removed_ids: Collection[str] = ()
) -> tuple[VirtualMachineState, ...]:
    """Return the VMs that the removal of a switch disconnects, without those removed before it.

    The topology's own VMs are disconnected only from an External switch: it is removed before they
    are connected elsewhere, because another switch may need its adapter. Hyper-V does not remove a
    switch while a running VM is connected to it.
    """
    return tuple(
        vm
        for vm in hyper_v.vms
        if any(adapter.switch_id == switch.id for adapter in vm.network_adapters)
        and vm.id not in removed_ids
        and (switch.switch_type == "External" or not is_marked(vm.notes, topology))
    )


def disconnect_cmdlets(
    vms: Iterable[VirtualMachineState], switch: SwitchState
) -> tuple[Cmdlet, ...]:
    """Return the cmdlets that disconnect VMs from a switch."""
    return tuple(
        on_adapter(vm, adapter, Cmdlet("Disconnect-VMNetworkAdapter"))
        for vm in vms
        for adapter in vm.network_adapters
        if adapter.switch_id == switch.id
    )
