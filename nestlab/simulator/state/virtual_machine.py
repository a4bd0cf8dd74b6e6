"""The state of Hyper-V: VMs with their devices, virtual switches, management adapters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from nestlab.dataclass import dataclass, field
from nestlab.simulator.state.vm_indexes import DriveIndex, VMIndex

NO_MAC = "000000000000"
"""A dynamic MAC address is assigned at the first start; before that it is zero."""

DEFAULT_SWITCH_ID = "c08cb7b8-9b3c-408e-8e30-5e16a3aeb444"
"""The Id of the Default Switch, the same on every computer.

Not imported from `nestlab.constants`: the simulator verifies that constant independently.
"""


@dataclass(slots=True)
class VMNetworkAdapterVlan:
    """The VLAN setting of an adapter."""

    mode: str = "Untagged"  # Untagged | Access | Trunk | Private
    access: int = 0
    native: int = 0
    allowed: list[int] = field(default_factory=list)
    primary: int = 0
    secondary: list[int] = field(default_factory=list)
    private_mode: str = ""


@dataclass(slots=True)
class VMNetworkAdapter:
    """An adapter of a VM, or of the management operating system (then with a `device_id`)."""

    id: str
    name: str
    switch_id: str = ""
    switch_name: str = ""
    mac_address: str = NO_MAC
    dynamic_mac_address: bool = True
    mac_address_spoofing: bool = False
    dhcp_guard: bool = False
    router_guard: bool = False
    allow_teaming: bool = False
    device_naming: bool = False
    is_legacy: bool = False
    device_id: str = ""
    vlan: VMNetworkAdapterVlan = field(default_factory=VMNetworkAdapterVlan)


@dataclass(slots=True)
class VirtualSwitch:
    """A virtual switch."""

    id: str
    name: str
    switch_type: str  # Private | Internal | External
    notes: str = ""
    # DeviceIds of the physical adapters it uses.
    net_adapters: list[str] = field(default_factory=list)
    embedded_teaming: bool = False
    bandwidth_mode: str = "Absolute"
    iov: bool = False
    packet_direct: bool = False
    load_balancing: str = ""  # of an embedded team: Dynamic | HyperVPort


@dataclass(slots=True)
class VMProcessor:
    """The settings that Get-VMProcessor shows."""

    count: int = 1
    expose_virtualization_extensions: bool = False
    hw_thread_count_per_core: int = 0
    reserve: int = 0
    maximum: int = 100
    relative_weight: int = 100
    compatibility_for_migration: bool = False
    compatibility_for_older: bool = False


@dataclass(slots=True)
class VMMemory:
    """The settings that Get-VMMemory shows.

    Without dynamic memory, minimum and maximum stay at 512 MB and 1 TB.
    """

    startup: int = 512 << 20
    dynamic: bool = False
    minimum: int = 512 << 20
    maximum: int = 1 << 40
    buffer: int = 20
    priority: int = 50


@dataclass(slots=True)
class VMFirmware:
    """The settings that Get-VMFirmware and Get-VMSecurity show."""

    secure_boot: bool = True
    secure_boot_template: str = "MicrosoftWindows"
    console_mode: str = "Default"
    pause_after_boot_failure: bool = False
    preferred_network_boot_protocol: str = "IPv4"
    first_boot_device: str = ""
    tpm_enabled: bool = False
    key_protector: str = ""  # hexadecimal digits
    vbs_opt_out: bool = False
    encrypt_state: bool = False
    shielded: bool = False


@dataclass(slots=True)
class VMDrive:
    """A disk or DVD drive of a VM."""

    kind: str  # disk | dvd
    path: str
    controller_type: str = "SCSI"  # IDE | SCSI
    controller_number: int = 0
    controller_location: int = 0


@dataclass(slots=True)
class VMSettings:
    """The settings that a checkpoint contains."""

    processor: VMProcessor = field(default_factory=VMProcessor)
    memory: VMMemory = field(default_factory=VMMemory)
    firmware: VMFirmware = field(default_factory=VMFirmware)
    adapters: list[VMNetworkAdapter] = field(default_factory=list)
    drives: list[VMDrive] = field(default_factory=list)
    scsi_controllers: int = 1
    notes: str = ""


@dataclass(slots=True)
class VMSnapshot:
    """A checkpoint."""

    id: str
    name: str
    created: float
    parent_id: str = ""
    state: str = "Off"
    settings: VMSettings = field(default_factory=VMSettings)  # its drives refer to the parent disks
    automatic: bool = False  # taken when the VM started


@dataclass(slots=True)
class VirtualMachine:
    """A virtual machine."""

    id: str
    name: str
    state: str = "Off"  # a name of VMState
    generation: int = 2
    version: str = "10.0"
    created: float = 0.0
    started: float = 0.0
    path: str = ""
    settings: VMSettings = field(default_factory=VMSettings)
    snapshots: list[VMSnapshot] = field(default_factory=list)
    parent_snapshot_id: str = ""
    checkpoint_type: str = "Production"
    automatic_checkpoints: bool = False
    automatic_start_action: str = "StartIfRunning"
    automatic_start_delay: int = 0
    automatic_stop_action: str = "Save"
    smart_paging_path: str = ""
    snapshot_path: str = ""
    # Name -> whether it is enabled, if that differs from the default.
    integration_services: dict[str, bool] = field(default_factory=dict)
    ran_at_shutdown: bool = False  # for AutomaticStartAction StartIfRunning

    # In states that earlier versions saved.
    FORMER_FIELDS: ClassVar = {"integration": "integration_services"}

    @property
    def boot_disk(self) -> str:
        """The path of the first disk, in the order of controllers; empty if there is none."""
        disks = [drive for drive in self.settings.drives if drive.kind == "disk" and drive.path]
        if len(disks) > 1:
            disks.sort(
                key=lambda drive: (
                    drive.controller_type,
                    drive.controller_number,
                    drive.controller_location,
                )
            )
        return disks[0].path if disks else ""

    @property
    def is_powered_on(self) -> bool:
        """Whether the VM uses memory of the host."""
        return self.state in POWERED_ON_STATES


POWERED_ON_STATES = frozenset({"Running", "Paused", "Starting", "Stopping"})
"""The states in which a VM uses memory of the host."""


@dataclass(slots=True)
class HyperV:
    """The state of Hyper-V on one machine."""

    vms: list[VirtualMachine] = field(default_factory=list)
    switches: list[VirtualSwitch] = field(default_factory=list)
    management_adapters: list[VMNetworkAdapter] = field(default_factory=list)
    mac_address_minimum: str = ""
    mac_address_maximum: str = ""
    virtual_hard_disk_path: str = r"C:\Users\Public\Documents\Hyper-V\Virtual Hard Disks"
    virtual_machine_path: str = r"C:\ProgramData\Microsoft\Windows\Hyper-V"
    enhanced_session_mode: bool = False
    numa_spanning: bool = True
    default_version: str = ""
    _index: VMIndex | None = field(default=None, init=False, repr=False, compare=False)
    _drives: DriveIndex | None = field(default=None, init=False, repr=False, compare=False)

    def add(self, vm: VirtualMachine) -> None:
        """Add a virtual machine."""
        self.vms.append(vm)
        if self._index is not None:
            self._index.add(vm)
        if self._drives is not None:
            self._drives.add(vm)

    def remove(self, vm: VirtualMachine) -> None:
        """Remove a virtual machine."""
        self.vms = [each for each in self.vms if each is not vm]
        if self._index is not None:
            self._index.remove(vm)
        if self._drives is not None:
            self._drives.remove(vm)

    def rename(self, vm: VirtualMachine, name: str) -> None:
        """Rename a virtual machine."""
        vm.name = name
        self._index = None

    def vms_named(self, name: str) -> Sequence[VirtualMachine]:
        """Return the VMs with this name, ignoring case, in order; names are not unique."""
        return self._indexed.by_name.get(name.lower(), ())

    def vm_with_id(self, vm_id: object) -> VirtualMachine | None:
        """Return the virtual machine with this Id, a Guid as text or as a value."""
        return self._indexed.by_id.get(str(vm_id).strip("{}").lower())

    def drives_at(self, key: str) -> Sequence[tuple[VirtualMachine, VMDrive]]:
        """Return the drives whose path in lower case is `key`, each with its VM."""
        if self._drives is None:
            self._drives = DriveIndex.of(self.vms)
        return self._drives.by_path.get(key, ())

    def invalidate_drive_index(self) -> None:
        """Drop the index of drives, because drives of a VM, or their paths, have changed."""
        self._drives = None

    @property
    def _indexed(self) -> VMIndex:
        if self._index is None:
            self._index = VMIndex.of(self.vms)
        return self._index

    def switch(self, switch_id: str) -> VirtualSwitch | None:
        """Return the switch with this Id."""
        return next((switch for switch in self.switches if switch.id == switch_id), None)
