"""Pending installations and removals of roles and features, which a restart completes."""

from __future__ import annotations

from nestlab.simulator.behaviour import hyper_v_role
from nestlab.simulator.behaviour.network import default_switch
from nestlab.simulator.state.machine import Machine


def finish_pending(machine: Machine) -> None:
    """Complete pending installations and removals; called when a system starts."""
    for name, state in list(machine.features.items()):
        if state == "InstallPending":
            machine.features[name] = "Installed"
        elif state == "UninstallPending":
            del machine.features[name]
    if machine.features.get("Hyper-V") == "Installed" and machine.hyper_v is None:
        machine.hyper_v = hyper_v_role.new_hyper_v(machine)
    elif "Hyper-V" not in machine.features and machine.hyper_v is not None:
        machine.hyper_v = None
        machine.nats = []
        machine.adapters = [adapter for adapter in machine.adapters if adapter.kind != "management"]
        for adapter in machine.adapters:
            adapter.bound_switch = ""
    default_switch.renew(machine)
