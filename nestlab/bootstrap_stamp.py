"""The stamp of a clone's environment, ``.venv``: the installed extras, and a hash of the inputs.

Standard library only, and little of it: each start of the command line reads the stamp.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

RUN_EXTRAS = ("credssp",)
TEST_EXTRAS = ("test",)
_INCLUDED = {"test": RUN_EXTRAS}
"""The extras that an extra includes, as in pyproject.toml."""

ROOT = Path(__file__).resolve().parent.parent


def is_ready(arguments: Sequence[str]) -> bool:
    """Whether this Python can run the command line without further installation.

    True in a current ``.venv`` of the clone, and in an installed package, where pip has installed
    the dependencies.
    """
    if not is_clone(ROOT):
        return True
    environment = ROOT / ".venv"
    try:
        return is_inside(environment) and is_current(ROOT, environment, extras_for(arguments))
    except OSError:  # `prepare` gets the same error, and reports it
        return False


def is_clone(root: Path) -> bool:
    """Whether the package is in a clone, and not in site-packages."""
    return (root / "pyproject.toml").is_file()


def extras_for(arguments: Sequence[str]) -> Sequence[str]:
    """Return the extras that a command line needs."""
    words = [
        word
        for before, word in zip(("", *arguments), arguments, strict=False)
        if not word.startswith("-") and before != "--language"
    ]
    testing = words[:1] == ["test"]
    return TEST_EXTRAS if testing else RUN_EXTRAS


def is_inside(environment: Path) -> bool:
    """Whether this Python runs in the environment."""
    return environment.exists() and Path(sys.prefix).resolve() == environment.resolve()


def is_current(root: Path, environment: Path, extras: Sequence[str]) -> bool:
    """Whether the environment has these extras, installed from the current inputs."""
    installed = read_stamp(stamp_of(environment), installation_key(root, environment))
    included = {name for extra in installed for name in _INCLUDED.get(extra, ())}
    return set(extras) <= installed | included


def stamp_of(environment: Path) -> Path:
    """Return the path of the stamp."""
    return environment / "nestlab-stamp.json"


def installation_key(root: Path, environment: Path) -> str:
    """Return a hash of the installation's inputs: project, constraints, Python and path."""
    digest = hashlib.sha256()
    for path in (root / "pyproject.toml", root / "constraints.txt", environment / "pyvenv.cfg"):
        digest.update(path.read_bytes() if path.is_file() else b"")
    digest.update(str(root).encode())  # the installation is editable: a moved clone needs a new one
    return digest.hexdigest()


def read_stamp(stamp: Path, key: str) -> set[str]:
    """Return the extras in a stamp; empty if it is missing, unreadable, or has another key."""
    try:
        data = json.loads(stamp.read_text(encoding="utf-8"))
        return set(data["extras"]) if data["key"] == key else set()
    except (OSError, ValueError, KeyError, TypeError):
        return set()
