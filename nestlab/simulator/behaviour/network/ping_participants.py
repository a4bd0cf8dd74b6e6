"""Which VMs of the host a ping may concern: its network is built without the others."""

from __future__ import annotations

from nestlab.dataclass import dataclass, field
from nestlab.simulator.state.machine import Machine, World
from nestlab.simulator.state.virtual_machine import VirtualMachine, VMNetworkAdapter


def uninvolved_vms(world: World, source: Machine, target: str) -> frozenset[int]:
    """Return the VMs of the host, by id(), that no packet between a machine and an address meets.

    A machine asks for the target, for next hops, and, to reply, for addresses of other machines
    that take part. A VM takes part if it has such an address, or a MAC address of one that does.
    The source, nested hosts, and VMs on External switches always take part: what is unknown of a
    physical network follows from the adapters on it.
    """
    host = world.host
    if host.hyper_v is None:
        return frozenset()
    found = _Participants({target})
    found.add_system(host)
    external = {each.id for each in host.hyper_v.switches if each.switch_type == "External"}
    left = {id(vm): vm for vm in host.hyper_v.vms}
    joining = [vm for vm in left.values() if _always_takes_part(host, vm, source, external)]
    while joining or (joining := [vm for vm in left.values() if found.concern(host, vm)]):
        for vm in joining:
            found.add_vm(host, vm)
            del left[id(vm)]
        joining = []
    return frozenset(left)


def _always_takes_part(
    host: Machine, vm: VirtualMachine, source: Machine, external: set[str]
) -> bool:
    guest = host.guest(vm)
    if guest is not None and (guest is source or guest.hyper_v is not None):
        return True
    return any(adapter.switch_id in external for adapter in vm.settings.adapters)


@dataclass
class _Participants:
    """What machines that take part ask for, and their MAC addresses."""

    asked: set[str]
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
            self.asked.update([entry.address for entry in adapter.ip.addresses])
            self.asked.update([route.next_hop for route in adapter.ip.routes])
        for nat in machine.nats:
            self.asked.update([mapping.internal_address for mapping in nat.mappings])
        self.macs.update([adapter.mac_address for adapter in machine.adapters])
        if machine.hyper_v is not None:
            self.add_ports(machine.hyper_v.management_adapters)

    def add_ports(self, adapters: list[VMNetworkAdapter]) -> None:
        """Add adapters on switches."""
        self.macs.update([adapter.mac_address for adapter in adapters])

    def concern(self, host: Machine, vm: VirtualMachine) -> bool:
        """Whether a VM has an address that is asked for, or a MAC address of a participant."""
        if any(adapter.mac_address in self.macs for adapter in vm.settings.adapters):
            return True
        guest = host.guest(vm)
        return guest is not None and any(
            entry.address in self.asked
            for adapter in guest.adapters
            for entry in adapter.ip.addresses
        )
