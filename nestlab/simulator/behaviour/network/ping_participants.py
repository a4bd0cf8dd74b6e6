"""Which VMs of the host a ping may involve: its network is built without the others."""

from __future__ import annotations

from nestlab.dataclass import dataclass, field
from nestlab.simulator.state.machine import Machine, World
from nestlab.simulator.state.virtual_machine import VirtualMachine, VMNetworkAdapter


def uninvolved_vms(world: World, source: Machine, target: str) -> frozenset[int]:
    """Return the VMs of the host, by id(), that packets between two addresses cannot reach.

    An involved machine resolves the target, next hops, and, to reply, addresses of other involved
    machines. A VM is involved if it has such an address, or a MAC address of an involved machine.
    The source, nested hosts, and VMs on External switches are always involved: what is unknown of
    a physical network follows from the adapters on it.
    """
    host = world.host
    if host.hyper_v is None:
        return frozenset()
    found = _InvolvedMachines({target})
    found.add_system(host)
    external = {each.id for each in host.hyper_v.switches if each.switch_type == "External"}
    left = {id(vm): vm for vm in host.hyper_v.vms}
    joining = [vm for vm in left.values() if _is_always_involved(host, vm, source, external)]
    while joining or (joining := [vm for vm in left.values() if found.involves(host, vm)]):
        for vm in joining:
            found.add_vm(host, vm)
            del left[id(vm)]
        joining = []
    return frozenset(left)


def _is_always_involved(
    host: Machine, vm: VirtualMachine, source: Machine, external: set[str]
) -> bool:
    guest = host.guest(vm)
    if guest is not None and (guest is source or guest.hyper_v is not None):
        return True
    return any(adapter.switch_id in external for adapter in vm.settings.adapters)


@dataclass
class _InvolvedMachines:
    """The addresses that involved machines resolve, and their MAC addresses."""

    resolved: set[str]
    macs: set[str] = field(default_factory=set)

    def add_vm(self, host: Machine, vm: VirtualMachine) -> None:
        """Add a VM of the host, with all that runs inside it."""
        self.add_ports(vm.settings.adapters)
        guest = host.guest(vm)
        for _, _, machine in guest.machines() if guest is not None else ():
            self.add_system(machine)
            for inner in machine.hyper_v.vms if machine.hyper_v else ():
                self.add_ports(inner.settings.adapters)

    def add_system(self, machine: Machine) -> None:
        """Add a machine, without the VMs on it."""
        for adapter in machine.adapters:
            self.resolved.update([entry.address for entry in adapter.ip.addresses])
            self.resolved.update([route.next_hop for route in adapter.ip.routes])
        for nat in machine.nats:
            self.resolved.update([mapping.internal_address for mapping in nat.mappings])
        self.macs.update([adapter.mac_address for adapter in machine.adapters])
        if machine.hyper_v is not None:
            self.add_ports(machine.hyper_v.management_adapters)

    def add_ports(self, adapters: list[VMNetworkAdapter]) -> None:
        """Add adapters on switches."""
        self.macs.update([adapter.mac_address for adapter in adapters])

    def involves(self, host: Machine, vm: VirtualMachine) -> bool:
        """Whether a VM has an address that is resolved, or a MAC address of an involved machine."""
        if any(adapter.mac_address in self.macs for adapter in vm.settings.adapters):
            return True
        guest = host.guest(vm)
        return guest is not None and any(
            entry.address in self.resolved
            for adapter in guest.adapters
            for entry in adapter.ip.addresses
        )
