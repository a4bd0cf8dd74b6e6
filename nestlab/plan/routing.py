"""Forwarding between adapters and static routes of a machine."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model import Cmdlet
from nestlab.model import Switch as On
from nestlab.model.topology import Route
from nestlab.plan.interfaces import WantedInterface, all_interfaces
from nestlab.plan.site import Site, or_unchanged
from nestlab.plan.step import Planned, Step, Thing, Unchanged


def routing_steps(site: Site) -> Iterator[Planned]:
    """Yield what makes a machine route as the topology wants it."""
    if not site.wanted.forwarding and not site.wanted.routes:
        return
    interfaces = all_interfaces(site)
    if site.wanted.forwarding:
        yield from or_unchanged(f"{site.name}: forwarding", "every adapter forwards", _forwarding(site, interfaces))
    for route in site.wanted.routes:
        yield from _route(site, route, interfaces)


def _forwarding(site: Site, interfaces: list[WantedInterface]) -> Iterator[Step]:
    for wanted in interfaces:
        if wanted.current.forwarding:
            continue
        here = {"InterfaceAlias": wanted.alias, "AddressFamily": "IPv4"}
        yield site.step(
            "set-forwarding",
            wanted.label,
            f"Let {site.name} forward between {wanted.alias} and its other adapters",
            "Windows does not route unless it is told to",
            Cmdlet("Set-NetIPInterface", {**here, "Forwarding": "Enabled"}),
            thing=wanted.thing,
            undo=(Cmdlet("Set-NetIPInterface", {**here, "Forwarding": "Disabled"}),),
        )


def _route(site: Site, route: Route, interfaces: list[WantedInterface]) -> Iterator[Planned]:
    subject = f"{site.name}: route to {route.to}"
    alias = _alias_towards(site, route, interfaces)
    if alias is None:
        yield Unchanged(subject, f"no adapter of {site.name} is on the network of {route.via}")
        return
    current = site.interface(alias)
    if current is not None and (route.to, route.via) in current.routes:
        yield Unchanged(subject, f"it goes over {route.via} on {alias}")
        return
    where = {"DestinationPrefix": str(route.to), "InterfaceAlias": alias, "NextHop": str(route.via)}
    yield site.step(
        "add-route",
        str(route.to),
        f"Send packets for {route.to} to {route.via}",
        f"{site.name} has no such route on {alias}",
        Cmdlet("New-NetRoute", where),
        thing=Thing("windows", alias),
        undo=(Cmdlet("Remove-NetRoute", {**where, "Confirm": On.OFF}),),
    )


def _alias_towards(site: Site, route: Route, interfaces: list[WantedInterface]) -> str | None:
    for wanted in interfaces:
        addresses = [wanted.ip_address, *wanted.current.ip_addresses]
        if any(address and route.via in address.network for address in addresses):
            return wanted.alias
    taken = _taken_over(site)
    for interface in site.state.ip_interfaces:
        if interface.interface_alias not in taken and any(route.via in address.network for address in interface.ip_addresses):
            return interface.interface_alias
    return None


def _taken_over(site: Site) -> set[str]:
    """Return the adapters that External switches of this plan take from Windows: they are no IP interfaces after that."""
    below = (site.net_adapter(switch.net_adapter) for switch in site.wanted.switches if switch.net_adapter)
    return {adapter.name for adapter in below if adapter is not None}
