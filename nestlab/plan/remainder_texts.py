"""Sentences of a plan about objects left over, and about entries that others may use."""

from __future__ import annotations

from collections.abc import Collection

from nestlab.plan.step import Remainder
from nestlab.texts import mark, tr

KEPT_FOR_OTHERS = mark("Not in the file, made by no run, and kept for others:")
"""The heading above the entries of a plan that are `of_others`."""


def nothing_but_remainder(host: str, title: str, remainder: Collection[Remainder]) -> str:
    """Return the sentence about a plan without steps that lists what is left over."""
    if all(item.of_others for item in remainder):
        return tr(
            "Nothing to do: {host} matches {title}, except for entries that no run of it made, which others may use.",
            host=host,
            title=title,
        )
    return tr(
        "Nothing to do: {host} matches {title}; objects that its file no longer names still exist.",
        host=host,
        title=title,
    )
