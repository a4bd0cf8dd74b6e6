"""Observing: what is on the host and in its guests, as host states."""

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
from nestlab.observe.missing_objects import missing_objects
from nestlab.observe.nested_hosts import Unread, states_inside, with_nested_hosts
from nestlab.observe.security import is_elevated
from nestlab.observe.vm_states import read_vm_states

__all__ = [
    "OnUnreachable",
    "ParentCache",
    "Unread",
    "VMScope",
    "identify",
    "ignore_unreachable",
    "is_elevated",
    "missing_objects",
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
