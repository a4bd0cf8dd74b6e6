"""The NATs that the file declares for a machine: for its switches, and as a router."""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.model.ownership import nat_name
from nestlab.model.topology import VM, Topology
from nestlab.reachability.elements import Nat


def guest_nats(
    topology_name: str, machine: Topology | VM, interfaces: Mapping[str, str] | None = None
) -> tuple[Nat, ...]:
    """Return the NAT of a VM: that of Windows, or that of nftables if its guest is Linux.

    `interfaces` maps adapter names in the file to the names of interfaces, where they differ. The
    result is empty if the VM has no NAT, or if a Linux guest does not have its outside adapter.
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
    """Return the NATs of a machine's switches."""
    return tuple(
        Nat(
            prefix=switch.nat,
            name=nat_name(topology_name, switch.name),
            port_forwards=switch.port_forwards,
        )
        for switch in machine.switches
        if switch.nat is not None
    )
