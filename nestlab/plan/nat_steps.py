"""Steps for the NATs of a machine's switches, and for their port forwards."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from ipaddress import IPv4Network

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.ownership import nat_name
from nestlab.model.state import NatState
from nestlab.model.topology import Switch
from nestlab.plan.entries_of_others import SwitchEntries, goes_with_it
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.nat_users import (
    also_translates,
    networks_of_others,
    vms_left_out,
    vms_of_others,
    why_nat_is_kept,
)
from nestlab.plan.plan_refusals import refuse_nat_in_use
from nestlab.plan.planned_machine import PlannedMachine, named, or_unchanged
from nestlab.plan.port_forward_steps import (
    Mapping,
    add_mapping,
    add_mapping_cmdlet,
    is_loss_to_others,
    kept_mapping,
    kept_mappings,
    lost_mappings,
    mapping_of,
    remove_mapping,
)
from nestlab.plan.step import Hazard, Planned, Remainder, Step, StepTarget
from nestlab.plan.unmarked import NOT_CREATED
from nestlab.texts import tr, translate


def nat_steps(machine: PlannedMachine, switch: Switch) -> Iterator[Planned]:
    """Yield the steps for the NAT of a switch and its port forwards."""
    if switch.nat is None:
        return
    current = _current(machine, switch)
    name = nat_name(machine.topology, switch.name)
    why = (
        f"{tr('a NAT translates {prefix}', prefix=switch.nat)}; {translate(NOT_CREATED)}"
        if machine.is_unmarked_switch(switch)
        else tr("the NAT {nat} translates {prefix}", nat=name, prefix=switch.nat)
    )
    yield from or_unchanged(
        tr("{machine}: NAT of {switch}", machine=machine.name, switch=switch.name),
        why,
        _changes(machine, switch, switch.nat, current),
    )


def nat_removal(machine: PlannedMachine, switch: Switch) -> Iterator[Planned]:
    """Yield the step that removes the NAT of a switch for which the file has none.

    It comes first, so that its network is free for another. Where it also translates for others,
    it is left over until the user consents to disconnect them.
    """
    current = _current(machine, switch)
    if switch.nat is not None or current is None:
        return
    mappings = (add_mapping_cmdlet(current.name, *mapping) for mapping in current.static_mappings)
    cut_off = _cut_off(machine, switch, current)
    if why := _why_left_over(machine, cut_off):
        yield Remainder(machine.path, f"NAT {current.name}", (str(current.internal_prefix), why))
        return
    yield machine.step(
        Action.REMOVE_NAT,
        current.name,
        tr(
            "Remove the NAT {nat} for {prefix}",
            nat=current.name,
            prefix=current.internal_prefix,
        ),
        tr("the file declares no NAT for {switch}", switch=switch.name)
        + also_translates(cut_off)
        + goes_with_it(machine.topology, lost_mappings(machine, switch.name, current)),
        remove_nat_cmdlet(current.name),
        target=StepTarget(TargetKind.NAT, current.name),
        hazard=Hazard.MAY_CUT_CONNECTION if cut_off else Hazard.NONE,
        undo=(new_nat_cmdlet(current.name, current.internal_prefix), *mappings),
    )


def nats_left_over(machine: PlannedMachine) -> tuple[tuple[NatState, str], ...]:
    """Return the NATs left over on switches for which the file has none, each with the reason.

    They also translate for others, so that `--prune` keeps them too.
    """
    without = (switch for switch in machine.own_switches if switch.nat is None)
    found = ((switch, _current(machine, switch)) for switch in without)
    reasons = ((nat, _why_left_over(machine, _cut_off(machine, s, nat))) for s, nat in found if nat)
    return tuple((nat, why) for nat, why in reasons if why)


def _why_left_over(machine: PlannedMachine, cut_off: list[str]) -> str:
    return "" if machine.disconnect_others else why_nat_is_kept(cut_off)


def _current(machine: PlannedMachine, switch: Switch) -> NatState | None:
    return named(machine.state.nats, nat_name(machine.topology, switch.name))


def _changes(
    machine: PlannedMachine, switch: Switch, prefix: IPv4Network, current: NatState | None
) -> Iterator[Step | Remainder]:
    name, mappings = (
        nat_name(machine.topology, switch.name),
        current.static_mappings if current else (),
    )
    kept = kept_mappings(machine, switch, current) if current else ()
    if current is None:
        yield _create(machine, switch, prefix)
    elif current.internal_prefix != prefix:
        # Set-NetNat cannot change the prefix: the NAT is removed with its mappings and created
        # again.
        yield _replace(machine, switch, prefix, current, kept)
        mappings = kept
    wanted = {mapping_of(forward) for forward in switch.port_forwards}
    for mapping in mappings:
        if mapping in kept:
            yield kept_mapping(machine, switch, mapping)
        elif mapping not in wanted:
            yield remove_mapping(machine, switch, name, mapping)
    for forward in switch.port_forwards:
        if mapping_of(forward) not in mappings:
            yield add_mapping(machine, switch, name, forward)


def new_nat_cmdlet(name: str, prefix: object) -> Cmdlet:
    """Return the cmdlet that creates a NAT for an internal network."""
    return Cmdlet("New-NetNat", {"Name": name, "InternalIPInterfaceAddressPrefix": str(prefix)})


def remove_nat_cmdlet(name: str) -> Cmdlet:
    """Return the cmdlet that removes a NAT."""
    return Cmdlet("Remove-NetNat", {"Name": name, "Confirm": SwitchParameter.OFF})


def _create(machine: PlannedMachine, switch: Switch, prefix: object) -> Step:
    name = nat_name(machine.topology, switch.name)
    return machine.step(
        Action.CREATE_NAT,
        switch.name,
        tr("Create the NAT {nat} for {prefix}", nat=name, prefix=prefix),
        tr("no NAT of this topology translates {prefix}", prefix=prefix),
        new_nat_cmdlet(name, prefix),
        target=StepTarget(TargetKind.NAT, name, switch=switch.name),
        creates=True,
        undo=(remove_nat_cmdlet(name),),
        needs=(machine.address_step(switch),),
    )


def _cut_off(
    machine: PlannedMachine, switch: Switch, current: NatState, new: IPv4Network | None = None
) -> list[str]:
    """Return the networks and VMs of others that a NAT would not translate after a change.

    VMs of others on the switch itself are among them: all of them, if there is no new prefix.
    """

    def translated(prefix: IPv4Network) -> list[str]:
        return networks_of_others(machine.state, prefix, machine.topology, switch.name)

    beside = SwitchEntries(machine, switch.name).state
    if new is None:
        own = vms_of_others(beside, machine.topology, switch.name)
        return [*own, *translated(current.internal_prefix)]
    still, before = translated(new), current.internal_prefix
    own = vms_left_out(beside, machine.topology, switch.name, before, new)
    return [*own, *(each for each in translated(before) if each not in still)]


def _replace(
    machine: PlannedMachine,
    switch: Switch,
    prefix: IPv4Network,
    current: NatState,
    kept: Collection[Mapping],
) -> Step:
    """Return the change of a NAT's prefix; the `kept` mappings are added again.

    Raises PlanRefused without consent, if others would lose translation or a mapping.
    """
    restored_mappings = [
        add_mapping_cmdlet(current.name, *mapping) for mapping in current.static_mappings
    ]
    cut_off = _cut_off(machine, switch, current, prefix)
    again = [mapping for mapping in kept if mapping[2] in prefix]
    lost = lost_mappings(machine, switch.name, current, again)
    costs = also_translates(cut_off) + goes_with_it(machine.topology, lost)
    if (cut_off or len(again) < len(kept)) and not machine.disconnect_others:
        refuse_nat_in_use(machine, switch.name, current, prefix, costs)
    is_used = cut_off or is_loss_to_others(machine, switch.name, current, again)
    agreed = machine.disconnect_others and is_used
    return machine.step(
        Action.REPLACE_NAT,
        switch.name,
        tr("Change the NAT {nat} to {prefix}", nat=current.name, prefix=prefix),
        tr("it translates {prefix}", prefix=current.internal_prefix) + costs,
        remove_nat_cmdlet(current.name),
        new_nat_cmdlet(current.name, prefix),
        *(add_mapping_cmdlet(current.name, *mapping) for mapping in again),
        target=StepTarget(TargetKind.NAT, current.name, switch=switch.name),
        hazard=Hazard.MAY_CUT_CONNECTION if agreed else Hazard.NONE,
        of_no_run=bool(lost) and not agreed,
        undo=(
            remove_nat_cmdlet(current.name),
            new_nat_cmdlet(current.name, current.internal_prefix),
            *restored_mappings,
        ),
        needs=(machine.address_step(switch),),
    )
