"""The constant scripts that nestlab sends to hosts. It sends no other script text."""

from __future__ import annotations

from functools import cache

from nestlab.constants.commands import GUEST_FUNCTION


@cache
def guest_script() -> str:
    """Return the script that runs statements in a guest, with Unix line ends."""
    from importlib.resources import files  # noqa: PLC0415  # slow to import; not every session enters guests

    return (
        files(__package__)
        .joinpath("Invoke-NestLabGuest.ps1")
        .read_text(encoding="utf-8")
        .replace("\r\n", "\n")
        .strip()
    )


def guest_function(name: str = GUEST_FUNCTION) -> str:
    """Return the same script as a function, for a JEA role capability.

    Functions of a role run in full language mode.
    """
    body = "\n".join(f"    {line}".rstrip() for line in guest_script().splitlines())
    return f"function {name} {{\n{body}\n}}\n"
