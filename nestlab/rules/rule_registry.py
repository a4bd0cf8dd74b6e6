"""All rules: which functions report findings, in which order, and what each code means.

The order is that of findings of the same severity. Modules about topologies, topologies on a host
and nested hosts have their detectors in `DETECTORS`. Those of a host and its VMs are named one by
one, because their order decides which fix the verdict shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from nestlab.dataclass import dataclass
from nestlab.model.machine_path import MachinePath
from nestlab.model.state import HostState
from nestlab.rules.host import (
    ambiguous_names,
    boot_security,
    configuration_versions,
    existing_nats,
    firmware_rules,
    host_environment,
    host_network,
    memory,
    nested_host_adapters,
    processor,
    processors_and_disks,
    role_rules,
    verdict,
    virtual_host,
    vm_resource_rules,
    vm_state_rules,
    vm_summary,
    windows_edition,
)
from nestlab.rules.host.memory import VMRestart
from nestlab.rules.host.verdict import Capability
from nestlab.rules.host.vm_on_host import VMOnHost
from nestlab.rules.match import (
    address_conflicts,
    addresses_in_use,
    bound_adapters,
    dhcp_authorization,
    dhcp_conflicts,
    dhcp_servers,
    disabled_adapters,
    disk_conflicts,
    existing_masks,
    existing_switches,
    files_in_nested_hosts,
    host_connection,
    iso_files,
    mac_addresses_in_use,
    machine_capacity,
    name_clashes,
    nat_completeness,
    nat_conflicts,
    physical_network,
    platform_support,
    reserved_addresses,
    route_networks,
    server_features,
    static_addresses,
    unused_addresses,
    vm_limits,
)
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.nesting import (
    default_switch_address,
    guest_access,
    guest_network,
    mac_address_pools,
    nesting_rules,
)
from nestlab.rules.nesting.guest_access import UnansweredGuest
from nestlab.rules.nesting.nesting_context import NestingContext
from nestlab.rules.other_layers import RULES_OF_OTHER_LAYERS
from nestlab.rules.rule import Detector, Rule
from nestlab.rules.topology import (
    adapter_limits,
    address_rules,
    checkpoint_rules,
    cloud_init_rules,
    computer_names,
    connections,
    dhcp_ranges,
    dhcp_reservations,
    dhcp_rules,
    dhcp_segments,
    disk_rules,
    dns_servers,
    dvd_rules,
    first_boot_rules,
    gateway_rules,
    guest_features,
    guest_nat_rules,
    guest_setup,
    host_ports,
    image_generations,
    image_rules,
    name_servers,
    nat_rules,
    nested_hosts,
    path_rules,
    port_forward_rules,
    reachability_checks,
    route_rules,
    secret_rules,
    secure_boot,
    subnet_masks,
    team_rules,
    unique_names,
    virtual_tpm,
    vlan_rules,
    vm_resources,
)
from nestlab.rules.topology.topology_index import TopologyIndex


@dataclass(frozen=True)
class Registry:
    """The detectors by subject, and the rules whose findings other layers report.

    The verdict on a host follows from the findings of the `capability` detectors. Those of
    `each_machine` look at hosts and guests.
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
    each_machine: tuple[Detector[HostMatch], ...]
    several_hosts: tuple[Detector[Mapping[MachinePath, HostState]], ...]
    guest: Detector[UnansweredGuest]
    reported_elsewhere: tuple[Rule, ...]

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
            *self.each_machine,
            *self.several_hosts,
            self.guest,
        )

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """All rules by code, in alphabetical order."""
        declared = [rule for detector in self.detectors for rule in detector.rules]
        return {
            rule.code: rule
            for rule in sorted((*declared, *self.reported_elsewhere), key=lambda rule: rule.code)
        }

    def find(self, code: str) -> Rule | None:
        """Return the rule of a code, or of one that it had in an earlier version."""
        found = self.rules.get(code)
        return found or next((rule for rule in self.rules.values() if code in rule.formerly), None)

    def similar(self, code: str) -> tuple[str, ...]:
        """Return up to three codes that are spelled similarly."""
        from difflib import get_close_matches  # noqa: PLC0415  # only a wrong word needs it

        return tuple(get_close_matches(code, self.rules, n=3))


