"""Which VMs of the host a ping may involve: its network is built without the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from nestlab.dataclass import dataclass, field
from nestlab.simulator.state.machine import Machine, World
from nestlab.simulator.state.virtual_machine import HyperV, VirtualMachine, VMNetworkAdapter

_Key = str | tuple[str, str]
"""An address, or the Id of a switch with a MAC address on it."""


def uninvolved_vms(world: World, source: Machine, target: str) -> frozenset[int]:
    """Return the VMs of the host, by id(), that packets between two addresses cannot reach.

    An involved machine resolves the target, next hops, and, to reply, addresses of other involved
    machines. A VM is involved if it has such an address, or, on the same switch, the MAC address of
    an involved machine, or of the host's own adapter there. The source, nested hosts, and VMs on
    External switches are always involved: what is unknown of a physical network follows from the
    adapters on it.
    """
    host = world.host
    if host.hyper_v is None:
        return frozenset()
    joining, vms_with = _index(host, host.hyper_v, source)
    found = _InvolvedMachines(host.hyper_v.management_adapters)
    found.add([target])
    found.add_system(host)
    left = {id(vm): vm for vm in host.hyper_v.vms}
    while joining or found.new:
        for vm in joining:
            if left.pop(id(vm), None) is not None:
                found.add_vm(host, vm)
        joining = [vm for key in found.take_new() for vm in vms_with.get(key, ())]
    return frozenset(left)


def _index(
    host: Machine, hyper_v: HyperV, source: Machine
) -> tuple[list[VirtualMachine], dict[_Key, list[VirtualMachine]]]:
    """Return the VMs that are always involved, and all VMs by what involves them."""
    always: list[VirtualMachine] = []
    vms_with: defaultdict[_Key, list[VirtualMachine]] = defaultdict(list)
    external = {each.id for each in hyper_v.switches if each.switch_type == "External"}
    for vm in hyper_v.vms:
        guest = host.guest(vm)
        is_involved = guest is not None and (guest is source or guest.hyper_v is not None)
        for port in vm.settings.adapters:
            vms_with[port.switch_id, port.mac_address].append(vm)
            is_involved = is_involved or port.switch_id in external
        for adapter in guest.adapters if guest is not None else ():
            for entry in adapter.ip.addresses:
                vms_with[entry.address].append(vm)
        if is_involved:
            always.append(vm)
    return always, vms_with


@dataclass
class _InvolvedMachines:
    """What involved machines resolve, and their MAC addresses on switches.

    `new` are the keys that VMs have not been looked up for yet.
    """

    management_adapters: Sequence[VMNetworkAdapter]
    keys: set[_Key] = field(default_factory=set)
    new: set[_Key] = field(default_factory=set)

    def take_new(self) -> set[_Key]:
        """Return the new keys, which then are known."""
        taken, self.new = self.new, set()
        self.keys |= taken
        return taken

    def add(self, keys: Iterable[_Key]) -> None:
        """Add keys."""
        self.new.update(keys)
        self.new -= self.keys

    def add_vm(self, host: Machine, vm: VirtualMachine) -> None:
        """Add a VM of the host, with all that runs inside it.

        Frames from inside it leave through each of its adapters.
        """
        ports = list(vm.settings.adapters)
        guest = host.guest(vm)
        for _, _, machine in guest.machines() if guest is not None else ():
            self.add_system(machine)
            if machine.hyper_v is not None:
                ports += machine.hyper_v.management_adapters
                for inner in machine.hyper_v.vms:
                    ports += inner.settings.adapters
        switches = {port.switch_id for port in vm.settings.adapters}
        macs = {port.mac_address for port in ports}
        self.add([(switch_id, mac) for switch_id in switches for mac in macs])
        self.add(
            [
                (own.switch_id, own.mac_address)
                for own in self.management_adapters
                if own.switch_id in switches
            ]
        )

    def add_system(self, machine: Machine) -> None:
        """Add the addresses that a machine resolves, without the VMs on it."""
        for adapter in machine.adapters:
            self.add([entry.address for entry in adapter.ip.addresses])
            self.add([route.next_hop for route in adapter.ip.routes])
        for nat in machine.nats:
            self.add([mapping.internal_address for mapping in nat.mappings])
