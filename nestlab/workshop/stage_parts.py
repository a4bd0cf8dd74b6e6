"""What a stage's `until` names: kinds of objects, switches and VMs of the topology."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from nestlab.model import MachinePath, path_text
from nestlab.model.topology import VM, Topology


class StagePart(StrEnum):
    """The words that `until` knows, each with what is there then.

    SWITCHES: the switches of the host, without NAT and DHCP. NAT: the same with NAT, port forwards
    and DHCP. VMS: the VMs of the host, as plain VMs. NESTED: nested hosts, with extensions, role
    and their switches. ALL: the whole topology.
    """

    SWITCHES = "switches"
    NAT = "nat"
    VMS = "vms"
    NESTED = "nested"
    ALL = "all"


def vm_paths(topology: Topology, name: str) -> list[MachinePath]:
    """Return the VMs that a name or a machine path can mean; names ignore case."""
    folded = name.casefold()
    return [
        path
        for path, machine in topology.machines()
        if isinstance(machine, VM) and folded in (path[-1].casefold(), path_text(path).casefold())
    ]


def has_switch(topology: Topology, name: str) -> bool:
    """Whether the host has a switch of this name."""
    return any(switch.name.casefold() == name.casefold() for switch in topology.switches)


def known_parts(topology: Topology) -> Iterator[str]:
    """Yield everything that `until` can name in a topology."""
    yield from (part.value for part in StagePart)
    yield from (switch.name for switch in topology.switches)
    for path, machine in topology.machines():
        if isinstance(machine, VM):
            yield from dict.fromkeys((path[-1], path_text(path)))
