"""The topology: the desired state of a host, at every level."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import chain

from nestlab.dataclass import dataclass, field
from nestlab.model.machine_path import HOST, MachinePath
from nestlab.model.origin import Origin
from nestlab.model.plain import Declared
from nestlab.model.topology.declared_check import Check
from nestlab.model.topology.declared_image import Image, images_by_name
from nestlab.model.topology.declared_network import Route, Switch, Uplink
from nestlab.model.topology.declared_vm import VM
from nestlab.texts import tr_count
from nestlab.visible import visible


@dataclass(frozen=True, kw_only=True)
class Topology(Declared):
    """The desired state of a host: its switches and VMs, at every level.

    `origin` is the file it was read from (text and positions), so that findings can name lines
    and saving keeps comments; it is excluded from comparison.
    """

    name: str
    description: str = ""
    uplinks: tuple[Uplink, ...] = ()
    images: tuple[Image, ...] = field(default=(), metadata={"write": images_by_name})
    switches: tuple[Switch, ...] = ()
    vms: tuple[VM, ...] = ()
    forwarding: bool = False
    routes: tuple[Route, ...] = ()
    answers_ping: bool = True
    checks: tuple[Check, ...] = ()
    origin: Origin | None = field(default=None, repr=False, compare=False)

    @property
    def forwards(self) -> bool:
        """Whether the host routes between its adapters."""
        return self.forwarding

    def machines(self) -> Iterator[tuple[MachinePath, Topology | VM]]:
        """Return the host and every VM with its machine path, parents first, in file order."""
        host: tuple[MachinePath, Topology | VM] = HOST, self
        return chain((host,), self._vms_by_path)

    @cached_property
    def _vms_by_path(self) -> tuple[tuple[MachinePath, VM], ...]:
        return tuple(_machines(HOST, self.vms))

    def hosts(self) -> Iterator[tuple[MachinePath, Topology | VM]]:
        """Return the machines that run Hyper-V: the host and every nested host, parents first."""
        host: tuple[MachinePath, Topology | VM] = HOST, self
        return chain((host,), self._nested_hosts_by_path)

    @cached_property
    def _nested_hosts_by_path(self) -> tuple[tuple[MachinePath, VM], ...]:
        return tuple([(path, vm) for path, vm in self._vms_by_path if vm.nested is not None])

    def machine(self, path: MachinePath) -> Topology | VM:
        """Return the machine at a path; raises KeyError if there is none."""
        for candidate, machine in self.machines():
            if candidate == path:
                return machine
        raise KeyError(path)

    def _repr_html_(self) -> str:
        from nestlab.html import without_math  # noqa: PLC0415  # only notebooks need it
        from nestlab.model.topology.html_table import machine_details, topology_table  # noqa: PLC0415  # only notebooks need it

        table = topology_table(
            self.switches,
            self.vms,
            self.checks,
            caption=f"{self.name}: {self.description}" if self.description else self.name,
            host_details=machine_details(
                forwarding=self.forwarding, routes=self.routes, answers_ping=self.answers_ping
            ),
        )
        return without_math(table)

    def __repr__(self) -> str:
        vms = sum(1 for _ in self.machines()) - 1
        switches = sum(len(machine.switches) for _, machine in self.hosts())
        counts = ", ".join(
            (
                tr_count("{count} VM", "{count} VMs", vms),
                tr_count("{count} switch", "{count} switches", switches),
            )
        )
        return visible(f"<Topology {self.name}: {counts}>")


def _machines(path: MachinePath, vms: tuple[VM, ...]) -> Iterator[tuple[MachinePath, VM]]:
    for vm in vms:
        inner = (*path, vm.name)
        yield inner, vm
        yield from _machines(inner, vm.vms)
