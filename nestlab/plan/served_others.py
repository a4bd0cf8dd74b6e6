"""VMs of others that use what a guest does on its switches, which a step ends."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from ipaddress import IPv4Address, ip_address

from nestlab.dataclass import dataclass, replace
from nestlab.enumerations import all_of
from nestlab.errors import PlanRefused
from nestlab.model import Finding, Findings, path_text
from nestlab.model.ownership import is_marked
from nestlab.model.spelling import plain_mac
from nestlab.model.state import HyperVState, SwitchState, VirtualMachineState
from nestlab.model.topology import VM, SwitchType
from nestlab.plan.cutting_steps import selected_ids
from nestlab.plan.guest_entries import adapters_inside, declared_inside
from nestlab.plan.guest_services import (
    GuestServices,
    declared_services,
    made_services,
    services_in,
    wanted_vm,
)
from nestlab.plan.in_use import kept_text, other_vms_on
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.nat_users import also_translates, sent_by, why_nat_is_kept
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Step
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
        """Why the guest is kept; empty without any."""
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


def ended_by_step(machine: PlannedMachine, step: Step) -> Served:
    """Return the VMs of others that a VM does not serve after a step on its adapters or its power.

    An adapter of a router serves those behind its NAT, any other one those on its switch.
    """
    vm = next((each for each in machine.hyper_v.vms if each.id == step.target.id), None)
    if vm is None or step.target.kind is not TargetKind.VM or step.creates:
        return Served()
    wanted = wanted_vm(machine, vm)
    if step.action is Action.STOP_VM:
        return removed_services(machine, vm) if wanted and wanted.state == "Off" else Served()
    ids = selected_ids(step) if step.action in _CUTTING else set()
    switches = {each.switch_id for each in vm.network_adapters if each.id in ids}
    if not switches:
        return Served()
    found = removed_services(machine, vm)
    return replace(found, served=tuple(each for each in found.served if each[0].id in switches))


_CUTTING = (
    Action.CONNECT_ADAPTER,
    Action.DISCONNECT_ADAPTER,
    Action.REMOVE_ADAPTER,
    Action.SET_VLAN,
)


def ended_by_seed(machine: PlannedMachine, vm: VM, current: VirtualMachineState) -> Served:
    """Return the VMs of others that a Linux guest, set up as in the file, does not serve any more.

    `vm` has MAC addresses (`with_static_macs`).
    """
    topology, path = machine.topology, (*machine.path, vm.name)
    on_switches = others_on_switches(machine.state.hyper_v, topology, current)
    if not any(others for _, others in on_switches.values()):
        return Served()
    before = made_services(machine.read_made_entries(), path, current, topology)
    macs = {each.name: plain_mac(each.mac_address or "") for each in vm.network_adapters}
    after = declared_services(vm)
    after = replace(after, serves=frozenset(macs[each] for each in after.serves))
    return ended_services(current, before, after, topology, on_switches)


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


def refuse_guest_in_use(machine: PlannedMachine, vm: str, ended: Served, change: str = "") -> None:
    """Raise PlanRefused for a change of a VM, or of its Linux guest, that VMs of others use.

    `change` is the title of the step on the VM. In a run, the step on the guest looks again
    instead.
    """
    if machine.in_run:
        return
    message = (
        tr("VMs of others need it as it is, and the plan would change it: {change}", change=change)
        if change
        else tr("the file sets up its Linux guest in another way")
    )
    message += ended.clause
    hint = tr(
        "Write into the file what it has now, or change it anyway with `--disconnect-others`."
    )
    code = "nat-in-use" if ended.translated else "dhcp-scope-in-use"
    finding = Finding(code, "error", path_text((*machine.path, vm)), message, hint)
    raise PlanRefused(Findings([finding]))
