"""The keys of DHCP scopes, of a switch and of a VM's adapter."""

from __future__ import annotations

from nestlab.model.topology import DhcpRange, DhcpReservation
from nestlab.topology_file.key_types import Key, ListOf, OneLine, Shape
from nestlab.topology_file.network_scalars import ADDRESS, MAC, RANGE

DHCP_RESERVATION = Shape(
    "a DHCP reservation",
    DhcpReservation,
    (
        Key("ip_address", ADDRESS, "The address.", required=True),
        Key(
            "mac_address",
            MAC,
            "The MAC address of the adapter that gets it, and no other.",
            required=True,
        ),
    ),
    line=OneLine(("{ip_address}={mac_address}",), "10.0.0.50=00-15-5D-00-00-50"),
)
DHCP = Shape(
    "a DHCP scope",
    DhcpRange,
    (
        Key(
            "range",
            RANGE,
            "First and last address that the machine's DHCP server leases.",
            required=True,
        ),
        Key(
            "router",
            ADDRESS,
            "Gateway that clients get. Default: on a switch, the machine's own address there; on an adapter of a VM, its address if the VM forwards, otherwise none.",
        ),
        Key("dns_servers", ListOf(ADDRESS), "DNS servers that clients get. Default: none."),
        Key(
            "reservations",
            ListOf(DHCP_RESERVATION),
            "Addresses for adapters with a static MAC address, in or outside the range.",
        ),
    ),
    build=lambda v: DhcpRange(
        first=v["range"][0],
        last=v["range"][1],
        **{name: value for name, value in v.items() if name != "range"},
    ),
    line=OneLine(
        (
            "{range} router {router} dns {dns_servers} reserved {reservations}",
            "{range} router {router} dns {dns_servers}",
            "{range} router {router} reserved {reservations}",
            "{range} dns {dns_servers} reserved {reservations}",
            "{range} router {router}",
            "{range} dns {dns_servers}",
            "{range} reserved {reservations}",
            "{range}",
        ),
        "10.0.0.100-10.0.0.200 router 10.0.0.1 dns 10.0.0.2",  # not shown
    ),
)
