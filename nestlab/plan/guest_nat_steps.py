"""Steps for the NAT of a Windows guest that is a router.

WinNAT translates what is sent from its prefix, and leaves by any other adapter of the machine: it
takes no outside adapter (https://learn.microsoft.com/powershell/module/netnat/new-netnat). VMs of
others on the switch inside may use it, and forwards in it are never the topology's: a file has none
for a guest.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from nestlab.constants import PRODUCT_WORKSTATION
from nestlab.model import Cmdlet
from nestlab.model.ownership import nat_name
from nestlab.model.spelling import same_name
from nestlab.model.state import NatState
from nestlab.model.topology import VM
from nestlab.plan.entries_of_others import forward_text, goes_with_it
from nestlab.plan.guest_entries import cut_off_behind, why_forward_is_kept, why_forwards_are_kept
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.nat_steps import new_nat_cmdlet, remove_nat_cmdlet
from nestlab.plan.nat_users import also_translates, why_nat_is_kept
from nestlab.plan.plan_refusals import refuse_nat_in_use
from nestlab.plan.planned_machine import PlannedMachine, named, or_unchanged
from nestlab.plan.port_forward_steps import Mapping, add_mapping_cmdlet, remove_mapping_cmdlet
from nestlab.plan.step import Hazard, Planned, Remainder, Step, StepTarget
from nestlab.texts import tr


def guest_nat_steps(machine: PlannedMachine, vm: VM) -> Iterator[Planned]:
    """Yield the steps for the NAT of a guest that has the cmdlets for it.

    In a guest with Hyper-V, the NAT that the file no longer has is in the remainder.
    """
    current = named(machine.state.nats, nat_name(machine.topology, vm.name))
    if vm.nat is None:
        if current is not None and machine.state.hyper_v is None:
            yield _removal(machine, current)
        return
    if machine.state.computer.product_type == PRODUCT_WORKSTATION:
        return  # guest-nat-needs-server reports it
    name, inside = nat_name(machine.topology, vm.name), vm.nat.inside
    yield from or_unchanged(
        tr("{machine}: NAT", machine=machine.name),
        tr("the NAT {nat} translates {prefix}", nat=name, prefix=inside) + _not_read(machine),
        _changes(machine, name, inside, current),
    )


def _not_read(machine: PlannedMachine) -> str:
    """Return a clause about a NAT that Get-NetNat does not show; empty if there can be none.

    Routing and Remote Access has a NAT of its own, set with `netsh routing ip nat`
    (https://learn.microsoft.com/windows-server/remote/remote-access/remote-access).
    """
    if not any(same_name(each, _ROUTING) for each in machine.state.features):
        return ""
    return tr("; its role {role} may translate as well, which is not read", role=_ROUTING)


_ROUTING = "Routing"
"""The role service of Routing and Remote Access in Get-WindowsFeature."""


def _changes(
    machine: PlannedMachine, name: str, inside: IPv4Network, current: NatState | None
) -> Iterator[Step | Remainder]:
    if current is None:
        yield _create(machine, name, inside)
        return
    forwards = current.static_mappings
    if current.internal_prefix != inside:
        forwards = _again(machine, inside, current)
        yield _replace(machine, inside, current, forwards)
    for forward in forwards:
        yield _forward(machine, name, forward)


def _again(machine: PlannedMachine, inside: IPv4Network, current: NatState) -> tuple[Mapping, ...]:
    """Return the forwards that a NAT with another prefix gets again."""
    forwards = () if machine.disconnect_others else current.static_mappings
    return tuple(each for each in forwards if each[2] in inside)


def _forward(machine: PlannedMachine, name: str, forward: Mapping) -> Step | Remainder:
    """Return the item about a forward that others made: kept, or removed with consent."""
    protocol, port, *_ = forward
    if not machine.disconnect_others:
        why = why_forward_is_kept(machine.topology)
        return Remainder(machine.path, forward_text(*forward), (why,), of_others=True)
    return machine.step(
        Action.REMOVE_PORT_FORWARD,
        f"{protocol.lower()}/{port}",
        tr(
            "Stop forwarding {protocol} port {port} of {machine}",
            protocol=protocol.lower(),
            port=port,
            machine=machine.name,
        ),
        tr("the file has no port forwards for the NAT of a guest")
        + tr(
            "; no run of {topology} made it, as the journals here show", topology=machine.topology
        ),
        remove_mapping_cmdlet(name, protocol, port),
        target=StepTarget(TargetKind.NAT, name),
        hazard=Hazard.MAY_CUT_CONNECTION,
        undo=(add_mapping_cmdlet(name, *forward),),
    )


def _create(machine: PlannedMachine, name: str, inside: IPv4Network) -> Step:
    return machine.step(
        Action.CREATE_NAT,
        machine.name,
        tr("Create the NAT {nat} for {prefix}", nat=name, prefix=inside),
        tr("no NAT of this topology translates {prefix}", prefix=inside) + _not_read(machine),
        new_nat_cmdlet(name, inside),
        target=StepTarget(TargetKind.NAT, name),
        creates=True,
        undo=(remove_nat_cmdlet(name),),
    )


def _replace(
    machine: PlannedMachine, inside: IPv4Network, current: NatState, again: tuple[Mapping, ...]
) -> Step:
    """Return the change of a NAT's prefix; the forwards `again` are added again.

    Raises PlanRefused without consent, if others would lose translation or a forward.
    """
    cut_off = cut_off_behind(machine, current.internal_prefix, inside)
    lost = [forward_text(*each) for each in current.static_mappings if each not in again]
    costs = also_translates(cut_off) + goes_with_it(machine.topology, lost)
    if costs and not machine.disconnect_others:
        refuse_nat_in_use(machine, "", current, inside, costs)
    return machine.step(
        Action.REPLACE_NAT,
        machine.name,
        tr("Change the NAT {nat} to {prefix}", nat=current.name, prefix=inside),
        tr("it translates {prefix}", prefix=current.internal_prefix) + costs,
        remove_nat_cmdlet(current.name),
        new_nat_cmdlet(current.name, inside),
        *(add_mapping_cmdlet(current.name, *each) for each in again),
        target=StepTarget(TargetKind.NAT, current.name),
        hazard=_hazard(machine, costs),
        undo=(remove_nat_cmdlet(current.name), *_as_it_was(current)),
    )


def _hazard(machine: PlannedMachine, costs: str) -> Hazard:
    agreed = machine.disconnect_others and costs
    return Hazard.MAY_CUT_CONNECTION if agreed else Hazard.NONE


def _removal(machine: PlannedMachine, current: NatState) -> Step | Remainder:
    """Return the removal of a NAT that the file does not have, or why it is left over."""
    cut_off = cut_off_behind(machine, current.internal_prefix)
    lost = [forward_text(*each) for each in current.static_mappings]
    if (cut_off or lost) and not machine.disconnect_others:
        reasons = why_nat_is_kept(cut_off), why_forwards_are_kept(machine.topology, lost)
        holds = (str(current.internal_prefix), *filter(None, reasons))
        return Remainder(machine.path, f"NAT {current.name}", holds)
    costs = also_translates(cut_off) + goes_with_it(machine.topology, lost)
    return machine.step(
        Action.REMOVE_NAT,
        current.name,
        tr("Remove the NAT {nat} for {prefix}", nat=current.name, prefix=current.internal_prefix),
        tr("the file declares no NAT for {machine}", machine=machine.name) + costs,
        remove_nat_cmdlet(current.name),
        target=StepTarget(TargetKind.NAT, current.name),
        hazard=_hazard(machine, costs),
        undo=_as_it_was(current),
    )


def _as_it_was(nat: NatState) -> tuple[Cmdlet, ...]:
    mappings = (add_mapping_cmdlet(nat.name, *mapping) for mapping in nat.static_mappings)
    return (new_nat_cmdlet(nat.name, nat.internal_prefix), *mappings)
