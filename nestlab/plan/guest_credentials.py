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


def guests_by_credential(topology: Topology) -> dict[str, tuple[MachinePath, ...]]:
    """Return the names of all credentials that applying a topology needs, with their guests.

    They are for Windows guests, and for the accounts that cloud-init creates in Linux guests.
    """
    users: dict[str, tuple[MachinePath, ...]] = {}
    for path, vm in topology.machines():
        if isinstance(vm, VM) and vm.guest.credential and (vm.guest.os == "windows" or vm.has_seed):
            users[vm.guest.credential] = (*users.get(vm.guest.credential, ()), path)
    return users
