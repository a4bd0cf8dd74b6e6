"""Entries in a guest that routes: VMs of others on the switches of the guest may use them.

The guest's adapters are on switches of the machine that runs it, whose state has these VMs.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from ipaddress import IPv4Network, ip_address

from nestlab.dataclass import dataclass
from nestlab.model.spelling import same_name
from nestlab.model.state import (
    HostState,
    NetworkAdapterState,
    VirtualMachineState,
)
from nestlab.model.topology import VM
from nestlab.plan.disk_names import guest_scope_name
from nestlab.plan.entries_of_others import SwitchEntries
from nestlab.plan.in_use import kept_text
from nestlab.plan.nat_users import vms_left_out, vms_of_others
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
    for adapter in adapters_inside(vm, current, declared_inside(machine.wanted, current)):
        topology, switch = machine.topology, adapter.switch_name
        found += (
            vms_of_others(above, topology, switch)
            if new is None
            else vms_left_out(above, topology, switch, current, new)
        )
    return found


def declared_inside(vm: object, prefix: IPv4Network) -> set[str]:
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
