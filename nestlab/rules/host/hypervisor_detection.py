"""Which hypervisor a machine runs on, if it is itself a VM."""

from __future__ import annotations

from nestlab.constants import AZURE_WIRE_SERVER_ADDRESS
from nestlab.model.state import HostState
from nestlab.texts import mark

HYPER_V_OR_AZURE = mark("Hyper-V or Azure")
"""The hypervisor of a machine whose manufacturer and model are those of a VM of Hyper-V."""

# Manufacturer and model (Win32_ComputerSystem) of virtual machines, and their hypervisor.
_VIRTUAL = (
    ("microsoft corporation", "virtual machine", HYPER_V_OR_AZURE),  # not shown
    ("qemu", "", "QEMU/KVM"),
    ("red hat", "", "QEMU/KVM"),  # not shown
    ("vmware", "", "VMware"),
    ("innotek", "", "VirtualBox"),
    ("xen", "", "Xen"),
    ("amazon ec2", "", "Amazon EC2"),  # not shown
    ("google", "google compute engine", "Google Compute Engine"),  # not shown
    ("parallels", "", "Parallels"),
)


def outer_hypervisor(state: HostState) -> str:
    """Return the hypervisor that the machine runs on; empty for a physical machine.

    `hypervisor_present` does not decide: it is true on every Hyper-V host as well.
    """
    maker, model = state.computer.manufacturer.casefold(), state.computer.model.casefold()
    for known_maker, known_model, hypervisor in _VIRTUAL:
        if known_maker in maker and known_model in model:
            return hypervisor
    return next((hypervisor for known, _, hypervisor in _VIRTUAL[1:] if known in model), "")


def is_azure(state: HostState) -> bool:
    """Whether this is a VM in Azure: a VM of Hyper-V whose DNS server is that of Azure."""
    dns_servers = {
        str(server) for interface in state.ip_interfaces for server in interface.dns_servers
    }
    return outer_hypervisor(state) == HYPER_V_OR_AZURE and AZURE_WIRE_SERVER_ADDRESS in dns_servers
