"""Guests that refuse their credential: shown in a plan, and a reason not to start a run."""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.dataclass import dataclass, replace
from nestlab.errors import GuestCredentialRefused
from nestlab.model import MachinePath
from nestlab.plan.plan import Plan
from nestlab.plan.step import Deferred


@dataclass(frozen=True)
class RefusedCredential:
    """The error of a guest that refused its credential when it was observed.

    With `may_be_setting_up`, Windows may not have created the account yet: it is on a generalized
    image, and was started a few minutes ago.
    """

    error: GuestCredentialRefused
    may_be_setting_up: bool = False


RefusedCredentials = Mapping[MachinePath, RefusedCredential]


def with_refused_credentials(plan: Plan, refused: RefusedCredentials) -> Plan:
    """Return a plan whose deferred guests say that they refuse their credential, and what to do."""
    deferred = tuple(_with_refusal(item, refused.get(item.machine)) for item in plan.deferred)
    return replace(plan, deferred=deferred)


def _with_refusal(item: Deferred, found: RefusedCredential | None) -> Deferred:
    if found is None or not item.is_running:
        return item
    wait = _SETTING_UP if found.may_be_setting_up else ""
    texts = (found.error.message, wait, found.error.hint, item.refused_advice)
    why = " ".join(filter(None, texts))
    return replace(item, why=why, first_boot=found.may_be_setting_up)


_SETTING_UP = "Windows was started a few minutes ago, and may not have created the account yet."


def require_accepted_credentials(plan: Plan, refused: RefusedCredentials) -> None:
    """Raise GuestCredentialRefused where a guest that a plan waits for refuses its credential.

    The error names all of them. A guest that may be setting itself up is waited for.
    """
    found = [
        (refused[item.machine].error, item.refused_advice)
        for item in plan.deferred
        if item.is_running
        and item.machine in refused
        and not refused[item.machine].may_be_setting_up
    ]
    if not found:
        return
    first = found[0][0]
    message = "\n".join(error.message for error, _ in found)
    hints = (text for error, advice in found for text in (error.hint, advice) if text)
    raise GuestCredentialRefused(first.host, message, hint="\n  ".join(dict.fromkeys(hints)))
