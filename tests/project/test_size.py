"""Functions and modules stay small enough to be read in one go."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "nestlab"
MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_module_over_520_lines_and_no_function_over_95(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 520
    functions = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert [
        f"{f.name}: {f.end_lineno - f.lineno + 1} lines"
        for f in functions
        if f.end_lineno - f.lineno >= 95
    ] == []


def test_no_module_is_a_drawer_for_odds_and_ends():
    assert [
        path.name for path in MODULES if path.stem in ("utils", "util", "helpers", "common", "misc")
    ] == []
