"""Steps for the NAT of a Windows guest that is a router.

WinNAT translates what is sent from its prefix, and leaves by any other adapter of the machine: it
takes no outside adapter (https://learn.microsoft.com/powershell/module/netnat/new-netnat).
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from nestlab.constants import PRODUCT_WORKSTATION
from nestlab.model import Cmdlet
from nestlab.model.ownership import nat_name
from nestlab.model.state import NatState
from nestlab.model.topology import VM
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.nat_steps import new_nat_cmdlet, remove_nat_cmdlet
from nestlab.plan.planned_machine import PlannedMachine, named, or_unchanged
from nestlab.plan.port_forward_steps import add_mapping_cmdlet
from nestlab.plan.step import Planned, Step, StepTarget
from nestlab.texts import tr


def guest_nat_steps(machine: PlannedMachine, vm: VM) -> Iterator[Planned]:
    """Yield the steps for the NAT of a guest that has the cmdlets for it.

    In a guest with Hyper-V, the NAT that the file no longer has is in the remainder.
    """
    current = named(machine.state.nats, nat_name(machine.topology, vm.name))
    if vm.nat is None:
        if current is not None and machine.state.hyper_v is None:
            yield _remove(machine, current)
        return
    if machine.state.computer.product_type == PRODUCT_WORKSTATION:
        return  # guest-nat-needs-server reports it
    name, inside = nat_name(machine.topology, vm.name), vm.nat.inside
    yield from or_unchanged(
        tr("{machine}: NAT", machine=machine.name),
        tr("the NAT {nat} translates {prefix}", nat=name, prefix=inside),
        _changes(machine, name, inside, current),
    )


def _changes(
    machine: PlannedMachine, name: str, inside: IPv4Network, current: NatState | None
) -> Iterator[Step]:
    if current is not None and current.internal_prefix == inside:
        return
    yield _replace(machine, inside, current) if current else _create(machine, name, inside)


def _create(machine: PlannedMachine, name: str, inside: IPv4Network) -> Step:
    return machine.step(
        Action.CREATE_NAT,
        machine.name,
        tr("Create the NAT {nat} for {prefix}", nat=name, prefix=inside),
        tr("no NAT of this topology translates {prefix}", prefix=inside),
        new_nat_cmdlet(name, inside),
        target=StepTarget(TargetKind.NAT, name),
        creates=True,
        undo=(remove_nat_cmdlet(name),),
    )


def _replace(machine: PlannedMachine, inside: IPv4Network, current: NatState) -> Step:
    return machine.step(
        Action.REPLACE_NAT,
        machine.name,
        tr("Change the NAT {nat} to {prefix}", nat=current.name, prefix=inside),
        tr("it translates {prefix}", prefix=current.internal_prefix),
        remove_nat_cmdlet(current.name),
        new_nat_cmdlet(current.name, inside),
        target=StepTarget(TargetKind.NAT, current.name),
        undo=(remove_nat_cmdlet(current.name), *_again(current)),
    )


def _remove(machine: PlannedMachine, current: NatState) -> Step:
    return machine.step(
        Action.REMOVE_NAT,
        current.name,
        tr("Remove the NAT {nat} for {prefix}", nat=current.name, prefix=current.internal_prefix),
        tr("the file declares no NAT for {machine}", machine=machine.name),
        remove_nat_cmdlet(current.name),
        target=StepTarget(TargetKind.NAT, current.name),
        undo=_again(current),
    )


def _again(nat: NatState) -> tuple[Cmdlet, ...]:
    mappings = (add_mapping_cmdlet(nat.name, *mapping) for mapping in nat.static_mappings)
    return (new_nat_cmdlet(nat.name, nat.internal_prefix), *mappings)
