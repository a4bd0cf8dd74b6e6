"""Which machine has an address that Windows on another machine has marked Duplicate."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Interface

from nestlab.model.machine_path import MachinePath
from nestlab.model.state import HostState, management_alias
from nestlab.rules.match.host_match import HostMatch
from nestlab.texts import tr


def owner_text(match: HostMatch, alias: str, address: IPv4Interface) -> str:
    """Return a clause that says which machine has an address, as far as that was observed.

    `alias` is the adapter of the observed machine that has it too, and does not use it. Only
    machines on the same switch are considered: its VMs, and its host with its adapter there.
    """
    found = (*_beside_guest(match, address), *_on_own_switch(match, alias, address))
    return next(iter(found), tr("another machine on that network has the same address"))


def _beside_guest(match: HostMatch, address: IPv4Interface) -> Iterator[str]:
    """Yield who has an address of a guest: a VM on a switch of the guest, or its host there."""
    path = match.place.path
    host = match.states.get(path[:-1]) if path else None
    if host is None or host.hyper_v is None:
        return
    own = host.hyper_v.vms_named(path[-1])
    switches = {adapter.switch_name for vm in own for adapter in vm.network_adapters} - {""}
    yield from _vms_with(match, path[:-1], host, switches, address)
    for alias in filter(None, (management_alias(host, name) for name in sorted(switches))):
        if _uses(host, alias, address):
            yield tr("its host has the same address, on {alias}", alias=alias)


def _on_own_switch(match: HostMatch, alias: str, address: IPv4Interface) -> Iterator[str]:
    """Yield the VMs that have an address of the machine, on the switch of its own adapter."""
    found = {
        each.name for each in match.switches if management_alias(match.state, each.name) == alias
    }
    yield from _vms_with(match, match.place.path, match.state, found, address)


def _vms_with(
    match: HostMatch,
    path: MachinePath,
    host: HostState,
    switches: set[str],
    address: IPv4Interface,
) -> Iterator[str]:
    """Yield the other VMs of a machine that have an address on one of the switches."""
    for vm in host.hyper_v.vms if host.hyper_v is not None else ():
        if (*path, vm.name) == match.place.path or _is_duplicate(match, (*path, vm.name), address):
            continue
        shown = (
            text
            for adapter in vm.network_adapters
            if adapter.switch_name in switches
            for text in adapter.ip_addresses
        )
        if str(address.ip) in shown:
            yield tr("the VM {vm} on the same switch has the same address", vm=vm.name)


def _uses(state: HostState, alias: str, address: IPv4Interface) -> bool:
    return any(
        own.ip == address.ip
        for interface in state.ip_interfaces
        if interface.interface_alias == alias
        for own in interface.ip_addresses
        if own not in interface.duplicates
    )


def _is_duplicate(match: HostMatch, path: MachinePath, address: IPv4Interface) -> bool:
    """Whether an observed guest has an address that it does not use either."""
    state = match.states.get(path)
    return state is not None and any(
        own.ip == address.ip for each in state.ip_interfaces for own in each.duplicates
    )
