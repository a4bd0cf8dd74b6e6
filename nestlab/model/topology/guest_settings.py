"""What a topology declares inside a guest, as text: for guests that are set up by hand."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model.topology.declared_network import NetworkAdapter
from nestlab.model.topology.declared_vm import VM


def guest_settings(vm: VM) -> Iterator[str]:
    """Yield each setting of a guest that differs from a new installation, as text."""
    if vm.guest.computer_name:
        yield f"computer name {vm.guest.computer_name}"
    for adapter in vm.network_adapters:
        parts = list(_adapter_settings(adapter))
        if parts:
            yield f"{adapter.name}: {', '.join(parts)}"
    if vm.forwarding:
        yield "routes between its adapters"
    yield from (f"route to {route.to} via {route.via}" for route in vm.routes)
    if not vm.answers_ping:
        yield "drops echo requests"
    if vm.nested is not None:
        yield from (
            f"{switch.kind} switch {switch.name}" for switch in vm.switches if not switch.existing
        )


def _adapter_settings(adapter: NetworkAdapter) -> Iterator[str]:
    if adapter.ip_address:
        yield str(adapter.ip_address)
    if adapter.gateway:
        yield f"gateway {adapter.gateway}"
    if adapter.dns_servers:
        yield f"DNS {', '.join(map(str, adapter.dns_servers))}"
    if adapter.interface_metric is not None:
        yield f"interface metric {adapter.interface_metric}"
