"""Seed disks of Linux guests: which one a VM is to have, and with which MAC addresses.

The file name contains a digest of the contents. So the names of a VM's attached disks show, without
mounting them, whether its guest is set up as the topology file says.
"""

from __future__ import annotations

import hashlib
from pathlib import PureWindowsPath

from nestlab.dataclass import replace
from nestlab.model.ownership import disk_name
from nestlab.model.spelling import plain_mac
from nestlab.model.state import HardDiskState, VirtualMachineState
from nestlab.model.topology import VM, NetworkAdapter
from nestlab.plan.cloud_init import DIGEST_LENGTH, seed_digest
from nestlab.plan.planned_machine import PlannedMachine, named_adapter

SEED_LABEL = "CIDATA"
"""The label of the file system that cloud-init reads; Windows writes labels of FAT in capitals."""
_INFIX = ".cidata-"
_LOCALLY_ADMINISTERED = "02"
"""The first octet of addresses that no manufacturer assigns (IEEE 802c), and that is unicast."""


def with_static_macs(machine: PlannedMachine, vm: VM) -> VM:
    """Return a VM that has a seed disk with static MAC addresses, and any other VM unchanged.

    cloud-init matches adapters by them, and Hyper-V assigns dynamic ones at the first start only.
    An adapter without `mac_address` keeps the one that it has; a new one gets a locally
    administered address, which depends on the host, the topology, the VM and the adapter.
    """
    if not vm.has_seed:
        return vm
    current = machine.vm(vm.name)
    adapters = (
        replace(adapter, mac_address=_mac(machine, vm, adapter, current))
        for adapter in vm.network_adapters
    )
    return replace(vm, network_adapters=tuple(adapters))


def _mac(
    machine: PlannedMachine, vm: VM, adapter: NetworkAdapter, current: VirtualMachineState | None
) -> str:
    if adapter.mac_address:
        return adapter.mac_address
    now = named_adapter(current, adapter.name) if current else None
    has = plain_mac(now.mac_address) if now else ""
    if has.strip("0"):
        return has
    names = (machine.host_computer_name, machine.topology, *machine.path, vm.name, adapter.name)
    text = "\n".join(name.casefold() for name in names)
    return _LOCALLY_ADMINISTERED + hashlib.sha256(text.encode()).hexdigest()[:10].upper()


def macs_of(vm: VM) -> dict[str, str]:
    """Return the MAC addresses of a VM that `with_static_macs` returned, by adapter name."""
    return {adapter.name: plain_mac(adapter.mac_address or "") for adapter in vm.network_adapters}


def seed_path(machine: PlannedMachine, vm: VM) -> str:
    """Return the path of a VM's seed disk; `vm` is what `with_static_macs` returned."""
    folder = machine.hyper_v.vm_host.virtual_hard_disk_path
    name = f"{_name_prefix(machine.topology, vm.name)}{seed_digest(vm, macs_of(vm))}.vhdx"
    return str(PureWindowsPath(folder) / name)


def seed_pattern(topology: str) -> str:
    """Return the names of all seed disks of a topology, with wildcards of Windows.

    >>> seed_pattern("lab")
    'nestlab.lab.*.cidata-*'
    """
    return f"{disk_name(topology, '')}*{_INFIX}*"


def _name_prefix(topology: str, vm: str) -> str:
    return f"{disk_name(topology, vm)}{_INFIX}"


def is_seed(disk: HardDiskState, topology: str, vm: str) -> bool:
    r"""Whether a disk is a seed disk that nestlab wrote for a VM, or a checkpoint on top of it.

    >>> is_seed(HardDiskState(path=r"D:\VHD\nestlab.lab.web1.cidata-0a1b2c3d.vhdx"), "lab", "web1")
    True
    """
    name = PureWindowsPath(disk.path).name.casefold()
    return name.startswith(_name_prefix(topology, vm).casefold())


def has_matching_seed(vm: VM, current: VirtualMachineState) -> bool:
    """Whether a seed disk that is attached to a VM was written for exactly these settings."""
    macs = attached_macs(vm, current)
    return macs is not None and seed_digest(vm, macs) in attached_digests(current)


def attached_macs(vm: VM, current: VirtualMachineState) -> dict[str, str] | None:
    """Return the MAC addresses of an existing VM; None if it lacks an adapter of the file."""
    macs = {adapter.name: plain_mac(adapter.mac_address) for adapter in current.network_adapters}
    return macs if all(adapter.name in macs for adapter in vm.network_adapters) else None


def attached_digests(current: VirtualMachineState) -> frozenset[str]:
    """Return the digests in the names of the seed disks of a VM, also below its checkpoints."""
    stems = (PureWindowsPath(disk.path).stem.casefold() for disk in current.hard_disks)
    names = (stem.rpartition(_INFIX)[2] for stem in stems if _INFIX in stem)
    return frozenset(name[:DIGEST_LENGTH] for name in names)
