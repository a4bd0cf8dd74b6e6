"""Texts that say the same of several objects, but for their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from nestlab.texts import tr

_HERE = "\0"


def _template(name: str, text: str) -> str:
    """Return a text with a placeholder for a name."""
    return re.sub(rf"(?<![\w/-]){re.escape(name)}(?![\w/-])", _HERE, text)


def same_but_for_names(texts: Iterable[tuple[str, str]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each text once, with the names of the others of which the same is said.

    `texts` are pairs of a name and a text about it.

    >>> list(same_but_for_names([("a", "Restart a."), ("b", "Restart b."), ("c", "Stop c.")]))
    [('Restart a.', ('b',)), ('Stop c.', ())]
    """
    found: dict[str, tuple[str, list[str]]] = {}
    for name, text in texts:
        found.setdefault(_template(name, text), (text, []))[1].append(name)
    for text, names in found.values():
        yield text, tuple(names[1:])


def first_sentences(texts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield the texts, those that repeat an earlier one with their first sentence only.

    `texts` are pairs of a name and a text about it.

    >>> list(first_sentences([("a", "a is off. Start a."), ("b", "b is off. Start b.")]))
    ['a is off. Start a.', 'b is off. What to do is the same as for a.']
    """
    earlier: dict[str, str] = {}
    for name, text in texts:
        first = earlier.setdefault(_template(name, text), name)
        start, _, rest = text.partition(". ")
        repeats = first != name and bool(rest)
        same = tr("What to do is the same as for {name}.", name=first)
        yield f"{start}. {same}" if repeats else text
