"""Why a credential of guests is missing or unusable."""

from __future__ import annotations

from nestlab.dataclass import dataclass


@dataclass(frozen=True)
class CredentialProblem:
    """Why a credential of these guests is missing or unusable: a sentence, and what to do."""

    credential: str
    machines: tuple[str, ...]
    message: str
    fix: str
