"""The machines, switches and adapters of a topology, each with its keys in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Interface

from nestlab.dataclass import dataclass
from nestlab.model.broadcast_domain import BroadcastDomain
from nestlab.model.machine_path import HOST, MachinePath, path_text
from nestlab.model.origin import KeyPath
from nestlab.model.topology import (
    VM,
    DhcpRange,
    DhcpServer,
    Disk,
    Image,
    ManagementAdapter,
    NetworkAdapter,
    Switch,
    Topology,
    Uplink,
    image_of_disk,
    with_image_names,
)
from nestlab.texts import tr


@dataclass(frozen=True)
class UplinkPlace:
    """An uplink of the host, and its keys in the file."""

    uplink: Uplink
    keys: KeyPath

    @property
    def subject(self) -> str:
        """The subject of its findings."""
        return f"uplink {self.uplink.net_adapter}"

    @property
    def name(self) -> str:
        """Its name in sentences."""
        return tr("uplink {path}", path=self.uplink.net_adapter)


@dataclass(frozen=True)
class SwitchPlace:
    """A switch, its machine, and its keys in the file."""

    machine: MachinePath
    switch: Switch
    keys: KeyPath

    @property
    def subject(self) -> str:
        """The subject of its findings."""
        return "switch " + "/".join((*self.machine, self.switch.name))

    @property
    def name(self) -> str:
        """Its name in sentences."""
        return tr("switch {path}", path="/".join((*self.machine, self.switch.name)))


@dataclass(frozen=True)
class ManagementAdapterPlace:
    """A further adapter of the machine on a switch, from `management_adapters`, and its keys."""

    on: SwitchPlace
    adapter: ManagementAdapter
    keys: KeyPath

    @property
    def subject(self) -> str:
        """The subject of its findings."""
        return f"{self.on.subject}, {self.adapter.alias}"

    @property
    def name(self) -> str:
        """Its name in sentences."""
        return f"{self.on.name}, {self.adapter.alias}"


@dataclass(frozen=True)
class AdapterPlace:
    """An adapter of a VM, the VM's machine path, and its keys in the file."""

    machine: MachinePath
    adapter: NetworkAdapter
    keys: KeyPath

    @property
    def subject(self) -> str:
        """The subject of its findings."""
        return "adapter " + "/".join((*self.machine, self.adapter.name))

    @property
    def name(self) -> str:
        """Its name in sentences."""
        return tr("adapter {path}", path="/".join((*self.machine, self.adapter.name)))


@dataclass(frozen=True)
class DhcpServerPlace:
    """A DHCP scope of the file: what it is served on, and the domain that its clients are in.

    `domain` is None if the adapter that it is served on is not connected.
    """

    owner: SwitchPlace | AdapterPlace
    server: DhcpServer
    domain: BroadcastDomain | None

    @property
    def machine(self) -> MachinePath:
        """The machine that serves it."""
        return self.owner.machine

    @property
    def scope(self) -> DhcpRange:
        """The scope."""
        return self.server.scope

    @property
    def address(self) -> IPv4Interface | None:
        """The address that it is served from."""
        return self.server.ip_address

    @property
    def keys(self) -> KeyPath:
        """The keys of the scope in the file."""
        return (*self.owner.keys, self.server.key)

    @property
    def subject(self) -> str:
        """The subject of its findings: its switch or adapter."""
        return self.owner.subject

    @property
    def name(self) -> str:
        """The name of its switch or adapter in sentences."""
        return self.owner.name


@dataclass(frozen=True)
class MachinePlace:
    """The host or a VM, with its switches and adapters.

    `subject` is the subject of its findings, its path as text.
    """

    path: MachinePath
    machine: Topology | VM
    keys: KeyPath
    switches: tuple[SwitchPlace, ...]
    adapters: tuple[AdapterPlace, ...]
    subject: str

    @property
    def name(self) -> str:
        """Its name in sentences."""
        return self.subject if self.path else tr("the host")

    @property
    def generation_hint(self) -> str:
        """What a change of its generation requires if the VM exists."""
        return tr(
            "A VM that exists keeps its generation: recreate it with `--recreate {vm}`, which deletes its disks.",
            vm=self.subject,
        )

    @property
    def is_host(self) -> bool:
        """Whether the topology declares the machine as a host."""
        return not isinstance(self.machine, VM) or self.machine.nested is not None


@dataclass(frozen=True)
class DiskPlace:
    """A disk of a VM, the place of the VM, and the keys of the disk in the file.

    `image` is the image that the disk is based on or is, as `image_of_disk` says.
    """

    machine: MachinePlace
    vm: VM
    disk: Disk
    keys: KeyPath
    image: Image | None

    @property
    def subject(self) -> str:
        """The subject of its findings: that of its VM."""
        return self.machine.subject

    @property
    def is_system_disk(self) -> bool:
        """Whether the VM boots from it."""
        return self.disk is self.vm.disk

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """The key and the path of each file that it names: its parent, and itself."""
        parent, path = self.disk.parent, self.disk.path
        named = (("parent", parent),) if parent else ()
        return (*named, ("path", path)) if path else named


def disk_places(
    vms: Iterable[tuple[MachinePlace, VM]], images: tuple[Image, ...]
) -> Iterator[DiskPlace]:
    """Yield all disks of VMs, those of one VM in the order of `VM.all_disks`."""
    for place, vm in vms:
        for keys, disk in vm.all_disks:
            yield DiskPlace(place, vm, disk, (*place.keys, *keys), image_of_disk(images, disk))


def machine_places(topology: Topology) -> Iterator[MachinePlace]:
    """Yield the host and every VM, parents first, each with its switches and adapters.

    VMs of the host whose disk is based on an image's file name that image, even if the topology
    file has its path.
    """
    switches = tuple(
        SwitchPlace(HOST, switch, ("switches", i)) for i, switch in enumerate(topology.switches)
    )
    yield MachinePlace(HOST, topology, (), switches, (), path_text(HOST))
    named = with_image_names(topology, topology.images)
    yield from _vms(HOST, "", named.vms, ("vms",))


def _vms(
    parent: MachinePath, prefix: str, vms: tuple[VM, ...], keys: KeyPath
) -> Iterator[MachinePlace]:
    """Yield VMs and those inside them; `prefix` is what the paths of these VMs begin with."""
    for position, vm in enumerate(vms):
        path, here, subject = (*parent, vm.name), (*keys, position), prefix + vm.name
        switches = [
            SwitchPlace(path, switch, (*here, "nested", "switches", i))
            for i, switch in enumerate(vm.switches)
        ]
        adapters = [
            AdapterPlace(path, adapter, (*here, "network_adapters", i))
            for i, adapter in enumerate(vm.network_adapters)
        ]
        yield MachinePlace(path, vm, here, tuple(switches), tuple(adapters), subject)
        if vm.vms:
            yield from _vms(path, f"{subject}/", vm.vms, (*here, "nested", "vms"))


def placeholder_hint(example: str) -> str:
    """Return the hint for a value that all copies share although each needs its own.

    >>> placeholder_hint("web{n}")
    "Write a placeholder into it, such as 'web{n}' in quotes: each copy then has its own."
    """
    return tr(
        "Write a placeholder into it, such as '{example}' in quotes: each copy then has its own.",
        example=example,
    )
