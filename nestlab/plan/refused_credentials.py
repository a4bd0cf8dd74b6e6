"""Guests that refuse their credential: shown in a plan, and left out of a run."""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.dataclass import dataclass, replace
from nestlab.errors import GuestCredentialRefused
from nestlab.model import MachinePath
from nestlab.plan.plan import Plan
from nestlab.plan.step import Deferred
from nestlab.texts import mark, translate


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
    wait = translate(_SETTING_UP) if found.may_be_setting_up else ""
    texts = (found.error.message, wait, found.error.hint, item.refused_advice)
    why = " ".join(filter(None, texts))
    return replace(item, why=why, first_boot=found.may_be_setting_up)


_SETTING_UP = mark(
    "Windows was started a few minutes ago, and may not have created the account yet."
)


def refusals(refused: RefusedCredentials, plan: Plan) -> dict[MachinePath, GuestCredentialRefused]:
    """Return the guests that a plan waits for and that refuse their credential, with the errors.

    A guest that may still be setting itself up is waited for, and is left out.
    """
    found = {}
    for item in plan.deferred:
        known = refused.get(item.machine)
        if item.is_running and known is not None and not known.may_be_setting_up:
            hint = " ".join(filter(None, (known.error.hint, item.refused_advice)))
            found[item.machine] = GuestCredentialRefused(
                known.error.host, known.error.message, hint=hint
            )
    return found
