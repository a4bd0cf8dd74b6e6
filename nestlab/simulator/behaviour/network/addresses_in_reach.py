"""The addresses of the machines on the network of an adapter, and whether its own are used."""

from __future__ import annotations

from nestlab.reachability import Interface
from nestlab.simulator.behaviour.network.world_network import WorldNetwork
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import NetAdapter


def is_used(
    simulated_network: WorldNetwork, machine: Machine, adapter: NetAdapter, address: str
) -> bool:
    """Whether Windows uses an address of an adapter; not if it is a duplicate."""
    interface = _interface(simulated_network, machine, adapter)
    return interface is None or address in {str(each.ip) for each in interface.addresses}


def origins_in_reach(
    simulated_network: WorldNetwork, machine: Machine, adapter: NetAdapter
) -> dict[str, str]:
    """Return the addresses of others with which an adapter exchanges frames, each with its origin.

    The address of a gateway outside the host counts as Manual.
    """
    own, tables = _interface(simulated_network, machine, adapter), simulated_network.network.tables
    return {
        str(address.ip): simulated_network.origins.get(
            (stack.machine, each.name, str(address.ip)), "Manual"
        )
        for stack, each in simulated_network.network.interfaces()
        if own is not None and stack.running and each is not own and each.addresses
        if tables.can_exchange_frames(own.port, each.port)
        for address in each.addresses
    }


def _interface(
    simulated_network: WorldNetwork, machine: Machine, adapter: NetAdapter
) -> Interface | None:
    path = simulated_network.paths.get(id(machine))
    found = (
        each
        for stack in simulated_network.network.machines()
        if stack.machine == path
        for each in stack.interfaces
    )
    return next((each for each in found if each.name == adapter.name), None)
