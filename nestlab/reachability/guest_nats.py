"""The NATs of a machine as the file declares them: for its switches, and as a router."""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.model.ownership import nat_name
from nestlab.model.topology import VM, Topology
from nestlab.reachability.elements import Nat


def guest_nats(
    topology_name: str, machine: Topology | VM, interfaces: Mapping[str, str] | None = None
) -> tuple[Nat, ...]:
    """Return the NAT of a VM: that of Windows, or that of nftables if its guest is Linux.

    `interfaces` are the names of the interfaces by those of the adapters in the file, where they
    differ. Empty without a NAT, and for Linux without the adapter that it is for.
    """
    if not isinstance(machine, VM) or machine.nat is None:
        return ()
    name = nat_name(topology_name, machine.name)
    if machine.guest.os != "linux":
        return (Nat(prefix=machine.nat.inside, name=name),)
    outside = machine.outside_adapter
    if outside is None:
        return ()
    by_name = (interfaces or {}).get(outside.name, outside.name)
    return (Nat(prefix=machine.nat.inside, name=name, outside=by_name),)


def switch_nats(topology_name: str, machine: Topology | VM) -> tuple[Nat, ...]:
    """Return the NATs that a machine has for its own switches."""
    return tuple(
        Nat(
            prefix=switch.nat,
            name=nat_name(topology_name, switch.name),
            port_forwards=switch.port_forwards,
        )
        for switch in machine.switches
        if switch.nat is not None
    )
