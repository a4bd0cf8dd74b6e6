"""All rules: which functions report findings, in which order, and what each code means.

The order matters for hosts only: the verdict names the fix of the first finding that says no, and
findings of one severity are shown in this order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from nestlab.model.machine_path import MachinePath
from nestlab.model.state import HostState
from nestlab.rules.host.ambiguous_names import ambiguous_names
from nestlab.rules.host.boot_security import (
    boot_configuration_allows_nesting,
    protection_is_known,
    virtualization_based_security,
)
from nestlab.rules.host.configuration_versions import configuration_versions
from nestlab.rules.host.firmware import data_execution_prevention, firmware_offers_virtualization
from nestlab.rules.host.host_environment import account_has_rights, could_not_be_read
from nestlab.rules.host.host_network import (
    bridging_is_possible,
    default_switch,
    jumbo_frames,
    mac_address_pool,
    wireless_adapters,
)
from nestlab.rules.host.hyper_v_role import role_is_installed
from nestlab.rules.host.memory import VMRestart, memory_is_enough, memory_to_start_again
from nestlab.rules.host.nat_slot import nat_may_be_hidden, nat_slot
from nestlab.rules.host.processor import preview_needs_opt_out, processor_supports_nesting
from nestlab.rules.host.processors_and_disks import disk_space_is_left, logical_processors
from nestlab.rules.host.verdict import Capability, verdict
from nestlab.rules.host.virtual_host import host_is_virtual
from nestlab.rules.host.vm_blockers import checkpoints, configuration_version, power_state
from nestlab.rules.host.vm_network_notes import nested_host_adapters
from nestlab.rules.host.vm_on_host import VMOnHost
from nestlab.rules.host.vm_resource_blockers import virtual_processors, vm_memory
from nestlab.rules.host.vm_summary import vm_on_host_without_nesting, vm_summary
from nestlab.rules.host.windows_edition import edition_has_hyper_v
from nestlab.rules.match import machine_capacity
from nestlab.rules.match.account_rights import rights_missing
from nestlab.rules.match.address_conflicts import address_overlap
from nestlab.rules.match.disk_conflicts import disk_in_use, disk_missing, parent_in_use
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.match.machine_capacity import memory_not_enough, version_not_supported
from nestlab.rules.match.name_clashes import name_clash
from nestlab.rules.match.nat_completeness import nat_incomplete
from nestlab.rules.match.nat_conflicts import nat_refused
from nestlab.rules.match.physical_network import (
    bridge_in_azure,
    dhcp_needs_server,
    net_adapter_missing,
    uplink_differs,
)
from nestlab.rules.match.platform_support import platform_cannot_nest
from nestlab.rules.nesting.guest_access import UnansweredGuest, guest_access
from nestlab.rules.nesting.guest_network import (
    default_switch_has_no_static_addresses,
    guest_has_a_gateway,
    guest_has_a_lease,
    guest_has_a_name_server,
)
from nestlab.rules.nesting.mac_address_pools import mac_address_pools_differ
from nestlab.rules.nesting.nesting_context import NestingContext
from nestlab.rules.nesting.nesting_rules import (
    bridging_adapters_allow_spoofing,
    extensions_are_exposed,
    inner_vms_are_shut_down_first,
    memory_fits_inside,
    mtu_is_the_same,
)
from nestlab.rules.other_layers import RULES_OF_OTHER_LAYERS
from nestlab.rules.rule import Detector, Rule
from nestlab.rules.topology import vm_resources
from nestlab.rules.topology.address_rules import (
    address_not_usable,
    address_without_adapter,
    duplicate_address,
)
from nestlab.rules.topology.connections import (
    adapter_in_two_switches,
    external_without_adapter,
    key_without_effect,
    switch_on_a_switch,
    too_many_adapters,
    unknown_net_adapter,
    unknown_switch,
)
from nestlab.rules.topology.dhcp_rules import dhcp_and_address, dhcp_without_server, dhcp_wrong
from nestlab.rules.topology.gateway_rules import (
    gateway_missing,
    gateway_outside_subnet,
    gateway_without_machine,
    several_gateways,
)
from nestlab.rules.topology.guest_setup import credential_missing, nothing_to_boot
from nestlab.rules.topology.nat_rules import (
    nat_needs_internal,
    nat_overlap,
    nat_without_address,
    port_forward_wrong,
    several_nats,
)
from nestlab.rules.topology.nested_hosts import (
    extensions_not_exposed,
    nested_needs_windows,
    spoofing_required,
    version_too_old,
)
from nestlab.rules.topology.reachability_checks import (
    check_contradicted,
    name_at_two_levels,
    unknown_endpoint,
)
from nestlab.rules.topology.secure_boot import (
    secure_boot_mismatch,
    secure_boot_needs_generation_2,
)
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.rules.topology.unique_names import duplicate_name, mark_in_notes, misleading_name
from nestlab.rules.topology.vlan_rules import duplicate_mac, vlan_mode_conflict, vlan_out_of_range
from nestlab.rules.topology.vm_resources import (
    dynamic_memory_range,
    memory_not_possible,
    memory_overcommitted,
    nested_dynamic_memory,
    nested_memory_low,
)


@dataclass(frozen=True)
class Registry:
    """The functions that report findings, by what they look at, and the rules that others report.

    `capability` are the rules about a host that its verdict is made of, `host` all further ones.
    """

    topology: tuple[Detector[TopologyIndex], ...]
    capability: tuple[Detector[HostState], ...]
    host: tuple[Detector[HostState], ...]
    verdict: Detector[Capability]
    vm: tuple[Detector[VMOnHost], ...]
    vm_summary: tuple[Detector[VMOnHost], ...]
    restart: Detector[VMRestart]
    match: tuple[Detector[HostMatch], ...]
    nesting: tuple[Detector[NestingContext], ...]
    several_hosts: tuple[Detector[Mapping[MachinePath, HostState]], ...]
    guest: Detector[UnansweredGuest]
    elsewhere: tuple[Rule, ...]

    @property
    def detectors(self) -> tuple[Detector[Any], ...]:
        """All functions that report findings."""
        return (
            *self.topology,
            *self.capability,
            *self.host,
            self.verdict,
            *self.vm,
            *self.vm_summary,
            self.restart,
            *self.match,
            *self.nesting,
            *self.several_hosts,
            self.guest,
        )

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """All rules by code, in alphabetical order."""
        declared = [rule for detector in self.detectors for rule in detector.rules]
        return {
            rule.code: rule
            for rule in sorted((*declared, *self.elsewhere), key=lambda rule: rule.code)
        }

    def find(self, code: str) -> Rule | None:
        """Return the rule of a code, or of one that it had in an earlier version."""
        found = self.rules.get(code)
        return found or next((rule for rule in self.rules.values() if code in rule.formerly), None)

    def similar(self, code: str) -> tuple[str, ...]:
        """Return up to three codes that are spelled similarly."""
        return tuple(get_close_matches(code, self.rules, n=3))


REGISTRY = Registry(
    topology=(
        duplicate_name,
        misleading_name,
        mark_in_notes,
        unknown_switch,
        external_without_adapter,
        key_without_effect,
        unknown_net_adapter,
        switch_on_a_switch,
        adapter_in_two_switches,
        too_many_adapters,
        duplicate_mac,
        vlan_mode_conflict,
        vlan_out_of_range,
        nested_needs_windows,
        extensions_not_exposed,
        version_too_old,
        memory_not_possible,
        nested_memory_low,
        nested_dynamic_memory,
        memory_overcommitted,
        vm_resources.processors_not_enough,
        dynamic_memory_range,
        spoofing_required,
        credential_missing,
        nothing_to_boot,
        secure_boot_mismatch,
        secure_boot_needs_generation_2,
        duplicate_address,
        address_not_usable,
        address_without_adapter,
        dhcp_and_address,
        gateway_outside_subnet,
        gateway_without_machine,
        gateway_missing,
        several_gateways,
        nat_needs_internal,
        nat_without_address,
        nat_overlap,
        several_nats,
        port_forward_wrong,
        dhcp_wrong,
        dhcp_without_server,
        unknown_endpoint,
        name_at_two_levels,
        check_contradicted,
    ),
    capability=(
        processor_supports_nesting,
        firmware_offers_virtualization,
        data_execution_prevention,
        preview_needs_opt_out,
        host_is_virtual,
        edition_has_hyper_v,
        role_is_installed,
        boot_configuration_allows_nesting,
        configuration_versions,
        memory_is_enough,
    ),
    host=(
        account_has_rights,
        virtualization_based_security,
        protection_is_known,
        logical_processors,
        disk_space_is_left,
        nat_slot,
        nat_may_be_hidden,
        default_switch,
        wireless_adapters,
        bridging_is_possible,
        mac_address_pool,
        jumbo_frames,
        could_not_be_read,
        ambiguous_names,
    ),
    verdict=verdict,
    vm=(
        power_state,
        configuration_version,
        vm_memory,
        virtual_processors,
        checkpoints,
        nested_host_adapters,
    ),
    vm_summary=(vm_summary, vm_on_host_without_nesting),
    restart=memory_to_start_again,
    match=(
        platform_cannot_nest,
        name_clash,
        memory_not_enough,
        machine_capacity.processors_not_enough,
        version_not_supported,
        disk_missing,
        parent_in_use,
        disk_in_use,
        net_adapter_missing,
        bridge_in_azure,
        nat_refused,
        address_overlap,
        nat_incomplete,
        dhcp_needs_server,
        uplink_differs,
        rights_missing,
    ),
    nesting=(
        extensions_are_exposed,
        memory_fits_inside,
        bridging_adapters_allow_spoofing,
        guest_has_a_lease,
        guest_has_a_gateway,
        guest_has_a_name_server,
        default_switch_has_no_static_addresses,
        mtu_is_the_same,
        inner_vms_are_shut_down_first,
    ),
    several_hosts=(mac_address_pools_differ,),
    guest=guest_access,
    elsewhere=RULES_OF_OTHER_LAYERS,
)
