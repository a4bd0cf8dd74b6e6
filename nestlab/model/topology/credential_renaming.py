"""The names of the credentials in a topology, replaced by others."""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.dataclass import replace
from nestlab.model.topology.declared_topology import Topology
from nestlab.model.topology.declared_vm import VM


def with_credential_names(topology: Topology, names: Mapping[str, str]) -> Topology:
    """Return a topology with other credential names: `names` maps old names to new ones.

    All others stay.
    """
    return replace(topology, vms=tuple(_renamed(vm, names) for vm in topology.vms))


def _renamed(vm: VM, names: Mapping[str, str]) -> VM:
    credential = vm.guest.credential
    inner = vm.nested and replace(
        vm.nested, vms=tuple(_renamed(child, names) for child in vm.nested.vms)
    )
    known = credential if credential is None else names.get(credential, credential)
    return replace(vm, guest=replace(vm.guest, credential=known), nested=inner)
