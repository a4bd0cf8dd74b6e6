"""Steps for the port forwards of a NAT: its static mappings."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Address

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.state import NatState
from nestlab.model.topology import PortForward, Switch
from nestlab.plan.entries_of_others import SwitchEntries, forward_text, on_switch_text
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.made_entries import MadeEntry, port_forward
from nestlab.plan.plan_refusals import refuse_taken_entry
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Remainder, Step, StepTarget
from nestlab.texts import tr

Mapping = tuple[str, int, IPv4Address, int]


def mapping_of(forward: PortForward) -> Mapping:
    """Return a port forward of the file as a mapping, as `NatState` has them."""
    return (forward.protocol.upper(), forward.external_port, forward.to_address, forward.to_port)


def kept_mappings(
    machine: PlannedMachine, switch: Switch, current: NatState
) -> tuple[Mapping, ...]:
    """Return the mappings of others, which are kept.

    One with a port that the file forwards is not kept if no VM of others may use it; otherwise
    PlanRefused is raised.
    """
    ports = {mapping_of(forward)[:2] for forward in switch.port_forwards}
    kept = []
    for mapping in _undeclared(switch, current):
        entries = _entries(machine, switch.name, mapping)
        is_taken = mapping[:2] in ports
        if entries.keeps(_entry(machine, current, mapping), replaced=is_taken):
            if is_taken:
                _refuse_port(entries, current, mapping)
            kept.append(mapping)
    return tuple(kept)


def _entries(machine: PlannedMachine, switch: str, mapping: Mapping) -> SwitchEntries:
    return SwitchEntries(machine, switch, mapping[2])


def kept_mapping(machine: PlannedMachine, switch: Switch, mapping: Mapping) -> Remainder:
    """Return the item of a plan about a mapping of others, which is kept."""
    subject = on_switch_text(forward_text(*mapping), switch.name)
    return _entries(machine, switch.name, mapping).kept(subject)


def _refuse_port(entries: SwitchEntries, nat: NatState, kept: Mapping) -> None:
    """Raise PlanRefused for a forward in the file with the port of a kept mapping."""
    message = tr(
        "forwards {protocol} port {port}, for which its NAT {nat} has another entry: {entry}",
        protocol=kept[0].lower(),
        port=kept[1],
        nat=nat.name,
        entry=forward_text(*kept),
    )
    refuse_taken_entry(entries.machine, entries.switch, message, entries.why_kept)


def _undeclared(switch: Switch | None, current: NatState) -> list[Mapping]:
    """Return the mappings of a NAT that the file does not have."""
    forwards = switch.port_forwards if switch and switch.nat else ()
    wanted = {mapping_of(forward) for forward in forwards}
    return [mapping for mapping in current.static_mappings if mapping not in wanted]


def _entry(machine: PlannedMachine, nat: NatState, mapping: Mapping) -> MadeEntry:
    return port_forward(machine.path, nat.name, mapping)


def lost_mappings(
    machine: PlannedMachine, switch: str, current: NatState, kept: Collection[Mapping] = ()
) -> list[str]:
    """Return the mappings that no run made and that are lost with a NAT, without those `kept`.

    `switch` is the name of the switch that it serves, which the file may not have.
    """
    return [forward_text(*mapping) for mapping in _lost(machine, switch, current, kept)]


def is_loss_to_others(
    machine: PlannedMachine, switch: str, current: NatState, kept: Collection[Mapping] = ()
) -> bool:
    """Whether others may use one of the `lost_mappings`."""
    lost = _lost(machine, switch, current, kept)
    return any(_entries(machine, switch, mapping).users for mapping in lost)


def _lost(
    machine: PlannedMachine, switch: str, current: NatState, kept: Collection[Mapping]
) -> list[Mapping]:
    entries = SwitchEntries(machine, switch)
    return [
        mapping
        for mapping in _undeclared(machine.own_switch(switch), current)
        if mapping not in kept and entries.is_of_no_run(_entry(machine, current, mapping))
    ]


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


def remove_mapping_cmdlet(name: str, protocol: str, external_port: int) -> Cmdlet:
    """Return the cmdlet that stops forwarding a port by a NAT."""
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


def add_mapping(machine: PlannedMachine, switch: Switch, name: str, forward: PortForward) -> Step:
    """Return the step that forwards a port, by the NAT with this name."""
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
        add_mapping_cmdlet(name, *mapping_of(forward)),
        target=StepTarget(TargetKind.NAT, name, switch=switch.name),
        undo=(remove_mapping_cmdlet(name, forward.protocol.upper(), forward.external_port),),
        needs=(
            machine.step_id(Action.CREATE_NAT, switch.name),
            machine.step_id(Action.REPLACE_NAT, switch.name),
        ),
    )


def remove_mapping(machine: PlannedMachine, switch: Switch, name: str, mapping: Mapping) -> Step:
    """Return the step that stops forwarding a port, which the file does not have."""
    protocol, external_port, address, port = mapping
    entries = _entries(machine, switch.name, mapping)
    entry = port_forward(machine.path, name, mapping)
    return machine.step(
        Action.REMOVE_PORT_FORWARD,
        f"{protocol.lower()}/{external_port}",
        tr(
            "Stop forwarding {protocol} port {port} of {machine}",
            protocol=protocol.lower(),
            port=external_port,
            machine=machine.name,
        ),
        tr("the topology does not forward it to {address}:{port}", address=address, port=port)
        + entries.of_no_run(entry),
        remove_mapping_cmdlet(name, protocol, external_port),
        target=StepTarget(TargetKind.NAT, name, switch=switch.name),
        undo=(add_mapping_cmdlet(name, *mapping),),
        **entries.removal(entry),
    )
