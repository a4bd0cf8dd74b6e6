"""Adapters of guests that were not observed: from Hyper-V's report and from the topology."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Interface

from nestlab.dataclass import replace
from nestlab.model.machine_path import MachinePath, path_text
from nestlab.model.spelling import same_name
from nestlab.model.state import NetworkAdapterState
from nestlab.model.topology import VM, NetworkAdapter
from nestlab.reachability.elements import AUTOMATIC_METRIC, Interface, Port
from nestlab.texts import tr

GUESSED_PREFIX_LENGTH = 24
"""For an address that Hyper-V reports for a guest: it reports no prefix length."""

LINK_LOCAL_PREFIX_LENGTH = 16


def unobserved_interface(
    adapter: NetworkAdapterState, name: str, port: Port, declared: VM | None
) -> Interface:
    """Return an adapter of a guest that was not observed, as Hyper-V reports or as declared.

    `name` is its name in the topology, if that declares it.
    """
    wanted = _declared_adapter(name, declared)
    interface = Interface(
        name=adapter.name,
        port=port,
        gateway=wanted.gateway,
        metric=AUTOMATIC_METRIC if wanted.interface_metric is None else wanted.interface_metric,
        forwarding=declared.forwards if declared else False,
    )
    addresses = tuple(_reported(adapter, wanted))
    link_local = tuple(address for address in addresses if address.is_link_local)
    interface = replace(interface, link_local=link_local, lease_requested=wanted.dhcp)
    reported = tuple(address for address in addresses if not address.is_link_local)
    if interface.link_local and not reported:
        return replace(interface, partly_known=True)
    if reported:
        # Hyper-V reports a guest's addresses and nothing else of its network.
        as_declared = wanted.ip_address is not None and wanted.ip_address in reported
        return replace(interface, addresses=reported, partly_known=not as_declared)
    if wanted.ip_address is not None:
        return replace(interface, addresses=(wanted.ip_address,), assumed=True)
    return replace(interface, dhcp=wanted.dhcp, partly_known=not wanted.dhcp)


def _declared_adapter(name: str, declared: VM | None) -> NetworkAdapter:
    """Return the adapter that a topology declares; an empty one if it declares none."""
    adapters = declared.network_adapters if declared else ()
    return next((a for a in adapters if same_name(a.name, name)), NetworkAdapter())


def prefix_assumption(path: MachinePath, declared: VM | None) -> str:
    """Return the assumption about the addresses that Hyper-V reports for a guest, as text."""
    if declared is not None:
        return tr(
            "{machine} has the addresses that Hyper-V reports, with the prefix lengths, gateways and routes that the topology declares.",
            machine=path_text(path),
        )
    return tr(
        "{machine} has the addresses that Hyper-V reports, with an assumed prefix length of {length}.",
        machine=path_text(path),
        length=GUESSED_PREFIX_LENGTH,
    )


def _reported(adapter: NetworkAdapterState, wanted: NetworkAdapter) -> Iterator[IPv4Interface]:
    """Yield the IPv4 addresses that Hyper-V reports for an adapter of a guest."""
    prefix = (
        wanted.ip_address.network.prefixlen
        if wanted.ip_address is not None
        else GUESSED_PREFIX_LENGTH
    )
    for text in adapter.ip_addresses:
        try:
            address = IPv4Address(text)
        except AddressValueError:  # an IPv6 address
            continue
        # A machine gives itself an address of the whole 169.254.0.0/16 (RFC 3927, 2.1).
        yield IPv4Interface(
            (address, LINK_LOCAL_PREFIX_LENGTH if address.is_link_local else prefix)
        )
