"""What the guest of a VM does for VMs of others on its switches: NAT, DHCP, and routing.

Removing the VM, or giving its Linux guest other settings, ends that. It is known from the file,
from the guest where that was read, and from what runs of the topology set up in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from ipaddress import IPv4Network

from nestlab.dataclass import dataclass
from nestlab.model import MachinePath
from nestlab.model.ownership import nat_name
from nestlab.model.spelling import same_name
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.model.topology import VM, guest_dhcp_servers
from nestlab.plan.disk_names import guest_scope_name, is_guest_scope
from nestlab.plan.in_use import is_checkpoint_disk
from nestlab.plan.made_entries import EntryKind, MadeEntry
from nestlab.plan.planned_machine import PlannedMachine

_SWITCHES_OF_ROUTER = 2


@dataclass(frozen=True)
class GuestServices:
    """The services of a guest.

    `translates` has the prefixes of its NAT, `serves` the names or MAC addresses of the adapters
    that it serves DHCP on. With `forwards`, it routes between its adapters.
    """

    translates: tuple[IPv4Network, ...] = ()
    serves: frozenset[str] = frozenset()
    forwards: bool = False

    def __or__(self, other: GuestServices) -> GuestServices:
        return GuestServices(
            tuple(dict.fromkeys((*self.translates, *other.translates))),
            self.serves | other.serves,
            self.forwards or other.forwards,
        )


def made_services(
    entries: Iterable[MadeEntry], guest: MachinePath, vm: VirtualMachineState, topology: str
) -> GuestServices:
    """Return the services that runs of a topology set up in the guest of a VM.

    What a seed disk sets up counts while the disk is attached.
    """
    own = [each for each in entries if each.machine == guest and _is_attached(each, vm)]
    return services_of(own, guest_scope_name(topology, guest[-1], ""))


def services_of(own: Collection[MadeEntry], prefix: str = "") -> GuestServices:
    """Return the services that entries in a guest are; its scopes have names with a `prefix`."""
    return GuestServices(
        tuple(IPv4Network(each.key) for each in own if each.kind is EntryKind.NAT),
        frozenset(
            each.key[len(prefix) :] if same_name(each.key[: len(prefix)], prefix) else each.key
            for each in own
            if each.kind is EntryKind.DHCP_SERVER
        ),
        any(each.kind is EntryKind.FORWARDING for each in own),
    )


def _is_attached(entry: MadeEntry, vm: VirtualMachineState) -> bool:
    """Whether the seed disk that an entry comes from is attached, or may be below a checkpoint."""
    if "\\" not in entry.owner:
        return True
    paths = [disk.path.casefold() for disk in vm.hard_disks]
    return entry.owner in paths or any(map(is_checkpoint_disk, paths))


def wanted_vm(machine: PlannedMachine, vm: VirtualMachineState) -> VM | None:
    """Return what the file has for a VM of a machine."""
    return next((each for each in machine.wanted.vms if same_name(each.name, vm.name)), None)


def services_in(
    machine: PlannedMachine, vm: VirtualMachineState, wanted: VM | None
) -> GuestServices:
    """Return the services of a guest: in the file, and as observed in it or made by runs."""
    path = (*machine.path, vm.name)
    guest = machine.states.get(path)
    declared = declared_services(wanted) if wanted else GuestServices()
    if guest is None:
        made = made_services(machine.read_made_entries(), path, vm, machine.topology)
        return declared | made
    return declared | observed_services(guest, machine.topology, path)


def declared_services(vm: VM) -> GuestServices:
    """Return the services of a VM in the file."""
    return GuestServices(
        (vm.nat.inside,) if vm.nat else (),
        frozenset(each.name for each in guest_dhcp_servers(vm)),
        vm.forwards,
    )


def observed_services(guest: HostState, topology: str, path: MachinePath) -> GuestServices:
    """Return the services of a guest as observed in it."""
    name, prefix = nat_name(topology, path[-1]), guest_scope_name(topology, path[-1], "")
    own = [each for each in guest.dhcp_scopes if is_guest_scope(each.name, topology, path)]
    forwarding = [each for each in guest.ip_interfaces if each.forwarding]
    return GuestServices(
        tuple(each.internal_prefix for each in guest.nats if same_name(each.name, name)),
        frozenset(each.name[len(prefix) :] for each in own),
        len(forwarding) >= _SWITCHES_OF_ROUTER,
    )
