"""A network: the elements of all levels, and the lookup tables of a walk."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from nestlab.dataclass import dataclass, field
from nestlab.model.topology import Topology
from nestlab.reachability.elements import Assumption, Elements, Interface, Stack, SwitchUplink, Wire
from nestlab.reachability.tables import Tables
from nestlab.texts import tr, tr_count
from nestlab.visible import visible


@dataclass(frozen=True, kw_only=True)
class Network:
    """Wires, uplinks and IP stacks of all levels. A frozen value.

    Created by `from_topology` (the desired state), `from_states` (the observed state), or from its
    elements. A NAT that a fix creates is named after the topology, as nestlab would name it.
    `declared` is the topology; None if the network was created without one.
    """

    wires: tuple[Wire, ...] = ()
    uplinks: tuple[SwitchUplink, ...] = ()
    stacks: tuple[Stack, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    topology_name: str = ""
    declared: Topology | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(
        cls, parts: Elements, topology_name: str = "", declared: Topology | None = None
    ) -> Network:
        """Return the network that consists of these elements."""
        return cls(
            wires=parts.wires,
            uplinks=parts.uplinks,
            stacks=parts.stacks,
            assumptions=parts.assumptions,
            topology_name=topology_name,
            declared=declared,
        )

    @cached_property
    def tables(self) -> Tables:
        """The lookup tables, built once per network."""
        return Tables(self.uplinks, self.stacks)

    def machines(self) -> Iterator[Stack]:
        """Yield the stacks of machines, without gateways."""
        return (stack for stack in self.stacks if stack.kind == "machine")

    def interfaces(self) -> Iterator[tuple[Stack, Interface]]:
        """Yield every interface with its stack."""
        return ((stack, interface) for stack in self.stacks for interface in stack.interfaces)

    @property
    def summary(self) -> str:
        """The numbers of machines, switches and wires, as text."""
        switches = sum(1 for wire in self.wires if not wire.key.physical)
        return tr(
            "Network: {machines}, {switches}, {wires}",
            machines=tr_count("{count} machine", "{count} machines", len([*self.machines()])),
            switches=tr_count("{count} switch", "{count} switches", switches),
            wires=tr_count("{count} wire", "{count} wires", len(self.wires)),
        )

    def __repr__(self) -> str:
        return visible(f"<{self.summary}>")

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data: ``{"machines": [...], "wires": [...], "assumptions": [...]}``."""
        machines = [
            {
                "machine": stack.label,
                "kind": stack.kind,
                "interfaces": [_interface_data(interface) for interface in stack.interfaces],
                "nats": [str(nat.prefix) for nat in stack.nats],
            }
            for stack in self.stacks
        ]
        return {
            "machines": machines,
            "wires": [{"wire": str(wire.key), "kind": wire.kind} for wire in self.wires],
            "assumptions": [assumption.text for assumption in self.assumptions],
        }

    def _repr_html_(self) -> str:
        from nestlab.html import headline, table, without_math  # noqa: PLC0415  # only notebooks need it

        rows = [
            (
                stack.label,
                i.name,
                i.port.wire or tr("not connected"),
                ", ".join(map(str, i.addresses)),
                i.gateway or "",
            )
            for stack, i in self.interfaces()
        ]
        headers = (tr("machine"), tr("adapter"), tr("on"), tr("addresses"), tr("gateway"))
        return without_math(headline("", self.summary), table(headers, rows))


def _interface_data(interface: Interface) -> dict[str, Any]:
    return {
        "name": interface.name,
        "wire": str(interface.port.wire) if interface.port.wire else None,
        "mac_address": interface.port.mac_address,
        "addresses": [str(address) for address in interface.addresses],
        "gateway": str(interface.gateway) if interface.gateway else None,
    }
