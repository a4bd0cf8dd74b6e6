"""Entries that runs of a topology made in its DHCP scopes, its NATs, and on adapters.

A DHCP reservation, a port forward of a NAT, an address of an adapter, a route and an adapter of the
management OS carry no mark, so nothing on a machine says who added them. The journals of the
topology do.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from ipaddress import IPv4Network
from typing import Any

from nestlab.dataclass import dataclass
from nestlab.model import Cmdlet, MachinePath
from nestlab.model.spelling import plain_mac
from nestlab.plan.address_cmdlets import DEFAULT_ROUTE
from nestlab.plan.kinds import Action
from nestlab.plan.seed_services import seed_services
from nestlab.plan.step import Step


class EntryKind(StrEnum):
    """The kind of an entry."""

    RESERVATION = "reservation"
    PORT_FORWARD = "port-forward"
    NAT = "nat"
    ADDRESS = "address"
    ROUTE = "route"
    MANAGEMENT_ADAPTER = "management-adapter"
    DHCP_SERVER = "dhcp-server"
    FORWARDING = "forwarding"


@dataclass(frozen=True)
class MadeEntry:
    """An entry on a machine, identified by the values that its removal names.

    `key` is the MAC address of a reservation (its IP address is in `value`), protocol and port of a
    port forward (``TCP/8080``, with ``10.9.0.7:80`` in `value`), the IP address of an address
    entry, destination and next hop of a route, or the prefix of a NAT. `owner` is the network of
    the DHCP scope, or the name of the NAT in lower case. Of an adapter of the management OS they
    are the case-folded names of the adapter and of its switch. Without a `key`, it stands for all
    adapters of a switch, which was adopted with them. In a Linux guest, the `owner` of what its
    seed disk sets up is the path of that disk. The `key` of a DHCP server in a guest is the name of
    its scope, in Linux the MAC address of the adapter; that of forwarding is the adapter's name.
    """

    machine: MachinePath
    kind: EntryKind
    key: str
    owner: str = ""
    value: str = ""


ReadMadeEntries = Callable[[], Collection[MadeEntry]]
"""Reads the entries that runs of a topology made and did not remove again."""

_ADDING_ACTIONS = frozenset(
    {
        Action.ADD_MANAGEMENT_ADAPTER,
        Action.ADD_ROUTE,
        Action.CREATE_NAT,
        Action.FORWARD_PORT,
        Action.RESERVE_ADDRESS,
        Action.SERVE_ADDRESSES,
        Action.SET_ADDRESS,
        Action.SET_FORWARDING,
        Action.SET_GATEWAY,
    }
)
"""Actions that add entries of the file. REPLACE_NAT is left out: it restores others' forwards, and
of what it adds only the NAT counts."""


def reservation(machine: MachinePath, scope: object, mac: str, address: object) -> MadeEntry:
    """Return the entry of a DHCP reservation."""
    return MadeEntry(machine, EntryKind.RESERVATION, plain_mac(mac), str(scope), str(address))


def port_forward(
    machine: MachinePath, nat: object, mapping: tuple[object, object, object, object]
) -> MadeEntry:
    """Return the entry of a port forward: protocol, external port, internal address and port."""
    protocol, port, address, to_port = mapping
    key, value = _port_key(protocol, port), f"{address}:{to_port}"
    return MadeEntry(machine, EntryKind.PORT_FORWARD, key, str(nat).lower(), value)


def _port_key(protocol: object, port: object) -> str:
    return f"{str(protocol).upper()}/{port}"


def address_entry(machine: MachinePath, address: object) -> MadeEntry:
    """Return the entry of an address, without its prefix length."""
    return MadeEntry(machine, EntryKind.ADDRESS, str(address))


def route_entry(machine: MachinePath, to: object, via: object) -> MadeEntry:
    """Return the entry of a route."""
    return MadeEntry(machine, EntryKind.ROUTE, f"{to} via {via}")  # not shown


def management_adapter_entry(machine: MachinePath, switch: str, adapter: str) -> MadeEntry:
    """Return the entry of a machine's adapter on a switch."""
    kind = EntryKind.MANAGEMENT_ADAPTER
    return MadeEntry(machine, kind, adapter.casefold(), switch.casefold())


def made_entries(steps: Iterable[Step]) -> tuple[MadeEntry, ...]:
    """Return the entries that steps made and none of the later ones removed."""
    found: dict[MadeEntry, None] = {}
    for step in steps:
        for each in (*_adapters_removed(step, found), *_inside_removed_vm(step, found)):
            del found[each]
        if step.action is Action.ADOPT_SWITCH:
            found[management_adapter_entry(step.machine, step.target.name, "")] = None
        for cmdlet in step.cmdlets:
            for each in _removed(step.machine, cmdlet, found):
                del found[each]
            added = [*entries_added(step.machine, cmdlet)]
            if step.action is Action.REPLACE_NAT:
                added = [each for each in added if each.kind is EntryKind.NAT]
            if step.action in {*_ADDING_ACTIONS, Action.REPLACE_NAT}:
                found.update(dict.fromkeys(added))
        found.update(dict.fromkeys(_set_up_by_seed(step)))
    return tuple(found)


