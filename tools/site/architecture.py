"""The picture of the layers, from the contract that the test run checks."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

_PLACE = "<!-- layers: from pyproject.toml -->"


def with_layers(text: str, root: Path) -> str:
    """Return a page with the layers where it has a place for them."""
    return text.replace(_PLACE, _table(root)) if _PLACE in text else text


def _table(root: Path) -> str:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (
        contract
        for contract in project["tool"]["importlinter"]["contracts"]
        if contract.get("containers") == ["nestlab"]
    )
    rows = [
        f"| {' '.join(f'`{name}`' for name in names)} | {_summaries(root, names)} |"
        for names in (layer.split(" | ") for layer in contract["layers"])
    ]
    return "\n".join(["| layer | what it is |", "|---|---|", *rows])


def _summaries(root: Path, names: list[str]) -> str:
    return " ".join(_summary(root / "nestlab" / name) for name in names).replace("|", r"\|")


def _summary(path: Path) -> str:
    """Return the first line of a module's or package's docstring."""
    module = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.split("\n\n")[0].split())
