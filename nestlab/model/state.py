"""Host state: what was observed on one machine, in Hyper-V's own terms.

The same value describes the host, a nested host, and a Windows guest without Hyper-V (then
`hyper_v` is None). What could not be read is in `unread`: a rule that needs it says "not known",
never "fine".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from nestlab.model.machine import HOST, MachinePath
from nestlab.model.size import Size


@dataclass(frozen=True, kw_only=True)
class ComputerState:
    """Win32_OperatingSystem and Win32_ComputerSystem.

    None, 0 and empty text: it could not be read.
    """

    name: str
    caption: str = ""
    build: int = 0
    product_type: int = 3  # 1 workstation, 2 domain controller, 3 server
    operating_system_sku: int = 0
    manufacturer: str = ""
    model: str = ""
    total_physical_memory: Size = Size(0)
    hypervisor_present: bool | None = None
    data_execution_prevention_available: bool | None = None
    last_boot_up_time: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ProcessorState:
    """Win32_Processor.

    The three flags read False once a hypervisor runs: look at `hypervisor_present` first.
    """

    manufacturer: str = ""
    name: str = ""
    architecture: int = 9  # 9 x64, 12 ARM64
    number_of_cores: int = 0
    number_of_logical_processors: int = 0
    virtualization_firmware_enabled: bool | None = None
    second_level_address_translation_extensions: bool | None = None
    vm_monitor_mode_extensions: bool | None = None


@dataclass(frozen=True, kw_only=True)
class VolumeState:
    """Win32_LogicalDisk: a fixed disk with what is free on it. `device_id` is the drive, ``D:``."""

    device_id: str
    size: Size = Size(0)
    free_space: Size = Size(0)


@dataclass(frozen=True, kw_only=True)
class EventState:
    """Get-WinEvent: one event of the System log."""

    id: int
    provider_name: str
    time_created: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class SecurityState:
    """What protects the host itself, and what its account may do. None: it could not be read."""

    virtualization_based_security_status: int | None = (
        None  # Win32_DeviceGuard: 0 off, 1 configured, 2 running
    )
    security_services_running: tuple[
        int, ...
    ] = ()  # Win32_DeviceGuard: 1 Credential Guard, 2 memory integrity
    enable_virtualization_based_security: int | None = None  # registry, Control\DeviceGuard
    hypervisor_load_options: tuple[str, ...] | None = (
        None  # the boot configuration's options that speak of nesting
    )
    isolated_user_mode: str | None = (
        None  # State of the Windows feature; empty where this Windows knows no such feature
    )
    secure_boot: str | None = None  # On, Off, or Unsupported: the firmware is a BIOS
    start_events: tuple[EventState, ...] | None = (
        None  # the newest event 124, and the newest start (Kernel-General 12)
    )
    elevated: bool | None = (
        None  # whether DISM answered, which it does for elevated administrators only
    )
    running_services: frozenset[str] | None = None  # of those asked for: vmms, hns, SharedAccess


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
    notes: str = ""


@dataclass(frozen=True, kw_only=True)
class VlanState:
    """Get-VMNetworkAdapterVlan."""

    operation_mode: str = "Untagged"
    access_vlan_id: int = 0
    native_vlan_id: int = 0
    allowed_vlan_ids: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NetworkAdapterState:
    """Get-VMNetworkAdapter: an adapter of a VM (`vm_id` set) or of the management operating system (`vm_id` empty)."""

    id: str
    name: str
    vm_id: str = ""
    vm_name: str = ""
    switch_id: str = ""
    switch_name: str = ""
    mac_address: str = ""
    dynamic_mac_address: bool = True
    mac_address_spoofing: bool = False
    connected: bool = False
    ip_addresses: tuple[str, ...] = ()
    device_id: str = ""  # management OS: the DeviceId that ties it to its Get-NetAdapter
    vlan: VlanState = field(default_factory=VlanState)


@dataclass(frozen=True, kw_only=True)
class HardDiskState:
    """Get-VMHardDiskDrive."""

    path: str
    controller_type: str = "SCSI"
    controller_number: int = 0
    controller_location: int = 0


@dataclass(frozen=True, kw_only=True)
class DiskFileState:
    """Get-VHD: a disk file. `parent` is empty where it is no differencing disk."""

    path: str
    parent: str = ""
    size: Size = Size(0)


@dataclass(frozen=True, kw_only=True)
class VirtualMachineState:
    """Get-VM, Get-VMProcessor, Get-VMMemory, its adapters, disks and checkpoints.

    `state` is VMState's name.
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
    heartbeat: str = ""
    automatic_stop_action: str = ""  # StopAction: TurnOff, Save, ShutDown; empty: not known
    virtualization_based_security_opt_out: bool | None = (
        None  # Get-VMSecurity; asked of the previews that want it only
    )
    network_adapters: tuple[NetworkAdapterState, ...] = ()
    hard_disks: tuple[HardDiskState, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NetAdapterState:
    """Get-NetAdapter: an adapter as the machine's own Windows sees it."""

    name: str
    interface_description: str = ""
    interface_index: int = 0
    mac_address: str = ""
    status: str = "Up"
    device_id: str = ""
    virtual: bool = False
    ndis_physical_medium: int = 0  # 9 wireless (Native 802.11), 14 wired (802.3)


@dataclass(frozen=True, kw_only=True)
class IPInterfaceState:
    """Get-NetIPInterface, Get-NetIPAddress, Get-NetRoute and Get-DnsClientServerAddress of one interface (IPv4)."""

    interface_alias: str
    interface_index: int = 0
    dhcp: bool = False
    forwarding: bool = False
    interface_metric: int | None = None
    automatic_metric: bool = True
    nl_mtu: int = 0
    ip_addresses: tuple[IPv4Interface, ...] = ()
    routes: tuple[
        tuple[IPv4Network, IPv4Address], ...
    ] = ()  # destination prefix, next hop; 0.0.0.0/0 is the gateway
    dns_servers: tuple[IPv4Address, ...] = ()

    @property
    def gateway(self) -> IPv4Address | None:
        """The next hop of the default route on this interface."""
        return next((via for to, via in self.routes if to.prefixlen == 0), None)


@dataclass(frozen=True, kw_only=True)
class NatState:
    """Get-NetNat with its static mappings (protocol, external port, internal address, internal port)."""

    name: str
    internal_prefix: IPv4Network
    static_mappings: tuple[tuple[str, int, IPv4Address, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class DhcpScopeState:
    """Get-DhcpServerv4Scope."""

    scope_id: IPv4Address
    name: str
    start_range: IPv4Address
    end_range: IPv4Address


ECHO_RULE = "nestlab.echo-request"
"""The Name of nestlab's own rule for echo requests in a guest. A rule's Name is its identity; its DisplayName is translated."""
BUILT_IN_ECHO_RULE = "FPS-ICMP4-ERQ-In"
"""The Name of the rule that Windows itself has for them, File and Printer Sharing (Echo Request - ICMPv4-In)."""


@dataclass(frozen=True, kw_only=True)
class FirewallRuleState:
    """Get-NetFirewallRule."""

    name: str
    enabled: bool = True
    action: str = "Allow"  # Allow | Block


@dataclass(frozen=True, kw_only=True)
class DiskUseState:
    """A disk of a VM, or of a checkpoint of it (`checkpoint`), with the disks that it stands on, the nearest first.

    `unread`: the chain could not be read to its end.
    """

    path: str
    vm_id: str
    vm_name: str
    checkpoint: bool = False
    parents: tuple[str, ...] = ()
    unread: bool = False

    @property
    def files(self) -> tuple[str, ...]:
        """The disk and all that it stands on."""
        return (self.path, *self.parents)


@dataclass(frozen=True, kw_only=True)
class HyperVState:
    """What the Hyper-V module shows: host, switches, VMs, adapters of the management operating system."""

    vm_host: VMHostState
    switches: tuple[SwitchState, ...] = ()
    vms: tuple[VirtualMachineState, ...] = ()
    management_adapters: tuple[NetworkAdapterState, ...] = ()
    existing_disks: frozenset[str] = (
        frozenset()
    )  # of the disk paths that were asked for, those that exist (lower case)
    disk_files: tuple[DiskFileState, ...] = ()  # the same files, with what they stand on
    disk_uses: tuple[DiskUseState, ...] | None = None  # None: not asked for

    def vm(self, name: str) -> VirtualMachineState | None:
        """Return the first VM of this name; names ignore case."""
        return self._by_name.get(name.casefold())

    @cached_property
    def _by_name(self) -> dict[str, VirtualMachineState]:
        return {vm.name.casefold(): vm for vm in reversed(self.vms)}


@dataclass(frozen=True, kw_only=True)
class Unread:
    """Something that could not be read, and the host's own words why."""

    what: str
    error: str


@dataclass(frozen=True, kw_only=True)
class HostState:
    """What was observed on one machine.

    Equal states mean that nothing a plan looks at has changed.
    """

    machine: MachinePath = HOST
    host: str = ""  # the address the session was opened with
    computer: ComputerState
    processors: tuple[ProcessorState, ...] = ()
    security: SecurityState = SecurityState()
    volumes: tuple[VolumeState, ...] = ()
    features: frozenset[str] = frozenset()  # installed roles and features, by name
    pending_features: frozenset[str] = frozenset()  # installed, but only there after a restart
    hyper_v: HyperVState | None = (
        None  # None: the role is not installed, or not yet after its restart
    )
    net_adapters: tuple[NetAdapterState, ...] = ()
    ip_interfaces: tuple[IPInterfaceState, ...] = ()
    nats: tuple[NatState, ...] = ()
    dhcp_scopes: tuple[DhcpScopeState, ...] = ()
    firewall_rules: tuple[
        FirewallRuleState, ...
    ] = ()  # of a guest: those for echo requests, Windows' and nestlab's own
    unread: tuple[Unread, ...] = ()

    def firewall_rule(self, name: str) -> FirewallRuleState | None:
        """Return the firewall rule of this Name."""
        return next(
            (rule for rule in self.firewall_rules if rule.name.casefold() == name.casefold()), None
        )

    @property
    def answers_ping(self) -> bool | None:
        """Whether the rules that were read let echo requests in, a rule that blocks first; None where none was read."""
        enabled = [rule.action for rule in self.firewall_rules if rule.enabled]
        return ("Block" not in enabled and "Allow" in enabled) if self.firewall_rules else None