def _set_up_by_seed(step: Step) -> Iterator[MadeEntry]:
    """Yield what the seed disk that a step writes sets up in the guest of its VM."""
    if step.action is not Action.WRITE_SEED:
        return
    guest, disk = (*step.machine, step.subject), step.target.name.casefold()
    services = seed_services(step.cmdlets)
    for prefix in services.translates:
        yield MadeEntry(guest, EntryKind.NAT, str(prefix), disk)
    for mac in services.serves:
        yield MadeEntry(guest, EntryKind.DHCP_SERVER, mac, disk)
    if services.forwards:
        yield MadeEntry(guest, EntryKind.FORWARDING, "", disk)


def _inside_removed_vm(step: Step, entries: Iterable[MadeEntry]) -> tuple[MadeEntry, ...]:
    """Return those of `entries` that are in the guest of a VM which a step removes."""
    if step.action is not Action.REMOVE_VM:
        return ()
    gone = (*step.machine, step.target.name)
    return tuple(each for each in entries if each.machine[: len(gone)] == gone)


def entries_added(machine: MachinePath, cmdlet: Cmdlet) -> Iterator[MadeEntry]:
    """Yield the entries that a cmdlet adds."""
    last = cmdlet.last_command
    values: Mapping[str, Any] = last.parameters
    match last.name:
        case "Add-DhcpServerv4Reservation":
            mac, reserved = str(values["ClientId"]), values["IPAddress"]
            yield reservation(machine, values["ScopeId"], mac, reserved)
        case "Add-DhcpServerv4Scope" if machine:
            mask, first = values["SubnetMask"], values["StartRange"]
            network = IPv4Network(f"{first}/{mask}", strict=False).network_address
            yield MadeEntry(machine, EntryKind.DHCP_SERVER, str(values["Name"]), str(network))
        case "Set-NetIPInterface" if values.get("Forwarding") == "Enabled":
            yield MadeEntry(machine, EntryKind.FORWARDING, str(values["InterfaceAlias"]))
        case "New-NetNat":
            prefix, nat = values["InternalIPInterfaceAddressPrefix"], str(values["Name"]).lower()
            yield MadeEntry(machine, EntryKind.NAT, str(prefix), nat)
        case "Add-NetNatStaticMapping":
            internal = values["InternalIPAddress"], values["InternalPort"]
            mapping = values["Protocol"], values["ExternalPort"], *internal
            yield port_forward(machine, values["NatName"], mapping)
        case "New-NetIPAddress":
            yield address_entry(machine, values["IPAddress"])
            if "DefaultGateway" in values:
                yield route_entry(machine, DEFAULT_ROUTE, values["DefaultGateway"])
        case "New-NetRoute":
            yield route_entry(machine, values["DestinationPrefix"], values["NextHop"])
        case "Add-VMNetworkAdapter" if "ManagementOS" in values:
            yield management_adapter_entry(machine, str(values["SwitchName"]), str(values["Name"]))
        case _:
            pass


def _adapters_removed(step: Step, entries: Iterable[MadeEntry]) -> tuple[MadeEntry, ...]:
    """Return those of `entries` that are adapters which a step removes, alone or with a switch.

    The cmdlet selects an adapter by its Id; the subject of the step has its name.
    """
    if step.action not in (Action.REMOVE_MANAGEMENT_ADAPTER, Action.REMOVE_SWITCH):
        return ()
    switch = step.target.name
    name = step.subject[len(switch) + 1 :] if step.action is not Action.REMOVE_SWITCH else ""
    wanted = management_adapter_entry(step.machine, switch, name)
    return tuple(
        each
        for each in entries
        if (each.machine, each.kind, each.owner) == (wanted.machine, wanted.kind, wanted.owner)
        and wanted.key in ("", each.key)
    )


def _removed(
    machine: MachinePath, cmdlet: Cmdlet, entries: Iterable[MadeEntry]
) -> tuple[MadeEntry, ...]:
    """Return those of `entries` that a cmdlet removes, alone or with their NAT or DHCP scope."""
    last = cmdlet.last_command
    values: Mapping[str, Any] = last.parameters
    key = owner = ""
    with_it: EntryKind | None = None
    match last.name:
        case "Remove-DhcpServerv4Scope":
            kind, owner = EntryKind.RESERVATION, str(values["ScopeId"])
            with_it = EntryKind.DHCP_SERVER
        case "Set-NetIPInterface" if values.get("Forwarding") == "Disabled":
            kind, key = EntryKind.FORWARDING, str(values["InterfaceAlias"])
        case "Remove-NetNat":
            kind, owner = EntryKind.NAT, str(values["Name"]).lower()
            with_it = EntryKind.PORT_FORWARD
        case "Remove-DhcpServerv4Reservation":
            kind, key = EntryKind.RESERVATION, plain_mac(str(values["ClientId"]))
        case "Remove-NetNatStaticMapping":
            chosen = {
                stage.parameters["Property"]: stage.parameters["Value"]
                for stage in cmdlet.stages
                if "Value" in stage.parameters
            }
            kind, owner = EntryKind.PORT_FORWARD, str(cmdlet.parameters["NatName"]).lower()
            key = _port_key(chosen["Protocol"], chosen["ExternalPort"])
        case "Remove-NetIPAddress":
            kind, key = EntryKind.ADDRESS, str(values["IPAddress"])
        case "Remove-NetRoute":
            entry = route_entry(machine, values["DestinationPrefix"], values["NextHop"])
            kind, key = entry.kind, entry.key
        case _:
            return ()
    return tuple(
        each
        for each in entries
        if each.machine == machine
        and each.kind in (kind, with_it)
        and key in ("", each.key)
        and owner in ("", each.owner)
    )
