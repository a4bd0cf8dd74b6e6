"""Static mappings of WinNAT, which forward ports."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from nestlab.model import EnumValue, Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.cmdlets.network.net_adapter import STANDARD_CIM
from nestlab.simulator.cmdlets.network.net_nat import (
    IN_USE,
    begin_change,
    end_change,
    require_win_nat,
    select_nats,
)
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.values.wildcard import has_wildcard, matches
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import NatStaticMapping, NetNat

_MAPPING = "MSFT_NetNatStaticMapping"


_MAPPING_TARGET = f"{_MAPPING}:root/StandardCimv2/{_MAPPING}"


_PROTOCOLS = {"TCP": 6, "UDP": 17}


def mapping_record(nat: NetNat, mapping: NatStaticMapping) -> Record:
    """Return what Get-NetNatStaticMapping shows."""
    properties = {
        "StaticMappingID": mapping.id,
        "NatName": nat.name,
        "Protocol": EnumValue(mapping.protocol, _PROTOCOLS[mapping.protocol]),
        "RemoteExternalIPAddressPrefix": "0.0.0.0/0",
        "ExternalIPAddress": mapping.external_address,
        "ExternalPort": mapping.external_port,
        "InternalIPAddress": mapping.internal_address,
        "InternalPort": mapping.internal_port,
        "InternalRoutingDomainId": "{00000000-0000-0000-0000-000000000000}",
        "Active": True,
    }
    return Record((STANDARD_CIM + _MAPPING,), properties, f"{nat.name};{mapping.id}")


def _mappings(machine: Machine, bound: Bound, sink: Sink) -> list[tuple[NetNat, NatStaticMapping]]:
    """Return the mappings selected by object, by the name of their NAT, or by Id.

    A value without a match is a CIM error.
    """
    every = [(nat, mapping) for nat in machine.nats for mapping in nat.mappings]
    objects = [
        (str(item["NatName"]), int(item["StaticMappingID"]))
        for item in bound.values("InputObject")
        if isinstance(item, Record)
    ]
    if objects:
        return [(nat, mapping) for nat, mapping in every if (nat.name, mapping.id) in objects]
    for parameter, known in (
        ("NatName", [nat.name for nat, _ in every]),
        ("StaticMappingID", [str(mapping.id) for _, mapping in every]),
    ):
        for value in map(str, bound.values(parameter)):
            if not has_wildcard(value) and not any(matches(value, own) for own in known):
                sink.error(
                    cmdlet_errors.cim_not_found(bound.name, _MAPPING, parameter, value).record
                )
    names, ids = (
        [str(item) for item in bound.values("NatName")],
        [int(item) for item in bound.values("StaticMappingID")],
    )
    return [
        (nat, mapping)
        for nat, mapping in every
        if (not names or any(matches(name, nat.name) for name in names))
        and (not ids or mapping.id in ids)
    ]


@cmdlet("Get-NetNatStaticMapping")
def get_net_nat_static_mapping(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-NetNatStaticMapping."""
    require_win_nat(machine, bound)
    for nat, mapping in _mappings(machine, bound, sink):
        sink.output(mapping_record(nat, mapping))


@cmdlet("Add-NetNatStaticMapping")
def add_net_nat_static_mapping(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Add-NetNatStaticMapping: protocol, external address and external port must be unique."""
    begin_change(machine, bound, _MAPPING_TARGET)
    chosen = select_nats(machine, bound, sink, "NatName")
    if not chosen:
        return
    nat, mapping = chosen[0], _mapping(machine, bound)
    taken = (own for other in machine.nats for own in other.mappings)
    key = (mapping.protocol, mapping.external_address, mapping.external_port)
    reserved = (
        machine.outer_host is None and mapping.external_port in machine.world.quirks.reserved_ports
    )
    if reserved or any(
        (own.protocol, own.external_address, own.external_port) == key for own in taken
    ):
        raise cmdlet_errors.cim(
            bound.name, "Windows System Error 32", IN_USE, "NotSpecified", _MAPPING_TARGET
        )
    if IPv4Address(mapping.internal_address) not in IPv4Network(nat.internal_prefix, strict=False):
        raise cmdlet_errors.cim(
            bound.name, "Windows System Error 87", cmdlet_errors.PARAMETER_INCORRECT
        )
    nat.mappings.append(mapping)
    nat.mappings_created = mapping.id + 1
    end_change(machine)
    sink.output(mapping_record(nat, mapping))


def _mapping(machine: Machine, bound: Bound) -> NatStaticMapping:
    external, internal = (
        bound.text("ExternalIPAddress").partition("/")[0],
        bound.text("InternalIPAddress"),
    )
    try:
        IPv4Address(external), IPv4Address(internal)
    except ValueError:
        raise cmdlet_errors.cim(
            bound.name, "Windows System Error 87", cmdlet_errors.PARAMETER_INCORRECT
        ) from None
    port = int(bound["ExternalPort"])
    ids = [mapping.id + 1 for nat in machine.nats for mapping in nat.mappings]
    made = [nat.mappings_created for nat in machine.nats]
    return NatStaticMapping(
        max(*ids, *made, 0),
        bound.text("Protocol").upper(),
        external,
        port,
        internal,
        int(bound.get("InternalPort", port)),
    )


@cmdlet("Remove-NetNatStaticMapping")
def remove_net_nat_static_mapping(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Remove-NetNatStaticMapping: without a name or an Id, all mappings."""
    begin_change(machine, bound, _MAPPING_TARGET)
    for nat, mapping in _mappings(machine, bound, sink):
        nat.mappings = [own for own in nat.mappings if own is not mapping]
    end_change(machine)
