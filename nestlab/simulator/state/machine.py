"""A simulated machine, and the world that it is part of.

A machine has hardware, an operating system, network settings, files and services and, once the
Hyper-V role is installed, VMs and switches. These values are mutable: they are the state of the
simulated world. A guest is a Machine, too. It is stored in the virtual disk that it boots from, so
it survives the removal of its virtual machine, as an installed Windows does.
"""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Iterator
from typing import Any, ClassVar

from nestlab.dataclass import dataclass, field, replace
from nestlab.simulator.faults import Fault
from nestlab.simulator.state.clock import INITIAL_TIME, Clock
from nestlab.simulator.state.dataclass_json import decode, encode
from nestlab.simulator.state.hardware import Hardware, OperatingSystem
from nestlab.simulator.state.networking import DhcpScope, FirewallRule, NetAdapter, NetNat
from nestlab.simulator.state.quirks import PhysicalNetwork, Quirks
from nestlab.simulator.state.virtual_machine import DEFAULT_SWITCH_ID, HyperV, VirtualMachine

_MODULE_FEATURES = {"Hyper-V": "Hyper-V-PowerShell", "DhcpServer": "RSAT-DHCP"}
"""PowerShell module -> the feature that provides it, without a restart."""


@dataclass(slots=True)
class Partition:
    """A partition of a virtual disk: its file system, and text files in it.

    Files are by lower-case path from the root of the volume; the keys of folders end with a
    backslash.
    """

    number: int
    offset: int
    size: int
    kind: str  # System | Reserved | Basic | Recovery | IFS
    file_system: str = ""  # NTFS, FAT32, FAT; empty: none, or one that Windows does not recognize
    label: str = ""
    access_paths: list[str] = field(default_factory=list)  # while the disk is mounted
    files: dict[str, str] = field(default_factory=dict)

    def copied(self) -> Partition:
        """Return the partition as a differencing disk shows it until it is written to."""
        return replace(self, access_paths=[], files=dict(self.files))


@dataclass(slots=True)
class File:
    """A file; for a virtual disk also its size, its parent, and the installed system."""

    path: str
    kind: str = "file"  # file | vhd
    length: int = 0  # of the file, in bytes
    size: int = 0  # of the virtual disk, in bytes
    disk_type: str = "Dynamic"  # Fixed | Dynamic | Differencing
    parent: str = ""
    writes: int = 0  # number of times it was opened for writing
    # Value of `writes` of the parent when this disk was created on top of it.
    parent_writes: int = 0
    disk_number: int | None = None  # while it is mounted
    offline: bool = False  # while it is mounted: Windows does not show its volumes
    read_only: bool = False  # while it is mounted
    partition_style: str = ""  # GPT | MBR; empty: that of the parent, or not initialized
    # Empty until the disk is mounted or written to: those of the parent, or of the system on it.
    partitions: list[Partition] = field(default_factory=list)
    operating_system: str = ""  # key of the installed operating system, if any
    generalized: bool = False  # the installed system was generalized by sysprep
    system: Machine | None = None  # the installed system, once it has been started

    FORMER_FIELDS: ClassVar = {
        "content": "system",
        "images": None,
    }  # in states that earlier versions saved


@dataclass(slots=True)
class Machine:
    """A machine that runs cmdlets while it is up: the host, or a guest."""

    name: str
    operating_system: OperatingSystem
    hardware: Hardware
    # Name -> Installed | InstallPending | UninstallPending.
    features: dict[str, str] = field(default_factory=dict)
    adapters: list[NetAdapter] = field(default_factory=list)
    nats: list[NetNat] = field(default_factory=list)
    dhcp_scopes: list[DhcpScope] = field(default_factory=list)
    dhcp_options: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)  # by lower-case path
    folders: list[str] = field(default_factory=list)  # created ones, as lower-case paths
    mounted: list[str] = field(default_factory=list)  # lower-case paths of mounted disks
    # Started or stopped by a cmdlet: name -> Running | Stopped.
    services: dict[str, str] = field(default_factory=dict)
    domain: str = ""  # of Active Directory; empty: a workgroup
    dhcp_authorized: bool = False  # in the directory of its domain
    answers_ping: bool = True  # whether the rule FPS-ICMP4-ERQ-In is enabled
    firewall_rules: list[FirewallRule] = field(default_factory=list)  # besides those of Windows
    new_name: str = ""  # set by Rename-Computer, applied at the restart
    # Of a generalized image: the screen at which Setup waits, or "error ..." if it failed.
    setup_screen: str = ""
    accounts: dict[str, str] = field(default_factory=dict)  # created by Setup: name -> hash
    accounts_created_at: float = 0.0  # time at which Setup created the accounts
    time_zone: str = ""
    locale: str = ""
    instance_id: str = ""  # Linux: instance-id of the seed that cloud-init applied
    network_config: str = ""  # Linux: the network-config that was applied with it
    hyper_v: HyperV | None = None
    installed_at: float = INITIAL_TIME - 180 * 86400.0  # when its Windows was installed
    booted_at: float = 0.0
    ready_at: float = 0.0  # time at which its last start is complete and it responds
    world: World = field(init=False, repr=False, compare=False)
    outer_host: Machine | None = field(init=False, repr=False, compare=False, default=None)

    # In states that earlier versions saved.
    FORMER_FIELDS: ClassVar = {
        "accounts_from": "accounts_created_at",
        "answers_from": "ready_at",
    }

    def has_command(self, name: str, module: str) -> bool:  # noqa: ARG002  # a feature installs whole modules
        """Whether the module of a command is installed."""
        if module == "ServerManager":
            return self.operating_system.product_type != 1
        feature = _MODULE_FEATURES.get(module)
        return feature is None or self.features.get(feature) in ("Installed", "UninstallPending")

    def file(self, path: str) -> File | None:
        """Return the file at a path, case-insensitively."""
        return self.files.get(path.lower())

    def disk_with_number(self, number: int) -> str:
        """Return the path of the mounted virtual disk with this number; empty if it has none."""
        found = (file.path for file in self._mounted_files() if file.disk_number == number)
        return next(found, "")

    def disk_mounted_into(self, folder: str) -> str:
        """Return the path of the virtual disk that is mounted into a folder; empty if none is."""
        wanted = folder.lower().rstrip("\\") + "\\"
        for file in self._mounted_files():
            for partition in file.partitions:
                if not file.offline and wanted in map(str.lower, partition.access_paths):
                    return file.path
        return ""

    def _mounted_files(self) -> Iterator[File]:
        return (self.files[path] for path in self.mounted if path in self.files)

    def adapter(self, name: str) -> NetAdapter | None:
        """Return the adapter with this name, case-insensitively."""
        return next((a for a in self.adapters if a.name.lower() == name.lower()), None)

    def guest(self, vm: VirtualMachine) -> Machine | None:
        """Return the system on the boot disk of a VM, running or not; None if never started."""
        path = vm.boot_disk
        file = self.file(path) if path else None
        return file.system if file else None

    def attach(self, world: World, outer_host: Machine | None = None) -> None:
        """Set the world of the machine and of all systems on its disks."""
        self.world, self.outer_host = world, outer_host
        if self.dhcp_scopes or (self.hyper_v and self.hyper_v.switch(DEFAULT_SWITCH_ID)):
            world.dhcp_servers[id(self)] = self
        for file in self.files.values():
            if file.system is not None:
                file.system.attach(world, self)

    def machines(self) -> Iterator[tuple[tuple[str, ...], VirtualMachine | None, Machine]]:
        """Yield this machine and the guests of running VMs at every depth: path, VM, machine."""
        yield (), None, self
        for vm in self.hyper_v.vms if self.hyper_v else ():
            guest = self.guest(vm) if vm.state == "Running" else None
            if guest is not None:
                for path, inner, machine in guest.machines():
                    yield (vm.name, *path), inner or vm, machine


