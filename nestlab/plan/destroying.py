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
)
from nestlab.model.topology import Topology
from nestlab.plan.cmdlet_targets import on_switch, on_vm, switch_target, vm_target
from nestlab.plan.disk_removal import numbered_subject, remove_disks
from nestlab.plan.in_use import (
    added_adapters,
    disconnect_others,
    disk_uses,
    others_on,
    why_switch_stays,
    why_vm_stays,
)
from nestlab.plan.kept_by_destroy import left_on_purpose
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.plan import Plan
from nestlab.plan.planned_machine import Site, own_alias
from nestlab.plan.step import Hazard, Planned, Step, StepTarget, Unchanged
from nestlab.plan.vm_steps import turn_off


def plan_destroy(
    topology: Topology, states: Mapping[MachinePath, HostState], *, cut_off: bool = False
) -> Plan:
    """Return what removes everything that carries the mark of the topology, and its disks.

    What is inside the VMs goes with them. Disks are deleted where nestlab made them, never parents
    nor disks that the topology names by path. What others use stays, and the plan says so:
    parents of their disks, switches that they are connected to (unless `cut_off`) with everything
    that serves these.
    """
    state = states.get(HOST)
    if state is None or state.hyper_v is None:
        finding = Finding(
            "hyper-v-missing",
            "error",
            "host",
            "Hyper-V does not answer on the host",
            "See what `check` says.",
        )
        raise PlanRefused(Findings([finding]))
    site = Site(topology=topology.name, path=HOST, wanted=topology, state=state)
    return Plan.of(topology.name, state.host, _steps(site, cut_off=cut_off), states={HOST: state})


def _steps(site: Site, *, cut_off: bool) -> Iterator[Planned]:
    name = site.topology
    going = going_of(site, (vm for vm in site.hyper_v.vms if is_marked(vm.notes, name)))
    named = {wanted.name.casefold() for wanted in site.wanted.vms}
    for vm in site.hyper_v.vms:
        if is_marked(vm.notes, name):
            yield from remove_vm(site, vm, going)
        elif vm.name.casefold() in named:
            way_out = (
                "; a run was interrupted before it marked it: apply marks it"
                if is_left_behind(vm, name)
                else ""
            )
            yield Unchanged(f"VM {vm.name}", f"it {why_not_ours(vm.notes, name)}{way_out}")
    yield from remove_disks(site, going)
    # NAT, then its address, then its switch: the order in which nothing is still in use.
    yield from (
        remove_nat(site, nat.name, cut_off=cut_off)
        for nat in site.state.nats
        if is_ours_by_name(nat.name, name)
    )
    yield from (
        remove_scope(site, scope, cut_off=cut_off)
        for scope in site.state.dhcp_scopes
        if is_ours_by_name(scope.name, name)
    )
    for switch in site.hyper_v.switches:
        if is_marked(switch.notes, name):
            yield from remove_switch(site, switch, going, cut_off=cut_off)
        elif any(same_name(switch.name, wanted.name) for wanted in site.wanted.switches):
            yield Unchanged(f"switch {switch.name}", f"it {why_not_ours(switch.notes, name)}")
    yield from left_on_purpose(site)


def going_of(site: Site, vms: Iterable[VirtualMachineState]) -> frozenset[str]:
    """Return the Ids of the VMs that can be removed without damage to disks of others."""
    there, going = disk_uses(site.hyper_v), frozenset(vm.id for vm in vms)
    while True:
        stay = {vm_id for vm_id in going if why_vm_stays(vm_id, there, going)}
        if not stay:
            return going
        going -= stay


def remove_vm(site: Site, vm: VirtualMachineState, going: Collection[str]) -> Iterator[Planned]:
    """Yield the removal of a VM with the topology's mark, whatever its state; its disks stay.

    `going`: what is removed with it.
    """
    if vm.id not in going:
        yield Unchanged(f"VM {vm.name}", why_vm_stays(vm.id, disk_uses(site.hyper_v), going))
        return
    yield site.step(
        Action.REMOVE_VM,
        numbered_subject(vm.name, vm.id, site.hyper_v.vms_named(vm.name)),
        f"Remove the VM {vm.name}" + (", after stopping it" if turn_off(vm) else ""),
        f"it carries the mark of {site.topology} and is {vm.state}",
        *turn_off(vm),
        on_vm(vm, Cmdlet("Remove-VM", {"Force": SwitchParameter.ON})),
        target=vm_target(vm),
        hazard=Hazard.DELETES_DATA,
    )


