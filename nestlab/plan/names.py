"""Names that say whose they are, for objects that have no Notes: disks, NATs, DHCP scopes."""

from __future__ import annotations

import re
from pathlib import PureWindowsPath

from nestlab.model.ownership import is_ours_by_name
from nestlab.model.topology import VM

# Characters that Windows refuses in file names, and % itself, which marks the replacement.
_REFUSED = re.compile(r'[<>:"/\\|?*%\x00-\x1f]')


def nat_name(topology: str, switch: str) -> str:
    """Return the name of the NAT behind a switch.

    >>> nat_name("nat-lab", "LabNet")
    'nestlab.nat-lab.LabNet'
    """
    return f"nestlab.{topology}.{switch}"


def scope_name(topology: str, switch: str) -> str:
    """Return the name of the DHCP scope served on a switch; DHCP has names of its own, so they may be equal."""
    return nat_name(topology, switch)


def disk_path(folder: str, topology: str, vm: VM) -> str | None:
    r"""Return where the system disk of a VM is; None where it has none.

    A differencing disk has the format of its parent, so its name ends like the parent's.

    >>> from nestlab.model.topology import Disk
    >>> disk_path(r"D:\VHD", "lab", VM(name="a/b", disk=Disk(parent=r"D:\images\ws2022.vhdx")))
    'D:\\VHD\\nestlab.lab.a%2Fb.vhdx'
    """
    if vm.disk is None:
        return None
    if vm.disk.path:
        return vm.disk.path
    suffix = PureWindowsPath(vm.disk.parent).suffix if vm.disk.parent else ".vhdx"
    name = _REFUSED.sub(lambda match: f"%{ord(match[0]):02X}", vm.name)
    return str(PureWindowsPath(folder) / f"nestlab.{topology}.{name}{suffix}")


def is_our_disk(path: str, topology: str) -> bool:
    r"""Whether a disk was made by nestlab for the topology; never true of parents and disks named by ``path``.

    >>> is_our_disk(r"D:\VHD\nestlab.lab.HV1.vhdx", "lab"), is_our_disk(r"D:\images\ws2022.vhdx", "lab")
    (True, False)
    """
    return is_ours_by_name(PureWindowsPath(path).name, topology)
