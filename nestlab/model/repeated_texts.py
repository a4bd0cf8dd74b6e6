"""Texts about several objects that differ only in the objects' names, without repetition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nestlab.texts import tr

_PLACEHOLDER = "\0"


def _template(name: str, text: str) -> str:
    """Return a text in which a placeholder replaces a name, where it is not part of another."""
    parts, copied, at = [], 0, text.find(name)
    while at >= 0:
        end = at + len(name)
        if _is_in_name(text[at - 1 : at]) or _is_in_name(text[end : end + 1]):
            at = text.find(name, at + 1)
            continue
        parts.append(text[copied:at])
        copied, at = end, text.find(name, end)
    return _PLACEHOLDER.join((*parts, text[copied:]))


def _is_in_name(sign: str) -> bool:
    """Whether a character, or the empty text at an end, continues a name or a machine path."""
    return sign.isalnum() or (sign != "" and sign in "_/-")


def texts_with_other_names(
    texts: Iterable[tuple[str, str]],
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each text once, with the names of the other objects that it also applies to.

    `texts` are pairs of a name and a text about it.

    >>> list(texts_with_other_names([("a", "Restart a."), ("b", "Restart b."), ("c", "Stop c.")]))
    [('Restart a.', ('b',)), ('Stop c.', ())]
    """
    found: dict[str, tuple[str, list[str]]] = {}
    for name, text in texts:
        found.setdefault(_template(name, text), (text, []))[1].append(name)
    for text, names in found.values():
        yield text, tuple(names[1:])


def without_repetition(texts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield the texts; one that repeats an earlier one keeps only its first sentence.

    `texts` are pairs of a name and a text about it.

    >>> list(without_repetition([("a", "a is off. Start a."), ("b", "b is off. Start b.")]))
    ['a is off. Start a.', 'b is off. Do the same as for a.']
    """
    earlier: dict[str, str] = {}
    for name, text in texts:
        first = earlier.setdefault(_template(name, text), name)
        start, _, rest = text.partition(". ")
        repeats = first != name and bool(rest)
        same = tr("Do the same as for {name}.", name=first)
        yield f"{start}. {same}" if repeats else text
