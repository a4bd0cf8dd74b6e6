"""The VMs and switches of a file, and the objects on a host with the same names."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from nestlab.dataclass import dataclass
from nestlab.errors import UsageError
from nestlab.model import MachinePath, path_text
from nestlab.model.spelling import same_name
from nestlab.model.state import HostState, SwitchState, VirtualMachineState
from nestlab.model.topology import VM, Switch, Topology
from nestlab.texts import tr


@dataclass(frozen=True)
class DeclaredObject:
    """A VM or switch of the file."""

    machine: MachinePath
    wanted: VM | Switch

    @property
    def path(self) -> MachinePath:
        """Its machine path, with its name."""
        return (*self.machine, self.wanted.name)

    @property
    def label(self) -> str:
        """What findings call it, in every language."""
        noun = "VM" if isinstance(self.wanted, VM) else "switch"
        return f"{noun} {path_text(self.path)}"

    @property
    def text(self) -> str:
        """What it is and its machine path, in the chosen language."""
        path = path_text(self.path)
        return f"VM {path}" if isinstance(self.wanted, VM) else tr("switch {switch}", switch=path)


def objects_of(topology: Topology) -> Iterator[DeclaredObject]:
    """Yield the switches and VMs of a file, at every level."""
    for path, machine in topology.machines():
        yield from (DeclaredObject(path, switch) for switch in machine.switches)
        yield from (DeclaredObject(path, vm) for vm in machine.vms)


def chosen_objects(
    topology: Topology, objects: list[DeclaredObject], only: Collection[str]
) -> list[DeclaredObject]:
    """Return the objects with these names or machine paths; all objects if none are given."""
    names = {name.strip().casefold(): name for name in only}
    if not names:
        return objects
    texts = [
        (each, {path_text(each.path).casefold(), each.wanted.name.casefold()}) for each in objects
    ]
    known = {text for _, own in texts for text in own}
    missing = [given for name, given in names.items() if name not in known]
    if missing:
        msg = tr(
            "{topology} has no VM or switch {names}",
            topology=topology.name,
            names=", ".join(missing),
        )
        paths = ", ".join(path_text(each.path) for each in objects)
        hint = (
            tr("VMs and switches of the file: {paths}.", paths=paths)
            if paths
            else tr("VMs and switches of the file: none.")
        )
        raise UsageError(msg, hint=hint)
    return [each for each, own in texts if own & names.keys()]


Existing = list[VirtualMachineState] | list[SwitchState]


def existing_objects(named: DeclaredObject, state: HostState) -> Existing:
    """Return the objects on its machine that have the name of a declared object."""
    if state.hyper_v is None:
        return []
    if isinstance(named.wanted, VM):
        return state.hyper_v.vms_named(named.wanted.name)
    return [each for each in state.hyper_v.switches if same_name(each.name, named.wanted.name)]