def _serves_a_kept_switch(
    site: Site, target: StepTarget, subject: str, *, cut_off: bool
) -> Unchanged | None:
    switch = site.switch(target.switch)
    if cut_off or switch is None or not why_switch_stays(site.hyper_v, switch, site.topology):
        return None
    return Unchanged(
        subject, f"kept: it serves the switch {switch.name}, which others are connected to"
    )


def remove_nat(site: Site, name: str, *, cut_off: bool = False) -> Planned:
    """Return the removal of a NAT with the name of the topology.

    It stays where it serves a switch that stays.
    """
    target = StepTarget(TargetKind.NAT, name, switch=name[len(nat_name(site.topology, "")) :])
    kept = _serves_a_kept_switch(site, target, f"NAT {name}", cut_off=cut_off)
    return kept or site.step(
        Action.REMOVE_NAT,
        name,
        f"Remove the NAT {name}",
        "this topology made it",
        Cmdlet("Remove-NetNat", {"Name": name, "Confirm": SwitchParameter.OFF}),
        target=target,
    )


def remove_scope(site: Site, scope: DhcpScopeState, *, cut_off: bool = False) -> Planned:
    """Return the removal of a DHCP scope with the name of the topology.

    It stays where it serves a switch that stays.
    """
    target = StepTarget(
        TargetKind.SCOPE,
        scope.name,
        str(scope.scope_id),
        scope.name[len(nat_name(site.topology, "")) :],
    )
    kept = _serves_a_kept_switch(site, target, f"DHCP scope {scope.name}", cut_off=cut_off)
    return kept or site.step(
        Action.REMOVE_SCOPE,
        scope.name,
        f"Remove the DHCP scope {scope.name}",
        "this topology made it",
        Cmdlet(
            "Remove-DhcpServerv4Scope",
            {"ScopeId": str(scope.scope_id), "Force": SwitchParameter.ON},
        ),
        target=target,
    )


def remove_switch(
    site: Site, switch: SwitchState, going: Collection[str], *, cut_off: bool = False
) -> Iterator[Planned]:
    """Yield the removal of a switch with the mark of the topology, its addresses first.

    It stays where others are connected to it.
    """
    why = "" if cut_off else why_switch_stays(site.hyper_v, switch, site.topology)
    if why:
        yield Unchanged(f"switch {switch.name}", why)
        return
    others: list[VirtualMachineState | NetworkAdapterState] = [
        *others_on(site.hyper_v, switch, site.topology)
    ]
    others += added_adapters(site.hyper_v, switch)
    same = [there for there in site.hyper_v.switches if same_name(there.name, switch.name)]
    yield from _own_addresses(site, switch)
    users = [
        vm
        for vm in site.hyper_v.vms
        if vm.id in going and any(a.switch_id == switch.id for a in vm.network_adapters)
    ]
    yield site.step(
        Action.REMOVE_SWITCH,
        numbered_subject(switch.name, switch.id, same),
        f"Remove the {switch.switch_type} switch {switch.name}"
        + (f", which cuts off {', '.join(other.name for other in others)}" if others else ""),
        f"it carries the mark of {site.topology}",
        *disconnect_others(site.hyper_v, switch, site.topology),
        on_switch(switch, Cmdlet("Remove-VMSwitch", {"Force": SwitchParameter.ON})),
        target=switch_target(switch),
        # The address of an External switch's management adapter moves back to the adapter below it.
        hazard=Hazard.MAY_CUT_CONNECTION
        if switch.switch_type == "External" or others
        else Hazard.NONE,
        needs=tuple(
            site.step_id(
                Action.REMOVE_VM,
                numbered_subject(user.name, user.id, site.hyper_v.vms_named(user.name)),
            )
            for user in users
        ),
        cuts_off=tuple(other.id for other in others),
    )


def _own_addresses(site: Site, switch: SwitchState) -> Iterator[Step]:
    """Yield the removal of the addresses that the machine has on an Internal switch."""
    if switch.switch_type != "Internal":
        return
    alias = own_alias(site.state, switch.name)
    interface = site.interface(alias)
    for address in interface.ip_addresses if interface and not interface.dhcp else ():
        yield site.step(
            Action.REMOVE_ADDRESS,
            f"{alias}/{address.ip}",
            f"Remove the address {address} from {alias}",
            "it goes with its switch",
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
