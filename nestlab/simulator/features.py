"""Roles and features."""

from __future__ import annotations

from nestlab.simulator import role
from nestlab.simulator.machine import Machine


def finish_pending(machine: Machine) -> None:
    """Let features that waited for the restart take effect; called at the start of a system."""
    for name, state in list(machine.features.items()):
        if state == "InstallPending":
            machine.features[name] = "Installed"
        elif state == "UninstallPending":
            del machine.features[name]
    if machine.features.get("Hyper-V") == "Installed" and machine.hyper_v is None:
        machine.hyper_v = role.new_hyper_v(machine)
    elif "Hyper-V" not in machine.features:
        machine.hyper_v = None
