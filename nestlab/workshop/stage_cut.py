"""The cut of a topology that a stage is: what is there at its end, with the stage's checks."""

from __future__ import annotations

from collections.abc import Iterable

from nestlab.dataclass import dataclass, replace
from nestlab.model import HOST, MachinePath
from nestlab.model.topology import VM, Nested, Switch, Topology
from nestlab.workshop.stage_parts import StagePart, has_switch, vm_paths
from nestlab.workshop.workshop_values import Seat, Workshop, WorkshopStage


def stage_named(workshop: Workshop, name: str) -> WorkshopStage:
    """Return the stage with a name, in any case; raises KeyError if there is none."""
    for stage in workshop.stages:
        if stage.name.casefold() == name.casefold():
            return stage
    raise KeyError(name)


def stage_topology(seat: Seat, stage: WorkshopStage) -> Topology:
    """Return what a seat has at the end of a stage, with the checks of the stage."""
    return seat.copy(cut_of(seat.workshop, stage))


def cut_of(workshop: Workshop, stage: WorkshopStage) -> Topology:
    """Return the part of a workshop's topology that is there at the end of a stage.

    It is what the stage and those before it name, with what that needs: the switches that a VM is
    connected to, and the nested hosts that it is in.
    """
    stages = workshop.stages[: workshop.stages.index(stage) + 1]
    parts = [part for each in stages for part in each.until]
    cut = _Cut.of(workshop.base, parts)
    return replace(cut.topology(), checks=stage.checks)


@dataclass(frozen=True)
class _Cut:
    """What is kept: kinds of objects, switches of the host by name, VMs by path.

    `opened` are the nested hosts whose extensions, role and switches are there.
    """

    base: Topology
    kinds: frozenset[StagePart]
    switches: frozenset[str]
    vms: frozenset[MachinePath]
    opened: frozenset[MachinePath]

    @classmethod
    def of(cls, base: Topology, parts: Iterable[str]) -> _Cut:
        kinds: set[StagePart] = set()
        switches: set[str] = set()
        vms: set[MachinePath] = set()
        for part in parts:
            name = part.casefold()
            if name in set(StagePart):
                kinds.add(StagePart(name))
            elif has_switch(base, part):
                switches.add(name)
            else:
                (path,) = vm_paths(base, part)
                vms |= {path[:depth] for depth in range(1, len(path) + 1)}
        opened = {path[:-1] for path in vms} - {HOST}
        if StagePart.NESTED in kinds:
            opened |= {path for path, _ in base.hosts() if len(path) == 1}
        if kinds & {StagePart.VMS, StagePart.NESTED}:
            vms |= {(vm.name,) for vm in base.vms}
        return cls(base, frozenset(kinds), frozenset(switches), frozenset(vms), frozenset(opened))

    def topology(self) -> Topology:
        """Return the topology with what is kept."""
        if StagePart.ALL in self.kinds:
            return self.base
        vms = self._kept(self.base.vms, HOST)
        used = {
            (each.switch or "").casefold() for vm in vms for each in vm.network_adapters
        } | self.switches
        every = self.kinds & {StagePart.SWITCHES, StagePart.NAT}
        switches = (
            self._switch(switch)
            for switch in self.base.switches
            if every or switch.existing or switch.name.casefold() in used
        )
        return replace(self.base, switches=tuple(switches), vms=vms)

    def _kept(self, vms: tuple[VM, ...], above: MachinePath) -> tuple[VM, ...]:
        return tuple(self._vm(vm, (*above, vm.name)) for vm in vms if (*above, vm.name) in self.vms)

    def _vm(self, vm: VM, path: MachinePath) -> VM:
        if vm.nested is None:
            return vm
        if path not in self.opened:
            return replace(vm, nested=None)
        switches = tuple(map(self._inner_switch, vm.switches))
        return replace(vm, nested=Nested(switches=switches, vms=self._kept(vm.vms, path)))

    def _switch(self, switch: Switch) -> Switch:
        return switch if switch.name.casefold() in self.switches else self._inner_switch(switch)

    def _inner_switch(self, switch: Switch) -> Switch:
        """Return a switch without NAT, port forwards and DHCP, unless these are kept."""
        if switch.existing or StagePart.NAT in self.kinds:
            return switch
        return replace(switch, nat=None, port_forwards=(), dhcp=None)
