"""Translates the .NET regular expressions of ``-Match`` to Python."""

from __future__ import annotations

import re
from functools import lru_cache

from nestlab.pattern import pattern

_QUANTIFIER = pattern(r"[*+?]|\{\d+(?:,\d*)?\}")
_SURROGATES = pattern(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_PLAIN_BRACKET = pattern(r"((?:^|[^\\])(?:\\\\)*)\[")
_FLAGS = pattern(r"\(\?([imnsx]*)(?:-([imnsx]*))?\)")
_CATEGORIES = {
    "L": r"[^\W\d_]",
    "Lu": r"(?-i:[A-ZÀ-ÖØ-Þ])",
    "Ll": r"(?-i:[a-zß-öø-ÿ])",
    "N": r"\d",
    "Nd": r"\d",
    "P": r"(?:[!-#%-*,-/:;?@\[-\]_{}])",
    "Z": r"\s",
    "Zs": r"[ \u00a0]",
    "IsBasicLatin": r"[\x00-\x7f]",
}
_MESSAGES = (
    ("unterminated character set", "Unterminated [] set."),
    ("unterminated subpattern", "Not enough )'s."),
    ("unbalanced parenthesis", "Too many )'s."),
    ("nothing to repeat", "Quantifier {x,y} following nothing."),
    ("bad escape (end of pattern)", "Illegal \\ at end of pattern."),
    ("bad character range", "[x-y] range in reverse order."),
    ("invalid group reference", "Reference to undefined group number."),
)


class InvalidRegularExpression(Exception):
    """A regular expression that .NET rejects. The message is .NET's."""


def is_match(pattern: str, text: str, *, case_sensitive: bool) -> bool:
    r"""Whether a string contains a match of a pattern; raises InvalidRegularExpression.

    >>> is_match(r"^(?<n>w)\p{L}+\d\z", "Web1", case_sensitive=False)
    True
    """
    return _compiled(pattern, case_sensitive=case_sensitive).search(text) is not None


@lru_cache(maxsize=512)
def _compiled(pattern: str, *, case_sensitive: bool) -> re.Pattern[str]:
    try:
        return re.compile(_Translation(pattern).text(), 0 if case_sensitive else re.IGNORECASE)
    except re.error as error:
        sentence = next(
            (sentence for part, sentence in _MESSAGES if part in error.msg), f"{error.msg}."
        )
        sentence = re.sub(r"^bad escape ", "Unrecognized escape sequence ", sentence)
        sentence = re.sub(r"^unknown group name ", "Reference to undefined group name ", sentence)
        raise InvalidRegularExpression(_message(pattern, sentence)) from None


def _message(pattern: str, sentence: str) -> str:
    return f'parsing "{pattern}" - {sentence}'


class _Translation:
    """The translation of one pattern from .NET to Python."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._out: list[str] = []
        self._scopes = [0]  # groups that flags have opened, for each open group

    def text(self) -> str:
        """Return the pattern for Python."""
        while self._at < len(self._pattern):
            self._step()
        return "".join(self._out) + ")" * self._scopes[0]

    def _take(self, out: str, length: int) -> None:
        self._out.append(out)
        self._at += length

    def _step(self) -> None:
        rest = self._pattern[self._at :]
        if rest[0] == "\\":
            self._escape(rest)
        elif rest[0] == "[":
            self._take(*_character_class(rest))
        elif rest[0] == "(":
            self._group(rest)
        elif rest[0] == ")":
            if len(self._scopes) > 1:
                self._out.append(")" * self._scopes.pop())
            self._take(")", 1)
        elif rest[0] == "{" and _QUANTIFIER.match(rest) is None:
            self._take("\\{", 1)  # {,2} is literal text in .NET
        else:
            self._quantifier(rest)

    def _quantifier(self, rest: str) -> None:
        match = _QUANTIFIER.match(rest)
        if match is None:
            self._take(rest[0], 1)
            return
        following = rest[match.end() :]
        following = following.removeprefix("?")
        again = _QUANTIFIER.match(following)
        if again is not None:
            raise InvalidRegularExpression(
                _message(self._pattern, f"Nested quantifier {again[0]}.")
            )
        self._take(match[0], match.end())

    def _escape(self, rest: str) -> None:
        category = re.match(r"\\([pP])\{(\w+)\}", rest)
        if category is not None:
            known = _CATEGORIES.get(category[2])
            if known is None:
                raise InvalidRegularExpression(
                    _message(self._pattern, f"Unknown property '{category[2]}'.")
                )
            self._take(known if category[1] == "p" else f"(?!{known})(?s:.)", category.end())
        elif named := re.match(r"\\k[<'](\w+)[>']", rest):
            self._take(f"(?P={named[1]})", named.end())
        elif pair := _SURROGATES.match(rest):
            units = bytes.fromhex(pair[1] + pair[2])
            self._take(re.escape(units.decode("utf-16-be")), pair.end())
        elif rest[1:2] in {"z", "Z", "G", "e"}:
            self._take({"z": r"\Z", "Z": r"(?=\n?\Z)", "G": r"\A", "e": "\x1b"}[rest[1]], 2)
        else:
            self._take(rest[:2], 2)

    def _group(self, rest: str) -> None:
        flags = _FLAGS.match(rest)
        if flags is not None:
            on, off = flags[1].replace("n", ""), (flags[2] or "").replace("n", "")
            self._scopes[-1] += 1
            self._take(f"(?{on}{f'-{off}' if off else ''}:", flags.end())
            return
        self._scopes.append(0)
        if rest.startswith("(?P"):
            raise InvalidRegularExpression(
                _message(self._pattern, "Unrecognized grouping construct.")
            )
        named = re.match(r"\(\?(?:<(\w+)>|'(\w+)')", rest)
        if named is not None:
            self._take(f"(?P<{named[1] or named[2]}>", named.end())
        else:
            self._take("(", 1)
            if rest.startswith("(?"):
                length = len(re.match(r"\?(?:<?[=!]|[>:]|[a-z-]*:)?", rest[1:])[0])  # type: ignore[index]  # the ? is there
                self._take(rest[1 : 1 + length], length)


def _character_class(rest: str) -> tuple[str, int]:
    """Return a set and its length; ``[w-[x]]`` subtracts members."""
    end = 2 if rest[1:2] == "^" else 1
    end += rest[end : end + 1] == "]"
    while end < len(rest) and rest[end] != "]":
        if rest[end] == "\\":
            end += 1
        elif rest[end] == "[" and rest[end - 1] == "-":
            inner, length = _character_class(rest[end:])
            if rest[end + length : end + length + 1] == "]":
                return f"(?!{inner}){_members(rest[: end - 1])}]", end + length + 1
        end += 1
    if end >= len(rest):
        return rest, len(rest)
    return _members(rest[: end + 1]), end + 1


def _members(text: str) -> str:
    inner = {
        r"\p{L}": r"a-zA-Z\u00c0-\u024f",
        r"\p{N}": r"\d",
        r"\p{Lu}": "A-Z\u00c0-\u00de",
        r"\p{Ll}": "a-z\u00df-\u00ff",
    }
    for category, members in inner.items():
        text = text.replace(category, members)
    # Python warns of a bracket inside a set that is not escaped.
    return text[0] + _PLAIN_BRACKET.sub(r"\1\\[", text[1:])
