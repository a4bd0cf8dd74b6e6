"""The addresses of the machines on the network of an adapter, and whether it uses its own ones."""

from __future__ import annotations

from nestlab.reachability import Interface
from nestlab.simulator.behaviour.network.world_network import WorldNetwork
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import NetAdapter


def is_used(wiring: WorldNetwork, machine: Machine, adapter: NetAdapter, address: str) -> bool:
    """Whether Windows uses an address of an adapter; not if it is a duplicate."""
    interface = _interface(wiring, machine, adapter)
    return interface is None or address in {str(each.ip) for each in interface.addresses}


def origins_in_reach(wiring: WorldNetwork, machine: Machine, adapter: NetAdapter) -> dict[str, str]:
    """Return the addresses of others with which an adapter exchanges frames, each with its origin.

    The address of a gateway outside the host counts as Manual.
    """
    own, tables = _interface(wiring, machine, adapter), wiring.network.tables
    return {
        str(address.ip): wiring.origins.get((stack.machine, each.name, str(address.ip)), "Manual")
        for stack, each in wiring.network.interfaces()
        if own is not None and stack.running and each is not own and each.addresses
        if tables.can_exchange_frames(own.port, each.port)
        for address in each.addresses
    }


def _interface(wiring: WorldNetwork, machine: Machine, adapter: NetAdapter) -> Interface | None:
    path = wiring.paths.get(id(machine))
    found = (
        each
        for stack in wiring.network.machines()
        if stack.machine == path
        for each in stack.interfaces
    )
    return next((each for each in found if each.name == adapter.name), None)
