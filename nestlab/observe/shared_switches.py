"""The adapters of other VMs on switches where a plan of a topology concerns them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from ipaddress import IPv4Address

from nestlab.dataclass import replace
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.ownership import nat_name
from nestlab.model.spelling import same_name
from nestlab.model.state import (
    OTHERS_ON_SWITCHES,
    HostState,
    HyperVState,
    SwitchState,
    Unread,
    management_alias,
)
from nestlab.model.topology import ManagementAdapter, Switch, SwitchType, Topology
from nestlab.observe.hyper_v_statements import ADAPTER_PROPERTIES, VLANS
from nestlab.observe.network_adapters import adapters_by_vm
from nestlab.plan.vlan_settings import same_vlan, vlan_state
from nestlab.transport.session import Cancel, Session

_CONTINUE = {"ErrorAction": "Continue"}
_GONE = frozenset({"InvalidParameter", "ObjectNotFound"})  # error ids of cmdlets with -VMName


def with_neighbors_on_shared_switches(
    session: Session,
    state: HostState,
    topology: Topology,
    known: Collection[str],
    *,
    cancel: Cancel | None = None,
) -> HostState:
    """Return a state with the adapters, on certain switches, of VMs that were read in brief.

    These are the switches on which the topology assigns addresses or MAC addresses, its own and
    existing ones: a machine of the topology must not get one that another VM has. They are also
    the switches whose NAT or DHCP scope the file changes or no longer has, whose type, adapters or
    VLANs it may change, or for which it no longer has an address of the host: VMs of others may use
    it. `known` has the names of the VMs
    that were read in full; nothing is read if the host has no others. Errors are in `unread`.
    Raises the errors of `Session.run`.
    """
    folded = {name.casefold() for name in known}
    if state.hyper_v is None or all(vm.name.casefold() in folded for vm in state.hyper_v.vms):
        return state
    changed = (
        _switches_with_changed_services(state, topology)
        | _switches_with_undeclared_entries(state, topology)
        | _switches_with_changed_settings(state.hyper_v, topology)
    )
    ids = sorted(_shared_switches(state.hyper_v, topology) | changed)
    if not ids:
        return state
    outcome = session.run(*(s for each in ids for s in _statements(each)), cancel=cancel)
    found = adapters_by_vm(outcome)
    # A VM that is removed meanwhile is on no switch any more.
    errors = [error.message for error in outcome.errors if error.error_id not in _GONE]
    unread = tuple(Unread(what=OTHERS_ON_SWITCHES, error=message) for message in errors[:1])
    vms = tuple(
        replace(vm, network_adapters=found[vm.id])
        if not vm.network_adapters and vm.id in found
        else vm
        for vm in state.hyper_v.vms
    )
    hyper_v = replace(state.hyper_v, vms=vms)
    return replace(state, hyper_v=hyper_v, unread=(*state.unread, *unread))


def _shared_switches(hyper_v: HyperVState, topology: Topology) -> set[str]:
    """Return the Ids of the host's switches on which the file assigns addresses, or may do so."""
    used = {
        (adapter.switch or "").casefold()
        for vm in topology.vms
        for adapter in vm.network_adapters
        if adapter.ip_address
        or adapter.mac_address
        or vm.nested  # adapters inside may use the switch
    }
    return {
        found.id
        for switch in topology.switches
        if switch.name.casefold() in used or (switch.ip_address and not switch.existing)
        for found in hyper_v.existing_switches(switch)
    }


def _switches_with_changed_services(state: HostState, topology: Topology) -> set[str]:
    """Return the Ids of the switches whose existing NAT or scope is not that of the file."""
    nats = {nat.name.casefold(): nat.internal_prefix for nat in state.nats}
    scopes = {s.name.casefold(): (s.start_range, s.end_range) for s in state.dhcp_scopes}
    hyper_v = state.hyper_v
    served = {
        switch.name.casefold()
        for switch in topology.switches
        if (name := nat_name(topology.name, switch.name).casefold())
        and (
            nats.get(name, switch.nat) != switch.nat
            or scopes.get(name, _range_of(switch)) != _range_of(switch)
        )
    }
    return (
        {each.id for each in hyper_v.switches if each.name.casefold() in served}
        if hyper_v
        else set()
    )


def _switches_with_undeclared_entries(state: HostState, topology: Topology) -> set[str]:
    """Return the Ids of switches where the host has addresses or routes, and the file has none."""
    interfaces = {each.interface_alias: each for each in state.ip_interfaces if not each.dhcp}
    return {
        found.id
        for switch in topology.switches
        if switch.switch_type is SwitchType.INTERNAL and not switch.ip_address and state.hyper_v
        for found in state.hyper_v.existing_switches(switch)
        if (alias := management_alias(state, found.name))
        and (own := interfaces.get(alias))
        and (own.ip_addresses or own.routes)
    }


def _switches_with_changed_settings(hyper_v: HyperVState, topology: Topology) -> set[str]:
    """Return the Ids of switches whose type or VLANs differ from the file, and of External ones."""
    own = [
        (switch, found)
        for switch in topology.switches
        if not switch.existing
        for found in hyper_v.existing_switches(switch)
    ]
    return {
        found.id
        for switch, found in own
        if SwitchType.EXTERNAL in (switch.switch_type, found.switch_type)
        or switch.switch_type != found.switch_type
        or any(_has_other_vlan(hyper_v, found, own) for own in switch.all_management_adapters)
    }


def _has_other_vlan(hyper_v: HyperVState, switch: SwitchState, own: ManagementAdapter) -> bool:
    return any(
        each.switch_id == switch.id
        and same_name(each.name, own.name)
        and not same_vlan(each.vlan, vlan_state(own.vlan))
        for each in hyper_v.management_adapters
    )


def _range_of(switch: Switch) -> tuple[IPv4Address, IPv4Address] | None:
    return (switch.dhcp.first, switch.dhcp.last) if switch.dhcp else None


def _statements(switch_id: str) -> Iterator[Cmdlet]:
    for properties in (ADAPTER_PROPERTIES, VLANS):
        on_it = {"Property": "SwitchId", "EQ": SwitchParameter.ON, "Value": switch_id}
        where = Cmdlet("Where-Object", on_it, properties)
        yield Cmdlet("Get-VMNetworkAdapter", {"VMName": "*", **_CONTINUE}, where)
