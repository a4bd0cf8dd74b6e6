"""What is wanted of a change of nesting, and what its VMs were like before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nestlab.model.size import Size


@dataclass(frozen=True, kw_only=True)
class NestingOptions:
    """What is wanted of a change: extensions exposed or hidden, and what it may do for that.

    Args:
        enable: Expose the extensions; false hides them.
        memory_startup: Static memory for the VM; without it, what it starts with now.
        processor_count: Virtual processors for the VM.
        keep_dynamic_memory: Leave dynamic memory on, although it does not float while Hyper-V runs
            inside.
        mac_address_spoofing: Allow it on the connected adapters, for VMs inside that are bridged to
            the outside.
        drop_saved_state: Agree that a saved state is discarded.
        turn_off: Agree that a VM that does not shut down in time is turned off.
        turn_off_now: Names of VMs that are turned off without being asked to shut down.
    """

    enable: bool = True
    memory_startup: Size | None = None
    processor_count: int | None = None
    keep_dynamic_memory: bool = False
    mac_address_spoofing: bool = False
    drop_saved_state: bool = False
    turn_off: bool = False
    turn_off_now: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PreviousState:
    """What a VM was like before nestlab changed it, as its journals remember it.

    `known` says whether they speak of enabling it. `state` is what it shall be again: Running or
    Paused. `memory` and `processor_count` come back only where the VM still has what nestlab had
    set (`memory_set`, `processor_count_set`): another value was set later by the user.
    `spoofing_allowed` are adapters, by Id; journals of earlier versions have their names.
    """

    known: bool = False
    state: str = ""
    memory: Mapping[str, Any] | None = None
    memory_set: Mapping[str, Any] | None = None
    processor_count: int | None = None
    processor_count_set: int | None = None
    spoofing_allowed: tuple[str, ...] = ()
