"""Names and paths of objects that have no Notes: disks, DHCP scopes."""

from __future__ import annotations

import ntpath
import re
from pathlib import PureWindowsPath

from nestlab.model.machine_path import MachinePath
from nestlab.model.ownership import disk_name, nat_name
from nestlab.model.topology import VM


def scope_name(topology: str, switch: str) -> str:
    """Return the name of the DHCP scope served on a switch.

    It equals the name of the NAT of that switch; names of scopes and of NATs do not conflict.
    """
    return nat_name(topology, switch)


def guest_scope_name(topology: str, vm: str, adapter: str) -> str:
    """Return the name of the DHCP scope that a guest serves on an adapter of its VM.

    >>> guest_scope_name("lab", "DC", "Inside")
    'nestlab.lab.DC/Inside'
    """
    return scope_name(topology, f"{vm}/{adapter}")


def is_guest_scope(name: str, topology: str, machine: MachinePath) -> bool:
    """Whether a DHCP scope on a machine is one that it serves as the guest of a VM.

    >>> is_guest_scope("nestlab.lab.DC/Inside", "lab", ("DC",))
    True
    """
    prefix = guest_scope_name(topology, machine[-1], "") if machine else ""
    return bool(prefix) and name.casefold().startswith(prefix.casefold())


def disk_path(folder: str, topology: str, vm: VM) -> str | None:
    r"""Return where the system disk of a VM is; None if it has none.

    A differencing disk has the format of its parent, so it has the parent's extension.

    >>> from nestlab.model.topology import Disk
    >>> disk_path(r"D:\VHD", "lab", VM(name="a/b", disk=Disk(parent=r"D:\images\ws2022.vhdx")))
    'D:\\VHD\\nestlab.lab.a%2Fb.vhdx'
    """
    if vm.disk is None:
        return None
    if vm.disk.path:
        return vm.disk.path
    return own_disk_path(folder, topology, vm.name, vm.disk.parent)


def own_disk_path(folder: str, topology: str, vm: str, parent: str | None = None) -> str:
    """Return where nestlab creates the disk of a VM."""
    suffix = PureWindowsPath(parent).suffix if parent else ".vhdx"
    return str(PureWindowsPath(folder) / f"{disk_name(topology, vm)}{suffix}")


_INFIX = ".disk-"
_NUMBER = re.compile(r"(\d+)(?:\.vhdx?|_.+\.avhdx?)")


def own_data_disk_path(
    folder: str, topology: str, vm: str, number: int, parent: str | None = None
) -> str:
    """Return where nestlab creates a data disk of a VM; the first one has the number 1."""
    suffix = PureWindowsPath(parent).suffix if parent else ".vhdx"
    return str(PureWindowsPath(folder) / f"{disk_name(topology, vm)}{_INFIX}{number}{suffix}")


def data_disk_number(path: str, topology: str, vm: str) -> int:
    r"""Return the number of a data disk that nestlab created for a VM; 0 for any other file.

    A checkpoint on top of one has its number.

    >>> data_disk_number(r"D:\VHD\nestlab.lab.web1.disk-12.vhdx", "lab", "web1")
    12
    """
    prefix = f"{disk_name(topology, vm)}{_INFIX}".casefold()
    if prefix not in path.casefold():  # most files: splitting each path would take longest
        return 0
    name = ntpath.basename(path).casefold()
    found = _NUMBER.fullmatch(name.removeprefix(prefix)) if name.startswith(prefix) else None
    return int(found[1]) if found else 0


def named_disks(vm: VM) -> tuple[str, ...]:
    """Return the paths of the data disks that the file names by their path."""
    return tuple(disk.path for disk in vm.disks if disk.path)
