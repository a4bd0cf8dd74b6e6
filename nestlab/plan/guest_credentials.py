"""The credentials of a topology's guests, by their names."""

from __future__ import annotations

from nestlab.model import MachinePath
from nestlab.model.topology import VM, Topology


def windows_credential_names(topology: Topology) -> dict[MachinePath, str]:
    """Return the credential names of the Windows guests that have one."""
    return {
        path: wanted.guest.credential
        for path, wanted in topology.machines()
        if isinstance(wanted, VM) and wanted.guest.os == "windows" and wanted.guest.credential
    }


def needed_credentials(topology: Topology) -> list[str]:
    """Return the names of all credentials that applying a topology needs, sorted.

    They are those of Windows guests, and of the accounts that cloud-init makes in Linux guests.
    """
    vms = [wanted for _, wanted in topology.machines() if isinstance(wanted, VM)]
    seeds = {vm.guest.credential for vm in vms if vm.has_seed and vm.guest.credential}
    return sorted(seeds | {*windows_credential_names(topology).values()})
