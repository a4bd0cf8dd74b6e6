"""What is wanted inside a guest that nestlab cannot reach, as values to set by hand."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model.topology import VM, NetworkAdapter


def settings_inside(vm: VM) -> Iterator[str]:
    """Yield the settings of a guest that differ from a new installation, a text each."""
    for adapter in vm.network_adapters:
        parts = list(_of_adapter(adapter))
        if parts:
            yield f"{adapter.name}: {', '.join(parts)}"
    if vm.forwarding:
        yield "forwards between its adapters"
    yield from (f"route to {route.to} via {route.via}" for route in vm.routes)
    if not vm.answers_ping:
        yield "drops echo requests"
    if vm.nested is not None:
        yield from (f"{switch.switch_type} switch {switch.name}" for switch in vm.switches)


def _of_adapter(adapter: NetworkAdapter) -> Iterator[str]:
    if adapter.ip_address:
        yield str(adapter.ip_address)
    if adapter.gateway:
        yield f"gateway {adapter.gateway}"
    if adapter.dns_servers:
        yield f"DNS {', '.join(map(str, adapter.dns_servers))}"
    if adapter.interface_metric is not None:
        yield f"interface metric {adapter.interface_metric}"
