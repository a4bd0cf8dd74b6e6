"""Removing what a topology created, and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from nestlab.errors import PlanRefused
from nestlab.model import HOST, Cmdlet, Finding, Findings, MachinePath, SwitchParameter
from nestlab.model.ownership import (
    is_left_behind,
    is_marked,
    is_ours_by_name,
    nat_name,
    why_not_ours,
)
from nestlab.model.spelling import same_name
from nestlab.model.state import (
    DhcpScopeState,
    HostState,
    NetworkAdapterState,
    SwitchState,
    VirtualMachineState,
    expected_management_alias,
)
from nestlab.model.topology import Topology
from nestlab.plan.cmdlet_targets import on_switch, on_vm, switch_target, vm_target
from nestlab.plan.disk_removal import remove_disks, unique_subject
from nestlab.plan.in_use import (
    disconnect_cmdlets,
    disk_uses,
    extra_management_adapters,
    other_vms_on,
    why_switch_is_kept,
    why_vm_is_kept,
)
from nestlab.plan.kept_by_destroy import kept_by_destroy
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.management_adapter_steps import own_adapters_on, removal_steps
from nestlab.plan.plan import Plan
from nestlab.plan.planned_machine import PlannedMachine, planned_machine
from nestlab.plan.step import Hazard, Planned, Step, StepTarget, Unchanged
from nestlab.plan.vm_steps import stop_before_removal


def plan_destroy(
    topology: Topology, states: Mapping[MachinePath, HostState], *, disconnect_others: bool = False
) -> Plan:
    """Return the plan that removes everything with the mark of the topology, and its disks.

    What is inside the VMs is removed with them. Disks are deleted where nestlab created them, but
    never parents, or disks that the topology names by path. What others use is kept, and the plan
    says so: parents of their disks, switches that they are connected to (unless
    `disconnect_others`) with everything that serves these.
    """
    state = states.get(HOST)
    if state is None or state.hyper_v is None:
        message, hint = "Hyper-V does not answer on the host", "`nestlab check` says why."
        raise PlanRefused(Findings([Finding("hyper-v-missing", "error", "host", message, hint)]))
    machine = planned_machine(topology, HOST, topology, state)
    return Plan.of(
        topology.name,
        state.host,
        _steps(machine, disconnect_others=disconnect_others),
        states={HOST: state},
    )


def _steps(machine: PlannedMachine, *, disconnect_others: bool) -> Iterator[Planned]:
    name = machine.topology
    removed_ids = removable_vm_ids(
        machine, (vm for vm in machine.hyper_v.vms_of(name) if is_marked(vm.notes, name))
    )
    named = {wanted.name.casefold() for wanted in machine.wanted.vms}
    for vm in machine.hyper_v.vms:
        if is_marked(vm.notes, name):
            yield from remove_vm(machine, vm, removed_ids)
        elif vm.name.casefold() in named:
            note = (
                "; an interrupted run did not mark it: the next apply marks it"
                if is_left_behind(vm, name)
                else ""
            )
            yield Unchanged(f"VM {vm.name}", f"it {why_not_ours(vm.notes, name)}{note}")
    yield from remove_disks(machine, removed_ids)
    # NAT, then its address, then its switch: in this order nothing is in use when it is removed.
    yield from (
        remove_nat(machine, nat.name, disconnect_others=disconnect_others)
        for nat in machine.state.nats
        if is_ours_by_name(nat.name, name)
    )
    yield from (
        remove_scope(machine, scope, disconnect_others=disconnect_others)
        for scope in machine.state.dhcp_scopes
        if is_ours_by_name(scope.name, name)
    )
    used = {
        found.id
        for wanted in machine.wanted.switches
        if wanted.existing
        for found in machine.hyper_v.existing_switches(wanted)
    }
    for switch in machine.hyper_v.switches:
        if switch.id in used:
            yield Unchanged(
                f"switch {switch.name}", "it is an existing switch in the file, and is kept"
            )
        elif is_marked(switch.notes, name):
            yield from remove_switch(
                machine, switch, removed_ids, disconnect_others=disconnect_others
            )
        elif any(same_name(switch.name, wanted.name) for wanted in machine.wanted.switches):
            yield Unchanged(f"switch {switch.name}", f"it {why_not_ours(switch.notes, name)}")
    yield from kept_by_destroy(machine)


def removable_vm_ids(machine: PlannedMachine, vms: Iterable[VirtualMachineState]) -> frozenset[str]:
    """Return the Ids of the VMs that can be removed without damage to disks of others."""
    uses, removed_ids = disk_uses(machine.hyper_v), frozenset(vm.id for vm in vms)
    while True:
        stay = {vm_id for vm_id in removed_ids if why_vm_is_kept(vm_id, uses, removed_ids)}
        if not stay:
            return removed_ids
        removed_ids -= stay


def remove_vm(
    machine: PlannedMachine, vm: VirtualMachineState, removed_ids: Collection[str]
) -> Iterator[Planned]:
    """Yield the removal of a VM with the topology's mark, in any state; its disks are kept.

    `removed_ids` are the Ids of the VMs that are removed with it.
    """
    if vm.id not in removed_ids:
        yield Unchanged(
            f"VM {vm.name}", why_vm_is_kept(vm.id, disk_uses(machine.hyper_v), removed_ids)
        )
        return
    yield machine.step(
        Action.REMOVE_VM,
        unique_subject(vm.name, vm.id, machine.hyper_v.vms_named(vm.name)),
        f"Remove the VM {vm.name}" + (", after stopping it" if stop_before_removal(vm) else ""),
        f"it carries the mark of {machine.topology} and is {vm.state}",
        *stop_before_removal(vm),
        on_vm(vm, Cmdlet("Remove-VM", {"Force": SwitchParameter.ON})),
        target=vm_target(vm),
        hazard=Hazard.DELETES_DATA,
    )


def _kept_with_switch(
    machine: PlannedMachine, target: StepTarget, subject: str, *, disconnect_others: bool
) -> Unchanged | None:
    switch = machine.switch(target.switch)
    if disconnect_others or switch is None or not _why_kept(machine, switch):
        return None
    return Unchanged(
        subject, f"kept: it serves the switch {switch.name}, which others are connected to"
    )


def remove_nat(machine: PlannedMachine, name: str, *, disconnect_others: bool = False) -> Planned:
    """Return the removal of a NAT with the name of the topology.

    It is kept where it serves a switch that is kept.
    """
    target = StepTarget(TargetKind.NAT, name, switch=name[len(nat_name(machine.topology, "")) :])
    kept = _kept_with_switch(machine, target, f"NAT {name}", disconnect_others=disconnect_others)
    return kept or machine.step(
        Action.REMOVE_NAT,
        name,
        f"Remove the NAT {name}",
        "this topology created it",
        Cmdlet("Remove-NetNat", {"Name": name, "Confirm": SwitchParameter.OFF}),
        target=target,
    )


def remove_scope(
    machine: PlannedMachine, scope: DhcpScopeState, *, disconnect_others: bool = False
) -> Planned:
    """Return the removal of a DHCP scope with the name of the topology.

    It is kept where it serves a switch that is kept.
    """
    identity, switch = str(scope.scope_id), scope.name[len(nat_name(machine.topology, "")) :]
    target = StepTarget(TargetKind.SCOPE, scope.name, identity, switch)
    kept = _kept_with_switch(
        machine, target, f"DHCP scope {scope.name}", disconnect_others=disconnect_others
    )
    return kept or machine.step(
        Action.REMOVE_SCOPE,
        scope.name,
        f"Remove the DHCP scope {scope.name}",
        "this topology created it",
        Cmdlet("Remove-DhcpServerv4Scope", {"ScopeId": identity, "Force": SwitchParameter.ON}),
        target=target,
    )


def _why_kept(machine: PlannedMachine, switch: SwitchState) -> str:
    """Return why a switch is kept: who else is connected to it; empty where it is removed."""
    own = [adapter.id for adapter in own_adapters_on(machine, switch)]
    return why_switch_is_kept(machine.hyper_v, switch, machine.topology, own)


def _others_on(
    machine: PlannedMachine, switch: SwitchState
) -> list[VirtualMachineState | NetworkAdapterState]:
    """Return the VMs and adapters on a switch that are not the topology's."""
    own = own_adapters_on(machine, switch)
    extra = extra_management_adapters(machine.hyper_v, switch)
    vms = other_vms_on(machine.hyper_v, switch, machine.topology)
    return [*vms, *(adapter for adapter in extra if adapter not in own)]


