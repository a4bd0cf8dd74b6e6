"""VMs of others that use what a guest does on its switches, which a step ends."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from ipaddress import IPv4Address, ip_address

from nestlab.dataclass import dataclass, replace
from nestlab.enumerations import all_of
from nestlab.model.ownership import is_marked
from nestlab.model.spelling import plain_mac
from nestlab.model.state import HyperVState, SwitchState, VirtualMachineState
from nestlab.model.topology import VM, SwitchType
from nestlab.plan.guest_entries import adapters_inside, declared_inside
from nestlab.plan.guest_services import (
    GuestServices,
    services_in,
    wanted_vm,
)
from nestlab.plan.in_use import kept_text, other_vms_on
from nestlab.plan.nat_users import (
    also_translates,
    sent_by,
    why_nat_is_kept,
    why_nat_is_not_changed,
)
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.undeclared_adapters import DISCONNECT_OTHERS_OPTION
from nestlab.texts import tr

_SWITCHES_OF_ROUTER = 2

OnSwitch = tuple[SwitchState, VirtualMachineState]
"""A VM of others on a switch."""
OthersOn = Mapping[str, tuple[SwitchState, Collection[VirtualMachineState]]]
"""The switches of a VM by Id, each with the VMs of others on it."""


@dataclass(frozen=True)
class Served:
    """The VMs of others that the services of a guest are for, each with its switch."""

    translated: tuple[OnSwitch, ...] = ()
    served: tuple[OnSwitch, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Their Ids."""
        return tuple(dict.fromkeys(vm.id for _, vm in (*self.translated, *self.served)))

    def without(self, ids: Collection[str]) -> Served:
        """Return those that have none of these Ids."""
        left = (
            tuple(each for each in found if each[1].id not in ids)
            for found in (self.translated, self.served)
        )
        return Served(*left)

    @property
    def why_kept(self) -> str:
        """Why the guest is not removed; empty without any."""
        return why_nat_is_kept(sent_by(self.translated)) or "; ".join(
            kept_text(
                tr(
                    "its guest serves DHCP or routes, which {vms} on switch {switch} may use; {option} removes it anyway",
                    vms=vms,
                    switch=switch,
                    option=DISCONNECT_OTHERS_OPTION,
                )
            )
            for switch, vms in self._by_switch()
        )

    @property
    def why_not_changed(self) -> str:
        """Why the guest, its adapters and its power state stay as they are; empty without any."""
        return why_nat_is_not_changed(sent_by(self.translated)) or "; ".join(
            kept_text(
                tr(
                    "its guest serves DHCP or routes, which {vms} on switch {switch} may use; {option} changes it anyway",
                    vms=vms,
                    switch=switch,
                    option=DISCONNECT_OTHERS_OPTION,
                )
            )
            for switch, vms in self._by_switch()
        )

    def on(self, switch_ids: Collection[str], *, translated: bool = False) -> Served:
        """Return those on switches with these Ids; with `translated`, all behind its NAT."""
        own, served = (
            tuple(each for each in found if each[0].id in switch_ids)
            for found in (self.translated, self.served)
        )
        return Served(self.translated if translated else own, served)

    @property
    def clause(self) -> str:
        """A clause for the reason of the step that ends the services; empty without any."""
        return also_translates(sent_by(self.translated)) + "".join(
            tr(
                "; its guest serves DHCP or routes, which {vms} on switch {switch} may use",
                vms=vms,
                switch=switch,
            )
            for switch, vms in self._by_switch()
        )

    def _by_switch(self) -> Iterator[tuple[str, str]]:
        for name in dict.fromkeys(switch.name for switch, _ in self.served):
            vms = [f"VM {vm.name}" for switch, vm in self.served if switch.name == name]
            yield name, all_of(vms)


def served_by(
    vm: VirtualMachineState,
    services: GuestServices,
    topology: str,
    on_switches: OthersOn,
    wanted: VM | None = None,
) -> Served:
    """Return the VMs of others that use the services of a VM.

    `on_switches` has the switches of the VM by Id, each with the VMs of others on it.
    """
    translated = {
        adapter.switch_id: None
        for prefix in services.translates
        for adapter in adapters_inside(vm, prefix, declared_inside(wanted, prefix), unknown=True)
    }
    switches = {switch_id: switch for switch_id, (switch, _) in on_switches.items()}
    used = dict.fromkeys((*_served(vm, services.serves), *_routed(services, topology, switches)))
    return Served(
        tuple(_others(on_switches, translated)),
        tuple(_others(on_switches, (each for each in used if each not in translated))),
    )


