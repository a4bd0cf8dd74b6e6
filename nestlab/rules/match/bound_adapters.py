"""Rules about the network adapters that External switches are bound to."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from nestlab.constants import (
    LBFO_TEAM,
    LBFO_UNSUPPORTED_FROM_BUILD,
    SWITCH_EMBEDDED_TEAMING,
    VIRTUAL_SWITCH,
)
from nestlab.model.finding import Finding
from nestlab.model.origin import KeyPath
from nestlab.model.ownership import is_marked
from nestlab.model.state import NetAdapterState, expected_management_alias
from nestlab.model.topology import DEFAULT_SWITCH, SwitchType
from nestlab.rules.evidence import why_unread
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.rules.topology.places import SwitchPlace
from nestlab.texts import tr

NET_ADAPTER_MISSING = Rule(
    code="net-adapter-missing",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="An External switch is bound to an adapter that the host does not have.",
    why="New-VMSwitch fails.",
    fix="Write the name of a physical adapter that Get-NetAdapter shows on the host.",
    example="Ethernet",
    source=VIRTUAL_SWITCH,
)


NET_ADAPTER_IN_USE = Rule(
    code="net-adapter-in-use",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="An External switch is bound to an adapter that another switch of the host already uses.",
    why="A network adapter carries one External switch.",
    fix="Use the switch that has the adapter: declare it with existing: true, and connect the VMs to it; or choose another adapter.",
    example="Intel(R) X710",
    source=VIRTUAL_SWITCH,
)


WIRELESS_UPLINK = Rule(
    code="wireless-uplink",
    severity="warning",
    looks_at=(Scope.MATCH,),
    meaning="An External switch is bound to a wireless adapter.",
    why="It carries only its own MAC address, so bridged VMs get no answer.",
    fix="Use a wired adapter, or an Internal switch with nat.",
    example="Intel(R) Wi-Fi 6",
    source=VIRTUAL_SWITCH,
)


NET_ADAPTER_DOWN = Rule(
    code="net-adapter-down",
    severity="warning",
    looks_at=(Scope.MATCH,),
    meaning="An External switch is bound to an adapter that has no link.",
    why="The VMs on it reach nothing outside the host.",
    fix="Connect its cable, or enable it.",
    example="Status Disconnected",
    source=VIRTUAL_SWITCH,
)


UPLINK_IS_A_TEAM = Rule(
    code="uplink-is-a-team",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="An External switch is to be bound to an LBFO team.",
    why="New-VMSwitch refuses LBFO teams on Windows Server 2022 and later; Switch Embedded Teaming (SET) replaces them.",
    fix="Remove the team (Remove-NetLbfoTeam), and write the name of one of its members.",
    example="Microsoft Network Adapter Multiplexor Driver",
    source=LBFO_TEAM,
)


TEAM_MEMBERS_DIFFER = Rule(
    code="team-members-differ",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="The adapters of a team are of different models.",
    why="Switch Embedded Teaming needs identical adapters: the same manufacturer, model and speed.",
    fix="Name adapters of one model, or a single adapter.",
    example="Intel(R) X710; Intel(R) I350",
    source=SWITCH_EMBEDDED_TEAMING,
)


@detects(
    TEAM_MEMBERS_DIFFER,
    NET_ADAPTER_MISSING,
    NET_ADAPTER_IN_USE,
    WIRELESS_UPLINK,
    NET_ADAPTER_DOWN,
    UPLINK_IS_A_TEAM,
)
def bound_net_adapters(match: HostMatch) -> Iterator[Finding]:
    """An External switch on an adapter that is missing, in use, wireless or without a link."""
    if match.place.path or why_unread(match.state, "netadapter"):
        # the adapters of a nested host are created, and named, by the topology
        return
    physical = [adapter for adapter in match.state.net_adapters if not adapter.virtual]
    for place in match.own_switches:
        if place.switch.switch_type is not SwitchType.EXTERNAL:
            continue
        members = []
        for name in place.switch.net_adapters:
            found = next((a for a in physical if a.name.casefold() == name.casefold()), None)
            if found is None:
                yield _missing_adapter(match, place, name, [a.name for a in physical])
            else:
                members.append(found)
                yield from _state_of(match, place, found, (*place.keys, "net_adapter"))
        models = {_model(member) for member in members}
        if len(models) > 1:
            keys = (*place.keys, "net_adapter")
            message = tr(
                "is bound to a team of {count} adapters of different models: {models}",
                count=len(members),
                models=", ".join(sorted(models)),
            )
            yield match.finding(
                TEAM_MEMBERS_DIFFER,
                place.subject,
                keys,
                message,
                evidence="; ".join(f"{a.name}: {a.interface_description}" for a in members),
            )


def _model(adapter: NetAdapterState) -> str:
    # Windows numbers adapters of the same model: "... #2".
    return re.sub(r" #\d+$", "", adapter.interface_description)


def _missing_adapter(
    match: HostMatch, place: SwitchPlace, name: str, physical: Collection[str]
) -> Finding:
    keys: KeyPath = (*place.keys, "net_adapter")
    switch = _switch_of(match, name)
    if switch:
        message = tr(
            "is bound to {name!r}, which belongs to switch {switch} of the host: a switch cannot be bound to another switch",
            name=name,
            switch=switch,
        )
        hint = tr(
            "Use that one: write {{name: {switch}, existing: true}} in place of this switch, and connect the VMs to {switch}.",
            switch=switch,
        )
    else:
        message = tr("is bound to adapter {name!r}, which the host does not have", name=name)
        hint = (
            tr("Physical adapters of the host: {adapters}.", adapters=", ".join(physical))
            if physical
            else tr("The host has no physical adapter.")
        )
    return match.finding(NET_ADAPTER_MISSING, place.subject, keys, message, hint=hint)


_DEFAULT_SWITCH_NAMES = (DEFAULT_SWITCH.casefold(), f"vEthernet ({DEFAULT_SWITCH})".casefold())


def _switch_of(match: HostMatch, name: str) -> str:
    """Return the switch of the host with this name or this management adapter; or empty.

    The Default Switch has another name in other languages, and its English one in files.
    """
    for switch in match.switches:
        if switch.is_default_switch and name.casefold() in _DEFAULT_SWITCH_NAMES:
            return DEFAULT_SWITCH
        if name.casefold() in (
            switch.name.casefold(),
            expected_management_alias(match.state, switch.name).casefold(),
        ):
            return switch.name
    return ""


def _state_of(
    match: HostMatch, place: SwitchPlace, adapter: NetAdapterState, keys: KeyPath
) -> Iterator[Finding]:
    owner = next(
        (
            switch
            for switch in match.switches
            if adapter.interface_description in switch.net_adapter_interface_descriptions
        ),
        None,
    )
    if owner is not None and not is_marked(owner.notes, match.topology_name):
        message = tr(
            "is bound to adapter {adapter!r}, which switch {switch!r} of the host already has",
            adapter=adapter.name,
            switch=owner.name,
        )
        hint = tr(
            "Use that one: write {{name: {switch}, existing: true}} in place of this switch, and connect the VMs to {switch}; or choose another adapter.",
            switch=owner.name,
        )
        yield match.finding(
            NET_ADAPTER_IN_USE,
            place.subject,
            keys,
            message,
            hint=hint,
            evidence=adapter.interface_description,
        )
    yield from _team(match, place, adapter, keys)
    if any(
        word in adapter.interface_description.casefold() for word in ("wi-fi", "wireless", "802.11")
    ):
        message = tr(
            "is bound to {adapter!r}, a wireless adapter: it carries only its own MAC address, so bridged VMs get no answer",
            adapter=adapter.name,
        )
        yield match.finding(
            WIRELESS_UPLINK, place.subject, keys, message, evidence=adapter.interface_description
        )
    if adapter.status.casefold() != "up":
        message = tr(
            "is bound to adapter {adapter!r}, which is {status}",
            adapter=adapter.name,
            status=adapter.status,
        )
        yield match.finding(
            NET_ADAPTER_DOWN, place.subject, keys, message, evidence=f"Status {adapter.status}"
        )


_TEAM_DRIVER = "microsoft network adapter multiplexor driver"  # not shown


def _team(
    match: HostMatch, place: SwitchPlace, adapter: NetAdapterState, keys: KeyPath
) -> Iterator[Finding]:
    if (
        match.state.computer.build >= LBFO_UNSUPPORTED_FROM_BUILD
        and adapter.interface_description.casefold().startswith(_TEAM_DRIVER)
    ):
        message = tr(
            "is bound to {adapter!r}, an LBFO team (or a network bridge): this Windows binds no switch to it",
            adapter=adapter.name,
        )
        evidence = tr(
            "{description}, build {build}",
            description=adapter.interface_description,
            build=match.state.computer.build,
        )
        hint = tr(
            "Get-NetLbfoTeam shows the team: remove it and write the name of a member, or use Switch Embedded Teaming."
        )
        yield match.finding(
            UPLINK_IS_A_TEAM, place.subject, keys, message, evidence=evidence, hint=hint
        )


DETECTORS = (bound_net_adapters,)
