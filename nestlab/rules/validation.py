"""The rules of a topology, in one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nestlab.model.finding import Finding, Findings
from nestlab.model.topology import Topology
from nestlab.rules.topology import address_rules as addresses
from nestlab.rules.topology import connections as names
from nestlab.rules.topology import nat_and_dhcp as nat
from nestlab.rules.topology import nested_hosts as nesting
from nestlab.rules.topology import reachability_checks as checks
from nestlab.rules.topology import vm_resources as sizes
from nestlab.rules.topology.topology_index import Survey

Rule = Callable[[Survey], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    names.duplicate_name,
    names.name_reads_otherwise,
    names.mark_in_notes,
    names.unknown_switch,
    names.external_without_adapter,
    names.key_without_effect,
    names.unknown_net_adapter,
    names.switch_on_a_switch,
    names.adapter_in_two_switches,
    names.too_many_adapters,
    names.duplicate_mac,
    names.vlan_mode_conflict,
    names.vlan_out_of_range,
    nesting.nested_needs_windows,
    nesting.extensions_not_exposed,
    nesting.version_too_old,
    nesting.memory_not_possible,
    nesting.nested_memory_low,
    nesting.nested_dynamic_memory,
    nesting.memory_overcommitted,
    sizes.processors_not_enough,
    sizes.dynamic_memory_range,
    nesting.spoofing_required,
    nesting.credential_missing,
    nesting.nothing_to_boot,
    addresses.duplicate_address,
    addresses.address_not_usable,
    addresses.address_without_adapter,
    addresses.dhcp_and_address,
    addresses.gateway_outside_subnet,
    addresses.gateway_is_nobody,
    addresses.gateway_missing,
    addresses.several_gateways,
    nat.nat_needs_internal,
    nat.nat_without_address,
    nat.nat_overlap,
    nat.several_nats,
    nat.port_forward_wrong,
    nat.dhcp_wrong,
    nat.dhcp_nobody,
    checks.unknown_endpoint,
    checks.name_at_two_levels,
    checks.check_contradicted,
)


def validate(topology: Topology) -> Findings:
    """Return everything that the rules say about a topology, in the order of gravity."""
    survey = Survey(topology)
    return Findings(finding for rule in RULES for finding in rule(survey))
