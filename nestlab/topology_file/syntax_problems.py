"""PyYAML's messages about a text that is not YAML, in the chosen language, and hints."""

from __future__ import annotations

from typing import Final

from nestlab.pattern import pattern
from nestlab.texts import mark, tr, translate

_PLACEHOLDER_FIRST = pattern(r"[:\[,-] *\{\w+([+-]\d+)?(:0\d)?\}[^\s,}\]]")
_PLACEHOLDER_IN_FLOW = pattern(
    r"(?:(?P<key>\w+): *|[\[,] *)(?P<text>[^\s'\",{}\[\]:]+(?:\{\w+(?:[+-]\d+)?(?::0\d)?\}[\w.-]*)+)"
)

KNOWN: Final = (
    mark("did not find expected node content"),
    mark("did not find expected '-' indicator"),
    mark("did not find expected key"),
    mark("did not find expected ',' or ']'"),
    mark("did not find expected ',' or '}'"),
    mark("did not find expected alphabetic or numeric character"),
    mark("did not find expected comment or line break"),
    mark("mapping values are not allowed in this context"),
    mark("block sequence entries are not allowed in this context"),
    mark("mapping keys are not allowed in this context"),
    mark("could not find expected ':'"),
    mark("found character that cannot start any token"),
    mark("found unexpected end of stream"),
    mark("found unknown escape character"),
    mark("found a tab character that violates indentation"),
    mark("found a tab character where an indentation space is expected"),
    mark("while parsing a block mapping"),
    mark("while parsing a block collection"),
    mark("while parsing a flow mapping"),
    mark("while parsing a flow sequence"),
    mark("while parsing a flow node"),
    mark("while parsing a block node"),
    mark("while parsing a quoted scalar"),
    mark("while scanning a simple key"),
    mark("while scanning a quoted scalar"),
    mark("while scanning a plain scalar"),
    mark("while scanning a block scalar"),
    mark("while scanning for the next token"),
    mark("while scanning an alias"),
    mark("while scanning an anchor"),
)
"""The messages of libyaml (parser.c, scanner.c) that a mistyped topology file can cause."""


_HINTS: Final = {
    "mapping values are not allowed": mark(  # not shown
        "A text that contains ': ' needs quotes; or the line is indented too far."
    ),
    "expected node content": mark(  # not shown
        "A value is missing here, or a bracket or brace before it is not closed."
    ),
    "expected key": mark(  # not shown
        "The line is indented differently from those that it belongs to, or a bracket, brace or quote above it is not closed, or closed twice."
    ),
    "expected '-' indicator": mark(  # not shown
        "The line is indented differently from those that it belongs to."
    ),
    "expected ':'": mark("A key has a colon and a space after it: name: web1."),  # not shown
    "unexpected end of stream": mark("A quote is not closed."),  # not shown
    "unknown escape character": mark(  # not shown
        "In double quotes, a backslash begins an escape: write paths in single quotes."
    ),
    "sequence entries": mark("A list begins on a line of its own, below its key."),  # not shown
}
"""What to do, by a part of the message of libyaml."""


def problem_text(problem: str, context: str, line: int) -> str:
    """Return PyYAML's message as one sentence.

    `line` is the line where its context begins, from 1; 0 if there is no context.
    """
    if not context or not line:
        return translate(problem)
    return tr(
        "{problem} {context}, which begins on line {line}",
        problem=translate(problem),
        context=translate(context),
        line=line,
    )


def syntax_hint(line: str, column: int, problem: str) -> str:
    """Return the hint for a line that is not YAML; empty if there is none.

    `column` is the place of the problem, from 1; `problem` is PyYAML's message.
    """
    if unquoted := _unquoted_placeholder(line, column):
        return unquoted
    if _PLACEHOLDER_FIRST.search(line):
        return tr("A text that begins with a placeholder needs quotes: name: '{n}-web'.")
    if "expected ',' or" in problem:
        return tr("A bracket or brace is not closed, or a comma is missing.")
    if "cannot start any token" in problem:  # not shown
        text = line[column - 1 :].split(" #", maxsplit=1)[0].strip()
        return tr(
            "A text that begins with {character} needs quotes: '{text}'.",
            character=text[:1],
            text=text,
        )
    found = (hint for part, hint in _HINTS.items() if part in problem)
    return translate(next(found, ""))


def _unquoted_placeholder(line: str, column: int) -> str:
    """Return the hint for a placeholder without quotes inside {...} or [...]; otherwise empty.

    YAML ends a text there at the brace, which is at `column`.
    """
    for found in _PLACEHOLDER_IN_FLOW.finditer(line):
        if found.start("text") < column <= found.end("text") + 1:
            if not found["key"]:
                return tr(
                    "Quote the text: '{text}'. A brace in a text without quotes begins a mapping.",
                    text=found["text"],
                )
            return tr(
                "Quote the {key}: '{text}'. A brace in a text without quotes begins a mapping.",
                key=found["key"],
                text=found["text"],
            )
    return ""
