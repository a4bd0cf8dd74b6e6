r"""Text from hosts and files made safe to show: characters that control a terminal become visible.

So do those that change the direction of text. The name of a VM could otherwise send escape
sequences to a terminal, or be displayed backwards. They are written as in a Python string:
``\x1b``, ``\u202e``. Values keep their text as it is; escaping is applied where text is displayed.
"""

from __future__ import annotations

import re
from typing import Final

from nestlab.pattern import pattern

_BIDIRECTIONAL: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# Strings: re compiles and caches them when they are first used, and few processes use them.
_HIDDEN: Final = f"[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f{_BIDIRECTIONAL}]"
_IN_JSON: Final = f"[\x7f-\x9f\u2028\u2029\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f{_BIDIRECTIONAL}]"
_DIRECTION: Final = pattern(f"[{_BIDIRECTIONAL}]")


def visible(text: str) -> str:
    r"""Return text with control characters written as escapes; tabs and line breaks stay.

    >>> print(visible("web\x1b]0;gone\x07, a\u202egnp"))
    web\x1b]0;gone\x07, a\u202egnp
    """
    return text if text.isprintable() else re.sub(_HIDDEN, _escape, text.replace("\r\n", "\n"))


def visible_line(text: str) -> str:
    r"""Return text as one line: control characters as escapes, tabs and line breaks as spaces.

    >>> print(visible_line("web\t1\r\n\x1b[2J"))
    web 1 \x1b[2J
    """
    return re.sub("[\t\n]", " ", visible(text))


def visible_json(text: str) -> str:
    r"""Return a JSON document with such characters as JSON escapes; it parses to the same data.

    >>> print(visible_json('["a\u202egnp"]'))
    ["a\u202egnp"]
    """
    return re.sub(
        _IN_JSON, lambda found: "".join(f"\\u{unit:04x}" for unit in _utf_16(found[0])), text
    )


def changes_text_direction(text: str) -> bool:
    """Whether a text has bidirectional control characters, which change its order on screen.

    >>> changes_text_direction("a\u202egnp"), changes_text_direction("web1")
    (True, False)
    """
    return not text.isascii() and _DIRECTION.search(text) is not None


def _escape(found: re.Match[str]) -> str:
    number = ord(found[0])
    digits = max(2, len(f"{number:x}"))
    prefix, width = next(form for form in (("\\x", 2), ("\\u", 4), ("\\U", 8)) if digits <= form[1])
    return f"{prefix}{number:0{width}x}"  # Python's own forms


def _utf_16(character: str) -> list[int]:
    data = character.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(data[start : start + 2], "big") for start in range(0, len(data), 2)]