_NAMESPACE = uuid.UUID("6f0d3a52-2c19-5d55-9a63-6e6573746c61")


@dataclass(slots=True)
class World:
    """The whole state of a simulation: the host, the networks outside it, the clock, the faults."""

    scenario: str
    host: Machine
    wires: list[PhysicalNetwork] = field(default_factory=list)
    quirks: Quirks = field(default_factory=Quirks)
    seed: str = "nestlab"
    clock: Clock = field(default_factory=Clock)
    counter: int = 0
    faults: list[Fault] = field(default_factory=list)
    # Machine name -> time at which its last change of WinNAT ends.
    nat_changes: dict[str, float] = field(default_factory=dict)
    # User name -> password; never saved.
    guest_passwords: dict[str, str] = field(default_factory=dict, repr=False)
    dhcp_servers: dict[int, Machine] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    """The machines that may act as DHCP servers, by id(): they have a scope or a Default Switch."""

    def __post_init__(self) -> None:
        self.host.attach(self)

    def new_id(self) -> str:
        """Return a new Id; the same actions on the same scenario lead to the same Ids."""
        self.counter += 1
        return str(uuid.uuid5(_NAMESPACE, f"{self.seed}:{self.counter}"))

    def accepts_credential(self, username: str, password: str) -> bool:
        """Whether a guest accepts this user name and password."""
        user = username.rsplit("\\", 1)[-1].lower()
        return any(
            known.lower() == user and hmac.compare_digest(secret, password)
            for known, secret in self.guest_passwords.items()
        )

    def new_interface_index(self) -> int:
        """Return a new interface index."""
        self.counter += 1
        return 10 + self.counter

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; values that the passage of time changes are under ``clock``."""
        return {
            "scenario": self.scenario,
            "seed": self.seed,
            "quirks": encode(self.quirks),
            "wires": encode(self.wires),
            "host": encode(self.host),
            "faults": [{**encode(fault), "call_count": 0} for fault in self.faults],
            "clock": {
                "now": self.clock.common_time,
                "counter": self.counter,
                "fault_call_counts": [fault.call_count for fault in self.faults],
                "nat_changes": {
                    name: end
                    for name, end in self.nat_changes.items()
                    if end > self.clock.common_time
                },
            },
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any], clock: Clock) -> World:
        """Read what `to_dict` returned.

        Raises KeyError, TypeError or ValueError if the data does not fit.
        """
        if not isinstance(data["clock"], dict):
            msg = f"expected an object at 'clock', found {data['clock']!r}"
            raise TypeError(msg)
        clock.catch_up(float(data["clock"]["now"]))
        faults = [decode(Fault, fault) for fault in data.get("faults", ())]
        # Earlier versions saved the counts as "seen".
        counts = data["clock"].get("fault_call_counts") or data["clock"].get("seen", ())
        for fault, count in zip(faults, counts, strict=False):
            fault.call_count = int(count)
        return cls(
            scenario=str(data["scenario"]),
            seed=str(data["seed"]),
            quirks=decode(Quirks, data["quirks"]),
            wires=[decode(PhysicalNetwork, wire) for wire in data["wires"]],
            host=decode(Machine, data["host"]),
            clock=clock,
            faults=faults,
            counter=int(data["clock"]["counter"]),
            nat_changes={
                str(name): float(end) for name, end in data["clock"].get("nat_changes", {}).items()
            },
        )
