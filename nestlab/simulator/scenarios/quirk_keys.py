"""The keys under ``quirks`` of a scenario file."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

from nestlab.model import Size
from nestlab.simulator.behaviour.localization import LANGUAGES
from nestlab.simulator.scenarios.key_kinds import COUNT, NUMBER, words
from nestlab.simulator.state.quirks import SAN_POLICIES, Quirks
from nestlab.topology_file.key_types import Key, ListOf, Shape
from nestlab.topology_file.network_scalars import NETWORK
from nestlab.topology_file.scalars import (
    BOOLEAN,
    NAME,
    NON_EMPTY_TEXT,
    SIZE,
    TEXT,
    VERSION,
    integer,
)


def _saved_value(value: Any) -> Any:
    """Return a value as the state file keeps it."""
    if isinstance(value, tuple):
        return [_saved_value(item) for item in value]
    return (
        str(value)
        if isinstance(value, IPv4Network)
        else int(value)
        if isinstance(value, Size)
        else value
    )


QUIRKS = Shape(
    "quirks",
    Quirks,
    (
        Key(
            "amd_minimum_version",
            VERSION,
            "Lowest configuration version of a VM that can be a nested host on AMD. Default 9.3; older documentation says 10.0.",
        ),
        Key(
            "several_nats_from_build",
            COUNT,
            "First build that accepts a second NAT. Default 20348; Microsoft's documentation says that none does.",
        ),
        Key(
            "win_nat_needs_a_role",
            BOOLEAN,
            "Whether only Windows with Hyper-V or Containers has New-NetNat. Default true; not documented.",
        ),
        Key(
            "hidden_nats",
            ListOf(NETWORK),
            "Prefixes of NATs of containers or WSL, which Get-NetNat does not show. Default: none.",
        ),
        Key(
            "hidden_nat_names",
            ListOf(NON_EMPTY_TEXT),
            "Names of these NATs; New-NetNat refuses them. Default: none.",
        ),
        Key(
            "virtualization_based_security",
            integer(0, 2),
            "Win32_DeviceGuard: 0 off (default), 1 configured, 2 running.",
        ),
        Key(
            "security_policy_check_fails",
            BOOLEAN,
            "Whether virtualization-based security is configured but fails at boot. Default false.",
        ),
        Key(
            "constrained_language",
            BOOLEAN,
            "Whether PowerShell runs in Constrained Language Mode, as under App Control. Default false.",
        ),
        Key(
            "hypervisor_load_options",
            TEXT,
            "HypervisorLoadOptions of the boot configuration; OFFERNESTEDVIRT=FALSE disables nesting. Default: empty.",
        ),
        Key(
            "data_execution_prevention",
            BOOLEAN,
            "Whether data execution prevention is on. Default true.",
        ),
        Key(
            "host_memory_reserve",
            SIZE,
            "Memory that a host reserves for itself, in addition to 1/64 of its memory. Default 1GB.",
        ),
        Key(
            "mac_spoofing_while_running",
            BOOLEAN,
            "Whether MAC address spoofing can be changed while the VM runs. Default true, an inference.",
        ),
        Key(
            "old_hypervisors_processor_maximum",
            COUNT,
            "Maximum number of virtual processors with which the hypervisor starts in a VM with Server 2019 or older. Default 225; that it does not start with more is an inference.",
        ),
        Key(
            "dynamic_memory_blocks_nested_start",
            BOOLEAN,
            "Whether a VM with dynamic memory and exposed virtualization extensions fails to start, as documentation of 2015 said. Default false.",
        ),
        Key(
            "dynamic_memory_undoes_extensions",
            BOOLEAN,
            "Whether the start of a VM with dynamic memory turns off its virtualization extensions, according to one report. Default false.",
        ),
        Key(
            "nested_hosts_refuse_saving",
            BOOLEAN,
            "Whether saving a nested host with running VMs, or a checkpoint of it, fails. Default false.",
        ),
        Key(
            "processor_count_first",
            BOOLEAN,
            "Whether other processor settings fail until -Count has been set, as on the newest builds. Default false.",
        ),
        Key(
            "duplicate_switch_names",
            BOOLEAN,
            "Whether two switches may have the same name. Default true; sources disagree.",
        ),
        Key(
            "teams_in_nested_hosts",
            BOOLEAN,
            "Whether a nested host can have a switch with Switch Embedded Teaming. Default true; sources disagree.",
        ),
        Key(
            "default_switch_removable",
            BOOLEAN,
            "Whether the Default Switch can be removed. Default false; one source says so.",
        ),
        Key(
            "nat_changes_exclude_each_other",
            BOOLEAN,
            "Whether a change of WinNAT fails while another one is in progress on the machine. Default true.",
        ),
        Key(
            "nat_keeps_switch",
            BOOLEAN,
            "Whether a switch cannot be removed while a NAT uses its adapter. Default false; sources disagree.",
        ),
        Key(
            "object_exists_from_build",
            COUNT,
            "First build on which New-NetIPAddress reports error 5010 for an existing address; older ones report 87. Default 17763.",
        ),
        Key(
            "no_system_resources",
            BOOLEAN,
            "Whether starting a VM without enough memory fails with 0x800705AA instead of 0x8007000E. Default false.",
        ),
        Key(
            "adapters_cannot_bind",
            ListOf(NAME),
            "Physical adapters that no switch can be bound to. Default: none.",
        ),
        Key(
            "stuck_switches",
            ListOf(NAME),
            "Internal switches whose host adapter cannot be deleted. Default: none.",
        ),
        Key(
            "dhcp_stays_on",
            ListOf(NAME),
            "Adapters whose DHCP New-NetIPAddress cannot turn off; Set-NetIPInterface can. Default: none.",
        ),
        Key(
            "dhcp_validates_dns_servers",
            BOOLEAN,
            "Whether Set-DhcpServerv4OptionValue refuses a DNS server that does not answer, without -Force. Default true.",
        ),
        Key(
            "uplinks_stay_bound",
            ListOf(NAME),
            "Adapters that stay bound, without address, after their switch is removed. Default: none.",
        ),
        Key(
            "taken_adapters_keep_settings",
            BOOLEAN,
            "Whether an adapter whose IP settings moved to no adapter of the host has them again after its switch is removed. Default true; not documented.",
        ),
        Key(
            "changed_switches_keep_adapters",
            BOOLEAN,
            "Whether the host's adapters on a switch stay, with their settings, when Set-VMSwitch gives it another adapter or type and the host still shares it. Default false; not documented.",
        ),
        Key(
            "address_move_seconds",
            NUMBER,
            "Virtual seconds until the host's address is transferred after New-VMSwitch or Remove-VMSwitch. Default 0.",
        ),
        Key(
            "management_service_seconds",
            NUMBER,
            "Virtual seconds after the host starts until Hyper-V cmdlets find their objects. Default 0.",
        ),
        Key(
            "reserved_ports",
            ListOf(integer(1, 65535)),
            "External ports that another program on the host uses. Default: none.",
        ),
        Key(
            "windows_boots_under_any_template",
            BOOLEAN,
            "Whether Windows boots with the Secure Boot template MicrosoftUEFICertificateAuthority. Default false, an inference.",
        ),
        Key(
            "setup_ends_at_refused_account",
            BOOLEAN,
            "Whether Windows Setup fails if its answer file has an account that Windows refuses; otherwise it continues without the account. Default true, an inference.",
        ),
        Key(
            "password_complexity",
            BOOLEAN,
            "Whether a server image refuses passwords that do not meet the complexity requirements. Default true; sources disagree.",
        ),
        Key(
            "static_addresses_are_tested",
            BOOLEAN,
            "Whether Windows marks its static address Duplicate, and does not use it, where another machine on the network had it before. Default true; which of the two is marked is an inference.",
        ),
        Key(
            "san_policy",
            words(*SAN_POLICIES),
            "Which new disks Windows keeps offline, as in Get-StorageSetting. Default OfflineShared: mounted virtual disks are online.",
        ),
        Key(
            "language",
            words(*LANGUAGES),
            "Language of Windows: of the names that it creates, and of error texts. Default en.",
        ),
    ),
    build=lambda v: {name: _saved_value(value) for name, value in v.items()},
)
