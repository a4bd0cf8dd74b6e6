"""The edits of a topology file that make the fixes of a trace permanent, as phrases.

A fix changes a machine. If the file declares something else, drift reports the change, and the next
apply reverts it.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from nestlab.model.machine_path import path_text
from nestlab.model.topology import Vlan
from nestlab.model.vlan_ids import vlan_list_text
from nestlab.reachability.elements import Interface, Port, Stack, WireKey
from nestlab.texts import tr


def set_spoofing(port: Port) -> str:
    """Return the edit that allows an adapter other source MAC addresses."""
    return _on("mac_address_spoofing: true", _adapter(port))  # not shown


def set_connected(port: Port) -> str:
    """Return the edit that connects an adapter."""
    return _none_on("connected: false", _adapter(port))  # not shown


def set_vlan(port: Port, vlan: Vlan) -> str:
    """Return the edit of an adapter's VLAN; without one it is untagged.

    Empty for a machine's own adapter on an existing switch.
    """
    if port.existing:
        return ""
    if vlan.trunk:
        trunk = vlan_list_text(vlan.trunk, ", ")
        return _on(f"vlan: {{trunk: [{trunk}], native: {vlan.native or 0}}}", _adapter(port))
    if vlan.access is not None:
        return _on(f"vlan: {{access: {vlan.access}}}", _adapter(port))
    return _none_on("vlan", _adapter(port))


def set_gateway(interface: Interface, gateway: IPv4Address) -> str:
    """Return the edit of the default gateway of an adapter.

    Empty for a machine's own adapter on an existing switch.
    """
    wire = interface.port.wire
    if interface.port.existing:
        return ""
    if wire is not None and wire.physical:
        return tr(
            "gateway: {gateway} of {interface} in uplinks",
            gateway=gateway,
            interface=interface.name,
        )
    return _on(f"gateway: {gateway}", _adapter(interface.port))


def set_nat(stack: Stack, interface: Interface, prefix: IPv4Network) -> str:
    """Return the edit that declares a NAT; empty if the switch is not one that nestlab creates."""
    wire = interface.port.wire
    if interface.port.existing or wire is None or wire.physical or wire.machine != stack.machine:
        return ""
    return _on(f"nat: {prefix}", _switch(wire))


def set_forwarding(stack: Stack) -> str:
    """Return the edit that lets a machine route between its adapters."""
    return _on("forwarding: true", stack.label)  # not shown


def set_answers_ping(stack: Stack) -> str:
    """Return the edit that lets a machine answer echo requests."""
    return _none_on("answers_ping: false", stack.label)  # not shown


def _adapter(port: Port) -> str:
    """Return an adapter as the findings of a file name it."""
    machine = port.wire.machine if port.wire is not None else ()
    if port.vm:
        return tr("adapter {name}", name=path_text((*machine, port.vm, port.adapter)))
    if port.wire is None or port.adapter == f"vEthernet ({port.wire.name})":
        return _switch(port.wire)
    name = port.adapter.removeprefix("vEthernet (").removesuffix(")")
    return tr("{name} in management_adapters of {switch}", name=name, switch=_switch(port.wire))


def _switch(wire: WireKey | None) -> str:
    if wire is None:
        return tr("its switch")
    return tr("switch {switch}", switch=path_text((*wire.machine, wire.name)))


def _on(setting: str, place: str) -> str:
    return tr("{setting} on {place}", setting=setting, place=place)


def _none_on(setting: str, place: str) -> str:
    return tr("no {setting} on {place}", setting=setting, place=place)
