"""Messages about an existing switch that is missing, and hints for creating one instead."""

from __future__ import annotations

from nestlab.model.topology import Switch, SwitchType
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.topology.places import SwitchPlace
from nestlab.texts import tr


def how_to_create(switch: Switch) -> str:
    """Return the hint on how to have nestlab create a switch of the declared type."""
    name = switch.name
    if switch.switch_type is SwitchType.EXTERNAL and not switch.net_adapters:
        return tr(
            "To have nestlab create {switch}, leave out existing and add net_adapter: the name of the adapter that it is to be bound to.",
            switch=name,
        )
    if switch.switch_type is SwitchType.INTERNAL and not switch.ip_address:
        return tr(
            "To have nestlab create {switch}, leave out existing and add ip_address, and nat or dhcp if wanted.",
            switch=name,
        )
    if switch.switch_type is not None:
        return tr("To have nestlab create {switch}, leave out existing.", switch=name)
    return tr(
        "To have nestlab create {switch}, leave out existing and write switch_type: Internal, with ip_address, and nat or dhcp if wanted.",
        switch=name,
    )


def on_a_server() -> str:
    """Return the hint for a missing Default Switch."""
    return tr(
        "On a server, give it another name, leave out existing and write switch_type: Internal, with ip_address, and nat or dhcp if wanted."
    )


def not_one(match: HostMatch, place: SwitchPlace, count: int, names: str) -> tuple[str, str]:
    """Return message and hint for a switch name that matches none or several of the machine.

    `names` are the switches that it has.
    """
    machine = match.machine_name
    if count:
        message = tr(
            "is declared as existing, but {machine} has {count} switches of this name",
            machine=machine,
            count=count,
        )
        return message, tr("Rename one of them, so that the name identifies one switch.")
    named = (
        tr("{vm} has no switch.", vm=machine) if match.place.path else tr("The host has no switch.")
    )
    if names:
        named = tr("Switches of {machine}: {switches}.", machine=machine, switches=names)
    if place.switch.is_default_switch:
        message = tr(
            "is declared as existing, but {machine} has no such switch: Windows clients have a Default Switch, servers have none",
            machine=machine,
        )
        return message, f"{named} {on_a_server()}"
    message = tr("is declared as existing, but {machine} has no such switch", machine=machine)
    return message, f"{named} {how_to_create(place.switch)}"
