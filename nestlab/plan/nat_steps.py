"""Steps for the NATs of a machine's switches, and for their port forwards."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.ownership import nat_name
from nestlab.model.state import NatState
from nestlab.model.topology import PortForward, Switch
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
        tr("the file declares no NAT for {switch}", switch=switch.name) + also_translates(cut_off),
        remove_nat_cmdlet(current.name),
        target=StepTarget(TargetKind.NAT, current.name),
        hazard=Hazard.MAY_CUT_CONNECTION if cut_off else Hazard.NONE,
        undo=(new_nat_cmdlet(current.name, current.internal_prefix), *mappings),
    )


def nats_left_over(machine: PlannedMachine) -> tuple[tuple[NatState, str], ...]:
    """Return the NATs of switches for which the file has none, that are left over; each with why.

    They also translate for others, and stay with `--prune` too.
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
) -> Iterator[Step]:
    name = nat_name(machine.topology, switch.name)
    mappings = current.static_mappings if current else ()
    if current is None:
        yield _create(machine, switch, prefix)
    elif current.internal_prefix != prefix:
        # Set-NetNat cannot change the prefix: the NAT is removed with its mappings and created
        # again.
        yield _replace(machine, switch, prefix, current)
        mappings = ()
    wanted = {_mapping_of(forward) for forward in switch.port_forwards}
    for mapping in mappings:
        if mapping not in wanted:
            yield _remove_mapping(machine, switch, name, mapping)
    for forward in switch.port_forwards:
        if _mapping_of(forward) not in mappings:
            yield _add_mapping(machine, switch, name, forward)


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
        needs=(machine.step_id(Action.SET_ADDRESS, machine.management_alias(switch)),),
    )


def _cut_off(
    machine: PlannedMachine, switch: Switch, current: NatState, new: IPv4Network | None = None
) -> list[str]:
    """Return what a NAT translates for others, and would not after the change.

    These are also VMs of others on the switch itself: without a new prefix, all of them.
    """

    def translated(prefix: IPv4Network) -> list[str]:
        return networks_of_others(machine.state, prefix, machine.topology, switch.name)

    if new is None:
        own = vms_of_others(machine.state, machine.topology, switch.name)
        return [*own, *translated(current.internal_prefix)]
    still, before = translated(new), current.internal_prefix
    own = vms_left_out(machine.state, machine.topology, switch.name, before, new)
    return [*own, *(each for each in translated(before) if each not in still)]


def _replace(
    machine: PlannedMachine, switch: Switch, prefix: IPv4Network, current: NatState
) -> Step:
    restored_mappings = [
        add_mapping_cmdlet(current.name, *mapping) for mapping in current.static_mappings
    ]
    cut_off = _cut_off(machine, switch, current, prefix)
    if cut_off and not machine.disconnect_others:
        refuse_nat_in_use(machine, switch.name, current, prefix, also_translates(cut_off))
    return machine.step(
        Action.REPLACE_NAT,
        switch.name,
        tr("Change the NAT {nat} to {prefix}", nat=current.name, prefix=prefix),
        tr("it translates {prefix}", prefix=current.internal_prefix) + also_translates(cut_off),
        remove_nat_cmdlet(current.name),
        new_nat_cmdlet(current.name, prefix),
        target=StepTarget(TargetKind.NAT, current.name, switch=switch.name),
        hazard=Hazard.MAY_CUT_CONNECTION if cut_off else Hazard.NONE,
        undo=(
            remove_nat_cmdlet(current.name),
            new_nat_cmdlet(current.name, current.internal_prefix),
            *restored_mappings,
        ),
    )


_Mapping = tuple[str, int, object, int]


def _mapping_of(forward: PortForward) -> _Mapping:
    return (forward.protocol.upper(), forward.external_port, forward.to_address, forward.to_port)


def add_mapping_cmdlet(
    name: str, protocol: str, external_port: int, address: object, port: int
) -> Cmdlet:
    """Return the cmdlet that forwards a port of all addresses of a NAT to an internal address."""
    return Cmdlet(
        "Add-NetNatStaticMapping",
        {
            "NatName": name,
            "Protocol": protocol,
            "ExternalIPAddress": "0.0.0.0",  # noqa: S104  # every address of the machine, as New-NetNat has no external prefix
            "ExternalPort": external_port,
            "InternalIPAddress": str(address),
            "InternalPort": port,
        },
    )


def _remove_mapping_cmdlet(name: str, protocol: str, external_port: int) -> Cmdlet:
    # A mapping's StaticMappingID changes when it is created again; its identity is protocol and
    # external port.
    by_protocol = Cmdlet(
        "Where-Object",
        {"Property": "Protocol", "EQ": SwitchParameter.ON, "Value": protocol},
        _remove_from_pipeline(),
    )
    by_port = Cmdlet(
        "Where-Object",
        {"Property": "ExternalPort", "EQ": SwitchParameter.ON, "Value": external_port},
        by_protocol,
    )
    return Cmdlet("Get-NetNatStaticMapping", {"NatName": name}, by_port)


def _remove_from_pipeline() -> Cmdlet:
    return Cmdlet("Remove-NetNatStaticMapping", {"Confirm": SwitchParameter.OFF})


def _add_mapping(machine: PlannedMachine, switch: Switch, name: str, forward: PortForward) -> Step:
    protocol = forward.protocol.lower()
    return machine.step(
        Action.FORWARD_PORT,
        f"{forward.protocol.lower()}/{forward.external_port}",
        tr(
            "Forward {protocol} port {port} of {machine} to {address}:{to_port}",
            protocol=protocol,
            port=forward.external_port,
            machine=machine.name,
            address=forward.to_address,
            to_port=forward.to_port,
        ),
        tr(
            "the NAT {nat} does not forward {protocol} port {port}",
            nat=name,
            protocol=protocol,
            port=forward.external_port,
        ),
        add_mapping_cmdlet(name, *_mapping_of(forward)),
        target=StepTarget(TargetKind.NAT, name, switch=switch.name),
        undo=(_remove_mapping_cmdlet(name, forward.protocol.upper(), forward.external_port),),
        needs=(
            machine.step_id(Action.CREATE_NAT, switch.name),
            machine.step_id(Action.REPLACE_NAT, switch.name),
        ),
    )


def _remove_mapping(machine: PlannedMachine, switch: Switch, name: str, mapping: _Mapping) -> Step:
    protocol, external_port, address, port = mapping
    return machine.step(
        Action.REMOVE_PORT_FORWARD,
        f"{protocol.lower()}/{external_port}",
        tr(
            "Stop forwarding {protocol} port {port} of {machine}",
            protocol=protocol.lower(),
            port=external_port,
            machine=machine.name,
        ),
        tr("the topology does not forward it to {address}:{port}", address=address, port=port),
        _remove_mapping_cmdlet(name, protocol, external_port),
        target=StepTarget(TargetKind.NAT, name, switch=switch.name),
        undo=(add_mapping_cmdlet(name, *mapping),),
    )
