"""The addresses of a Windows adapter, and where they come from, as sentences."""

from __future__ import annotations

from nestlab.enumerations import all_of
from nestlab.model.state import IPInterfaceState
from nestlab.plan.interfaces import PlannedInterface
from nestlab.texts import tr


def observed_text(interface: PlannedInterface) -> str:
    """Return the settings of an adapter that needs no step, as text."""
    text = tr("{adapter} {has}", adapter=interface.alias, has=has_text(interface.current))
    return f"{text}{_not_used(interface)}{_no_lease(interface)}{_unknown_origin(interface)}"


def _unknown_origin(interface: PlannedInterface) -> str:
    """Return a clause about settings that came from DHCP or were set by hand; empty if none."""
    current = interface.current
    if not current.dhcp or interface.shared:
        return ""
    gateway = (
        tr("gateway {gateway}", gateway=current.gateway)
        if current.gateway and not interface.gateway
        else ""
    )
    servers = (
        f"DNS {', '.join(map(str, current.dns_servers))}"
        if current.dns_servers and not interface.dns_servers
        else ""
    )
    found = all_of([*filter(None, (gateway, servers))])
    return (
        tr(
            "; it uses DHCP, and Windows does not report whether {found} came from DHCP or was set by hand",
            found=found,
        )
        if found
        else ""
    )


def _not_used(interface: PlannedInterface) -> str:
    """Return a clause about the address of the file where Windows does not use it."""
    is_duplicate = interface.ip_address in interface.current.duplicates
    return (
        tr(", which is in use by another machine, so that Windows does not use it")
        if is_duplicate
        else ""
    )


def _no_lease(interface: PlannedInterface) -> str:
    """Return a clause about a link-local address that Windows assigned; empty if DHCP gave one."""
    current = interface.current
    own = current.ip_addresses and all(each.ip.is_link_local for each in current.ip_addresses)
    return (
        tr(", which Windows gave itself: no DHCP server gave it one")
        if current.dhcp and own
        else ""
    )


def has_text(current: IPInterfaceState) -> str:
    """Return what an adapter has, as a phrase: its addresses and its gateway."""
    addresses, gateway = ", ".join(map(str, current.ip_addresses)), current.gateway
    if not addresses and not gateway:
        return tr("has no address")
    if not addresses:
        return tr("has no address, gateway {gateway}", gateway=gateway)
    if not gateway:
        return tr("has {addresses}", addresses=addresses)
    return tr("has {addresses}, gateway {gateway}", addresses=addresses, gateway=gateway)
