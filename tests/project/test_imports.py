"""What an import costs, and what old Pythons can read."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "nestlab"
HEAVY = (
    "anywidget",
    "ipywidgets",
    "jupyterlab",
    "keyring",
    "matplotlib",
    "networkx",
    "numpy",
    "pypsrp",
    "yaml",
)
LIGHT = (
    "nestlab",
    "nestlab.cli",
    "nestlab.model",
    "nestlab.rules",
    "nestlab.known_errors",
    "nestlab.plan",
    "nestlab.reachability",
    "nestlab.simulator",
    "nestlab.drawing",
    "nestlab.export",
)


@pytest.mark.parametrize("module", LIGHT)
def test_imports_nothing_heavy(module):
    code = f"import sys, {module}; print(*sorted({{name.partition('.')[0] for name in sys.modules}} & {set(HEAVY)!r}))"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == []


@pytest.mark.parametrize("name", ["__init__.py", "__main__.py", "texts/__init__.py"])
def test_python_38_can_read_what_tells_it_that_it_is_too_old(name):
    ast.parse((PACKAGE / name).read_text(encoding="utf-8"), feature_version=(3, 8))
