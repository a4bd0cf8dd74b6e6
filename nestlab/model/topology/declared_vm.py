"""Virtual machines of a topology. Attribute names are those of Hyper-V, in snake case."""

from __future__ import annotations

import re
from enum import StrEnum

from nestlab.dataclass import dataclass, field
from nestlab.model.origin import KeyPath
from nestlab.model.plain import Declared
from nestlab.model.size import Size
from nestlab.model.topology.declared_network import GuestNat, NetworkAdapter, Route, Switch


def is_computer_name(text: str) -> bool:
    """Whether Windows accepts a string as a computer name; NetBIOS limits it to 15 characters.

    >>> is_computer_name("DC01"), is_computer_name("web_1"), is_computer_name("2022")
    (True, False, False)
    """
    return re.fullmatch(r"(?!\d+$)[A-Za-z0-9-]{1,15}", text, re.ASCII) is not None


def is_host_name(text: str) -> bool:
    """Whether Linux accepts a string as a host name: a DNS label of up to 63 characters.

    >>> is_host_name("web-1"), is_host_name("web_1"), is_host_name("-web")
    (True, False, False)
    """
    return re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", text, re.ASCII) is not None


class VMState(StrEnum):
    """The states of VMs that a topology can declare."""

    RUNNING = "Running"
    OFF = "Off"


class StartAction(StrEnum):
    """Microsoft.HyperV.PowerShell.StartAction: what happens to a VM when its host starts."""

    NOTHING = "Nothing"
    START_IF_RUNNING = "StartIfRunning"
    START = "Start"


class StopAction(StrEnum):
    """Microsoft.HyperV.PowerShell.StopAction: what happens to a VM when its host shuts down."""

    TURN_OFF = "TurnOff"
    SAVE = "Save"
    SHUT_DOWN = "ShutDown"


class CheckpointType(StrEnum):
    """Microsoft.HyperV.PowerShell.CheckpointType: what kind of checkpoints a VM has, if any."""

    DISABLED = "Disabled"
    PRODUCTION = "Production"
    PRODUCTION_ONLY = "ProductionOnly"
    STANDARD = "Standard"


class SecureBoot(StrEnum):
    """Secure Boot of a generation 2 VM: off, on with a template, or on with that of the guest's OS.

    The names of templates are those of Set-VMFirmware -SecureBootTemplate.
    """

    ON = "true"
    OFF = "false"
    WINDOWS = "MicrosoftWindows"
    UEFI_CA = "MicrosoftUEFICertificateAuthority"


SECURE_BOOT_TEMPLATES = {"windows": SecureBoot.WINDOWS, "linux": SecureBoot.UEFI_CA}
"""The template that trusts the boot loader of an operating system, by `guest.os`."""


def _secure_boot(value: SecureBoot) -> bool | str:
    return {SecureBoot.ON: True, SecureBoot.OFF: False}.get(value, str(value))


