"""Functions and modules stay small enough to be read in one go, and their texts narrow enough."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(Path(__file__).parent))

import finished  # noqa: E402  # beside this file, which is no package
import sizes  # noqa: E402

PACKAGE = ROOT / "nestlab"
MODULES = sorted(PACKAGE.rglob("*.py"))


def modules(places):
    return {path for place in places for path in sizes.modules(ROOT / place)}


@pytest.mark.parametrize(
    "path", sorted(modules(finished.SIZE)), ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_modules_and_functions_are_within_the_limits(path):
    assert [text for size in sizes.sizes(path) if (text := size.over(sizes.LIMITS))] == []


@pytest.mark.parametrize(
    "path", sorted(modules(finished.WIDTH)), ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_comments_and_docstrings_are_within_100_columns(path):
    assert sizes.wide(path) == []


def test_most_functions_are_short():
    lines = [size.lines for path in MODULES for size in sizes.sizes(path) if size.name]
    assert sizes.percentile(lines, 0.5) <= 8
    assert sizes.percentile(lines, 0.9) <= 22


def test_what_is_held_is_there():
    places = {*finished.WORDS, *finished.SIZE, *finished.WIDTH}
    assert [place for place in places if not (ROOT / place).exists()] == []


def test_statements_are_counted_without_docstrings_and_inner_functions(tmp_path):
    path = tmp_path / "module.py"
    path.write_text(
        'def outer():\n    """Do."""\n    def inner():\n        x = 1\n        return x\n    return inner\n',
        encoding="utf-8",
    )
    measured = {size.name: (size.lines, size.statements) for size in sizes.sizes(path)}
    assert measured == {"": (6, 6), "outer": (6, 2), "inner": (3, 2)}


def test_no_module_is_a_drawer_for_odds_and_ends():
    assert [
        path.name for path in MODULES if path.stem in ("utils", "util", "helpers", "common", "misc")
    ] == []
