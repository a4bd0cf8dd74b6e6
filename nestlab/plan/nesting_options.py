"""The options of a nesting change, and the state of its VMs before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nestlab.dataclass import dataclass
from nestlab.errors import UsageError
from nestlab.model.size import Size


@dataclass(frozen=True, kw_only=True)
class NestingOptions:
    """Whether a change exposes or hides the extensions, and what it may do for that.

    Args:
        enable: Expose the extensions; false hides them.
        memory_startup: Static memory for the VM; by default its current startup memory.
        processor_count: Virtual processors for the VM.
        keep_dynamic_memory: Keep dynamic memory enabled, although the amount does not change while
            Hyper-V runs in the VM.
        mac_address_spoofing: Enable it on the connected adapters, for VMs inside that are bridged
            to the outside.
        discard_saved_state: Allow a saved state to be discarded.
        turn_off: Allow turning off a VM that does not shut down in time.
        credential: Name of the credential for the guests of VMs that run Hyper-V already. With
            it, the VMs inside are read: the plan names those that stop, and starts them again.
        turn_off_now: Names of VMs that are turned off without a shutdown request.
    """

    enable: bool = True
    memory_startup: Size | None = None
    processor_count: int | None = None
    keep_dynamic_memory: bool = False
    mac_address_spoofing: bool = False
    discard_saved_state: bool = False
    turn_off: bool = False
    credential: str = ""
    turn_off_now: tuple[str, ...] = ()

    @classmethod
    def of(cls, *, enable: bool, **options: Any) -> NestingOptions:
        """Return the options; `memory_startup` may also be text, such as `8GB`.

        Raises UsageError if it is not a size.
        """
        memory = options.get("memory_startup")
        if memory is None:
            return cls(enable=enable, **options)
        try:
            return cls(enable=enable, **{**options, "memory_startup": Size.parse(memory)})
        except ValueError as error:
            message = f"memory_startup: {error}."
            raise UsageError(message) from None


@dataclass(frozen=True, kw_only=True)
class PreviousState:
    """The state of a VM before nestlab changed it, from its journals.

    `known` says whether a journal records that nesting was enabled. `state` is the power state to
    return to: Running or Paused. `memory` and `processor_count` are restored only where the VM
    still has what nestlab set (`memory_set`, `processor_count_set`); otherwise the user changed
    them since. `spoofing_allowed` are adapters, by Id; journals of earlier versions have their
    names.
    """

    known: bool = False
    state: str = ""
    memory: Mapping[str, Any] | None = None
    memory_set: Mapping[str, Any] | None = None
    processor_count: int | None = None
    processor_count_set: int | None = None
    spoofing_allowed: tuple[str, ...] = ()
