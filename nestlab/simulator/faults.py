"""Faults that are planted on purpose: a cmdlet that fails, takes long, is cut off, or loses its session."""

from __future__ import annotations

from dataclasses import dataclass

from nestlab.model import ErrorRecord

KINDS = ("fail", "slow", "drop", "deny", "power-cut")


@dataclass
class Fault:
    """One fault. It strikes at the n-th call of a cmdlet (`nth`, from 1), or of any cmdlet where `cmdlet` is empty.

    Kinds: ``fail`` gives the error, nothing is done; ``slow`` takes `seconds` more; ``deny`` refuses access; ``drop`` does the work and
    loses the session before the answer; ``power-cut`` loses the machine before anything is done: it restarts.
    """

    kind: str = "fail"
    cmdlet: str = ""
    nth: int = 1
    seconds: float = 0.0
    message: str = "The operation failed because of a planted fault."
    category: str = "NotSpecified"
    error_id: str = "PlantedFault"
    seen: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            msg = f"{self.kind!r} is no kind of fault; known are {', '.join(KINDS)}"
            raise ValueError(msg)

    def strikes(self, cmdlet: str) -> bool:
        """Count a call, and say whether this is the one."""
        if self.cmdlet and self.cmdlet.lower() != cmdlet.lower():
            return False
        self.seen += 1
        return self.seen == self.nth

    def record(self, cmdlet: str) -> ErrorRecord:
        """Return the error that the call gives."""
        if self.kind == "deny":
            return ErrorRecord(
                "Access is denied.", "PermissionDenied", f"AccessDenied,{cmdlet}", cmdlet, "System.UnauthorizedAccessException"
            )
        return ErrorRecord(self.message, self.category, f"{self.error_id},{cmdlet}", cmdlet)
