"""What surrounds a simulated host: physical networks, and the switches for behaviour that depends on the platform."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class PhysicalNetwork:
    """A physical network outside the host: its prefix and the gateway that leads to the internet."""

    name: str
    network: str = ""
    gateway: str = ""
    # false in a public cloud: frames of other MAC addresses than the machine's own are dropped
    foreign_mac_addresses: bool = True


@dataclass
class Quirks:
    """What depends on the platform, or is an inference or a conflict of sources, as switches of the scenario."""

    amd_minimum_version: str = "9.3"  # of a nested VM on AMD; older pages said 10.0
    several_nats_from_build: int = 20348  # documentation says one; seen to work from there on
    administrator: bool = True  # false: the account is in Hyper-V Administrators only
    hidden_nats: list[str] = field(
        default_factory=list
    )  # prefixes that HNS (Docker, WSL) holds while Get-NetNat shows nothing
    virtualization_based_security: int = 0  # Win32_DeviceGuard: 0 off, 1 configured, 2 running
    security_policy_check_fails: bool = (
        False  # each start writes event 124 of Kernel-Boot into the System log
    )
    hypervisor_load_options: str = (
        ""  # of the boot configuration: OFFERNESTEDVIRT=FALSE forbids nesting
    )
    data_execution_prevention: bool = True
    host_memory_reserve: int = 1 << 30  # of every host, besides 1/64 of its memory
    hyper_v_rights: bool = True  # false: the account is not even in Hyper-V Administrators
    mac_spoofing_while_running: bool = (
        True  # inference: the page of Set-VMNetworkAdapter asks for no state
    )
    old_hypervisors_processor_maximum: int = (
        225  # of an L1 of Server 2019 or older; what more do to it is an inference
    )
    dynamic_memory_blocks_nested_start: bool = False  # pages of 2015/16 said so, today's do not
    dynamic_memory_undoes_extensions: bool = False  # one report, unconfirmed
    nested_hosts_refuse_saving: bool = (
        False  # the same for saving and checkpoints while virtual machines run inside
    )
    processor_count_first: bool = (
        False  # newest builds: processor settings before any -Count were seen to fail
    )
    duplicate_switch_names: bool = True  # seen, and said to be refused
    default_switch_removable: bool = False  # refused, and once seen to work
    nat_changes_exclude_each_other: bool = (
        True  # several at once were seen to fail with ERROR_SHARING_VIOLATION
    )
    nat_keeps_switch: bool = (
        False  # whether an Internal switch cannot be removed while a NAT uses its adapter
    )
    object_exists_from_build: int = 17763  # New-NetIPAddress: error 5010 from there on, 87 below
    no_system_resources: bool = (
        False  # starts beyond the memory fail with 0x800705AA in place of 0x8007000E
    )
    adapters_cannot_bind: list[str] = field(
        default_factory=list
    )  # physical adapters that no switch can be bound to
    stuck_switches: list[str] = field(
        default_factory=list
    )  # Internal switches whose host adapter cannot be deleted
    hidden_nat_names: list[str] = field(default_factory=list)  # names of the NATs that HNS holds
    dhcp_stays_on: list[str] = field(
        default_factory=list
    )  # adapters whose DHCP New-NetIPAddress cannot turn off
    uplinks_stay_bound: list[str] = field(
        default_factory=list
    )  # adapters that a removed External switch leaves bound, without address
    address_move_seconds: float = (
        0.0  # after New- or Remove-VMSwitch ended, until the address has moved
    )
    management_service_seconds: float = (
        0.0  # after a start, until the Virtual Machine Management service finds its objects
    )
    language: str = "en"  # of Windows: names that it makes, and its error texts
    reserved_ports: list[int] = field(
        default_factory=list
    )  # external ports that something else on the host holds
