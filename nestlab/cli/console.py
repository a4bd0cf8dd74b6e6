"""What the command line prints: aligned text, or JSON."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from nestlab.errors import UsageError
from nestlab.texts import language, tr
from nestlab.visible import visible, visible_json

if TYPE_CHECKING:
    from nestlab.cli.live_progress import LiveProgress

_STYLES = {"error": "31", "warning": "33", "info": "36", "good": "32", "bold": "1", "faint": "2"}


_YES: Mapping[str, tuple[str, ...]] = {
    "en": ("y", "yes"),
    "es": ("s", "si", "sí", "y", "yes"),
}
"""The answers that mean yes, by the language of the question."""


class Console:
    """Standard output and standard error of one command.

    With ``as_json`` only `document` and `event` write to standard output; nothing else
    is printed there. Colour is used on a terminal only, and never where NO_COLOR is set. Control
    characters in texts of hosts and files are made visible; only the console's own styles reach the
    terminal as escape sequences.
    """

    def __init__(
        self, out: TextIO | None = None, err: TextIO | None = None, *, as_json: bool = False
    ) -> None:
        self.out = out or sys.stdout
        self.err = err or sys.stderr
        self.as_json = as_json
        # Marks the start of a style until it is written; random, so that text from a host cannot
        # contain it.
        self._mark = os.urandom(8).hex()
        self._styles = re.compile(f"{self._mark}([0-9]+m)")
        self._live: LiveProgress | None = None
        self._colour = (
            self.out.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        )

    def line(self, text: object = "") -> None:
        """Print one line of text; nothing with --json."""
        if not self.as_json:
            self._write(self.out, f"{text}\n")

    def error_line(self, text: object) -> None:
        """Print one line to standard error."""
        self._write(self.err, f"{text}\n")

    @contextmanager
    def live_progress(self) -> Iterator[LiveProgress | None]:
        """Show progress rows below the lines; None if standard output is not a terminal."""
        if self.as_json or not self.out.isatty():
            yield None
            return
        from nestlab.cli.live_progress import LiveProgress  # noqa: PLC0415  # rich is heavy

        with LiveProgress(self.out) as live:
            self._live = live
            try:
                yield live
            finally:
                self._live = None

    def document(self, data: Mapping[str, Any]) -> None:
        """Print one JSON document."""
        self._send(
            self.out,
            visible_json(json.dumps(data, indent=2, ensure_ascii=not self._unicode(), default=str))
            + "\n",
        )

    def event(self, data: Mapping[str, Any]) -> None:
        """Print one JSON object on a line of its own."""
        self._send(
            self.out,
            visible_json(json.dumps(data, ensure_ascii=not self._unicode(), default=str)) + "\n",
        )

    def styled(self, text: str, style: str) -> str:
        """Return the text in a style (error, warning, info, good, bold, faint)."""
        return f"{self._mark}{_STYLES[style]}m{text}{self._mark}0m" if self._colour else text

    def table(self, headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Print rows under headers, in aligned columns; the last column is not padded."""
        cells = [[visible(str(cell)) for cell in row] for row in rows]
        widths = [
            max(len(row[column]) for row in [list(headers), *cells])
            for column in range(len(headers))
        ]
        for number, row in enumerate([list(headers), *cells]):
            padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
            text = "  ".join(padded).rstrip()
            self.line(self.styled(text, "faint") if number == 0 else text)

    @property
    def can_ask(self) -> bool:
        """Whether a user can answer: standard input is a terminal, and --json is not given."""
        return not self.as_json and sys.stdin.isatty()

    def ask(self, question: str, *, read: Callable[[], str] | None = None) -> bool:
        """Ask a yes-or-no question; anything but y or yes, or sí in Spanish, means no.

        Raises UsageError if a user cannot answer (`can_ask`).
        """
        if not self.can_ask:
            message = tr(
                "{question} The question cannot be answered here: an answer needs a terminal, and --json takes none.",
                question=question,
            )
            raise UsageError(message, hint=tr("Review the plan, then add --yes."))
        with self._progress_paused():
            self._write(self.err, tr("{question} [y/N] ", question=question))
            answer = (read or sys.stdin.readline)()
        return answer.strip().casefold() in _YES[language()]

    @contextmanager
    def _progress_paused(self) -> Iterator[None]:
        live, self._live = self._live, None
        if live is None:
            yield
            return
        live.pause()
        yield
        live.resume()
        self._live = live

    def _unicode(self) -> bool:
        return (self.out.encoding or "").lower().replace("-", "") in ("utf8", "")

    def _write(self, stream: TextIO, text: str) -> None:
        shown = self._styles.sub("\x1b[\\1", visible(text))
        if self._live is not None:
            self._live.write(_encodable(shown, stream))
        else:
            self._send(stream, shown)

    @staticmethod
    def _send(stream: TextIO, text: str) -> None:
        stream.write(_encodable(text, stream))
        stream.flush()


def _encodable(text: str, stream: TextIO) -> str:
    """Return the text with a question mark for each character that the stream cannot write."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)
