"""Machine paths: where a cmdlet runs."""

from __future__ import annotations

MachinePath = tuple[str, ...]
"""``()`` is the host, ``("HV1",)`` the VM HV1 on it, ``("HV1", "web1")`` a VM inside that."""

HOST: MachinePath = ()


def path_text(machine: MachinePath) -> str:
    """Return a machine path as text.

    >>> path_text(()), path_text(("HV1", "web1"))
    ('host', 'HV1/web1')
    """
    return "/".join(machine) if machine else "host"


def parse_path(text: str) -> MachinePath:
    """Read what `path_text` writes.

    >>> parse_path("host"), parse_path("HV1/web1")
    ((), ('HV1', 'web1'))
    """
    return () if text in ("", "host") else tuple(text.split("/"))