@dataclass(frozen=True, kw_only=True)
class Disk(Declared):
    """The system disk: a differencing disk of `image` or `parent`, an empty or an existing one.

    `image` names an image of the topology. Once its path on the VM's own host is known, that is the
    `parent`.
    """

    image: str | None = None
    parent: str | None = None
    size: Size | None = None
    path: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is installed on the disk."""
        return self.size is not None and not self.is_differencing

    @property
    def is_differencing(self) -> bool:
        """Whether it is a differencing disk."""
        return self.image is not None or self.parent is not None


@dataclass(frozen=True, kw_only=True)
class DataDisk(Disk):
    """A further disk, on a SCSI controller: a clone of an image, an empty or an existing one."""


@dataclass(frozen=True, kw_only=True)
class DvdDrive(Declared):
    """A DVD drive, with the ISO file at `path` inserted, or empty."""

    path: str | None = None


@dataclass(frozen=True, kw_only=True)
class Guest(Declared):
    """The guest operating system and the NAME of the credential for it, never the credential."""

    os: str = "none"  # windows | linux | none
    credential: str | None = None
    computer_name: str | None = None  # by default as `VM.computer_name` says
    cloud_init: bool = False  # whether a seed disk for cloud-init in the guest is written
    language: str | None = None  # of a generalized Windows image, set at its first boot
    time_zone: str | None = None  # a Windows time zone id, set in the same way
    features: tuple[str, ...] = ()  # of Windows Server, as Install-WindowsFeature names them


@dataclass(frozen=True, kw_only=True)
class DynamicMemory(Declared):
    """Dynamic memory between two sizes."""

    minimum: Size
    maximum: Size


@dataclass(frozen=True, kw_only=True)
class Nested(Declared):
    """The content of a nested host: its own switches and VMs."""

    switches: tuple[Switch, ...] = ()
    vms: tuple[VM, ...] = ()


@dataclass(frozen=True, kw_only=True)
class VM(Declared):
    """A virtual machine.

    With `nested` it is a nested host: extensions exposed, Hyper-V role installed.
    """

    name: str
    generation: int = 2
    processor_count: int = 2
    memory_startup: Size = Size(1 << 30)
    dynamic_memory: DynamicMemory | None = None
    version: str | None = None  # configuration version; the host's default where None
    state: VMState = VMState.RUNNING
    automatic_start_action: StartAction | None = None  # None: not changed
    automatic_start_delay: int | None = None  # seconds
    automatic_stop_action: StopAction | None = None
    checkpoint_type: CheckpointType | None = None
    automatic_checkpoints_enabled: bool = False
    checkpoints: tuple[str, ...] = ()
    disk: Disk | None = None
    disks: tuple[DataDisk, ...] = ()
    dvd_drives: tuple[DvdDrive, ...] | None = None  # None: not changed
    guest: Guest = field(default_factory=Guest)
    network_adapters: tuple[NetworkAdapter, ...] = ()
    notes: str = ""
    secure_boot: SecureBoot | None = field(default=None, metadata={"write": _secure_boot})
    tpm: bool | None = None  # None: not changed
    expose_virtualization_extensions: bool | None = (
        None  # as declared in the file; see `exposes_extensions`
    )
    forwarding: bool = False
    routes: tuple[Route, ...] = ()
    answers_ping: bool = True
    nat: GuestNat | None = None
    nested: Nested | None = None

    @property
    def all_disks(self) -> tuple[tuple[KeyPath, Disk], ...]:
        """All its disks, `disk` first, each with its keys in the file relative to the VM's."""
        system: tuple[tuple[KeyPath, Disk], ...] = ((("disk",), self.disk),) if self.disk else ()
        if not self.disks:
            return system
        return (*system, *((("disks", place), disk) for place, disk in enumerate(self.disks)))

    @property
    def computer_name(self) -> str | None:
        """The computer name that Windows in the VM is to have; None if it is not changed.

        A VM on one of the file's images gets the VM's name, if that is a valid computer name.
        That of Linux is `host_name`.
        """
        if self.guest.os != "windows" or self.guest.computer_name:
            return self.guest.computer_name
        on_image = self.disk is not None and self.disk.image is not None
        return self.name if on_image and is_computer_name(self.name) else None

    @property
    def host_name(self) -> str | None:
        """The host name that cloud-init sets in a Linux guest: by default the VM's name.

        None if cloud-init sets none: the name is not valid for Linux, or there is no seed disk.
        """
        if not self.has_seed:
            return None
        return self.guest.computer_name or (self.name if is_host_name(self.name) else None)

    @property
    def has_seed(self) -> bool:
        """Whether the VM has a seed disk, from which cloud-init sets up its Linux guest."""
        return self.guest.cloud_init and self.guest.os == "linux"

    @property
    def forwards(self) -> bool:
        """Whether it routes between its adapters: as declared, and always with a NAT."""
        return self.forwarding or self.nat is not None

    @property
    def outside_adapter(self) -> NetworkAdapter | None:
        """The adapter through which packets leave that the VM's NAT has translated.

        It is the adapter named `nat.outside`, or else the first one on the switch of that name;
        None if there is none.
        """
        if self.nat is None:
            return None
        wanted = self.nat.outside.casefold()
        by_name = (each for each in self.network_adapters if each.name.casefold() == wanted)
        on_switch = (
            each
            for each in self.network_adapters
            if each.switch is not None and each.switch.casefold() == wanted
        )
        return next(by_name, None) or next(on_switch, None)

    @property
    def inside_adapters(self) -> tuple[NetworkAdapter, ...]:
        """The adapters whose address is in the internal network of its NAT."""
        inside = self.nat.inside if self.nat else None
        return tuple(
            each
            for each in self.network_adapters
            if inside is not None and each.ip_address is not None and each.ip_address.ip in inside
        )

    @property
    def exposes_extensions(self) -> bool:
        """Whether extensions are to be exposed: as declared, by default to a nested host."""
        declared = self.expose_virtualization_extensions
        return self.nested is not None if declared is None else declared

    def allows_teaming(self, adapter: NetworkAdapter) -> bool | None:
        """Whether teaming is to be allowed on an adapter: as declared, else if it is in a team.

        None if it is not changed.
        """
        if adapter.allow_teaming is not None:
            return adapter.allow_teaming
        name = adapter.name.casefold()
        teams = (switch for switch in self.switches if switch.is_team and not switch.existing)
        in_team = any(name == member.casefold() for team in teams for member in team.net_adapters)
        return True if in_team else None

    @property
    def switches(self) -> tuple[Switch, ...]:
        """The switches inside this VM; none if it is not a nested host."""
        return self.nested.switches if self.nested else ()

    @property
    def vms(self) -> tuple[VM, ...]:
        """The VMs inside this VM; none if it is not a nested host."""
        return self.nested.vms if self.nested else ()
