"""What the file declares inside a guest that nestlab cannot reach: values to set by hand."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model import MachinePath, path_text
from nestlab.model.topology import VM, NetworkAdapter, VMState
from nestlab.plan.step import OutOfReach, Planned, Unchanged


def guest_settings(vm: VM) -> Iterator[str]:
    """Yield each setting of a guest that differs from a new installation, as text."""
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
        yield from (
            f"{switch.kind} switch {switch.name}" for switch in vm.switches if not switch.existing
        )


def _of_adapter(adapter: NetworkAdapter) -> Iterator[str]:
    if adapter.ip_address:
        yield str(adapter.ip_address)
    if adapter.gateway:
        yield f"gateway {adapter.gateway}"
    if adapter.dns_servers:
        yield f"DNS {', '.join(map(str, adapter.dns_servers))}"
    if adapter.interface_metric is not None:
        yield f"interface metric {adapter.interface_metric}"


def why_not_configured(path: MachinePath, vm: VM) -> str:
    """Return why nestlab does not configure a guest; empty where it does."""
    if vm.state is VMState.OFF:
        return f"{path_text(path)} is declared Off"
    if vm.guest.os != "windows":
        system = (
            "it has no operating system"
            if vm.guest.os == "none"
            else f"PowerShell Direct does not support {vm.guest.os} guests"
        )
        return f"{system}; its addresses are set by hand"
    if not vm.guest.credential:
        return "its guest names no credential, so nestlab cannot sign in to set it up"
    return ""


def not_configured(path: MachinePath, vm: VM, reason: str) -> Iterator[Planned]:
    """Yield what the file declares inside a guest that nestlab does not configure, and why."""
    values = tuple(guest_settings(vm))
    if values:
        yield OutOfReach(path, values, reason)
    elif vm.network_adapters:
        yield Unchanged(
            f"{path_text(path)}: inside the guest",
            f"the file sets nothing there, and nestlab does not read it: {reason}",
        )
