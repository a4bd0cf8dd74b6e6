"""Values to the plain data of the file: dictionaries, lists, texts, numbers; defaults left out."""

from __future__ import annotations

from typing import Any

from nestlab.model.topology_file.kinds import Kind, ListOf, Plain, Scalar


def plain(value: Any, kind: Kind) -> Plain:
    """Return a value as the file would say it."""
    if isinstance(kind, Scalar):
        return kind.write(value)
    if isinstance(kind, ListOf):
        return [plain(item, kind.item) for item in value]
    return {
        name: plain(item, kind.by_name[name].value_kind)
        for name, item in kind.values(value).items()
        if item is not None
    }
