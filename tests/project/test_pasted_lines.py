"""What a message shows to be pasted into PowerShell parses: what is to be filled in is in quotes."""

from __future__ import annotations

import ast
import re
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "nestlab"
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
_TO_FILL_IN = re.compile(r"\b[A-Z][a-z]+-[A-Z]\w+\b(?:(?!\. )[^\n])*?(?:<\w|…|\.\.\.)")
"""A cmdlet, and in the same sentence a placeholder: bare angle brackets are redirections."""


def unquoted(text: str) -> list[str]:
    return _TO_FILL_IN.findall(_QUOTED.sub("", text))


def test_what_is_to_be_filled_in_is_in_quotes():
    found = {
        f"{path.relative_to(PACKAGE)}:{node.lineno}: {node.value[:80]}"
        for path in PACKAGE.rglob("*.py")
        if "simulator" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and unquoted(node.value)
    }
    assert found == set()


def test_the_search_finds_what_does_not_parse():
    assert unquoted("Rename one: Get-VM -Id <Id> | Rename-VM -NewName 'x'.")
    assert unquoted("Run Set-VMHost -MacAddressMinimum … first.")
    assert not unquoted("Rename one: Get-VM -Id '<Id>' | Rename-VM -NewName '<name>'.")
    assert not unquoted("Get-VM failed. Write disk: {parent: ...}.")
