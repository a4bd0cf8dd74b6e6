"""Does this topology fit on that host?

Disks that are there already, and who else stands on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PureWindowsPath

from nestlab.model.finding import Finding
from nestlab.model.machine_path import path_text
from nestlab.model.ownership import is_marked
from nestlab.model.state import DiskUseState, HyperVState
from nestlab.model.topology import VM
from nestlab.rules.match.host_match import Fit

_CHECKPOINT_SUFFIXES = frozenset({".avhdx", ".avhd"})


def disk_in_use(fit: Fit) -> Iterator[Finding]:
    """A disk named by its path that others stand on: writing to a parent spoils every disk made on it."""
    if fit.hyper_v is None:
        return
    for vm, path, keys in fit.vms:
        wanted = vm.disk.path if vm.disk else None
        users = (
            (_child(fit, wanted), *(_user(fit, vm, wanted, use) for use in _uses(fit.hyper_v)))
            if wanted
            else ()
        )
        user = next(filter(None, users), "")
        if user:
            yield fit.finding(
                "disk-in-use",
                "error",
                path_text(path),
                (*keys, "disk", "path"),
                f"wants the disk {wanted}, which is {user}",
                hint="Write disk: {parent: ...} for a differencing disk of its own, or copy the file and name the copy.",
            )


def _child(fit: Fit, wanted: str) -> str:
    """Return which VM of the file gets a differencing disk on a disk; empty where none does."""
    on_it = (
        vm.name
        for vm, _, _ in fit.vms
        if vm.disk and vm.disk.parent and vm.disk.parent.casefold() == wanted.casefold()
    )
    name = next(on_it, "")
    return (
        f"the parent of the disk that the file gives to VM {name}: what is written to it spoils that disk"
        if name
        else ""
    )


def _uses(there: HyperVState) -> tuple[DiskUseState, ...]:
    ids = {vm.id for vm in there.vms}
    if there.disk_uses is not None:
        return tuple(use for use in there.disk_uses if use.vm_id in ids)
    return tuple(
        DiskUseState(path=disk.path, vm_id=vm.id, vm_name=vm.name)
        for vm in there.vms
        for disk in vm.hard_disks
    )


def _user(fit: Fit, vm: VM, wanted: str, use: DiskUseState) -> str:
    """Return what a disk is to a VM that is there; empty where that is no obstacle: its own disk, or one of this topology's that changes."""
    files = [file.casefold() for file in use.files]
    if wanted.casefold() not in files:
        return ""
    place = files.index(wanted.casefold())
    if all(PureWindowsPath(file).suffix in _CHECKPOINT_SUFFIXES for file in files[:place]):
        same = vm.name.casefold() == use.vm_name.casefold()
        return "" if same or _is_ours(fit, use) else f"a disk of VM {use.vm_name}"
    return f"the parent of {use.files[place - 1]} of VM {use.vm_name}: what is written to it spoils that disk"


def _is_ours(fit: Fit, use: DiskUseState) -> bool:
    return fit.hyper_v is not None and any(
        vm.id == use.vm_id and is_marked(vm.notes, fit.name) for vm in fit.hyper_v.vms
    )
