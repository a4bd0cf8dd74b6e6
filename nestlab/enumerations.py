"""Names as the enumeration of a sentence, in the chosen language."""

from __future__ import annotations

from collections.abc import Sequence

from nestlab.texts import tr


def all_of(words: Sequence[str]) -> str:
    """Return words as an enumeration of which all are meant.

    >>> all_of(["a"]), all_of(["a", "b"]), all_of(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    if len(words) < 2:  # noqa: PLR2004  # nothing to join
        return "".join(words)
    return tr("{words} and {last}", words=", ".join(words[:-1]), last=words[-1])


def one_of(words: Sequence[str]) -> str:
    """Return words as an enumeration of which one is meant.

    >>> one_of(["a"]), one_of(["a", "b"]), one_of(["a", "b", "c"])
    ('a', 'a or b', 'a, b or c')
    """
    if len(words) < 2:  # noqa: PLR2004  # nothing to join
        return "".join(words)
    return tr("{words} or {last}", words=", ".join(words[:-1]), last=words[-1])
