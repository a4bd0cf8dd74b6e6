"""Assumptions about physical networks, where nothing is declared or observed."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from nestlab.model.machine_path import HOST
from nestlab.reachability.elements import Assumption, Interface, WireKey
from nestlab.texts import tr


def through_adapter(wire: WireKey) -> Assumption:
    """Return the assumption that the host reaches the internet over a physical network."""
    text = tr("The host reaches the internet through {adapter}.", adapter=wire.name)
    return Assumption(text=text, wire=wire)


def through_gateway(gateway: IPv4Address, wire: WireKey) -> Assumption:
    """Return the assumption that a gateway of a physical network leads to the internet."""
    text = tr(
        "{gateway}, the gateway used on {wire}, leads to the internet and masquerades.",
        gateway=gateway,
        wire=wire,
    )
    return Assumption(text=text, wire=wire)


def address_of_host(network: IPv4Network, interface: Interface) -> Assumption:
    """Return the assumption that the host has an address in a network."""
    text = tr(
        "The host has an address in {network} on {interface}.",
        network=network,
        interface=interface.name,
    )
    return Assumption(text=text, machine=HOST)


def gateway_of_host(gateway: IPv4Address, wire: WireKey) -> Assumption:
    """Return the assumption that the host uses the gateway of a physical network."""
    text = tr(
        "The host uses {gateway}, the gateway of {adapter}, as its default gateway: no other is declared or observed.",
        gateway=gateway,
        adapter=wire.name,
    )
    return Assumption(text=text, machine=HOST, wire=wire)