REGISTRY = Registry(
    topology=(
        *unique_names.DETECTORS,
        *computer_names.DETECTORS,
        *connections.DETECTORS,
        *adapter_limits.DETECTORS,
        *team_rules.DETECTORS,
        *vlan_rules.DETECTORS,
        *nested_hosts.DETECTORS,
        *vm_resources.DETECTORS,
        *disk_rules.DETECTORS,
        *dvd_rules.DETECTORS,
        *guest_setup.DETECTORS,
        *guest_features.DETECTORS,
        *secret_rules.DETECTORS,
        *cloud_init_rules.DETECTORS,
        *path_rules.DETECTORS,
        *image_rules.DETECTORS,
        *image_generations.DETECTORS,
        *first_boot_rules.DETECTORS,
        *secure_boot.DETECTORS,
        *virtual_tpm.DETECTORS,
        *checkpoint_rules.DETECTORS,
        *address_rules.DETECTORS,
        *subnet_masks.DETECTORS,
        *route_rules.DETECTORS,
        *gateway_rules.DETECTORS,
        *name_servers.DETECTORS,
        *dns_servers.DETECTORS,
        *nat_rules.DETECTORS,
        *guest_nat_rules.DETECTORS,
        *port_forward_rules.DETECTORS,
        *host_ports.DETECTORS,
        *dhcp_rules.DETECTORS,
        *dhcp_segments.DETECTORS,
        *dhcp_ranges.DETECTORS,
        *dhcp_reservations.DETECTORS,
        *reachability_checks.DETECTORS,
    ),
    capability=(
        processor.processor_support,
        firmware_rules.firmware_virtualization,
        firmware_rules.data_execution_prevention,
        processor.preview_needs_opt_out,
        virtual_host.host_is_virtual,
        windows_edition.hyper_v_in_edition,
        role_rules.hyper_v_role,
        boot_security.boot_configuration,
        configuration_versions.configuration_versions,
        memory.memory_for_nesting,
    ),
    host=(
        host_environment.rights_of_account,
        boot_security.virtualization_based_security,
        boot_security.unknown_protection,
        processors_and_disks.logical_processors,
        processors_and_disks.disk_space,
        existing_nats.existing_nats,
        existing_nats.hidden_nats,
        host_network.default_switch,
        host_network.wireless_adapters,
        host_network.nat_only,
        host_network.mac_address_pool,
        host_network.jumbo_frames,
        host_environment.unread_items,
        ambiguous_names.ambiguous_names,
    ),
    verdict=verdict.verdict,
    vm=(
        vm_state_rules.power_state,
        vm_state_rules.configuration_version,
        vm_resource_rules.vm_memory,
        vm_resource_rules.virtual_processors,
        vm_state_rules.checkpoints,
        nested_host_adapters.nested_host_adapters,
    ),
    vm_summary=(vm_summary.vm_summary, vm_summary.vm_on_host_without_nesting),
    restart=memory.memory_for_restart,
    match=(
        *platform_support.DETECTORS,
        *name_clashes.DETECTORS,
        *existing_switches.DETECTORS,
        *existing_masks.DETECTORS,
        *machine_capacity.DETECTORS,
        *vm_limits.DETECTORS,
        *disk_conflicts.DETECTORS,
        *files_in_nested_hosts.DETECTORS,
        *iso_files.DETECTORS,
        *bound_adapters.DETECTORS,
        *disabled_adapters.DETECTORS,
        *host_connection.DETECTORS,
        *reserved_addresses.DETECTORS,
        *physical_network.DETECTORS,
        *nat_conflicts.DETECTORS,
        *address_conflicts.DETECTORS,
        *addresses_in_use.DETECTORS,
        *mac_addresses_in_use.DETECTORS,
        *route_networks.DETECTORS,
        *nat_completeness.DETECTORS,
        *dhcp_conflicts.DETECTORS,
        *dhcp_servers.DETECTORS,
        *dhcp_authorization.DETECTORS,
        *static_addresses.DETECTORS,
    ),
    nesting=(
        *nesting_rules.DETECTORS,
        *guest_network.DETECTORS,
        *default_switch_address.DETECTORS,
    ),
    each_machine=(
        unused_addresses.address_duplicated,
        nat_conflicts.guest_nat_taken,
        *server_features.DETECTORS,
    ),
    several_hosts=(mac_address_pools.overlapping_mac_address_pools,),
    guest=guest_access.guest_access,
    reported_elsewhere=RULES_OF_OTHER_LAYERS,
)
