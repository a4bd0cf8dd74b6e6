"""What a finding code or an error means: ``nestlab explain`` and ``nestlab.explain``."""

from __future__ import annotations

import re

from nestlab.dataclass import replace
from nestlab.known_errors import Explanation, Unexplained, explain_all, explain_code
from nestlab.model import ErrorRecord
from nestlab.rules.rule import Rule
from nestlab.rules.rule_registry import REGISTRY

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")


def all_rules() -> tuple[Rule, ...]:
    """Return the rules of all findings, by code in alphabetical order."""
    return tuple(REGISTRY.rules.values())


def explain(error: str | ErrorRecord) -> Rule | Explanation | Unexplained:
    """Return what a finding code, or the text, id or record of an error means.

    Where nothing is known the value is false, and suggests codes that are spelled similarly.

    >>> explain("spoofing-required").severity
    'error'
    >>> explain("Windows System Error 87,New-NetNat").code
    'nat-overlap'
    >>> explain("spofing-required").similar[0]
    'spoofing-required'
    """
    code = error.strip() if isinstance(error, str) else ""
    known = REGISTRY.find(code) or explain_code(code) or explain_all(error)
    if isinstance(known, Unexplained) and _CODE.fullmatch(code.casefold()):
        folded = code.casefold()
        return explain(folded) if folded != code else replace(known, similar=REGISTRY.similar(code))
    return known
