"""Checks that a step removes no entry of others: of a DHCP scope, a NAT, or a switch's adapter.

Reservations, port forwards, addresses and routes carry no mark. Those that no run of the topology
made stay where VMs of others are on the switch; a port forward also where it leads to a network of
others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address

from nestlab.dataclass import replace
from nestlab.model.spelling import same_name
from nestlab.observe.dhcp import reservations_of
from nestlab.observe.networks import nats
from nestlab.observe.switch_services import (
    agreed_to,
    networks_now,
    users_of_service,
    vms_of_others_on,
)
from nestlab.observe.target_reader import TargetReader, query
from nestlab.observe.undone_settings import with_settings
from nestlab.plan import (
    EntryKind,
    MadeEntry,
    Refusal,
    Step,
    entries_added,
    forward_text,
    network_with,
    port_forward,
    reservation,
    reservation_text,
    why_entry_is_kept,
)
from nestlab.texts import tr


def with_entries(reader: TargetReader) -> Step | Refusal:
    """Return a step that may remove or overwrite entries of others, or the reason not to run it.

    Where no VM of others is on the switch, the notices of the step name the removed entries.
    """
    step = reader.step
    if isinstance(found := with_settings(reader), Refusal):
        return found
    going = entries_going(reader)
    removes = step.of_no_run and not reader.is_undo
    if not (going or removes):
        return step
    if why := "" if agreed_to(reader) else _why_kept(reader, going):
        return Refusal(why, in_use=True)
    return with_notice(reader, going)


def with_notice(reader: TargetReader, going: Mapping[MadeEntry, str]) -> Step:
    """Return a step with a notice that names the entries which go with what it removes."""
    step = reader.step
    notice = tr(
        "With it went what no run of {topology} made, as the journals here show: {entries}.",
        topology=reader.topology,
        entries=", ".join(going.values()),
    )
    return replace(step, notices=(*step.notices, *([notice] if going else ())))


def _why_kept(reader: TargetReader, going: Mapping[MadeEntry, str]) -> str:
    """Return why an entry, or the object that holds it, is kept; empty if no others use it."""
    topology = reader.topology
    switch, users = _users(reader, going)
    if not users or not going:
        return why_entry_is_kept(topology, switch, users) if users else ""
    return tr(
        "kept: it has what no run of {topology} made, as the journals here show: {entries}; {vms} on switch {switch} may use it; `--disconnect-others` removes it anyway",
        topology=topology,
        entries=", ".join(going.values()),
        vms=users,
        switch=switch,
    )


def _users(reader: TargetReader, going: Iterable[MadeEntry]) -> tuple[str, str]:
    """Return the switch of VMs or of a network of others that use the entries, and these as text.

    They are on the switch that the step serves, or where a port forward leads.
    """
    step, (switch, users) = reader.step, users_of_service(reader)
    if users:
        return switch, users
    restored = (entry for each in step.undo for entry in entries_added(step.machine, each))
    addresses = [
        IPv4Address(entry.value.partition(":")[0])
        for entry in going or restored
        if entry.kind is EntryKind.PORT_FORWARD
    ]
    state = networks_now(reader) if addresses else None
    for address in addresses:
        if state and (found := network_with(state, address, reader.topology)):
            network, on = found
            users = vms_of_others_on(reader, on.name)
            return on.name, users or tr("the network {network}", network=network)
    return switch, ""


def entries_going(reader: TargetReader) -> dict[MadeEntry, str]:
    """Return the entries that others added to a NAT or DHCP scope to be removed, described.

    Entries that the step adds again, that its plan named, or that runs of the topology made
    are left out.
    """
    step = reader.step
    found = dict(_entries_now(reader))
    if not found:
        return {}
    cmdlets = (*step.cmdlets, *step.undo)
    known = {entry for each in cmdlets for entry in entries_added(step.machine, each)}
    own = {*known, *reader.read_made_entries()}
    return {entry: text for entry, text in found.items() if entry not in own}


def _entries_now(reader: TargetReader) -> Iterator[tuple[MadeEntry, str]]:
    """Yield the entries of the NAT or DHCP scope that a step removes, with their descriptions.

    A step without undo removes it with its switch, which has a check of its own.
    """
    step = reader.step
    for cmdlet in step.cmdlets if step.undo else ():
        if cmdlet.name == "Remove-NetNat":
            outcome = reader.read(query("Get-NetNat"), query("Get-NetNatStaticMapping"))
            of_name = (
                n for n in nats(outcome) if same_name(n.name, str(cmdlet.parameters["Name"]))
            )
            for nat in of_name:
                for mapping in nat.static_mappings:
                    entry = port_forward(step.machine, nat.name, mapping)
                    yield entry, forward_text(*mapping)
        elif cmdlet.name == "Remove-DhcpServerv4Scope":
            scope = cmdlet.parameters["ScopeId"]
            outcome = reader.read(query("Get-DhcpServerv4Reservation", ScopeId=scope))
            for each in reservations_of(outcome):
                mac, address = each.mac_address, each.ip_address
                yield reservation(step.machine, scope, mac, address), reservation_text(each)
