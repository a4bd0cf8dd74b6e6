"""Faults that a stage plants at a seat: what each changes of the seat's topology."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from nestlab.dataclass import replace
from nestlab.model import HOST, MachinePath, Size, path_text
from nestlab.model.topology import (
    VM,
    DhcpRange,
    Nested,
    NetworkAdapter,
    Switch,
    Topology,
    Vlan,
    VMState,
)
from nestlab.workshop.stage_cut import cut_of
from nestlab.workshop.stage_parts import vm_paths
from nestlab.workshop.workshop_values import FaultKind, StageFault, Workshop, WorkshopStage

_WRONG_VLAN = 666
_LEAST_MEMORY = Size.parse("512MB")
_MEMORY_DIVISOR = 4

_OfAdapter = Callable[[Topology, NetworkAdapter], NetworkAdapter]
_OfVM = Callable[[VM], VM]
_OfSwitch = Callable[[Switch], Switch]


def with_fault(topology: Topology, fault: StageFault) -> Topology:
    """Return a topology with a fault, and without checks, which it is not to pass.

    It equals the topology without checks where the fault changes nothing of it: `at` names nothing
    there, or nothing that has what the fault takes away.
    """
    bare = replace(topology, checks=())
    if fault.kind in _OF_SWITCHES:
        return _with_switch(bare, fault.at, _OF_SWITCHES[fault.kind])
    paths = vm_paths(topology, fault.at)
    if len(paths) != 1:
        return bare
    return _with_vm(bare, paths[0], _vm_edit(topology, fault.kind))


def fault_places(topology: Topology, kind: FaultKind) -> Iterator[str]:
    """Yield what `at` can name in a topology for a kind of fault."""
    if kind in _OF_SWITCHES:
        hosts = topology.hosts()
        paths = ((*path, each.name) for path, host in hosts for each in host.switches)
    else:
        paths = (path for path, _ in topology.machines() if path)
    bare = replace(topology, checks=())
    for name in map(path_text, paths):
        if with_fault(topology, StageFault(kind=kind, at=name)) != bare:
            yield name


def fault_topology(workshop: Workshop, stage: WorkshopStage, fault: StageFault) -> Topology:
    """Return the part of a workshop's topology that a stage is, with a fault."""
    return with_fault(cut_of(workshop, stage), fault)


def _vm_edit(topology: Topology, kind: FaultKind) -> _OfVM:
    if kind in _OF_VMS:
        return _OF_VMS[kind]
    of_adapter = _OF_ADAPTERS[kind]

    def edit(vm: VM) -> VM:
        adapters = tuple(of_adapter(topology, each) for each in vm.network_adapters)
        return replace(vm, network_adapters=adapters)

    return edit


def _with_vm(topology: Topology, path: MachinePath, edit: _OfVM) -> Topology:
    def within(vms: tuple[VM, ...], rest: MachinePath) -> tuple[VM, ...]:
        return tuple(changed(vm, rest) if vm.name == rest[0] else vm for vm in vms)

    def changed(vm: VM, rest: MachinePath) -> VM:
        if len(rest) == 1 or vm.nested is None:
            return edit(vm)
        return replace(vm, nested=replace(vm.nested, vms=within(vm.vms, rest[1:])))

    return replace(topology, vms=within(topology.vms, path))


def _with_switch(topology: Topology, at: str, edit: _OfSwitch) -> Topology:
    *outer, name = at.split("/")
    path = next((path for path in vm_paths(topology, "/".join(outer))), HOST) if outer else HOST

    def of_list(switches: tuple[Switch, ...]) -> tuple[Switch, ...]:
        return tuple(
            edit(each) if each.name.casefold() == name.casefold() and not each.existing else each
            for each in switches
        )

    def of_vm(vm: VM) -> VM:
        nested = vm.nested
        return replace(vm, nested=nested and replace(nested, switches=of_list(nested.switches)))

    if path != HOST:
        return _with_vm(topology, path, of_vm)
    return topology if outer else replace(topology, switches=of_list(topology.switches))


def _without_nat(switch: Switch) -> Switch:
    return replace(switch, nat=None, port_forwards=())


def _without_dhcp(switch: Switch) -> Switch:
    return replace(switch, dhcp=None)


def _with_wrong_gateway(topology: Topology, adapter: NetworkAdapter) -> NetworkAdapter:
    if adapter.gateway is None or adapter.ip_address is None:
        return adapter
    wrong = _unused(topology, adapter.ip_address.network)
    return replace(adapter, gateway=wrong) if wrong else adapter


