"""Removing what a topology created, and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from nestlab.dataclass import replace
from nestlab.errors import HostError, PlanRefused, UsageError
from nestlab.model import HOST, Cmdlet, Findings, MachinePath, SwitchParameter
from nestlab.model.ownership import (
    is_left_behind,
    is_marked,
    is_owned_by_name,
    why_not_owned,
)
from nestlab.model.spelling import same_name
from nestlab.model.state import CheckpointState, HostState, VirtualMachineState
from nestlab.model.topology import Topology
from nestlab.plan.bridged_vms import without_bridged_through
from nestlab.plan.cmdlet_targets import on_vm, vm_target
from nestlab.plan.disk_removal import remove_disks, unique_subject
from nestlab.plan.in_use import disk_uses, why_vm_is_kept
from nestlab.plan.kept_by_destroy import kept_by_destroy
from nestlab.plan.kinds import Action
from nestlab.plan.made_entries import ReadMadeEntries
from nestlab.plan.made_routes import ReadMadeRoutes
from nestlab.plan.others_inside import others_inside
from nestlab.plan.plan import Plan
from nestlab.plan.plan_refusals import no_hyper_v
from nestlab.plan.planned_machine import PlannedMachine, planned_machine
from nestlab.plan.route_removals import route_removals
from nestlab.plan.served_others import removal_clause, removed_services
from nestlab.plan.step import Hazard, Planned, Unchanged
from nestlab.plan.switch_removal import KeptSwitches, remove_nat, remove_scope, remove_switch
from nestlab.plan.vm_steps import stop_before_removal
from nestlab.texts import tr


def plan_destroy(
    topology: Topology,
    states: Mapping[MachinePath, HostState],
    *,
    disconnect_others: bool = False,
    delete_others: bool = False,
    credentials: Mapping[MachinePath, str] | None = None,
    unread: Mapping[MachinePath, HostError | UsageError] | None = None,
    read_made_routes: ReadMadeRoutes = tuple,
    read_made_entries: ReadMadeEntries = tuple,
) -> Plan:
    """Return the plan that removes everything with the mark of the topology, and its disks.

    What is inside the VMs is removed with them. Disks are deleted where nestlab created them, but
    never parents, or disks that the topology names by path. What others use is kept, and the plan
    says so: parents of their disks, switches that they are connected to (unless
    `disconnect_others`) with everything that serves these, nested hosts with others' VMs inside
    (unless `delete_others`). `states` has the host, and its nested hosts that answer; `credentials`
    are those of their guests, `unread` the errors of those that could not be read.
    `read_made_routes` reads the routes of the host that runs of the topology added,
    `read_made_entries` what they added to DHCP scopes and NATs.
    """
    state = states.get(HOST)
    if state is None or state.hyper_v is None:
        raise PlanRefused(Findings([no_hyper_v(state)]))
    machine = planned_machine(
        topology,
        HOST,
        topology,
        state,
        states=states,
        delete_others=delete_others,
        disconnect_others=disconnect_others,
        read_made_entries=read_made_entries,
    )
    machine = replace(machine, unread=unread or {})
    return Plan.of(
        topology.name,
        state.host,
        _steps(machine, read_made_routes, disconnect_others=disconnect_others),
        states=states,
        credentials=credentials or {},
        delete_others=delete_others,
    )


def _steps(
    machine: PlannedMachine, read_made_routes: ReadMadeRoutes, *, disconnect_others: bool
) -> Iterator[Planned]:
    name, hyper_v = machine.topology, machine.hyper_v
    own = [vm for vm in hyper_v.vms_of(name) if is_marked(vm.notes, name)]
    removed_ids = removable_vm_ids(machine, own)
    named = {wanted.name.casefold() for wanted in machine.wanted.vms}
    for vm in hyper_v.vms:
        if is_marked(vm.notes, name):
            yield from remove_vm(machine, vm, removed_ids)
        elif vm.name.casefold() in named:
            note = (
                tr("; an interrupted run did not mark it: the next apply marks it")
                if is_left_behind(vm, name)
                else ""
            )
            why = tr("it {why}", why=why_not_owned(vm.notes, name))
            yield Unchanged(f"VM {vm.name}", f"{why}{note}")
    yield from remove_disks(machine, removed_ids)
    kept_vms = tuple(vm for vm in own if vm.id not in removed_ids)
    kept = KeptSwitches(without_vms(machine, removed_ids), kept_vms, disconnect_others)
    routes = [*route_removals(machine, kept, read_made_routes)]
    yield from routes
    yield from _network_steps(machine, removed_ids, kept)
    yield from kept_by_destroy(kept, routes, read_made_routes)


def _network_steps(
    machine: PlannedMachine, removed_ids: Collection[str], kept: KeptSwitches
) -> Iterator[Planned]:
    """Yield NATs, then addresses, then switches: nothing is in use when it is removed."""
    name = machine.topology
    for nat in machine.state.nats:
        if is_owned_by_name(nat.name, name):
            yield remove_nat(nat, kept)
    for scope in machine.state.dhcp_scopes:
        if is_owned_by_name(scope.name, name):
            yield remove_scope(scope, kept)
    used = {
        found.id
        for wanted in machine.wanted.switches
        if wanted.existing
        for found in machine.hyper_v.existing_switches(wanted)
    }
    for switch in machine.hyper_v.switches:
        if switch.id in used:
            yield Unchanged(
                tr("switch {switch}", switch=switch.name),
                tr("it is an existing switch in the file, and is kept"),
            )
        elif is_marked(switch.notes, name):
            yield from remove_switch(switch, removed_ids, kept)
        elif any(same_name(switch.name, wanted.name) for wanted in machine.wanted.switches):
            yield Unchanged(
                tr("switch {switch}", switch=switch.name),
                tr("it {why}", why=why_not_owned(switch.notes, name)),
            )


def without_vms(machine: PlannedMachine, removed_ids: Collection[str]) -> PlannedMachine:
    """Return a machine without the VMs that are bridged through nested hosts which are removed."""
    vms = (vm for vm in machine.hyper_v.vms if vm.id in removed_ids)
    hyper_v = without_bridged_through(machine.hyper_v, tuple(vms))
    return replace(machine, state=replace(machine.state, hyper_v=hyper_v))


def removable_vm_ids(machine: PlannedMachine, vms: Iterable[VirtualMachineState]) -> frozenset[str]:
    """Return the Ids of the VMs that can be removed without damage to what others have.

    A removal may damage disks of other VMs. It also deletes others' VMs inside a nested host, and
    cuts off those that its guest serves, which need the user's consent.
    """
    uses = disk_uses(machine.hyper_v)
    removed_ids = frozenset(vm.id for vm in vms if not _why_others_keep(machine, vm))
    while True:
        stay = {vm_id for vm_id in removed_ids if why_vm_is_kept(vm_id, uses, removed_ids)}
        if not stay:
            return removed_ids
        removed_ids -= stay


def remove_vm(
    machine: PlannedMachine, vm: VirtualMachineState, removed_ids: Collection[str]
) -> Iterator[Planned]:
    """Yield the removal of a VM of the topology, in any state; its disks are kept.

    `removed_ids` are the Ids of the VMs that are removed with it. The step says which others' VMs
    are inside, and where that is not known.
    """
    if vm.id not in removed_ids:
        yield Unchanged(f"VM {vm.name}", why_vm_is_not_removed(machine, vm, removed_ids))
        return
    inside = others_inside(machine.path, vm, machine.topology, machine.states, machine.unread)
    why = (
        tr(
            "it carries the mark of {topology} and is {state}",
            topology=machine.topology,
            state=vm.state,
        )
        if is_marked(vm.notes, machine.topology)
        else tr(
            "an interrupted run of {topology} created it and did not mark it; it is {state}",
            topology=machine.topology,
            state=vm.state,
        )
    )
    yield machine.step(
        Action.REMOVE_VM,
        unique_subject(vm.name, vm.id, machine.hyper_v.vms_named(vm.name)),
        tr("Remove the VM {vm}, after stopping it", vm=vm.name)
        if stop_before_removal(vm)
        else tr("Remove the VM {vm}", vm=vm.name),
        "; ".join(filter(None, (why, inside.deleted_text, checkpoints_text(machine, vm))))
        + removal_clause(machine, vm),
        *stop_before_removal(vm),
        on_vm(vm, Cmdlet("Remove-VM", {"Force": SwitchParameter.ON})),
        target=vm_target(vm),
        hazard=Hazard.DELETES_DATA,
        deletes=(*inside.ids, *(each.id for each in _checkpoints_of_others(machine, vm))),
        disconnects=removed_services(machine, vm).ids,
    )


def checkpoints_text(machine: PlannedMachine, vm: VirtualMachineState) -> str:
    """Return which checkpoints of a VM, that nestlab did not take, are removed with it."""
    return removed_checkpoints_text([each.name for each in _checkpoints_of_others(machine, vm)])


def _checkpoints_of_others(
    machine: PlannedMachine, vm: VirtualMachineState
) -> list[CheckpointState]:
    return [
        each for each in vm.checkpoints or () if not is_owned_by_name(each.name, machine.topology)
    ]


def unnamed_checkpoints_text(names: Collection[str]) -> str:
    """Return why a VM is kept that has checkpoints of others which no plan named."""
    return tr(
        "kept: its checkpoints that are not this topology's, and that the plan does not name, would be removed with it: {names}",
        names=", ".join(names),
    )


def removed_checkpoints_text(others: Collection[str]) -> str:
    """Return which checkpoints of others are removed with a VM; empty if there are none."""
    if not others:
        return ""
    return tr(
        "its checkpoints that are not this topology's are removed with it: {names}",
        names=", ".join(others),
    )


def why_vm_is_not_removed(
    machine: PlannedMachine, vm: VirtualMachineState, removed_ids: Collection[str]
) -> str:
    """Return why a VM is not removed: others' VMs inside, or damage to their disks."""
    damage = why_vm_is_kept(vm.id, disk_uses(machine.hyper_v), removed_ids)
    return _why_others_keep(machine, vm) or damage


def _why_others_keep(machine: PlannedMachine, vm: VirtualMachineState) -> str:
    """Return why others' VMs keep a VM: inside it, or served by its guest; empty if none is."""
    inside = others_inside(machine.path, vm, machine.topology, machine.states, machine.unread)
    why = "" if machine.delete_others else inside.kept_text
    return why or ("" if machine.disconnect_others else removed_services(machine, vm).why_kept)
