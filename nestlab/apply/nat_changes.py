"""Changes of WinNAT: one at a time per machine, with retries while another program changes it."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

from nestlab.dataclass import dataclass
from nestlab.errors import CmdletError
from nestlab.model import Cmdlet, ErrorRecord, MachinePath, Outcome

CHANGES = frozenset(
    {
        "New-NetNat",
        "Set-NetNat",
        "Remove-NetNat",
        "Add-NetNatStaticMapping",
        "Set-NetNatStaticMapping",
        "Remove-NetNatStaticMapping",
    }
)
LIMIT_SECONDS = 300.0
MAPPING_LIMIT_SECONDS = 30.0
"""Shorter, because the same error also means that an external port is in use permanently."""

_LONGEST_WAIT_SECONDS = 8.0
# ERROR_SHARING_VIOLATION: WinNAT accepts one change at a time (windsorcli's Terraform provider,
# PR#98; also as 0x80070020).
_IN_USE = ("Windows System Error 32", "HRESULT 0x80070020")  # not shown

_locks: dict[tuple[str, MachinePath], threading.Lock] = {}
_locks_guard = threading.Lock()


def changes_nat(cmdlets: tuple[Cmdlet, ...]) -> bool:
    """Whether any of the cmdlets changes WinNAT."""
    return any(CHANGES & _names(cmdlet) for cmdlet in cmdlets)


def _names(cmdlet: Cmdlet) -> set[str]:
    return {stage.name for stage in cmdlet.stages}


def is_in_use(record: ErrorRecord) -> bool:
    """Whether WinNAT refused a change: another one is running, or the port is in use.

    >>> is_in_use(ErrorRecord("", "NotSpecified", "Windows System Error 32,New-NetNat"))
    True
    >>> is_in_use(ErrorRecord("", "NotSpecified", "Windows System Error 87,New-NetNat"))
    False
    """
    error, _, command = record.fully_qualified_error_id.partition(",")
    return error in _IN_USE and command in CHANGES


@dataclass(frozen=True)
class NatChangeRunner:
    """Runs the changes of one machine's WinNAT one at a time, across all runs of this process.

    Each is retried while WinNAT is in use.
    """

    host: str
    machine: MachinePath
    run: Callable[[Cmdlet], Outcome]
    wait: Callable[[float, ErrorRecord], None]

    def change(self, cmdlets: tuple[Cmdlet, ...]) -> Outcome:
        """Run the cmdlets in order; return their outcomes as one.

        Errors of `run` and `wait` are passed on.
        """
        outcomes = [self._with_retries(cmdlet) for cmdlet in cmdlets]
        return Outcome(
            tuple(record for outcome in outcomes for record in outcome.records),
            tuple(record for outcome in outcomes for record in outcome.errors),
            tuple(text for outcome in outcomes for text in outcome.warnings),
            tuple(text for outcome in outcomes for text in outcome.verbose),
        )

    def _with_retries(self, cmdlet: Cmdlet) -> Outcome:
        # The waits grow and are random, so that two programs do not collide again and again.
        waited, longest = 0.0, 1.0
        limit = (
            MAPPING_LIMIT_SECONDS if "Add-NetNatStaticMapping" in _names(cmdlet) else LIMIT_SECONDS
        )
        while True:
            try:
                with _lock_of(self.host, self.machine):
                    return self.run(cmdlet)
            except CmdletError as error:
                if not is_in_use(error.record) or waited >= limit:
                    raise
                seconds = longest * random.uniform(0.5, 1.0)  # noqa: S311  # no secret
                self.wait(seconds, error.record)
                waited, longest = waited + seconds, min(2 * longest, _LONGEST_WAIT_SECONDS)


def _lock_of(host: str, machine: MachinePath) -> threading.Lock:
    with _locks_guard:
        return _locks.setdefault((host, machine), threading.Lock())
