"""The option ``--language`` of a command line, read before the parser is built.

Standard library only: the bootstrap reads it, too.
"""

from __future__ import annotations

from collections.abc import Sequence

from nestlab.texts import LANGUAGES, set_language

OPTION = "--language"


def language_option(arguments: Sequence[str]) -> str:
    """Return the language that a command line chooses; empty if it names none, or an unknown one.

    >>> language_option(["--language", "es", "plan", "lab.yml"])
    'es'
    """
    given = ""
    for place in _places(arguments):
        word, following = arguments[place], arguments[place + 1 : place + 2]
        given = word.partition("=")[2] if "=" in word else "".join(following)
    return given if given in LANGUAGES else ""


def choose_language(arguments: Sequence[str]) -> None:
    """Choose the language of a command line, if it has one."""
    chosen = language_option(arguments)
    if chosen:
        set_language(chosen)


def without_language(arguments: Sequence[str]) -> list[str]:
    """Return the arguments of a command line without this option and its value.

    >>> without_language(["--language=es", "plan", "lab.yml", "--language", "en"])
    ['plan', 'lab.yml']
    """
    left_out = set()
    for place in _places(arguments):
        left_out |= {place} if "=" in arguments[place] else {place, place + 1}
    return [word for place, word in enumerate(arguments) if place not in left_out]


def _places(arguments: Sequence[str]) -> list[int]:
    """Return the indexes of the option; arguments after ``--`` are not options."""
    words = list(arguments)
    end = words.index("--") if "--" in words else len(words)
    return [
        place
        for place, word in enumerate(words[:end])
        if word == OPTION or word.startswith(f"{OPTION}=")
    ]
