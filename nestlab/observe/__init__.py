"""Observing: what is on the host and in its guests, as host states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nestlab.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from nestlab.observe.dhcp import with_scope_settings
    from nestlab.observe.disk_files import with_disks, with_disks_in
    from nestlab.observe.disk_uses import ParentCache, read_disk_uses, with_disk_uses
    from nestlab.observe.guests import (
        OnUnreachable,
        VMScope,
        ignore_unreachable,
        observe_all,
        observe_one,
        observe_own_vms,
    )
    from nestlab.observe.identity import identify
    from nestlab.observe.machines import observe, with_checkpoints
    from nestlab.observe.nested_hosts import Unread, states_inside, with_nested_hosts
    from nestlab.observe.security import is_elevated
    from nestlab.observe.vm_states import read_vm_states

__getattr__ = lazy_exports(
    __name__,
    {
        "OnUnreachable": "guests",
        "ParentCache": "disk_uses",
        "Unread": "nested_hosts",
        "VMScope": "guests",
        "identify": "identity",
        "ignore_unreachable": "guests",
        "is_elevated": "security",
        "observe": "machines",
        "observe_all": "guests",
        "observe_one": "guests",
        "observe_own_vms": "guests",
        "read_disk_uses": "disk_uses",
        "read_vm_states": "vm_states",
        "states_inside": "nested_hosts",
        "with_checkpoints": "machines",
        "with_disk_uses": "disk_uses",
        "with_disks": "disk_files",
        "with_disks_in": "disk_files",
        "with_nested_hosts": "nested_hosts",
        "with_scope_settings": "dhcp",
    },
)
"""A plan imports nothing that a run needs, such as the identification of objects."""

__all__ = [
    "OnUnreachable",
    "ParentCache",
    "Unread",
    "VMScope",
    "identify",
    "ignore_unreachable",
    "is_elevated",
    "observe",
    "observe_all",
    "observe_one",
    "observe_own_vms",
    "read_disk_uses",
    "read_vm_states",
    "states_inside",
    "with_checkpoints",
    "with_disk_uses",
    "with_disks",
    "with_disks_in",
    "with_nested_hosts",
    "with_scope_settings",
]
