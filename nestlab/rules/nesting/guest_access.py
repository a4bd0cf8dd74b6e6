"""Rules about running guests that do not accept a session."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import POWERSHELL_DIRECT
from nestlab.dataclass import dataclass
from nestlab.errors import GuestCredentialRefused, HostError
from nestlab.model.finding import Finding
from nestlab.model.machine_path import MachinePath, path_text
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.texts import mark, tr, translate


@dataclass(frozen=True)
class UnansweredGuest:
    """A guest that could not be read, and the error."""

    path: MachinePath
    error: HostError


GUEST_REFUSES = Rule(
    code="guest-refuses",
    severity="error",
    looks_at=(Scope.NESTING,),
    meaning="A guest refuses the credential of the topology.",
    why="PowerShell Direct takes an account of the guest's own Windows, not the one that opened the session to the host. Further attempts could lock the account.",
    fix="Correct the user name or the password under the credential's name that the topology uses. Recreate the VM only if that does not help.",
    example="PowerShell Direct into HV1: HV1 refused lab\\admin",
    source=POWERSHELL_DIRECT,
)
GUEST_SILENT = Rule(
    code="guest-silent",
    severity="info",
    looks_at=(Scope.NESTING,),
    meaning="A guest does not answer, so what is inside is not known.",
    why="It is off, still starting, or PowerShell Direct is not available in it.",
    fix="Start the VM and wait for its heartbeat.",
    example="PowerShell Direct into HV1: HV1 does not answer",
    source=POWERSHELL_DIRECT,
)


@detects(GUEST_REFUSES, GUEST_SILENT)
def guest_access(guest: UnansweredGuest) -> Iterator[Finding]:
    """Report a guest that does not answer, or rejects its credential."""
    subject, error = path_text(guest.path), guest.error
    evidence = tr("PowerShell Direct into {machine}: {error}", machine=subject, error=error.message)
    if isinstance(error, GuestCredentialRefused):
        hint = f"{error.hint} {translate(_ACCOUNT)} {translate(_IMAGE, machine=subject)}"
        yield GUEST_REFUSES.finding(
            subject, error.message, hint=hint, evidence=evidence, runs_on=tr("your machine")
        )
    else:
        message = tr("what is inside is not known: {error}", error=error.message)
        yield GUEST_SILENT.finding(subject, message, hint=error.hint, evidence=evidence)


_ACCOUNT = mark(
    "PowerShell Direct takes an account of the guest's own Windows, not the one that opened the session to the host."
)
_IMAGE = mark(
    "If the account is correct, check `prepared` of the image. Windows that was generalized with sysprep refuses every account at its setup screens: its image needs prepared: false. Windows that is already set up reads no answer file: its image needs prepared: true. Correct that first; recreate the VM with `--recreate {machine}` last, which deletes its disks."
)
