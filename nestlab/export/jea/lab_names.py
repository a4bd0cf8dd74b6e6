"""The names in a topology that the parameters of a role accept."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import chain

from nestlab.dataclass import dataclass
from nestlab.export.jea import patterns
from nestlab.model.ownership import checkpoint_name, disk_name, nat_name, owner_mark
from nestlab.model.topology import VM, Disk, Switch, Topology, is_generalized
from nestlab.plan.disk_contents import MOUNT_FOLDER

_DISK_NAME = r'[^\\/:*?"<>|]+\.a?vhdx?'


def alias_of(management_adapter: str) -> str:
    """Return the name that Windows gives the adapter of a switch or a management adapter."""
    return f"vEthernet ({management_adapter})"


@dataclass(frozen=True)
class LabNames:
    """The names of the objects of a topology on the host itself, without those inside its VMs."""

    topology: Topology

    @cached_property
    def vms(self) -> tuple[str, ...]:
        """The VMs."""
        return tuple(vm.name for vm in self.topology.vms)

    @cached_property
    def own_switches(self) -> tuple[Switch, ...]:
        """The switches that nestlab creates, changes and removes."""
        return tuple(each for each in self.topology.switches if not each.existing)

    @cached_property
    def switches(self) -> tuple[str, ...]:
        """The switches that adapters may be connected to."""
        return tuple(each.name for each in self.topology.switches)

    @cached_property
    def management_adapters(self) -> tuple[str, ...]:
        """The adapters of the host on switches of the topology."""
        additional = (
            each.name for switch in self.topology.switches for each in switch.management_adapters
        )
        return (*self.switches, *additional)

    @cached_property
    def adapters(self) -> tuple[str, ...]:
        """The adapters of the VMs."""
        return tuple(each.name for vm in self.topology.vms for each in vm.network_adapters)

    @cached_property
    def net_adapters(self) -> tuple[str, ...]:
        """The physical adapters in the file."""
        named = chain.from_iterable(switch.net_adapters for switch in self.topology.switches)
        return (*named, *(uplink.net_adapter for uplink in self.topology.uplinks))

    @cached_property
    def nats(self) -> tuple[str, ...]:
        """The NATs, and the DHCP scopes, which have the same names."""
        return tuple(nat_name(self.topology.name, each.name) for each in self.own_switches)

    @cached_property
    def mark(self) -> str:
        """The mark in the Notes of the objects that nestlab creates."""
        return owner_mark(self.topology.name)

    @cached_property
    def images(self) -> tuple[str, ...]:
        """The files that disks are based on, or copied from."""
        parents = (disk.parent for disk in self._disks if disk.parent)
        return (*(image.path for image in self.topology.images), *parents)

    @cached_property
    def iso_files(self) -> tuple[str, ...]:
        """The files in DVD drives."""
        drives = (drive for vm in self.topology.vms for drive in vm.dvd_drives or ())
        return tuple(drive.path for drive in drives if drive.path)

    @cached_property
    def has_answer_files(self) -> bool:
        """Whether an answer file is written into the disk of a VM."""
        images = self.topology.images
        return any(vm.guest.credential and is_generalized(images, vm) for vm in self.topology.vms)

    @cached_property
    def has_seed_disks(self) -> bool:
        """Whether a VM has a seed disk, for cloud-init."""
        return any(vm.has_seed for vm in self.topology.vms)

    @cached_property
    def mount_folder(self) -> str:
        r"""The pattern of a folder that a disk is mounted into, without ``\z`` at its end."""
        prefix = patterns.escaped(disk_name(self.topology.name, ""))
        return rf"{patterns.escaped(MOUNT_FOLDER)}\\{prefix}{_DISK_NAME}"

    @property
    def _disks(self) -> Iterator[Disk]:
        return (disk for vm in self.topology.vms for _, disk in vm.all_disks)

    @cached_property
    def own_disk(self) -> str:
        """The pattern of a disk that nestlab creates for this topology."""
        prefix = patterns.escaped(disk_name(self.topology.name, ""))
        return patterns.file_in_any_folder(f"{prefix}{_DISK_NAME}")

    @cached_property
    def disk(self) -> str:
        """The pattern of a disk of a VM: nestlab creates it, or it exists and is in the file."""
        existing = tuple(disk.path for disk in self._disks if disk.path)
        return _either(self.own_disk, patterns.exactly(existing)) if existing else self.own_disk

    @cached_property
    def vm(self) -> str:
        """The pattern of a VM object."""
        return patterns.virtual_machine(self.vms)

    @cached_property
    def vm_part(self) -> str:
        """The pattern of an object of a VM, such as a disk drive."""
        return patterns.part_of_vm(self.vms)

    @cached_property
    def checkpoints(self) -> tuple[str, ...]:
        """The checkpoints that nestlab takes."""
        named = (name for vm in self.topology.vms for name in vm.checkpoints)
        return tuple(dict.fromkeys(checkpoint_name(self.topology.name, name) for name in named))

    @cached_property
    def checkpoint(self) -> str:
        """The pattern of one of these checkpoints."""
        return patterns.checkpoint(self.checkpoints, self.vms)

    @cached_property
    def own_alias(self) -> str:
        """The pattern of the alias of a host adapter on a switch that nestlab creates."""
        names = (
            name
            for switch in self.own_switches
            for name in (switch.name, *(each.name for each in switch.management_adapters))
        )
        return patterns.exactly(map(alias_of, names))

    @cached_property
    def alias(self) -> str:
        """The pattern of the alias of an interface whose addresses and routes are set."""
        if self.topology.forwarding or self.topology.routes or self._has_unnamed_uplink:
            return patterns.LITERAL_NAME
        names = (*map(alias_of, self.management_adapters), *self.net_adapters)
        return patterns.exactly(names)

    @cached_property
    def net_adapter(self) -> str:
        """The pattern of a physical adapter that a switch is bound to."""
        if self._has_unnamed_uplink:
            return patterns.LITERAL_NAME
        return patterns.exactly(self.net_adapters)

    @property
    def _has_unnamed_uplink(self) -> bool:
        """Whether nestlab chooses the physical adapter of a switch."""
        return any(
            switch.switch_type == "External" and not switch.net_adapters
            for switch in self.own_switches
        )

    @cached_property
    def guests(self) -> dict[str, tuple[str, ...]]:
        """The VMs of the host, each with the VMs inside it at every level."""
        # VM names of the host are the keys of a table that ignores case.
        vms = {vm.name.casefold(): vm for vm in self.topology.vms}
        return {vm.name: tuple(_inside(vm)) for vm in vms.values()}


def _either(*alternatives: str) -> str:
    return "|".join(alternatives)


def _inside(vm: VM) -> Iterator[str]:
    for inner in vm.nested.vms if vm.nested else ():
        yield inner.name
        yield from _inside(inner)
