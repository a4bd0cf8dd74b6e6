"""Addresses of 169.254.0.0/16, which a machine assigns itself if no DHCP server answers.

They are valid on one network only: no route leads to them, and a machine that has no other address
has no gateway. Source: RFC 3927.
"""

from __future__ import annotations

from nestlab.reachability.elements import Interface, Stack
from nestlab.reachability.outcome import Drop, DropPlace, Packet, Reason, Status, stack_place
from nestlab.reachability.tables import Tables
from nestlab.texts import mark, tr, translate


def no_address(stack: Stack, *, unknown: bool, packet: Packet | None = None) -> Drop:
    """Return the drop at a machine without an address that is usable beyond its own network.

    It has no address, only a link-local one, or only one that another machine has as well.

    With `unknown` it may have an address that was not observed.
    """
    status: Status = "undetermined" if unknown else "unreachable"
    return Drop(Reason.NO_ADDRESS, _place(stack), _text(stack, unknown=unknown), status, packet)


def _place(stack: Stack) -> DropPlace:
    found = (each for each in stack.interfaces if each.link_local or each.duplicates)
    return stack_place(stack, next(found, stack.interfaces[0] if stack.interfaces else None))


def _text(stack: Stack, *, unknown: bool) -> str:
    duplicate = next((each for each in stack.interfaces if each.duplicates), None)
    if duplicate is not None:
        return tr(
            "{label} has {ip} on {interface}, which its Windows does not use: another machine on that network has the same address.",
            label=stack.label,
            ip=duplicate.duplicates[0].ip,
            interface=duplicate.name,
        )
    only = next((each for each in stack.interfaces if each.link_local), None)
    undeclared = next((each for each in stack.interfaces if each.undeclared), None)
    if only is None and unknown and undeclared is not None:
        return tr(
            "The file gives {interface} of {label} no address, and nestlab sets none in its guest.",
            interface=undeclared.name,
            label=stack.label,
        )
    if only is None and unknown:
        return tr("It is not known which addresses {label} has.", label=stack.label)
    if only is None:
        return tr("{label} has no IP address.", label=stack.label)
    how = (
        mark("{label} has {ip} on {interface}, which it gave itself: no DHCP server gave it one.")
        if only.lease_requested
        else mark("{label} has {ip} on {interface}, which it gave itself.")
    )
    values = {"label": stack.label, "ip": only.link_local[0].ip, "interface": only.name}
    text = translate(how, **values)
    return f"{text} {tr('It is not known whether it has another address.')}" if unknown else text


def may_reach_by_link_local(tables: Tables, start: int, end: int) -> str:
    """Return why two machines may reach each other by their link-local addresses.

    `start` and `end` are indices of stacks. The result is empty if they cannot.
    """
    for one in _with_link_local(tables.stacks[start]):
        for other in _with_link_local(tables.stacks[end]):
            if tables.can_exchange_frames(one.port, other.port):
                return tr(
                    "{label} and {other} may reach each other by the addresses that they gave themselves, {ip} and {ip_2}.",
                    label=tables.stacks[start].label,
                    other=tables.stacks[end].label,
                    ip=one.link_local[0].ip,
                    ip_2=other.link_local[0].ip,
                )
    return ""


def _with_link_local(stack: Stack) -> list[Interface]:
    return [interface for interface in stack.interfaces if interface.link_local]
