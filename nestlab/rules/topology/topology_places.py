"""The objects of a topology with their places: machines, disks, uplinks, switches, adapters."""

from __future__ import annotations

from functools import cached_property

from nestlab.dataclass import dataclass, field
from nestlab.model.machine_path import MachinePath
from nestlab.model.origin import KeyPath
from nestlab.model.topology import VM, Image, Switch, SwitchType, Topology, is_generalized
from nestlab.rules.topology.places import (
    AdapterPlace,
    DiskPlace,
    MachinePlace,
    ManagementAdapterPlace,
    SwitchPlace,
    UplinkPlace,
    disk_places,
    machine_places,
)


@dataclass(frozen=True)
class TopologyPlaces:
    """Everything that a topology declares, with its place in the file.

    `observed` are the machines whose state is known. Rules about a topology on its host check what
    depends on their Windows. `with_nats` is the topology with the NATs of others that these
    machines have; None if they translate none of its networks. `with_observed` has their existing
    switches as they were observed as well; None if none of them was.
    """

    topology: Topology
    observed: frozenset[MachinePath] = frozenset()
    with_nats: Topology | None = None
    with_observed: Topology | None = None
    machines: tuple[MachinePlace, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "machines", tuple(machine_places(self.topology)))

    @property
    def traced(self) -> Topology:
        """The topology whose checks are traced."""
        return self.topology if self.with_nats is None else self.with_nats

    @cached_property
    def by_path(self) -> dict[MachinePath, MachinePlace]:
        """The machines by path; the first of two with the same name."""
        found: dict[MachinePath, MachinePlace] = {}
        for place in self.machines:
            found.setdefault(place.path, place)
        return found

    @cached_property
    def with_switches(self) -> tuple[MachinePlace, ...]:
        """The machines that have switches."""
        return tuple([place for place in self.machines if place.switches])

    @cached_property
    def vms(self) -> tuple[tuple[MachinePlace, VM], ...]:
        """Every VM at every level."""
        return tuple(
            (place, place.machine) for place in self.machines if isinstance(place.machine, VM)
        )

    @cached_property
    def nested_hosts(self) -> tuple[tuple[MachinePlace, VM], ...]:
        """The VMs that are nested hosts."""
        return tuple((place, vm) for place, vm in self.vms if vm.nested is not None)

    @cached_property
    def disks(self) -> tuple[DiskPlace, ...]:
        """Every disk of every VM."""
        return tuple(disk_places(self.vms, self.topology.images))

    @cached_property
    def disk_files(self) -> tuple[tuple[DiskPlace, str, str], ...]:
        """Every file that a disk names, with disk and key: its parent, or the disk itself."""
        return tuple([(disk, key, path) for disk in self.disks for key, path in disk.files])

    @cached_property
    def paths(self) -> frozenset[str]:
        """The paths of all images, and of the files of disks and drives; many have the same."""
        images = [image.path for image in self.topology.images]
        iso_files = [path for _, _, path in self.iso_files]
        return frozenset([*images, *[path for _, _, path in self.disk_files], *iso_files])

    @cached_property
    def iso_files(self) -> tuple[tuple[MachinePlace, KeyPath, str], ...]:
        """Every ISO file in a DVD drive, with its VM and its keys."""
        return tuple(
            (place, (*place.keys, "dvd_drives", number, "path"), drive.path)
            for place, vm in self.vms
            for number, drive in enumerate(vm.dvd_drives or ())
            if drive.path
        )

    @cached_property
    def system_images(self) -> dict[KeyPath, Image]:
        """The image that the system disk of a VM is based on or is, by the keys of the VM."""
        return {
            each.machine.keys: each.image
            for each in self.disks
            if each.image is not None and each.is_system_disk
        }

    @cached_property
    def on_generalized_images(self) -> frozenset[KeyPath]:
        """The keys of the VMs whose Windows is set up at its first boot."""
        images = [image for image in self.topology.images if not image.prepared]
        found = self.vms if images else ()
        return frozenset(
            place.keys for place, vm in found if is_generalized(self.topology.images, vm)
        )

    @cached_property
    def uplinks(self) -> tuple[UplinkPlace, ...]:
        """Every uplink of the host."""
        uplinks = enumerate(self.topology.uplinks)
        return tuple(UplinkPlace(uplink, ("uplinks", position)) for position, uplink in uplinks)

    @cached_property
    def switches(self) -> tuple[SwitchPlace, ...]:
        """Every switch at every level."""
        return tuple(switch for place in self.with_switches for switch in place.switches)

    @cached_property
    def management_adapters(self) -> tuple[ManagementAdapterPlace, ...]:
        """Every adapter of a machine on a switch, without the one that has the switch's name."""
        return tuple(
            ManagementAdapterPlace(place, own, (*place.keys, "management_adapters", position))
            for place in self.switches
            for position, own in enumerate(place.switch.additional_adapters)
        )

    @cached_property
    def adapters(self) -> tuple[AdapterPlace, ...]:
        """Every adapter at every level."""
        return tuple(adapter for place in self.machines for adapter in place.adapters)

    @cached_property
    def _switch_index(self) -> dict[tuple[MachinePath, str], Switch]:
        return {
            (place.machine, place.switch.name.casefold()): place.switch
            for place in reversed(self.switches)
        }

    @cached_property
    def _adapter_index(self) -> dict[tuple[MachinePath, str], AdapterPlace]:
        return {
            (place.machine, place.adapter.name.casefold()): place
            for place in reversed(self.adapters)
        }

    def switch(self, machine: MachinePath, name: str | None) -> Switch | None:
        """Return a machine's switch by name, in any case."""
        return self._switch_index.get((machine, name.casefold())) if name else None

    def adapter(self, machine: MachinePath, name: str | None) -> AdapterPlace | None:
        """Return a VM's adapter by name, in any case."""
        return self._adapter_index.get((machine, name.casefold())) if name else None

    def bound_adapters(self, place: SwitchPlace) -> list[AdapterPlace]:
        """Return the adapters of a nested host that one of its External switches is bound to."""
        found = (self.adapter(place.machine, name) for name in place.switch.net_adapters)
        return [adapter for adapter in found if adapter is not None]

    @cached_property
    def external_switches(self) -> dict[KeyPath, SwitchPlace]:
        """The External switch bound to each adapter of a nested host, by the adapter's keys."""
        found: dict[KeyPath, SwitchPlace] = {}
        for place in self.switches:
            if place.switch.switch_type is SwitchType.EXTERNAL:
                for adapter in self.bound_adapters(place):
                    found.setdefault(adapter.keys, place)
        return found
