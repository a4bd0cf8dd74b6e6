"""Writes the scripts of a role: its module, and those that register and remove its endpoint."""

from __future__ import annotations

from importlib.resources import files
from string import Template

from nestlab.export.jea.data_files import GROUP_PLACEHOLDER
from nestlab.export.jea.proxy_functions import proxy_function
from nestlab.export.jea.role import Role, visible_functions
from nestlab.export.jea.visible_command import LabObject
from nestlab.export.powershell.source import comment
from nestlab.model.powershell_text import literal, quoted
from nestlab.transport.scripts import guest_function

_SCRIPT = "Invoke-NestLabGuestScript"


_TESTS = {
    "Test-NestLabAdapter": "adapters.psm1",
    "Test-NestLabMapping": "mappings.psm1",
    "Test-NestLabDisk": "disks.psm1",
    "Test-NestLabFile": "files.psm1",
}


class _Source(Template):
    """A script with placeholders: ``%{name}``."""

    delimiter = "%"


def module_script(role: Role) -> str:
    """Return the module: it imports the modules of the commands, and has the role's functions."""
    parts = [_filled("module.psm1", role)]
    values = (value for each in role.proxied for value in (each.parameters or {}).values())
    tested = {value.function for value in values if isinstance(value, LabObject)}
    parts += (_filled(name, role) for test, name in _TESTS.items() if test in tested)
    parts += map(proxy_function, role.proxied)
    if role.guests:
        parts += (guest_function(_SCRIPT), _filled("guest_function.psm1", role))
    parts.append(f"Export-ModuleMember -Function {literal(list(visible_functions(role)))}\n")
    return "\n".join(parts)


def registration_script(role: Role) -> str:
    """Return the script that registers the endpoint on a host."""
    return _filled("register.ps1", role)


def removal_script(role: Role) -> str:
    """Return the script that removes the endpoint from a host."""
    return _filled("unregister.ps1", role)


def _filled(name: str, role: Role) -> str:
    text = files(__package__).joinpath("templates", f"{name}.template").read_text(encoding="utf-8")
    return _Source(text.replace("\r\n", "\n")).substitute(
        name=quoted(role.name),
        title=comment(f"The role {role.name}, which builds the lab {role.topology}."),
        modules=literal(list(role.modules)),
        script=_SCRIPT,
        group=quoted(GROUP_PLACEHOLDER),
    )