def _with_wrong_address(topology: Topology, adapter: NetworkAdapter) -> NetworkAdapter:
    if adapter.ip_address is None:
        return adapter
    wrong = _unused(topology, adapter.ip_address.network)
    prefix = adapter.ip_address.network.prefixlen
    return replace(adapter, ip_address=IPv4Interface((wrong, prefix))) if wrong else adapter


def _with_wrong_dns(topology: Topology, adapter: NetworkAdapter) -> NetworkAdapter:
    if not adapter.dns_servers or adapter.ip_address is None:
        return adapter
    wrong = _unused(topology, adapter.ip_address.network)
    return replace(adapter, dns_servers=(wrong,)) if wrong else adapter


def _with_wrong_vlan(_: Topology, adapter: NetworkAdapter) -> NetworkAdapter:
    return replace(adapter, vlan=Vlan(access=_WRONG_VLAN)) if adapter.switch else adapter


def _disconnected(_: Topology, adapter: NetworkAdapter) -> NetworkAdapter:
    return replace(adapter, connected=False) if adapter.switch else adapter


def _unused(topology: Topology, network: IPv4Network) -> IPv4Address | None:
    """Return the highest address of a network that a topology does not name; None if none."""
    used = set(_addresses(topology))
    last = int(network.broadcast_address)
    free = (IPv4Address(each) for each in range(last - 1, int(network.network_address), -1))
    return next((each for each in free if each not in used), None)


def _addresses(topology: Topology) -> Iterator[IPv4Address]:
    for _, host in topology.hosts():
        for switch in host.switches:
            own = (switch.ip_address, *(each.ip_address for each in switch.management_adapters))
            yield from (each.ip for each in own if each)
            yield from _of_scope(switch.dhcp)
    for _, machine in topology.machines():
        for adapter in machine.network_adapters if isinstance(machine, VM) else ():
            found = (adapter.ip_address and adapter.ip_address.ip, adapter.gateway)
            yield from (each for each in (*found, *adapter.dns_servers) if each)
            yield from _of_scope(adapter.dhcp_server)


def _of_scope(scope: DhcpRange | None) -> Iterator[IPv4Address]:
    if scope is not None:
        yield from map(IPv4Address, range(int(scope.first), int(scope.last) + 1))
        yield from (each.ip_address for each in scope.reservations)


def _without_spoofing(vm: VM) -> VM:
    """Return a VM without spoofing; what is inside is not named, since it would need that."""
    adapters = tuple(replace(each, mac_address_spoofing=False) for each in vm.network_adapters)
    if adapters == vm.network_adapters:
        return vm
    nested = vm.nested and replace(vm.nested, vms=())
    return replace(vm, network_adapters=adapters, nested=nested)


def _with_little_memory(vm: VM) -> VM:
    """Return a VM with too little memory; what is inside a nested host is off then."""
    little = Size(max(_LEAST_MEMORY, vm.memory_startup // _MEMORY_DIVISOR))
    if little >= vm.memory_startup:
        return vm
    return replace(vm, memory_startup=little, dynamic_memory=None, nested=_off_inside(vm))


def _with_hidden_extensions(vm: VM) -> VM:
    if not vm.exposes_extensions:
        return vm
    return replace(vm, nested=None, expose_virtualization_extensions=None)


def _turned_off(vm: VM) -> VM:
    """Return a VM that is off; what is inside a nested host cannot be on then."""
    return replace(vm, state=VMState.OFF, nested=_off_inside(vm))


def _off_inside(vm: VM) -> Nested | None:
    off = tuple(replace(each, state=VMState.OFF) for each in vm.vms)
    return vm.nested and replace(vm.nested, vms=off)


def _with_firewall(vm: VM) -> VM:
    return replace(vm, answers_ping=False)


_OF_SWITCHES: Mapping[FaultKind, _OfSwitch] = {
    FaultKind.NAT: _without_nat,
    FaultKind.DHCP: _without_dhcp,
}
_OF_ADAPTERS: Mapping[FaultKind, _OfAdapter] = {
    FaultKind.GATEWAY: _with_wrong_gateway,
    FaultKind.ADDRESS: _with_wrong_address,
    FaultKind.DNS: _with_wrong_dns,
    FaultKind.VLAN: _with_wrong_vlan,
    FaultKind.DISCONNECTED: _disconnected,
}
_OF_VMS: Mapping[FaultKind, _OfVM] = {
    FaultKind.SPOOFING: _without_spoofing,
    FaultKind.MEMORY: _with_little_memory,
    FaultKind.EXTENSIONS: _with_hidden_extensions,
    FaultKind.POWER: _turned_off,
    FaultKind.FIREWALL: _with_firewall,
}
