"""Observing: what is on the host and in its guests, as host states."""

from nestlab.observe.guests import observe_all, observe_one
from nestlab.observe.machines import observe, with_disks

__all__ = ["observe", "observe_all", "observe_one", "with_disks"]
