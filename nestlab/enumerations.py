"""Names as the enumeration of a sentence in the chosen language, and how a sentence begins."""

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


def beginning(clause: str, names: str = "") -> str:
    """Return a clause as the beginning of a sentence; a name that it begins with stays as it is.

    `names` is a text with the names that can be meant.

    >>> beginning("it has 1"), beginning("web1 is off"), beginning("web is off", "Start web")
    ('It has 1', 'web1 is off', 'web is off')
    """
    word = clause.partition(" ")[0].rstrip(",;:.")
    letters = word.removesuffix("'s").replace("-", "")
    is_name = not (letters.isalpha() and letters.islower()) or word in names.split()
    return clause if is_name else f"{clause[0].upper()}{clause[1:]}"
