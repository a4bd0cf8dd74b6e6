"""The language of what nestlab shows, and the catalogue of its texts.

Texts are written in English, where they are used: ``tr("{vm} has no disk.", vm=name)``. Catalogues
of GNU gettext have the translations: ``LANGUAGE/LAYER.po`` is edited, and `tools/texts.py` compiles
all layers to ``LANGUAGE/nestlab.json``, which is a sixth smaller in a wheel than a .mo file.

Nothing decides by a text: codes, actions and states are the same in every language.

Standard library only, in the syntax of Python 3.8: the bootstrap uses it to report what is missing.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

SOURCE_LANGUAGE: Final = "en"
"""The language that texts are written in."""

LANGUAGES: Final[Mapping[str, str]] = {"en": "English", "es": "español"}
"""The languages, each with its own name for itself."""

VARIABLE: Final = "NESTLAB_LANGUAGE"
"""The environment variable that chooses a language."""

_OF_THE_SYSTEM: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
"""The variables of POSIX for the language of messages; the first one that is not empty counts.
https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html"""

_PRIMARY_LANGUAGES: Final[Mapping[int, str]] = {0x09: "en", 0x0A: "es"}
"""The lower ten bits of a language identifier of Windows ([MS-LCID], section 2.1)."""


class Catalogue:
    """The translations of a language by their English text: `texts`, and `counts` by the singular.

    `plural_forms` is the expression of gettext for the index of the form for ``n``.
    https://www.gnu.org/software/gettext/manual/html_node/Plural-forms.html
    """

    def __init__(
        self, texts: Mapping[str, str], counts: Mapping[str, Sequence[str]], plural_forms: str
    ) -> None:
        from gettext import c2py  # noqa: PLC0415  # English needs none

        self.texts, self.counts = texts, counts
        self._form: Callable[[int], int] = c2py(plural_forms)

    def text(self, message: str) -> str:
        """Return a text; in English if it has no translation."""
        return self.texts.get(message, message)

    def count_text(self, one: str, many: str, count: int) -> str:
        """Return the text for a number."""
        forms = self.counts.get(one)
        if forms is None:
            return one if count == 1 else many
        return forms[self._form(count)]


class _Language:
    """The language of this process; the catalogue is read when the first text is needed."""

    def __init__(self) -> None:
        self.code = ""
        self.catalogue: Catalogue | None = None
        self.on_change: list[Callable[[], None]] = []

    def choose(self, code: str) -> None:
        self.code = code
        self.catalogue = None if code == SOURCE_LANGUAGE else _read(code)
        for forget in self.on_change:
            forget()

    def ready(self) -> Catalogue | None:
        if not self.code:
            self.choose(_from_environment())
        return self.catalogue


_LANGUAGE: Final = _Language()


def tr(message: str, /, **values: Any) -> str:
    """Return a text in the chosen language, with its values.

    `message` is a text of the source, with a replacement field of `str.format` for each value. A
    text without values is returned unchanged, braces included.

    >>> tr("{vm} has no disk.", vm="web1")
    'web1 has no disk.'
    """
    catalogue = _LANGUAGE.catalogue if _LANGUAGE.code else _LANGUAGE.ready()
    text = message if catalogue is None or not message else catalogue.text(message)
    return text.format(**values) if values else text


def mark(message: str, /) -> str:
    """Return a text of the source unchanged, for a table; `translate` is called to show it."""
    return message


def translate(message: str, /, **values: Any) -> str:
    """Return a text of a table in the chosen language, with its values, as `tr` does."""
    return tr(message, **values)


def tr_count(one: str, many: str, count: int, /, **values: Any) -> str:
    """Return the singular or the plural text for a number, which is also the value `count`.

    >>> tr_count("{count} step", "{count} steps", 3)
    '3 steps'
    """
    catalogue = _LANGUAGE.ready()
    if catalogue is None:
        text = one if count == 1 else many
    else:
        text = catalogue.count_text(one, many, count)
    return text.format(count=count, **values)


def language() -> str:
    """Return the code of the chosen language, such as ``es``."""
    _LANGUAGE.ready()
    return _LANGUAGE.code


def set_language(code: str) -> None:
    """Choose the language of all texts from now on; raises ValueError for an unknown one.

    Texts that were created before keep their language.
    """
    if code not in LANGUAGES:
        message = f"There are no texts in {code!r}. Languages: {', '.join(LANGUAGES)}."
        raise ValueError(message)
    _LANGUAGE.choose(code)


def on_language_change(forget: Callable[[], None]) -> None:
    """Call `forget`, such as the ``cache_clear`` of a cache of texts, when the language changes."""
    _LANGUAGE.on_change.append(forget)


def _from_environment() -> str:
    """Return the language of the environment or the system; English if it has no catalogue."""
    given = (os.environ.get(name, "").strip() for name in (VARIABLE, *_OF_THE_SYSTEM))
    chosen = next(filter(None, given), "")
    code = re.split(r"[-_.@]", chosen.lower())[0] if chosen else _language_of_windows()
    return code if code in LANGUAGES else SOURCE_LANGUAGE


def _language_of_windows() -> str:
    """Return the language in which Windows shows itself to the user; empty where it is unknown.

    https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-getuserdefaultuilanguage
    """
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415  # slow to import, and other systems need none

        identifier: int = ctypes.windll.kernel32.GetUserDefaultUILanguage()
        return _PRIMARY_LANGUAGES.get(identifier & 0x3FF, "")
    return ""


def _read(code: str) -> Catalogue:
    import json  # noqa: PLC0415  # English needs none
    from pkgutil import get_data  # noqa: PLC0415  # as above

    return Catalogue(**json.loads(get_data(__name__, f"{code}/nestlab.json") or b"{}"))
