"""Entries in a guest that routes: VMs of others on the switches of the guest may use them.

The guest's adapters are on switches of the machine that runs it, whose state has these VMs.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from ipaddress import IPv4Network, ip_address

from nestlab.dataclass import dataclass
from nestlab.enumerations import all_of
from nestlab.model.ownership import nat_name
from nestlab.model.spelling import same_name
from nestlab.model.state import (
    HostState,
    NetworkAdapterState,
    SwitchState,
    VirtualMachineState,
)
from nestlab.model.topology import VM
from nestlab.plan.disk_names import guest_scope_name
from nestlab.plan.entries_of_others import SwitchEntries
from nestlab.plan.in_use import kept_text, other_vms_by_switch
from nestlab.plan.made_entries import made_nats
from nestlab.plan.nat_users import also_translates, sent_by, vms_left_out, vms_of_others
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.undeclared_adapters import DISCONNECT_OTHERS_OPTION
from nestlab.texts import tr


@dataclass(frozen=True)
class GuestEntries(SwitchEntries):
    """The entries of a guest that serve one switch of the machine that runs it."""

    @cached_property
    def state(self) -> HostState:
        """The state of the machine that runs the guest."""
        machine = self.machine
        return machine.states.get(machine.path[:-1], machine.state)

    @cached_property
    def is_unmarked(self) -> bool:
        """Whether the VM is in the file and lacks the mark: it has to match the file."""
        vm = self.machine.as_vm
        return vm is not None and vm.id in self.machine.unmarked


def entries_of_guest(machine: PlannedMachine, adapter: str) -> GuestEntries | None:
    """Return the entries on an adapter of a guest, by its name; None if it is not connected."""
    on_vm = machine.as_vm.network_adapters if machine.as_vm else ()
    found = next((each.switch_name for each in on_vm if same_name(each.name, adapter)), "")
    return GuestEntries(machine, found) if found else None


def adapter_of_scope(
    vm: VirtualMachineState | None, scope: str, topology: str
) -> NetworkAdapterState | None:
    """Return the adapter of a VM that a DHCP scope in its guest has its name from."""
    adapters = vm.network_adapters if vm else ()
    names = {each.id: guest_scope_name(topology, vm.name, each.name) for each in adapters if vm}
    return next((each for each in adapters if same_name(names[each.id], scope)), None)


def cut_off_behind(
    machine: PlannedMachine, current: IPv4Network, new: IPv4Network | None = None
) -> list[str]:
    """Return the VMs of others that the NAT of a guest would not translate with another prefix.

    Without a `new` one it is removed: then these are all on the switches that it serves.
    """
    above, vm = machine.states.get(machine.path[:-1]), machine.as_vm
    if above is None or vm is None:
        return []
    found: list[str] = []
    for adapter in adapters_inside(vm, current, _declared_inside(machine.wanted, current)):
        topology, switch = machine.topology, adapter.switch_name
        found += (
            vms_of_others(above, topology, switch)
            if new is None
            else vms_left_out(above, topology, switch, current, new)
        )
    return found


def cut_off_by(machine: PlannedMachine, vm: VirtualMachineState) -> list[str]:
    """Return what VMs of others send that the NAT of a router translates, removed as a VM."""
    return sent_by(others_behind(machine, vm))


def others_behind(
    machine: PlannedMachine, vm: VirtualMachineState
) -> list[tuple[SwitchState, VirtualMachineState]]:
    """Return the VMs of others that the NAT of a router translates, each with its switch.

    Its NAT is the one of the file, the one that was observed in its guest, or one that a run made.
    """
    switches = {
        adapter.switch_name
        for prefix in _prefixes(machine, vm)
        for adapter in adapters_inside(
            vm, prefix, _declared_inside(_wanted(machine, vm), prefix), unknown=True
        )
    }
    return _others_on(machine, switches)


def _others_on(
    machine: PlannedMachine, switches: Collection[str]
) -> list[tuple[SwitchState, VirtualMachineState]]:
    hyper_v, topology = machine.state.hyper_v, machine.topology
    found = (other_vms_by_switch(hyper_v, each, topology) for each in sorted(switches))
    return [each for pairs in found for each in pairs]


def removal_of_router(machine: PlannedMachine, vm: VirtualMachineState) -> str:
    """Return a clause about the VMs of others behind a VM that is removed; empty without any.

    A router has adapters on several switches. Of a VM that the file no longer has and in which no
    run made a NAT, the guest is not read.
    """
    if cut_off := cut_off_by(machine, vm):
        return also_translates(cut_off)
    is_read = _wanted(machine, vm) or (*machine.path, vm.name) in machine.states
    switches = {each.switch_name for each in vm.network_adapters if each.switch_name}
    if is_read or len(switches) < _SWITCHES_OF_ROUTER or _prefixes(machine, vm):
        return ""
    sent = sent_by(_others_on(machine, switches))
    return (
        tr(
            "; its guest was not read: if it translates, nothing translates {sent} after that",
            sent=all_of(sent),
        )
        if sent
        else ""
    )


_SWITCHES_OF_ROUTER = 2


def _wanted(machine: PlannedMachine, vm: VirtualMachineState) -> VM | None:
    return next((each for each in machine.wanted.vms if same_name(each.name, vm.name)), None)


def _prefixes(machine: PlannedMachine, vm: VirtualMachineState) -> list[IPv4Network]:
    """Return the prefixes that a VM translates: in the file, in its guest, or made by a run."""
    wanted, path = _wanted(machine, vm), (*machine.path, vm.name)
    guest, name = machine.states.get(path), nat_name(machine.topology, vm.name)
    found = [wanted.nat.inside] if wanted and wanted.nat else []
    if guest is None:
        return [*found, *made_nats(path, machine.read_made_entries())]
    return [*found, *(n.internal_prefix for n in guest.nats if same_name(n.name, name))]


def _declared_inside(vm: object, prefix: IPv4Network) -> set[str]:
    """Return the names of the adapters of a VM of the file with an address in a prefix."""
    adapters = vm.network_adapters if isinstance(vm, VM) else ()
    return {each.name for each in adapters if each.ip_address and each.ip_address.ip in prefix}


def adapters_inside(
    vm: VirtualMachineState,
    prefix: IPv4Network,
    names: Collection[str] = (),
    *,
    unknown: bool = False,
) -> tuple[NetworkAdapterState, ...]:
    """Return an adapter of a VM for each switch on which it has an address in a prefix.

    Adapters with one of the `names` have one in the file. With `unknown`, every adapter counts
    where no address is known, as of a VM that is off.
    """
    known = not unknown or bool(names) or any(each.ip_addresses for each in vm.network_adapters)
    inside = (
        each
        for each in vm.network_adapters
        if each.switch_id and (not known or each.name in names or _is_in(each, prefix))
    )
    return tuple({each.switch_id: each for each in inside}.values())


def _is_in(adapter: NetworkAdapterState, prefix: IPv4Network) -> bool:
    return any(ip_address(text) in prefix for text in adapter.ip_addresses)


def why_forward_is_kept(topology: str) -> str:
    """Return why a port forward in a guest is kept; the file has none for a guest."""
    return kept_text(
        tr(
            "no run of {topology} made it, as the journals here show; {option} removes it anyway",
            topology=topology,
            option=DISCONNECT_OTHERS_OPTION,
        )
    )


def why_forwards_are_kept(topology: str, forwards: Collection[str]) -> str:
    """Return why the NAT of a guest is kept that has these forwards; empty without any."""
    if not forwards:
        return ""
    return kept_text(
        tr(
            "it has what no run of {topology} made, as the journals here show: {entries}; {option} removes it anyway",
            topology=topology,
            entries=", ".join(forwards),
            option=DISCONNECT_OTHERS_OPTION,
        )
    )
