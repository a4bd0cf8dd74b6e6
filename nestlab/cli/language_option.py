"""``--language``: the language of what one command shows, its help included."""

from __future__ import annotations

import argparse

from nestlab.texts import LANGUAGES, VARIABLE, tr
from nestlab.texts.command_line import OPTION


def add_language(parser: argparse.ArgumentParser) -> None:
    """Add ``--language``; `nestlab.texts.command_line` reads it before the parser is built."""
    known = ", ".join(f"{code} ({name})" for code, name in LANGUAGES.items())
    parser.add_argument(
        OPTION,
        metavar="LANGUAGE",
        choices=tuple(LANGUAGES),
        default=argparse.SUPPRESS,
        help=tr(
            "language of the texts: {languages}; default: that of the variable {variable}, else that of the system where it is one of these, else en",
            languages=known,
            variable=VARIABLE,
        ),
    )
