"""A role for one topology: a module with role capability, and a session configuration (JEA)."""

from __future__ import annotations

from pathlib import PurePosixPath

from nestlab.export.jea.data_files import manifest, role_capability, session_configuration
from nestlab.export.jea.role import role_of
from nestlab.export.jea.scripts import module_script, registration_script, removal_script
from nestlab.model.topology import Topology

REGISTRATION, REMOVAL = "Register-NestLabRole.ps1", "Unregister-NestLabRole.ps1"


def role_name(topology: Topology) -> str:
    """Return the name of the role of a topology, which is that of its module and its endpoint."""
    return f"NestLab.{topology.name}"


def role_files(topology: Topology) -> dict[PurePosixPath, str]:
    """Return the files of the role of a topology, by their path in the folder."""
    role = role_of(topology)
    module = PurePosixPath(role.name)
    return {
        module / f"{role.name}.psd1": manifest(role),
        module / f"{role.name}.psm1": module_script(role),
        module / "RoleCapabilities" / f"{role.name}.psrc": role_capability(role),
        PurePosixPath(f"{role.name}.pssc"): session_configuration(role),
        PurePosixPath(REGISTRATION): registration_script(role),
        PurePosixPath(REMOVAL): removal_script(role),
    }


__all__ = ["role_files", "role_name"]