def _others(
    on_switches: OthersOn,
    ids: Iterable[str],
) -> Iterator[OnSwitch]:
    for switch, others in (on_switches[each] for each in ids if each in on_switches):
        yield from ((switch, other) for other in others)


def _served(vm: VirtualMachineState, serves: Collection[str]) -> Iterator[str]:
    """Yield the Ids of the switches that a guest serves DHCP on.

    They are all of the VM's where none of its adapters has one of the names or MAC addresses.
    """
    wanted = {each.casefold() for each in serves}
    adapters = [each for each in vm.network_adapters if each.switch_id]
    names = {
        each.id: {each.name.casefold(), plain_mac(each.mac_address).casefold()} for each in adapters
    }
    found = [each for each in adapters if names[each.id] & wanted]
    yield from (each.switch_id for each in (found or adapters if wanted else ()))


def _routed(
    services: GuestServices, topology: str, switches: Mapping[str, SwitchState]
) -> Iterator[str]:
    """Yield the Ids of the switches that a guest routes between.

    Switches of others and External ones have gateways of their own.
    """
    own = [
        switch_id
        for switch_id, switch in switches.items()
        if is_marked(switch.notes, topology) and switch.switch_type != SwitchType.EXTERNAL
    ]
    if services.forwards and not services.translates and len(own) >= _SWITCHES_OF_ROUTER:
        yield from own


def ended_services(
    vm: VirtualMachineState,
    before: GuestServices,
    after: GuestServices,
    topology: str,
    on_switches: OthersOn,
) -> Served:
    """Return the VMs of others that a VM does not serve any more after a change of its services.

    A VM whose addresses are not known may have any that was translated.
    """
    lost = GuestServices(
        tuple(
            each
            for each in before.translates
            if not any(each.subnet_of(other) for other in after.translates)
        ),
        before.serves - after.serves,
        before.forwards and not after.forwards,
    )
    found = served_by(vm, lost, topology, on_switches)
    left = (each for each in found.translated if not _is_translated(each, after))
    return replace(found, translated=tuple(left))


def _is_translated(found: OnSwitch, services: GuestServices) -> bool:
    switch, vm = found
    on_it = (each for each in vm.network_adapters if each.switch_id == switch.id)
    parsed = [ip_address(text) for adapter in on_it for text in adapter.ip_addresses]
    own = [each for each in parsed if isinstance(each, IPv4Address) and not each.is_link_local]
    return bool(own) and all(any(each in net for net in services.translates) for each in own)


def removed_services(machine: PlannedMachine, vm: VirtualMachineState) -> Served:
    """Return the VMs of others that a VM serves which is removed from a machine.

    Journals are read only where VMs of others are on its switches.
    """
    on_switches = others_on_switches(machine.state.hyper_v, machine.topology, vm)
    if not any(others for _, others in on_switches.values()):
        return Served()
    wanted = wanted_vm(machine, vm)
    services = services_in(machine, vm, wanted)
    return served_by(vm, services, machine.topology, on_switches, wanted)


def others_on_switches(
    hyper_v: HyperVState | None, topology: str, vm: VirtualMachineState
) -> dict[str, tuple[SwitchState, tuple[VirtualMachineState, ...]]]:
    """Return the switches of a VM by Id, each with the VMs of others on it."""
    ids = {each.switch_id for each in vm.network_adapters}
    return {
        switch.id: (switch, other_vms_on(hyper_v, switch, topology))
        for switch in (hyper_v.switches if hyper_v else ())
        if switch.id in ids and hyper_v is not None
    }


def removal_clause(machine: PlannedMachine, vm: VirtualMachineState) -> str:
    """Return a clause about the VMs of others that a removed VM serves; empty without any.

    A router has adapters on several switches. Of a VM that the file no longer has and in which no
    run set up a service, the guest is not read.
    """
    if clause := removed_services(machine, vm).clause:
        return clause
    is_read = wanted_vm(machine, vm) or (*machine.path, vm.name) in machine.states
    on_switches = others_on_switches(machine.state.hyper_v, machine.topology, vm)
    others = [*_others(on_switches, on_switches)]
    if is_read or len(on_switches) < _SWITCHES_OF_ROUTER or not others:
        return ""
    if services_in(machine, vm, None) != GuestServices():
        return ""
    return tr(
        "; its guest was not read: if it translates, nothing translates {sent} after that",
        sent=all_of(sent_by(others)),
    )
