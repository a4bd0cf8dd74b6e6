"""Adapters of VMs for which the file declares neither an address nor DHCP.

In a Windows guest with a credential they keep DHCP, which is the default of Windows. Any other
guest is configured by hand, so its addresses are not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.dataclass import replace
from nestlab.model.machine_path import path_text
from nestlab.model.topology import VM, NetworkAdapter, Topology
from nestlab.reachability.elements import (
    Assumption,
    Elements,
    Interface,
    Stack,
    with_interfaces,
)
from nestlab.reachability.tables import Tables
from nestlab.texts import tr


def effective_adapters(machine: Topology | VM) -> tuple[NetworkAdapter, ...]:
    """Return the adapters of a VM with the settings that they get in its guest."""
    if not isinstance(machine, VM):
        return ()
    adapters = machine.network_adapters
    if not any(map(_has_no_ip_settings, adapters)) or not _sets_addresses_in(machine):
        return adapters
    return tuple(
        replace(adapter, dhcp=True) if _has_no_ip_settings(adapter) else adapter
        for adapter in adapters
    )


def is_undeclared(machine: Topology | VM, adapter: NetworkAdapter) -> bool:
    """Whether the address of an adapter is set by hand, and is not known from the file.

    With a seed disk it is known: cloud-init sets the addresses on the disk, and no others.
    """
    is_open = _has_no_ip_settings(adapter) and isinstance(machine, VM) and not machine.has_seed
    return is_open and not _sets_addresses_in(machine)


def without_unanswered_dhcp(topology: Topology, parts: Elements) -> tuple[Stack, ...]:
    """Return the stacks, with undeclared DHCP turned off where no server would answer.

    On a physical network, there may be a server.
    """
    machines = dict(topology.machines())
    tables = Tables(parts.uplinks, parts.stacks)

    def answered(stack: Stack, interface: Interface) -> Interface:
        waits = interface.dhcp and not interface.addresses and interface.port.live
        if not waits or _names_dhcp(machines.get(stack.machine), interface.name):
            return interface
        physical = any(wire.physical for wire, _ in tables.domain(interface.port).entered)
        return interface if physical else replace(interface, dhcp=False)

    return tuple([with_interfaces(stack, answered) for stack in parts.stacks])


def unmanaged_guests(topology: Topology) -> Iterator[Assumption]:
    """Yield the assumptions about guests in which nestlab sets no addresses."""
    for path, machine in topology.machines():
        adapters = machine.network_adapters if isinstance(machine, VM) else ()
        why = _why_unmanaged(machine) if isinstance(machine, VM) else ""
        if why and any(adapter.ip_address or adapter.dhcp for adapter in adapters):
            yield Assumption(
                text=tr(
                    "{machine} is assumed to be configured as declared: {why}.",
                    machine=path_text(path),
                    why=why,
                ),
                machine=path,
                declared=True,
            )


def _why_unmanaged(vm: VM) -> str:
    """Return why nestlab sets no addresses in a guest, as a clause; empty if it may set some."""
    if vm.has_seed:
        return tr("cloud-init sets its addresses from the seed disk, and nestlab cannot read it")
    if vm.guest.os == "linux":
        return tr("nestlab sets no addresses in a Linux guest")
    if vm.guest.os != "windows":
        return tr("nestlab sets no addresses in a guest whose operating system is not declared")
    if vm.disk is not None and vm.disk.is_empty:
        return tr("its disk is empty until Windows is installed on it")
    return ""


def _sets_addresses_in(machine: Topology | VM) -> bool:
    """Whether nestlab sets addresses in the Windows of a guest."""
    if not isinstance(machine, VM):
        return False
    is_empty = machine.disk is not None and machine.disk.is_empty
    return machine.guest.os == "windows" and bool(machine.guest.credential) and not is_empty


def _has_no_ip_settings(adapter: NetworkAdapter) -> bool:
    return adapter.switch is not None and adapter.ip_address is None and not adapter.dhcp


def _names_dhcp(machine: Topology | VM | None, name: str) -> bool:
    """Whether the file declares DHCP for an adapter of Windows, or may do so by another key."""
    if not isinstance(machine, VM):
        return True
    adapter = next((each for each in machine.network_adapters if each.name == name), None)
    return adapter is None or adapter.dhcp
