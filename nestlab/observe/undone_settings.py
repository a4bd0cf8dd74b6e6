"""Checks that an undo overwrites nothing that others have set since its run.

A step that removes a port forward or a reservation, and the undo of one that adds it, removes none
of its port or client that others made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nestlab.model import Cmdlet
from nestlab.model.spelling import plain_mac
from nestlab.observe.dhcp import DNS_OPTION, ROUTER_OPTION, reservations_of
from nestlab.observe.networks import nats
from nestlab.observe.reading import number, texts
from nestlab.observe.switch_services import served_switch
from nestlab.observe.target_reader import TargetReader, query
from nestlab.plan import (
    ReadMadeEntries,
    Refusal,
    Step,
    forward_text,
    port_forward,
    reservation,
    reservation_text,
)
from nestlab.texts import tr

_OPTIONS = {"Router": ROUTER_OPTION, "DnsServer": DNS_OPTION}


def with_settings(reader: TargetReader) -> Step | Refusal:
    """Return a step in a DHCP scope or NAT that remains, or why it must not run.

    An undo does not restore an entry if another one has its address, client or port, nor an option
    that no longer has the value that the run set. A port forward is removed only if it still leads
    where it did when the step was planned, a reservation only if it still has its address.
    """
    step = reader.step
    if any(reader.runs(name) for name in _REPLACING_CMDLETS):
        return step
    if taken := next(_other_entries(reader), ""):
        return Refusal(tr("kept: there is another entry by now: {entry}", entry=taken), in_use=True)
    why = next(_options_of_others(reader), "") if reader.is_undo else ""
    return Refusal(why) if why else step


_REPLACING_CMDLETS = (
    "Add-DhcpServerv4Scope",
    "Remove-DhcpServerv4Scope",
    "New-NetNat",
    "Remove-NetNat",
)


_RELEASE = "Remove-DhcpServerv4Reservation"
"""It selects a reservation by its client, whatever address it has by now."""


def _other_entries(reader: TargetReader) -> Iterator[str]:
    """Yield the entries that others have by now in place of those that a step adds or removes."""
    step = reader.step
    for cmdlet in step.cmdlets if reader.is_undo else ():
        if cmdlet.name == "Add-DhcpServerv4Reservation":
            yield from _other_reservations(reader, cmdlet)
        elif cmdlet.name == "Add-NetNatStaticMapping":
            yield from _other_forwards(reader, cmdlet)
    for cmdlet in step.undoes if reader.is_undo else step.undo:
        if cmdlet.name == "Add-NetNatStaticMapping" and reader.runs("Remove-NetNatStaticMapping"):
            yield from _other_forwards(reader, cmdlet, reader.read_made_entries)
        elif cmdlet.name == "Add-DhcpServerv4Reservation" and reader.runs(_RELEASE):
            yield from _other_reservations(reader, cmdlet, reader.read_made_entries)


def _other_reservations(
    reader: TargetReader, added: Cmdlet, read_own: ReadMadeEntries = tuple
) -> Iterator[str]:
    """Yield other reservations with the address or client of the one added, but none of `read_own`.

    A step that removes a reservation leaves those of another client alone.
    """
    values = added.parameters
    wanted = (str(values["IPAddress"]), plain_mac(str(values["ClientId"])))
    outcome = reader.read(query("Get-DhcpServerv4Reservation", ScopeId=values["ScopeId"]))
    for each in reservations_of(outcome):
        now = (str(each.ip_address), each.mac_address)
        is_same_address = now[0] == wanted[0] and not reader.runs(_RELEASE)
        entry = reservation(reader.step.machine, values["ScopeId"], now[1], now[0])
        is_other = now != wanted and entry not in read_own()
        if is_other and (is_same_address or now[1] == wanted[1]):
            yield reservation_text(each)


def _other_forwards(
    reader: TargetReader, added: Cmdlet, read_own: ReadMadeEntries = tuple
) -> Iterator[str]:
    """Yield other forwards of the port of the one that is added, without those of `read_own`.

    WinNAT forwards a port of the machine only once, whichever NAT has the mapping.
    """
    values = added.parameters
    port = (str(values["Protocol"]).upper(), values["ExternalPort"])
    wanted = (*port, str(values["InternalIPAddress"]), values["InternalPort"])
    outcome = reader.read(query("Get-NetNat"), query("Get-NetNatStaticMapping"))
    for nat in nats(outcome):
        for mapping in nat.static_mappings:
            now = (*mapping[:2], str(mapping[2]), mapping[3])
            entry = port_forward(reader.step.machine, nat.name, mapping)
            if mapping[:2] == port and now != wanted and entry not in read_own():
                yield forward_text(*mapping)


def _options_of_others(reader: TargetReader) -> Iterator[str]:
    """Yield why an option is kept: it is not what the run set, nor what it was before."""
    step = reader.step
    was_set, restored = dict(_options(step.undoes)), dict(_options(step.cmdlets))
    for (scope, option), values in was_set.items():
        outcome = reader.read(query("Get-DhcpServerv4OptionValue", ScopeId=scope))
        now = [
            value
            for record in outcome.of_type("DhcpServerv4OptionValue")
            if number(record, "OptionId") == option
            for value in texts(record, "Value")
        ]
        if now not in (values, restored.get((scope, option))):
            yield _why_option_is_kept(option, served_switch(reader), ", ".join(now) or tr("none"))


def _options(cmdlets: Iterable[Cmdlet]) -> Iterator[tuple[tuple[str, int], list[str]]]:
    """Yield the options that cmdlets set, by scope and number, each with its values."""
    for cmdlet in cmdlets:
        values = cmdlet.parameters
        if cmdlet.name == "Remove-DhcpServerv4OptionValue":
            yield (str(values["ScopeId"]), int(str(values["OptionId"]))), []
        elif cmdlet.name == "Set-DhcpServerv4OptionValue":
            for name in _OPTIONS.keys() & values.keys():
                given = values[name]
                listed = given if isinstance(given, (list, tuple)) else [given]
                yield (str(values["ScopeId"]), _OPTIONS[name]), [str(each) for each in listed]


def _why_option_is_kept(option: int, switch: str, values: str) -> str:
    if option == DNS_OPTION:
        return tr(
            "kept: the DNS servers that DHCP gives on {switch} were changed since the run: {values}",
            switch=switch,
            values=values,
        )
    return tr(
        "kept: the router that DHCP gives on {switch} was changed since the run: {values}",
        switch=switch,
        values=values,
    )
