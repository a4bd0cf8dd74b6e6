"""Rules about switches that the topology uses and does not create."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Interface

from nestlab.constants import DEFAULT_SWITCH_PAGE, VIRTUAL_SWITCH
from nestlab.model.finding import Finding
from nestlab.model.machine_path import path_text
from nestlab.model.state import SwitchState
from nestlab.model.topology import DEFAULT_SWITCH, Switch
from nestlab.rules.evidence import evidence_from
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.match.missing_switches import how_to_create, not_one, on_a_server
from nestlab.rules.nesting.default_switch_address import DEFAULT_SWITCH_STATIC
from nestlab.rules.rule import NESTLAB, Rule, Scope, Variant, detects
from nestlab.rules.topology.places import AdapterPlace
from nestlab.rules.topology.reachability_checks import CHECK_CONTRADICTED, contradicted_checks
from nestlab.texts import tr

EXISTING_SWITCH_MISSING = Rule(
    code="existing-switch-missing",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="A switch that the file declares as existing is not on the host, or several have its name.",
    why="An existing switch is never created, and VMs cannot be connected to one that is not there.",
    fix="Write the name of a switch that Get-VMSwitch shows. To have nestlab create the switch, leave out existing and write switch_type: Internal, with ip_address, and nat or dhcp if wanted.",
    example="Get-VMSwitch: Name = LabNet",
    source=VIRTUAL_SWITCH,
    variants=(
        Variant(
            "warning",
            "for a Default Switch in a nested host that is created: Windows clients have one, servers none",
        ),
    ),
)


@detects(EXISTING_SWITCH_MISSING)
def existing_switch_missing(match: HostMatch) -> Iterator[Finding]:
    """An existing switch that is missing on the machine, or ambiguous."""
    names = ", ".join(switch.name for switch in match.switches)
    for place, found in match.existing_switches:
        if len(found) == 1:
            continue
        message, hint = not_one(match, place, len(found), names)
        yield match.finding(
            EXISTING_SWITCH_MISSING,
            place.subject,
            (*place.keys, "name"),
            message,
            hint=hint,
            evidence=evidence_from("Get-VMSwitch", Name=names or tr("none")),
        )
    yield from _in_new_nested_hosts(match)


def _in_new_nested_hosts(match: HostMatch) -> Iterator[Finding]:
    """Yield the existing switches of nested hosts that nestlab creates, where none exists yet."""
    for nested in match.new_nested_hosts:
        for place in nested.switches:
            if not place.switch.existing:
                continue
            host = path_text(nested.path)
            rule, message = (
                EXISTING_SWITCH_MISSING,
                tr(
                    "is declared as existing, but nestlab creates {vm}, without this switch",
                    vm=host,
                ),
            )
            if place.switch.is_default_switch:
                rule = EXISTING_SWITCH_MISSING.at("warning")
                message = tr(
                    "is declared as existing, but nestlab creates {vm}, which has a Default Switch only if its Windows is a client: servers have none",
                    vm=host,
                )
            keys = (*place.keys, "existing")
            yield match.finding(
                rule,
                place.subject,
                keys,
                message,
                hint=how_to_create(place.switch)
                if rule is EXISTING_SWITCH_MISSING
                else on_a_server(),
            )


EXISTING_SWITCH_DIFFERS = Rule(
    code="existing-switch-differs",
    severity="warning",
    looks_at=(Scope.MATCH,),
    meaning="An existing switch is not as the file describes it.",
    why="An existing switch is never changed, so a trace of the file describes a different network.",
    fix="Write what the host has, or leave the key out: nestlab reads it from the host.",
    example="Get-VMSwitch: SwitchType = Internal",
    source=NESTLAB,
)

_COMPARED = ("switch_type", "net_adapters", "ip_address", "gateway", "nat")


@detects(EXISTING_SWITCH_DIFFERS)
def existing_switch_differs(match: HostMatch) -> Iterator[Finding]:
    """An existing switch that has another type, adapter, address or NAT than the file says."""
    if not any(match.existing_switches):
        return
    from nestlab.reachability import observed_switch  # noqa: PLC0415  # only files with existing switches pay for it

    for place, found in match.existing_switches:
        if len(found) != 1:
            continue
        actual = observed_switch(match.state, found[0])
        for key in _COMPARED:
            declared, observed = _text(getattr(place.switch, key)), _text(getattr(actual, key))
            if not declared or declared.casefold() == observed.casefold():
                continue
            name = "net_adapter" if key == "net_adapters" else key
            message = tr(
                "is declared with {key} {declared}; {machine} has none, which nestlab does not change",
                key=name,
                declared=declared,
                machine=match.machine_name,
            )
            if observed:
                message = tr(
                    "is declared with {key} {declared}; {machine} has {observed}, which nestlab does not change",
                    key=name,
                    declared=declared,
                    machine=match.machine_name,
                    observed=observed,
                )
            keys = (*place.keys, name)
            yield match.finding(
                EXISTING_SWITCH_DIFFERS,
                place.subject,
                keys,
                message,
                hint=tr("Write {key}: {observed}, or leave it out.", key=name, observed=observed)
                if observed
                else tr("Remove {key}.", key=name),
                evidence=f"{name} {observed or tr('none')}",
            )


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(sorted(value, key=str.casefold))
    return "" if value is None else str(value)


DEFAULT_SWITCH_DECLARED = Rule(
    code="default-switch-declared",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="The file declares the Default Switch of Windows as a switch that nestlab is to create.",
    why="Windows creates it, and it can be neither renamed nor changed; its network changes at each start of the host.",
    fix="Write existing: true, and let DHCP give the addresses; for static addresses declare an Internal switch with nat.",
    example="Get-VMSwitch: Name = Default Switch",
    source=DEFAULT_SWITCH_PAGE,
)


@detects(DEFAULT_SWITCH_DECLARED)
def default_switch_declared(match: HostMatch) -> Iterator[Finding]:
    """A switch to be created that has the name of the Default Switch, which is found by its Id."""
    default = next((switch for switch in match.switches if switch.is_default_switch), None)
    if default is None:
        return
    names = {default.name.casefold(), DEFAULT_SWITCH.casefold()}
    for place in match.own_switches:
        if place.switch.name.casefold() not in names:
            continue
        message = tr(
            "is the Default Switch of {machine} (known by its Id), which can be neither renamed nor changed, and changes its network at each start",
            machine=match.machine_name,
        )
        if default.name != place.switch.name:
            message = tr(
                "is the Default Switch of {machine} (known by its Id, where it is called {name!r}), which can be neither renamed nor changed, and changes its network at each start",
                machine=match.machine_name,
                name=default.name,
            )
        for adapter, address in _static_on(match, place.switch):
            lost = tr(
                "the static address {address} of {adapter} on it does not last",
                address=address,
                adapter=adapter.name,
            )
            message = f"{message}; {lost}"
        keys = (*place.keys, "name")
        hint = tr(
            "To use it, write {{name: {switch}, existing: true}} and dhcp: true on the adapters; for static addresses declare an Internal switch of another name with ip_address and nat.",
            switch=place.switch.name,
        )
        yield match.finding(
            DEFAULT_SWITCH_DECLARED,
            place.subject,
            keys,
            message,
            hint=hint,
            evidence=_evidence(default),
        )


@detects(DEFAULT_SWITCH_STATIC)
def static_address_on_default_switch(match: HostMatch) -> Iterator[Finding]:
    """A static address planned on the Default Switch, whose network changes at each start."""
    for place, found in match.existing_switches:
        if len(found) != 1 or not found[0].is_default_switch:
            continue
        for adapter, address in _static_on(match, place.switch):
            yield match.finding(
                DEFAULT_SWITCH_STATIC,
                adapter.subject,
                (*adapter.keys, "ip_address"),
                tr(
                    "would have {address} on the Default Switch, whose network changes at each start of {machine}",
                    address=address,
                    machine=match.machine_name,
                ),
                hint=tr(
                    "Write dhcp: true instead, or connect it to an Internal switch with nat and keep the address there."
                ),
                evidence=_evidence(found[0]),
            )


def _static_on(match: HostMatch, switch: Switch) -> list[tuple[AdapterPlace, IPv4Interface]]:
    """Return the adapters of this machine's VMs that have a static address on a switch."""
    name = switch.name.casefold()
    return [
        (place, place.adapter.ip_address)
        for place in match.index.adapters
        if place.machine[:-1] == match.place.path
        and (place.adapter.switch or "").casefold() == name
        and place.adapter.ip_address is not None
    ]


def _evidence(switch: SwitchState) -> str:
    return evidence_from("Get-VMSwitch", Name=switch.name, Id=switch.id)


@detects(CHECK_CONTRADICTED)
def check_contradicted_by_host(match: HostMatch) -> Iterator[Finding]:
    """A check that the topology contradicts, given its existing switches as observed."""
    topology = match.index.topology
    if not topology.checks or not any(match.existing_switches):
        return
    from nestlab.reachability import (  # noqa: PLC0415  # only files with existing switches pay for it
        with_nats_of_others,
        with_observed_switches,
    )

    states = {match.place.path: match.state}
    with_nats = with_nats_of_others(topology, states)
    known = {finding.subject for finding in contradicted_checks(match.index, with_nats)}
    with_observed = with_observed_switches(topology, states)
    yield from (
        item
        for item in contradicted_checks(match.index, with_observed, "--host")
        if item.subject not in known
    )


DETECTORS = (
    existing_switch_missing,
    existing_switch_differs,
    default_switch_declared,
    static_address_on_default_switch,
    check_contradicted_by_host,
)
"""The detectors of this module, in the order of their findings."""
