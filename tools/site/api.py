"""The reference of the Python API: one page a package, from the docstrings."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

NOT_SHOWN = {"cli"}  # the reference of the command line is its own page


@dataclass(frozen=True)
class ApiPage:
    """A page of the site and what makes its text."""

    path: str
    text: Callable[[], str]


@cache
def pages(root: Path) -> tuple[ApiPage, ...]:
    """Return the page of the public names, then one of each package that says what it exports."""
    packages = [
        f"nestlab.{folder.name}"
        for folder in sorted((root / "nestlab").iterdir())
        if folder.name not in NOT_SHOWN and (folder / "__init__.py").is_file()
    ]
    return tuple(
        ApiPage(f"reference/api/{name.removeprefix('nestlab.')}.md", partial(_page, name))
        for name in ("nestlab", *packages)
        if _exports(name)
    )


def _page(module: str) -> str:
    parts = [f"# {module}", _section(module, show_root_heading="false")]
    parts += [_section(path, heading=f"{name}") for name, path in _hidden(module)]
    return "\n\n".join(parts) + "\n"


def _section(path: str, **options: str) -> str:
    lines = [f"::: {path}", "    options:", *(f"      {key}: {options[key]}" for key in options)]
    return "\n".join(lines)


def _exports(module: str) -> list[str]:
    return list(getattr(importlib.import_module(module), "__all__", ()))


def _hidden(module: str) -> list[tuple[str, str]]:
    """Return the functions that a module of the same name hides from a reader of the source.

    ``nestlab.drawing.figure`` is a function to Python and a file to a reader of files.
    """
    package = importlib.import_module(module)
    values = {name: getattr(package, name) for name in _exports(module)}
    paths = {
        name: f"{value.__module__}.{value.__qualname__}"
        for name, value in values.items()
        if callable(value) and hasattr(value, "__qualname__")
    }
    return [
        (name, path) for name, path in paths.items() if path.split(".")[-2] == path.split(".")[-1]
    ]