def remove_switch(
    machine: PlannedMachine,
    switch: SwitchState,
    removed_ids: Collection[str],
    *,
    disconnect_others: bool = False,
) -> Iterator[Planned]:
    """Yield the removal of a switch with the mark of the topology, its addresses first.

    It is kept where others are connected to it.
    """
    why = "" if disconnect_others else _why_kept(machine, switch)
    if why:
        yield Unchanged(f"switch {switch.name}", why)
        return
    others = _others_on(machine, switch)
    same = [other for other in machine.hyper_v.switches if same_name(other.name, switch.name)]
    yield from _own_addresses(machine, switch)
    yield from removal_steps(machine, switch)
    users = [
        vm
        for vm in machine.hyper_v.vms
        if vm.id in removed_ids and any(a.switch_id == switch.id for a in vm.network_adapters)
    ]
    yield machine.step(
        Action.REMOVE_SWITCH,
        unique_subject(switch.name, switch.id, same),
        f"Remove the {switch.switch_type} switch {switch.name}"
        + (f", which disconnects {', '.join(other.name for other in others)}" if others else ""),
        f"it carries the mark of {machine.topology}",
        *disconnect_cmdlets(machine.hyper_v, switch, machine.topology),
        on_switch(switch, Cmdlet("Remove-VMSwitch", {"Force": SwitchParameter.ON})),
        target=switch_target(switch),
        # The address of an External switch's management adapter moves back to the adapter below it.
        hazard=Hazard.MAY_CUT_CONNECTION
        if switch.switch_type == "External" or others
        else Hazard.NONE,
        needs=tuple(
            machine.step_id(
                Action.REMOVE_VM,
                unique_subject(user.name, user.id, machine.hyper_v.vms_named(user.name)),
            )
            for user in users
        ),
        disconnects=tuple(other.id for other in others),
    )


def _own_addresses(machine: PlannedMachine, switch: SwitchState) -> Iterator[Step]:
    """Yield the removal of the addresses that the machine has on an Internal switch."""
    if switch.switch_type != "Internal":
        return
    alias = expected_management_alias(machine.state, switch.name)
    interface = machine.interface(alias)
    for address in interface.ip_addresses if interface and not interface.dhcp else ():
        yield machine.step(
            Action.REMOVE_ADDRESS,
            f"{alias}/{address.ip}",
            f"Remove the address {address} from {alias}",
            "it is removed with its switch",
            Cmdlet(
                "Remove-NetIPAddress",
                {
                    "InterfaceAlias": alias,
                    "IPAddress": str(address.ip),
                    "Confirm": SwitchParameter.OFF,
                },
            ),
            target=StepTarget(TargetKind.ADDRESS, alias, switch=switch.name),
        )
