"""Physical networks of a simulated host, and its platform-dependent behaviour."""

from __future__ import annotations

from nestlab.dataclass import dataclass, field

SAN_POLICIES = ("OnlineAll", "OfflineShared", "OfflineInternal", "OfflineAll")
"""Which new disks Windows keeps offline: NewDiskPolicy of Set-StorageSetting."""


@dataclass
class PhysicalNetwork:
    """A physical network outside the host: its prefix, and the gateway to the internet."""

    name: str
    network: str = ""
    gateway: str = ""
    # False in a public cloud, which drops frames with MAC addresses other than the machine's own.
    foreign_mac_addresses: bool = True


@dataclass
class Quirks:
    """Behaviour that depends on the platform, that is inferred, or on which sources disagree.

    Each is a key of the scenario; `docs/simulated-host.md` lists them.
    """

    # Configuration version that a nested host needs on AMD; older pages say 10.0.
    amd_minimum_version: str = "9.3"
    # The documentation allows one NAT; several were observed to work from this build on.
    several_nats_from_build: int = 20348
    # Inferred: WinNAT comes with Hyper-V and Containers, and is in no other Windows Server.
    win_nat_needs_a_role: bool = True
    administrator: bool = True  # false: the account is in Hyper-V Administrators only
    # Prefixes of NATs that HNS (Docker, WSL) has and Get-NetNat does not show.
    hidden_nats: list[str] = field(default_factory=list)
    virtualization_based_security: int = 0  # Win32_DeviceGuard: 0 off, 1 configured, 2 running
    # Each start writes event 124 of Kernel-Boot to the System log.
    security_policy_check_fails: bool = False
    # Under App Control, PowerShell runs in Constrained Language Mode. Inferred: the script for
    # guests then fails, because it calls methods of types that are not core types.
    constrained_language: bool = False
    hypervisor_load_options: str = ""  # boot configuration: OFFERNESTEDVIRT=FALSE disables nesting
    data_execution_prevention: bool = True
    host_memory_reserve: int = 1 << 30  # bytes, on every host, in addition to 1/64 of its memory
    hyper_v_rights: bool = True  # false: the account is not even in Hyper-V Administrators
    # Inferred: the page of Set-VMNetworkAdapter does not mention the state.
    mac_spoofing_while_running: bool = True
    # For an L1 with Server 2019 or older; the effect of more processors is inferred.
    old_hypervisors_processor_maximum: int = 225
    # According to Microsoft's pages of 2015 and 2016, but not the current ones.
    dynamic_memory_blocks_nested_start: bool = False
    dynamic_memory_undoes_extensions: bool = False  # one unconfirmed report
    # Whether saving a nested host with running VMs, or a checkpoint of it, fails, according to the
    # pages of 2015 and 2016.
    nested_hosts_refuse_saving: bool = False
    # Newest builds: other processor settings were observed to fail before -Count was set.
    processor_count_first: bool = False
    duplicate_switch_names: bool = True  # observed to work, and documented to fail
    # Whether a nested host can have an embedded team: MSLab creates them, the documentation says
    # that they are not supported in a VM.
    teams_in_nested_hosts: bool = True
    default_switch_removable: bool = False  # documented to fail, and observed once to work
    # Concurrent changes were observed to fail with ERROR_SHARING_VIOLATION.
    nat_changes_exclude_each_other: bool = True
    # Whether an Internal switch cannot be removed while a NAT uses its adapter.
    nat_keeps_switch: bool = False
    # New-NetIPAddress: error 5010 from this build on, 87 below.
    object_exists_from_build: int = 17763
    # Starts without enough memory fail with 0x800705AA instead of 0x8007000E.
    no_system_resources: bool = False
    # Physical adapters that cannot be bound to a switch.
    adapters_cannot_bind: list[str] = field(default_factory=list)
    # Internal switches whose host adapter cannot be deleted.
    stuck_switches: list[str] = field(default_factory=list)
    hidden_nat_names: list[str] = field(default_factory=list)  # names of the NATs that HNS holds
    # Adapters whose DHCP New-NetIPAddress cannot turn off.
    dhcp_stays_on: list[str] = field(default_factory=list)
    # Inferred: how Set-DhcpServerv4OptionValue validates; -Force is documented to skip it.
    dhcp_validates_dns_servers: bool = True
    # Adapters that stay bound, without address, after their External switch is removed.
    uplinks_stay_bound: list[str] = field(default_factory=list)
    # Whether an adapter that a switch has, and whose settings moved to no adapter of the host, has
    # them again once it is free: observed with an l2bridge of HNS
    # (https://github.com/microsoft/SDN/issues/498), and not documented.
    taken_adapters_keep_settings: bool = True
    # Whether Set-VMSwitch, which gives a shared switch another adapter or type, leaves the host's
    # adapters on it with their settings; else it makes a new one. Neither is documented.
    changed_switches_keep_adapters: bool = False
    # Time that the address takes to transfer after New- or Remove-VMSwitch.
    address_move_seconds: float = 0.0
    # Time after a start until the Virtual Machine Management service is ready.
    management_service_seconds: float = 0.0
    windows_boots_under_any_template: bool = False  # inferred: it boots only under its own template
    # Inferred: Setup ends when Windows refuses an account of the answer file.
    setup_ends_at_refused_account: bool = True
    # The default of Windows Server; its documentation also says: off on stand-alone servers.
    password_complexity: bool = True
    san_policy: str = "OfflineShared"  # for new disks, as Get-StorageSetting shows it
    # Inferred: of two machines with one static address, Windows on the later one does not use it.
    static_addresses_are_tested: bool = True
    language: str = "en"  # of Windows: default names and error texts
    # External ports that another program on the host uses.
    reserved_ports: list[int] = field(default_factory=list)
