"""What a topology declares inside a guest, as text: for guests that are set up by hand."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model.topology.declared_network import NetworkAdapter
from nestlab.model.topology.declared_vm import VM
from nestlab.texts import tr


def guest_settings(vm: VM) -> Iterator[str]:
    """Yield each setting of a guest that differs from a new installation, as text."""
    if vm.guest.computer_name:
        yield tr("computer name {name}", name=vm.guest.computer_name)
    for adapter in vm.network_adapters:
        parts = list(_adapter_settings(adapter))
        if parts:
            yield f"{adapter.name}: {', '.join(parts)}"
    if vm.forwarding:
        yield tr("routes between its adapters")
    if vm.nat is not None:
        yield tr("NAT of {inside} to {outside}", inside=vm.nat.inside, outside=vm.nat.outside)
    if vm.guest.features:
        yield tr("features {names}", names=", ".join(vm.guest.features))
    yield from (tr("route to {to} via {via}", to=route.to, via=route.via) for route in vm.routes)
    if not vm.answers_ping:
        yield tr("drops echo requests")
    if vm.nested is not None:
        yield from (
            tr("{kind} switch {switch}", kind=switch.kind_text, switch=switch.name)
            for switch in vm.switches
            if not switch.existing
        )


def _adapter_settings(adapter: NetworkAdapter) -> Iterator[str]:
    if adapter.ip_address:
        yield str(adapter.ip_address)
    if adapter.gateway:
        yield tr("gateway {address}", address=adapter.gateway)
    if adapter.dns_servers:
        yield f"DNS {', '.join(map(str, adapter.dns_servers))}"
    if adapter.interface_metric is not None:
        yield tr("interface metric {metric}", metric=adapter.interface_metric)
    if served := adapter.dhcp_server:
        yield tr("DHCP server for {first} to {last}", first=served.first, last=served.last)
