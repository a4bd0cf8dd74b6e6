"""Faults to inject into a simulated host: at which call, and what goes wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import ClassVar

from nestlab.dataclass import dataclass
from nestlab.errors import UsageError
from nestlab.model import ErrorRecord
from nestlab.simulator.powershell.binding.signatures import command_names, signature
from nestlab.texts import tr

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "fail": "the cmdlet fails with the error, and changes nothing",
        "deny": "the cmdlet fails because of missing rights, with the error of its module",
        "slow": "the cmdlet takes more time",
        "drop": "the cmdlet completes, and the session is lost before the result",
        "refuse": "the machine refuses the session, and the cmdlet does not run",
        "power-cut": "the machine loses power and restarts",
    }
)
"""The kinds of faults, with a description of each."""


@dataclass
class Fault:
    """A fault of a simulated host.

    It applies to the `nth` call of a cmdlet (from 1; 0: to every call), or of any cmdlet if
    `cmdlet` is empty.

    With `chance` it applies to each call with that probability, drawn from the scenario's seed, so
    that the same calls get the same faults. A power cut happens after that many effects
    of the cmdlet (`after_effects`), which remain. `seconds` are virtual. `call_count`
    is the number of calls so far.
    """

    kind: str = "fail"
    cmdlet: str = ""
    nth: int = 1
    chance: float = 0.0
    after_effects: int = 0
    seconds: float = 0.0
    message: str = "The operation failed because of an injected fault."
    category: str = "NotSpecified"
    error_id: str = "InjectedFault"
    call_count: int = 0

    # In states that earlier versions saved.
    FORMER_FIELDS: ClassVar = {"moment": "after_effects", "seen": "call_count"}

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            msg = f"{self.kind!r} is not a kind of fault; the kinds are {', '.join(KINDS)}"
            raise ValueError(msg)

    @classmethod
    def parse(cls, text: str) -> Fault:
        """Read ``KIND[:CMDLET[:NTH[:EFFECTS]]]``; raises UsageError.

        For ``slow``, the last part is the number of seconds.

        >>> Fault.parse("power-cut:New-VM:2").nth, Fault.parse("slow:start-vm:0:600").cmdlet
        (2, 'Start-VM')
        """
        kind, cmdlet, *numbers = (*text.split(":"), "")[: max(2, text.count(":") + 1)]
        if kind not in KINDS:
            reason = (
                tr("{kind!r} is not a kind of fault", kind=kind)
                if kind
                else tr("its kind is missing")
            )
            raise _invalid_fault(text, reason, kind, KINDS)
        command = signature(cmdlet) if cmdlet else None
        if cmdlet and command is None:
            raise _invalid_fault(
                text,
                tr("{cmdlet!r} is not a cmdlet of the simulated host", cmdlet=cmdlet),
                cmdlet,
                command_names(),
            )
        if len(numbers) > 2 or not all(number.isascii() and number.isdigit() for number in numbers):  # noqa: PLR2004  # NTH, EFFECTS
            reason = tr("at most two whole numbers can follow the cmdlet")
            raise _invalid_fault(text, reason, "", ())
        nth, last = (*map(int, numbers), *(1, 0)[len(numbers) :])
        name = command.name if command else ""
        return (
            cls(kind, name, nth=nth, seconds=last)
            if kind == "slow"
            else cls(kind, name, nth=nth, after_effects=last)
        )

    def applies_to(self, cmdlet: str, seed: str) -> bool:
        """Count a call, and return whether the fault applies to it."""
        if self.cmdlet and self.cmdlet.lower() != cmdlet.lower():
            return False
        self.call_count += 1
        if self.chance:
            digest = hashlib.sha256(
                f"{seed}:{self.kind}:{self.cmdlet}:{self.call_count}".encode()
            ).digest()
            return int.from_bytes(digest[:8], "big") < self.chance * (1 << 64)
        return self.nth in (0, self.call_count)

    def error_record(self, cmdlet: str) -> ErrorRecord:
        """Return the error of a call of the cmdlet."""
        fully_qualified_id = self.error_id if "," in self.error_id else f"{self.error_id},{cmdlet}"
        return ErrorRecord(self.message, self.category, fully_qualified_id, cmdlet)


def _invalid_fault(text: str, reason: str, given: str, known: Iterable[str]) -> UsageError:
    from difflib import get_close_matches  # noqa: PLC0415  # only a wrong word needs it

    near = get_close_matches(given, list(known), 1)
    form = tr(
        "Write KIND:CMDLET:NTH, for example drop:New-VMSwitch:1. Kinds: {kinds}.",
        kinds=", ".join(KINDS),
    )
    guess = tr("Did you mean {name}?", name=near[0]) if near else ""
    message = tr("{text!r} is not a fault: {reason}.", text=text, reason=reason)
    return UsageError(message, hint=" ".join(filter(None, (guess, form))))
