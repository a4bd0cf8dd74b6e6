"""What a topology file has to say so that a fix of a trace lasts: edits as phrases.

A fix changes a machine. Where the file says otherwise, drift reports the change, and the next apply
reverts it.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from nestlab.model.machine_path import path_text
from nestlab.model.topology import Vlan
from nestlab.model.vlan_ids import vlan_list_text
from nestlab.reachability.elements import Interface, Port, Stack, WireKey


def set_spoofing(port: Port) -> str:
    """Return the edit that allows an adapter other source MAC addresses."""
    return f"mac_address_spoofing: true on {_adapter(port)}"


def set_connected(port: Port) -> str:
    """Return the edit that connects an adapter."""
    return f"no connected: false on {_adapter(port)}"


def set_vlan(port: Port, vlan: Vlan) -> str:
    """Return the edit of an adapter's VLAN; without one it is untagged.

    Empty for a machine's own adapter on an existing switch.
    """
    if port.existing:
        return ""
    if vlan.trunk:
        trunk = vlan_list_text(vlan.trunk, ", ")
        return f"vlan: {{trunk: [{trunk}], native: {vlan.native or 0}}} on {_adapter(port)}"
    if vlan.access is not None:
        return f"vlan: {{access: {vlan.access}}} on {_adapter(port)}"
    return f"no vlan on {_adapter(port)}"


def set_gateway(interface: Interface, gateway: IPv4Address) -> str:
    """Return the edit of the default gateway of an adapter.

    Empty for a machine's own adapter on an existing switch.
    """
    wire = interface.port.wire
    if interface.port.existing:
        return ""
    if wire is not None and wire.physical:
        return f"gateway: {gateway} of {interface.name} in uplinks"
    return f"gateway: {gateway} on {_adapter(interface.port)}"


def set_nat(stack: Stack, interface: Interface, prefix: IPv4Network) -> str:
    """Return the edit that declares a NAT; empty where it is not on a new switch of the machine."""
    wire = interface.port.wire
    if interface.port.existing or wire is None or wire.physical or wire.machine != stack.machine:
        return ""
    return f"nat: {prefix} on {_switch(wire)}"


def set_answers_ping(stack: Stack) -> str:
    """Return the edit that lets a machine answer echo requests."""
    return f"no answers_ping: false on {stack.label}"


def _adapter(port: Port) -> str:
    """Return an adapter as the findings of a file name it."""
    machine = port.wire.machine if port.wire is not None else ()
    if port.vm:
        return f"adapter {path_text((*machine, port.vm, port.adapter))}"
    if port.wire is None or port.adapter == f"vEthernet ({port.wire.name})":
        return _switch(port.wire)
    name = port.adapter.removeprefix("vEthernet (").removesuffix(")")
    return f"{name} in management_adapters of {_switch(port.wire)}"


def _switch(wire: WireKey | None) -> str:
    return f"switch {path_text((*wire.machine, wire.name))}" if wire is not None else "its switch"
