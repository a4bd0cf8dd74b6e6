"""Guests that run and do not let us in: which account, on which layer, and what to give instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nestlab.constants import POWERSHELL_DIRECT
from nestlab.errors import HostError
from nestlab.known_errors import explain
from nestlab.model.finding import Finding
from nestlab.model.machine_path import MachinePath, path_text

_LAYER = "PowerShell Direct takes an account of the guest's own Windows, not the one that opened the session to the host."


def guests_answer(silent: Mapping[MachinePath, HostError]) -> Iterator[Finding]:
    """What is inside a guest that does not answer is not known; one that refuses its account never will."""
    for path, error in silent.items():
        subject, evidence = (
            path_text(path),
            f"PowerShell Direct into {path_text(path)}: {error.message}",
        )
        known = explain(error.message)
        if known is not None and known.code == "guest-credential":
            hint = f"{_LAYER} {error.hint}"
            yield Finding(
                "guest-refuses",
                "error",
                subject,
                error.message,
                hint,
                evidence,
                POWERSHELL_DIRECT,
                runs_on="your machine",
            )
        else:
            message = f"what is inside is not known: {error.message}"
            yield Finding(
                "guest-silent", "info", subject, message, error.hint, evidence, POWERSHELL_DIRECT
            )
