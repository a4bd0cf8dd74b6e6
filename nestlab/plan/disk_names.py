"""Names and paths of objects that have no Notes: disks, DHCP scopes."""

from __future__ import annotations

from pathlib import PureWindowsPath

from nestlab.model.ownership import disk_name, nat_name
from nestlab.model.topology import VM


def scope_name(topology: str, switch: str) -> str:
    """Return the name of the DHCP scope served on a switch.

    It equals the name of the NAT of that switch; names of scopes and of NATs do not conflict.
    """
    return nat_name(topology, switch)


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
