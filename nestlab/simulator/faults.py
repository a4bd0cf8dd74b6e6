"""Faults that are planted on purpose: a cmdlet that fails, takes long, is cut off, or loses its session."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from nestlab.errors import UsageError
from nestlab.model import ErrorRecord

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "fail": "the cmdlet gives the error, and nothing is done",
        "deny": "the cmdlet is refused for lack of rights, in the words of its module",
        "slow": "the cmdlet takes longer",
        "drop": "the cmdlet does its work, and the session is lost before the answer",
        "refuse": "the machine refuses the session, and nothing is done",
        "power-cut": "the machine loses power, and starts again",
    }
)
"""Every kind of fault, and what it does."""

CATEGORIES = (
    "NotSpecified", "OpenError", "CloseError", "DeviceError", "DeadlockDetected", "InvalidArgument", "InvalidData", "InvalidOperation",
    "InvalidResult", "InvalidType", "MetadataError", "NotImplemented", "NotInstalled", "ObjectNotFound", "OperationStopped",
    "OperationTimeout", "SyntaxError", "ParserError", "PermissionDenied", "ResourceBusy", "ResourceExists", "ResourceUnavailable",
    "ReadError", "WriteError", "FromStdErr", "SecurityError", "ProtocolError", "ConnectionError", "AuthenticationError",
    "LimitsExceeded", "QuotaExceeded", "NotEnabled",
)  # fmt: skip
"""System.Management.Automation.ErrorCategory (MicrosoftDocs/PowerShell-Docs)."""


@dataclass
class Fault:
    """One fault. It strikes at the `nth` call of a cmdlet (from 1; 0: at every call), or of any cmdlet where `cmdlet` is empty.

    With `chance` it strikes at any call with that probability, drawn from the scenario's seed: the same calls meet the
    same faults. A power cut comes after `moment` effects of the cmdlet: what these did stays.
    """

    kind: str = "fail"
    cmdlet: str = ""
    nth: int = 1
    chance: float = 0.0
    moment: int = 0
    seconds: float = 0.0
    message: str = "The operation failed because of a planted fault."
    category: str = "NotSpecified"
    error_id: str = "PlantedFault"
    seen: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            msg = f"{self.kind!r} is no kind of fault; known are {', '.join(KINDS)}"
            raise ValueError(msg)

    @classmethod
    def parse(cls, text: str) -> Fault:
        """Read ``KIND[:CMDLET[:NTH[:MOMENT]]]``; raises UsageError.

        >>> Fault.parse("power-cut:New-VM:2").nth
        2
        """
        kind, _, rest = text.partition(":")
        cmdlet, *numbers = rest.split(":")
        try:
            nth, moment = (*(int(number) for number in numbers), *(1, 0)[len(numbers) :])
            return cls(kind, cmdlet, nth=nth, moment=moment)
        except ValueError:
            msg = f"{text!r} is no fault."
            hint = f"Write KIND:CMDLET:NTH, for example drop:New-VMSwitch:1. Kinds: {', '.join(KINDS)}."
            raise UsageError(msg, hint=hint) from None

    def strikes(self, cmdlet: str, seed: str) -> bool:
        """Count a call, and say whether this is the one."""
        if self.cmdlet and self.cmdlet.lower() != cmdlet.lower():
            return False
        self.seen += 1
        if self.chance:
            digest = hashlib.sha256(f"{seed}:{self.kind}:{self.cmdlet}:{self.seen}".encode()).digest()
            return int.from_bytes(digest[:8], "big") < self.chance * (1 << 64)
        return self.nth in (0, self.seen)

    def record(self, cmdlet: str) -> ErrorRecord:
        """Return the error that the call of a cmdlet gives."""
        identity = self.error_id if "," in self.error_id else f"{self.error_id},{cmdlet}"
        return ErrorRecord(self.message, self.category, identity, cmdlet)
