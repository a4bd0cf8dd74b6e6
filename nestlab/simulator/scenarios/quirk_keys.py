"""The keys under ``quirks`` of a scenario file."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

from nestlab.model import Size
from nestlab.simulator.behaviour.localization import LANGUAGES
from nestlab.simulator.scenarios.key_kinds import COUNT, NUMBER
from nestlab.simulator.state.quirks import Quirks
from nestlab.topology_file.key_types import Key, ListOf, Shape
from nestlab.topology_file.scalars import (
    BOOLEAN,
    NAME,
    NETWORK,
    SIZE,
    SOME_TEXT,
    TEXT,
    VERSION,
    integer,
    word,
)


def _plain(value: Any) -> Any:
    """Return a value as the state file keeps it."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
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
            "Configuration version from which VMs nest on AMD. Default 9.3; older pages say 10.0.",
        ),
        Key(
            "several_nats_from_build",
            COUNT,
            "Build from which a second NAT is accepted. Default 20348; the pages say never.",
        ),
        Key(
            "hidden_nats",
            ListOf(NETWORK),
            "Networks that containers or WSL translate while Get-NetNat shows nothing. Default: none.",
        ),
        Key(
            "hidden_nat_names",
            ListOf(SOME_TEXT),
            "Names of those NATs, which New-NetNat refuses. Default: none.",
        ),
        Key(
            "virtualization_based_security",
            integer(0, 2),
            "Win32_DeviceGuard: 0 off (default), 1 configured, 2 running.",
        ),
        Key(
            "security_policy_check_fails",
            BOOLEAN,
            "Whether virtualization-based security is wanted and fails at boot. Default false.",
        ),
        Key(
            "hypervisor_load_options",
            TEXT,
            "Of the boot configuration: OFFERNESTEDVIRT=FALSE forbids nesting. Default: empty.",
        ),
        Key(
            "data_execution_prevention",
            BOOLEAN,
            "Whether the processor prevents execution of data. Default true.",
        ),
        Key(
            "host_memory_reserve",
            SIZE,
            "Memory that a host keeps for itself, besides 1/64 of all. Default 1GB.",
        ),
        Key(
            "mac_spoofing_while_running",
            BOOLEAN,
            "Whether it may change while the VM runs. Default true, an inference.",
        ),
        Key(
            "old_hypervisors_processor_maximum",
            COUNT,
            "Virtual processors with which Hyper-V starts in a VM of Server 2019 or older. Default 225; that it does not start with more is an inference.",
        ),
        Key(
            "dynamic_memory_blocks_nested_start",
            BOOLEAN,
            "Whether a VM with both does not start, as pages of 2015 said. Default false.",
        ),
        Key(
            "dynamic_memory_undoes_extensions",
            BOOLEAN,
            "Whether the start of a VM with dynamic memory takes the extensions back, as one report has it. Default false.",
        ),
        Key(
            "nested_hosts_refuse_saving",
            BOOLEAN,
            "The same for saving and checkpoints of a nested host whose VMs run. Default false.",
        ),
        Key(
            "processor_count_first",
            BOOLEAN,
            "Whether processor settings before any -Count fail, as on newest builds. Default false.",
        ),
        Key(
            "duplicate_switch_names",
            BOOLEAN,
            "Whether two switches may have one name. Default true; sources disagree.",
        ),
        Key(
            "default_switch_removable",
            BOOLEAN,
            "Whether the Default Switch can be removed. Default false; once seen.",
        ),
        Key(
            "nat_changes_exclude_each_other",
            BOOLEAN,
            "Whether a change of WinNAT fails while another one is in progress on the machine. Default true.",
        ),
        Key(
            "nat_keeps_switch",
            BOOLEAN,
            "Whether a switch stays while a NAT uses its adapter. Default false; sources disagree.",
        ),
        Key(
            "object_exists_from_build",
            COUNT,
            "Build from which New-NetIPAddress says 5010 for an address that is there, 87 below. Default 17763.",
        ),
        Key(
            "no_system_resources",
            BOOLEAN,
            "Whether a start beyond the memory says 0x800705AA in place of 0x8007000E. Default false.",
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
            "uplinks_stay_bound",
            ListOf(NAME),
            "Adapters that stay bound, without address, after their switch is removed. Default: none.",
        ),
        Key(
            "address_move_seconds",
            NUMBER,
            "How long after New- and Remove-VMSwitch the host's address is still on its way. Default 0.",
        ),
        Key(
            "management_service_seconds",
            NUMBER,
            "How long after a start Hyper-V cmdlets do not find their objects. Default 0.",
        ),
        Key(
            "reserved_ports",
            ListOf(integer(1, 65535)),
            "External ports that something else on the host holds. Default: none.",
        ),
        Key(
            "windows_boots_under_any_template",
            BOOLEAN,
            "Whether Windows boots under the Secure Boot template of the UEFI authority. Default false, an inference.",
        ),
        Key(
            "language",
            word({language: language for language in LANGUAGES}),
            "Language of Windows: names that it makes, and error texts, change. Default en.",
        ),
    ),
    build=lambda v: {name: _plain(value) for name, value in v.items()},
)
