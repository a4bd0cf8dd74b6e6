"""Which PowerShell modules a machine has: they come with Windows, with a role's tools, or with the server editions."""

from __future__ import annotations

from nestlab.simulator.machine import Machine

_WORKSTATION = 1
_FEATURES = {
    "Hyper-V": ("Hyper-V-PowerShell",),
    "DhcpServer": ("DHCP", "RSAT-DHCP"),
}


def has_module(machine: Machine, module: str) -> bool:
    """Whether the module is installed on the machine."""
    if module == "ServerManager":
        return machine.operating_system.product_type != _WORKSTATION
    features = _FEATURES.get(module)
    return features is None or any(machine.features.get(feature) == "Installed" for feature in features)
