"""Indexes of a host's VMs, so that a search does not depend on how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nestlab.dataclass import dataclass

_VirtualMachine = Any
"""A `VirtualMachine`, whose module imports this one."""

_Drive = Any
"""A `VMDrive`, from the same module."""


@dataclass(frozen=True)
class VMIndex:
    """The VMs of a host by name and by Id."""

    by_name: dict[str, list[_VirtualMachine]]
    by_id: dict[str, _VirtualMachine]

    @classmethod
    def of(cls, vms: Sequence[_VirtualMachine]) -> VMIndex:
        """Return the index of all VMs of a host."""
        index = cls({}, {})
        for vm in vms:
            index.add(vm)
        return index

    def add(self, vm: _VirtualMachine) -> None:
        """Add a VM, which is the last one of the host."""
        self.by_name.setdefault(vm.name.lower(), []).append(vm)
        self.by_id.setdefault(vm.id.lower(), vm)

    def remove(self, vm: _VirtualMachine) -> None:
        """Remove a VM."""
        name = vm.name.lower()
        self.by_name[name] = [each for each in self.by_name[name] if each is not vm]
        self.by_id.pop(vm.id.lower(), None)


@dataclass(frozen=True)
class DriveIndex:
    """The drives of a host's VMs by path in lower case."""

    by_path: dict[str, list[tuple[_VirtualMachine, _Drive]]]

    @classmethod
    def of(cls, vms: Sequence[_VirtualMachine]) -> DriveIndex:
        """Return the index of the drives of all VMs of a host."""
        index = cls({})
        for vm in vms:
            index.add(vm)
        return index

    def add(self, vm: _VirtualMachine) -> None:
        """Add the drives of a VM, which is the last one of the host."""
        for drive in vm.settings.drives:
            self.by_path.setdefault(drive.path.lower(), []).append((vm, drive))

    def remove(self, vm: _VirtualMachine) -> None:
        """Remove the drives of a VM."""
        for key in {drive.path.lower() for drive in vm.settings.drives}:
            left = [pair for pair in self.by_path.get(key, ()) if pair[0] is not vm]
            if left:
                self.by_path[key] = left
            else:
                self.by_path.pop(key, None)
