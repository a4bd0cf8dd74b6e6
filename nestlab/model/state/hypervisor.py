"""The state of Hyper-V on a machine, in the terms of its PowerShell module."""

from __future__ import annotations

from functools import cached_property

from nestlab.dataclass import dataclass, field
from nestlab.model.ownership import is_left_behind, is_marked
from nestlab.model.size import Size
from nestlab.model.topology.declared_network import Switch
from nestlab.model.vlan_ids import VlanIds

DEFAULT_SWITCH_ID = "c08cb7b8-9b3c-408e-8e30-5e16a3aeb444"
"""The Id of the Default Switch of Windows clients, the same on every computer.

Its name is localized.
"""


SettingValue = str | int | bool
"""The value of one parameter of a cmdlet, as the property of the same name shows it."""
Settings = tuple[tuple[str, SettingValue], ...]
"""The settings in the key table of the topology file, each with its key and its value.

A setting that could not be read is left out.
"""


@dataclass(frozen=True, kw_only=True)
class VMHostState:
    """Get-VMHost and Get-VMHostSupportedVersion."""

    logical_processor_count: int = 0
    memory_capacity: Size = Size(0)
    virtual_hard_disk_path: str = ""
    virtual_machine_path: str = ""
    mac_address_minimum: str = ""
    mac_address_maximum: str = ""
    supported_versions: tuple[str, ...] = ()
    default_version: str = ""


@dataclass(frozen=True, kw_only=True)
class SwitchState:
    """Get-VMSwitch."""

    id: str
    name: str
    switch_type: str
    allow_management_os: bool = False
    net_adapter_interface_descriptions: tuple[str, ...] = ()
    embedded_teaming: bool = False
    notes: str = ""

    @property
    def is_default_switch(self) -> bool:
        """Whether this is the Default Switch of Windows clients, whatever its name."""
        return self.id.casefold() == DEFAULT_SWITCH_ID


@dataclass(frozen=True, kw_only=True)
class VlanState:
    """Get-VMNetworkAdapterVlan.

    A private VLAN (`operation_mode` Private) has its mode in `private_vlan_mode`: Isolated and
    Community ports have one secondary VLAN, a Promiscuous port has several.
    """

    operation_mode: str = "Untagged"
    access_vlan_id: int = 0
    native_vlan_id: int = 0
    allowed_vlan_ids: VlanIds = ()  # merged
    private_vlan_mode: str = ""
    primary_vlan_id: int = 0
    secondary_vlan_ids: VlanIds = ()  # merged


@dataclass(frozen=True, kw_only=True)
class NetworkAdapterState:
    """Get-VMNetworkAdapter: an adapter of a VM, or of the management operating system.

    The latter has no `vm_id`.
    """

    id: str
    name: str
    vm_id: str = ""
    vm_name: str = ""
    switch_id: str = ""
    switch_name: str = ""
    mac_address: str = ""
    dynamic_mac_address: bool = True
    mac_address_spoofing: bool = False
    allow_teaming: bool = False
    connected: bool = False
    ip_addresses: tuple[str, ...] = ()
    settings: Settings = ()
    device_id: str = ""  # management OS: the DeviceId of the same adapter in Get-NetAdapter
    vlan: VlanState = field(default_factory=VlanState)
    settings_without_key: tuple[str, ...] = field(default=(), compare=False)  # as cmdlets


@dataclass(frozen=True, kw_only=True)
class HardDiskState:
    """Get-VMHardDiskDrive."""

    path: str
    controller_type: str = "SCSI"
    controller_number: int = 0
    controller_location: int = 0


@dataclass(frozen=True, kw_only=True)
class DvdDriveState:
    """Get-VMDvdDrive; `path` is empty if the drive is."""

    path: str = ""
    controller_number: int = 0
    controller_location: int = 0


@dataclass(frozen=True, kw_only=True)
class DiskFileState:
    """Get-VHD: a disk file. `parent` is empty if it is not a differencing disk.

    `size` is that of the disk, `file_size` that of its file now.
    """

    path: str
    parent: str = ""
    size: Size = Size(0)
    file_size: Size = Size(0)


