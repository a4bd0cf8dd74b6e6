"""The role of a topology: the commands that are visible in a session with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from nestlab.constants.commands import COMMANDS, GUEST_FUNCTION
from nestlab.dataclass import dataclass
from nestlab.export.jea.changing_commands import changing_commands
from nestlab.export.jea.lab_names import LabNames
from nestlab.export.jea.reading_commands import reading_commands
from nestlab.export.jea.visible_command import VisibleCommand
from nestlab.model.topology import Topology
from nestlab.simulator.powershell.binding.signatures import signature

ENGINE_MODULES = ("Microsoft.PowerShell.Core", "Microsoft.PowerShell.Utility")
"""The modules that every session has."""


@dataclass(frozen=True)
class Role:
    """What a session may run, and which guests it may enter.

    `cmdlets` go to VisibleCmdlets and `functions`, such as those of CIM-based modules, to
    VisibleFunctions. `proxied` are commands with a proxy function in the role's own module.
    `disks` is the pattern of the disks that may be mounted; `modules` are the modules that the
    commands need. `guests` has the VMs of the host, each with the VMs inside it.
    """

    name: str
    topology: str
    cmdlets: tuple[VisibleCommand, ...]
    functions: tuple[VisibleCommand, ...]
    proxied: tuple[VisibleCommand, ...]
    management_adapters: tuple[str, ...]
    switches: tuple[str, ...]
    nats: tuple[str, ...]
    disks: str
    modules: tuple[str, ...]
    guests: Mapping[str, tuple[str, ...]]
    guest_commands: tuple[str, ...]

    @property
    def commands(self) -> tuple[VisibleCommand, ...]:
        """All visible commands of Windows."""
        return self.cmdlets + self.functions + self.proxied


def role_of(topology: Topology) -> Role:
    """Return the role that plan, verify and undo of a topology need on the host."""
    names = LabNames(topology)
    commands = sorted(
        (*reading_commands(), *changing_commands(names)), key=lambda each: each.name.lower()
    )
    proxied = tuple(each for each in commands if each.required)
    direct = [each for each in commands if not each.required]
    guests = names.guests
    return Role(
        name=f"NestLab.{topology.name}",
        topology=topology.name,
        cmdlets=tuple(each for each in direct if not _is_function(each.name)),
        functions=tuple(each for each in direct if _is_function(each.name)),
        proxied=proxied,
        management_adapters=names.management_adapters,
        switches=tuple(each.name for each in names.own_switches),
        nats=names.nats,
        disks=names.own_disk,
        modules=tuple(_modules(each.name for each in commands)),
        guests=guests,
        guest_commands=tuple(sorted(COMMANDS)) if guests else (),
    )


def _is_function(name: str) -> bool:
    found = signature(name)
    return found is not None and found.is_function


def _modules(names: Iterable[str]) -> Iterator[str]:
    found = {known.module for name in names if (known := signature(name))}
    yield from sorted(found - set(ENGINE_MODULES))


def visible_functions(role: Role) -> tuple[str, ...]:
    """Return the names of the functions that the role's module exports."""
    names = [each.name for each in role.proxied]
    return (*names, GUEST_FUNCTION) if role.guests else tuple(names)
