"""Subnet masks of the file, and those of the machine on its existing switches."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model.finding import Finding
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.nesting.nesting_context import management_interface
from nestlab.rules.rule import detects
from nestlab.rules.topology.subnet_masks import (
    SUBNET_MASK_MISMATCH,
    Reference,
    has_network,
    mismatch,
)
from nestlab.texts import tr


@detects(SUBNET_MASK_MISMATCH)
def subnet_mask_of_existing_switch(match: HostMatch) -> Iterator[Finding]:
    """An address of the file whose mask is not that of the machine on an existing switch."""
    for place, found in match.existing_switches:
        own = management_interface(match.state, found[0]) if len(found) == 1 else None
        addresses = [each for each in own.ip_addresses if has_network(each)] if own else []
        for holder in match.index.by_domain.get(match.index.own_domain(place), ()):
            network = holder.address.network
            if holder.owner == place or any(each.network == network for each in addresses):
                continue
            other = next((each for each in addresses if each.network.overlaps(network)), None)
            if own is not None and other is not None and has_network(holder.address):
                text = tr(
                    "{alias} of {machine} has {address} there",
                    alias=own.interface_alias,
                    machine=match.machine_name,
                    address=other,
                )
                yield mismatch(match.index, holder, Reference(other.network, text))


DETECTORS = (subnet_mask_of_existing_switch,)
