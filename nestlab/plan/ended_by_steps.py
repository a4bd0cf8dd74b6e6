"""Steps that end what a guest does for VMs of others, on its adapters, power or seed disk."""

from __future__ import annotations

from collections.abc import Collection

from nestlab.dataclass import replace
from nestlab.errors import PlanRefused
from nestlab.model import Finding, Findings, MachinePath, path_text
from nestlab.model.spelling import plain_mac, same_name
from nestlab.model.state import VirtualMachineState
from nestlab.model.topology import VM
from nestlab.plan.cutting_steps import selected_ids
from nestlab.plan.guest_services import (
    GuestServices,
    declared_services,
    made_services,
    observed_services,
)
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.served_others import Served, ended_services, others_on_switches, removed_services
from nestlab.plan.step import Hazard, Step
from nestlab.texts import tr

_ON_ADAPTERS = frozenset(
    {
        Action.ADD_ADAPTER,
        Action.CONNECT_ADAPTER,
        Action.DISCONNECT_ADAPTER,
        Action.REMOVE_ADAPTER,
        Action.SET_VLAN,
    }
)


def may_end_services(step: Step, *, is_undo: bool = False) -> bool:
    """Whether a step on an existing VM may end what its guest does for VMs of others.

    So does the undo of a step that adds an adapter, or that started a VM which was off.
    """
    if step.target.kind is not TargetKind.VM or step.creates:
        return False
    if step.action in _ON_ADAPTERS:
        return is_undo or step.action is not Action.ADD_ADAPTER
    return step.ends_services and step.action is (Action.START_VM if is_undo else Action.STOP_VM)


def ending_services(machine: PlannedMachine, step: Step, stopped: Collection[str]) -> Step:
    """Return a step that has `ends_services` where it, or its undo, ends all that a guest does.

    `stopped` has the names of the VMs that the plan stops. The outside adapter of a NAT that the
    file does not have is not known: it may be any.
    """
    if step.target.kind is not TargetKind.VM or step.creates:
        return step
    name = step.target.name
    wanted = next((each for each in machine.wanted.vms if same_name(each.name, name)), None)
    if step.action is Action.STOP_VM:
        ends = wanted is not None and wanted.state == "Off"
    elif step.action is Action.START_VM:
        ends = name not in stopped
    else:
        ends = step.action in _ON_ADAPTERS and _may_be_outside(machine, step, wanted)
    return replace(step, ends_services=True) if ends else step


def _may_be_outside(machine: PlannedMachine, step: Step, wanted: VM | None) -> bool:
    if wanted is None or wanted.nat is None:
        return True
    outside = wanted.outside_adapter
    ids, current = selected_ids(step), machine.vm(wanted.name)
    adapters = current.network_adapters if current else ()
    names = {
        step.subject.partition("/")[2],
        *(each.switch_name for each in adapters if each.id in ids),
    }
    return any(
        same_name(each, name)
        for each in (wanted.nat.outside, outside.name if outside else "")
        for name in names
    )


def ended_part(step: Step, vm: VirtualMachineState, found: Served) -> Served:
    """Return those of the VMs of others that a guest serves for which a step on its VM ends that.

    An adapter of a router serves those on its switch; the outside one, all behind its NAT.
    """
    if step.action not in _ON_ADAPTERS:
        return found
    ids = selected_ids(step)
    switches = {each.switch_id for each in vm.network_adapters if each.id in ids}
    if not any(switches):
        return Served()
    return found.on(switches, translated=step.ends_services)


def ended_by_step(machine: PlannedMachine, step: Step) -> Served:
    """Return the VMs of others that a VM does not serve after a step on it."""
    if not may_end_services(step):  # most steps: no search in a host of many VMs for them
        return Served()
    vm = next((each for each in machine.hyper_v.vms if each.id == step.target.id), None)
    if vm is None:
        return Served()
    return ended_part(step, vm, removed_services(machine, vm))


def ended_by_seed(machine: PlannedMachine, vm: VM, current: VirtualMachineState) -> Served:
    """Return the VMs of others that a Linux guest, set up as in the file, does not serve any more.

    Without a seed disk it does nothing for others. `vm` has MAC addresses (`with_static_macs`).
    """
    topology, path = machine.topology, (*machine.path, vm.name)
    on_switches = others_on_switches(machine.state.hyper_v, topology, current)
    if not any(others for _, others in on_switches.values()):
        return Served()
    before = made_services(machine.read_made_entries(), path, current, topology)
    macs = {each.name: plain_mac(each.mac_address or "") for each in vm.network_adapters}
    after = declared_services(vm) if vm.has_seed else GuestServices()
    after = replace(after, serves=frozenset(macs[each] for each in after.serves))
    return ended_services(current, before, after, topology, on_switches)


def without_forwarding(machine: PlannedMachine, step: Step) -> Step:
    """Return the step that ends the forwarding of a guest, with the VMs of others that need it.

    Raises PlanRefused for them if the user does not consent to disconnect others.
    """
    above, vm = machine.states.get(machine.path[:-1]), machine.as_vm
    if above is None or vm is None or vm.id in machine.unmarked:
        return step
    topology = machine.topology
    on_switches = others_on_switches(above.hyper_v, topology, vm)
    before = observed_services(machine.state, topology, machine.path)
    after = replace(before, forwards=False)
    ended = ended_services(vm, before, after, topology, on_switches)
    return respecting_served(machine, machine.path, step, ended)


def respecting_served(
    machine: PlannedMachine, vm: MachinePath, step: Step, ended: Served, change: str = ""
) -> Step:
    """Return a step after which a guest does not serve VMs of others any more: it names them.

    `change` is its title where it is not the guest that the file sets up in another way. Raises
    PlanRefused if the user does not consent to disconnect others.
    """
    if not ended.ids:
        return step
    if not machine.disconnect_others:
        _refuse_guest_in_use(machine, vm, ended, change)
        return step
    hazard = Hazard.MAY_CUT_CONNECTION if step.hazard is Hazard.NONE else step.hazard
    ids = (*step.disconnects, *ended.ids)
    return replace(step, why=step.why + ended.clause, hazard=hazard, disconnects=ids)


def _refuse_guest_in_use(
    machine: PlannedMachine, vm: MachinePath, ended: Served, change: str
) -> None:
    """Raise PlanRefused for a change of a VM, or of its Linux guest, that VMs of others use.

    `change` is the title of the step on the VM. In a run, the step looks again instead.
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
    finding = Finding(code, "error", path_text(vm), message, hint)
    raise PlanRefused(Findings([finding]))