@dataclass(frozen=True, kw_only=True)
class CheckpointState:
    """Get-VMSnapshot."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class VirtualMachineState:
    """Get-VM, Get-VMProcessor, Get-VMMemory, and the VM's adapters, disks and checkpoints.

    `state` is a name of Hyper-V's VMState enumeration (Running, Off, Saved, Paused ...), not only
    one that a topology can declare.
    """

    id: str
    name: str
    state: str
    generation: int = 2
    version: str = ""
    notes: str = ""
    processor_count: int = 1
    expose_virtualization_extensions: bool = False
    hw_thread_count_per_core: int = 0  # 0: as the host; Server 2016 has no such property
    memory_startup: Size = Size(0)
    memory_assigned: Size = Size(0)
    dynamic_memory_enabled: bool = False
    memory_minimum: Size = Size(0)
    memory_maximum: Size = Size(0)
    parent_checkpoint_id: str = ""
    checkpoints: tuple[CheckpointState, ...] | None = None  # None: not asked, or not known
    automatic_checkpoint: bool = False  # whether it has one, where checkpoints were asked
    heartbeat: str = ""
    settings: Settings = ()
    secure_boot: bool | None = None  # None: generation 1, or not known
    secure_boot_template: str = ""  # of Get-VMFirmware, also where Secure Boot is off
    virtualization_based_security_opt_out: bool | None = None  # of Get-VMSecurity; None: not known
    tpm: bool | None = None  # of Get-VMSecurity; None: not known
    guest_service: bool | None = None  # Get-VMIntegrationService; None: not asked, or not known
    settings_without_key: tuple[str, ...] = field(default=(), compare=False)  # as cmdlets
    network_adapters: tuple[NetworkAdapterState, ...] = ()
    hard_disks: tuple[HardDiskState, ...] = ()
    dvd_drives: tuple[DvdDriveState, ...] = ()

    @property
    def automatic_stop_action(self) -> str:
        """StopAction: TurnOff, Save or ShutDown; empty if it is not known."""
        return str(dict(self.settings).get("automatic_stop_action", ""))

    @classmethod
    def summary(
        cls,
        *,
        id: str,  # noqa: A002
        name: str,
        state: str,
        notes: str,
        memory_assigned: Size,
    ) -> VirtualMachineState:
        """Return a summary of a VM: only these values were read.

        All other fields keep the defaults of the class, without a copy in the object: a host may
        have hundreds of VMs.
        """
        vm = object.__new__(cls)
        object.__setattr__(vm, "id", id)
        object.__setattr__(vm, "name", name)
        object.__setattr__(vm, "state", state)
        object.__setattr__(vm, "notes", notes)
        object.__setattr__(vm, "memory_assigned", memory_assigned)
        return vm


@dataclass(frozen=True, kw_only=True)
class DiskUseState:
    """A disk of a VM, or of a checkpoint (`checkpoint`), with its parents, the nearest first.

    `checkpoint_id` is the Id of that checkpoint. `unread` is true if the chain of parents could not
    be read to its end.
    """

    path: str
    vm_id: str
    vm_name: str
    checkpoint: bool = False
    checkpoint_id: str = ""
    parents: tuple[str, ...] = ()
    unread: bool = False

    @property
    def files(self) -> tuple[str, ...]:
        """The disk and all its parents."""
        return (self.path, *self.parents)


@dataclass(frozen=True, kw_only=True)
class HyperVState:
    """The state of Hyper-V: host, switches, VMs, adapters of the management OS."""

    vm_host: VMHostState
    switches: tuple[SwitchState, ...] = ()
    vms: tuple[VirtualMachineState, ...] = ()
    management_adapters: tuple[NetworkAdapterState, ...] = ()
    existing_disks: frozenset[str] = frozenset()  # the requested disk paths that exist (lower case)
    disk_files: tuple[DiskFileState, ...] = ()  # the same files, with their parents
    dvd_images: frozenset[str] = frozenset()  # the requested ISO files that exist (lower case)
    disk_uses: tuple[DiskUseState, ...] | None = None  # None: not requested
    # VMs that use a requested disk as a parent, where only a summary of VMs was read.
    parent_users: tuple[DiskUseState, ...] = ()
    # VMs inside nested hosts of a topology that are not its own, on External switches there: they
    # are named by their machine path, and their adapters are those that their hosts have here.
    bridged_vms: tuple[VirtualMachineState, ...] = ()

    def existing_switches(self, switch: Switch) -> list[SwitchState]:
        """Return the switches of the host that a switch with `existing` in a file can refer to.

        The Default Switch is found by its Id, others by name: several can have the same one.
        """
        by_id = [found for found in self.switches if found.is_default_switch]
        if switch.is_default_switch and by_id:
            return by_id
        name = switch.name.casefold()
        return [found for found in self.switches if found.name.casefold() == name]

    def vm(self, name: str) -> VirtualMachineState | None:
        """Return the first VM of this name; names ignore case."""
        return self._first_by_name.get(name.casefold())

    def vms_named(self, name: str) -> list[VirtualMachineState]:
        """Return all VMs of this name, in order; names are not unique."""
        if len(self._first_by_name) < len(self.vms):
            return self._all_by_name.get(name.casefold(), [])
        first = self.vm(name)  # a list for each name of a large host would take most of the time
        return [] if first is None else [first]

    def vms_of(self, topology_name: str) -> tuple[VirtualMachineState, ...]:
        """Return the VMs with the mark of a topology, and those left behind without it."""
        if topology_name not in self._of_topology:
            self._of_topology[topology_name] = tuple(
                vm
                for vm in self.vms
                if is_marked(vm.notes, topology_name) or is_left_behind(vm, topology_name)
            )
        return self._of_topology[topology_name]

    @cached_property
    def _of_topology(self) -> dict[str, tuple[VirtualMachineState, ...]]:
        return {}

    @cached_property
    def _all_by_name(self) -> dict[str, list[VirtualMachineState]]:
        found: dict[str, list[VirtualMachineState]] = {}
        for vm in self.vms:
            found.setdefault(vm.name.casefold(), []).append(vm)
        return found

    @cached_property
    def _first_by_name(self) -> dict[str, VirtualMachineState]:
        return {vm.name.casefold(): vm for vm in reversed(self.vms)}
