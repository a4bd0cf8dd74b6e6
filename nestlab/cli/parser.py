"""The parser of command lines: its errors, and its help in the chosen language."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from nestlab.pattern import pattern
from nestlab.texts import mark, tr, translate

_NO_SUCH_CHOICE = pattern(
    r"invalid choice: '(?P<given>[^']*)' \(choose from (?P<known>.*)\)"  # not shown
)
_OF_COMMAND = "argument COMMAND"  # not shown: how argparse names it

_PROBLEMS = (
    (
        pattern(r"the following arguments are required: (?P<names>.*)"),  # not shown
        mark("the following arguments are required: {names}"),
    ),
    (
        pattern(r"unrecognized arguments: (?P<words>.*)"),  # not shown
        mark("unrecognized arguments: {words}"),
    ),
    (pattern(r"expected one argument"), mark("expected one argument")),  # not shown
    (
        pattern(r"expected at least one argument"),  # not shown
        mark("expected at least one argument"),
    ),
    (
        pattern(r"ignored explicit argument (?P<value>.*)"),  # not shown
        mark("ignored explicit argument {value}"),
    ),
    (
        pattern(r"invalid int value: (?P<value>.*)"),  # not shown
        mark("invalid int value: {value}"),
    ),
)
"""Errors of Python's argparse, and the texts for them; argparse has no codes for them."""

_OF_ARGUMENT = pattern(r"(?s)argument (?P<argument>[^:]+): (?P<problem>.*)")


_COLUMNS = 80
"""The width of the help where there is no terminal."""


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Formats help pages, with the texts of argparse in the chosen language."""

    def __init__(self, *settings: Any, **named: Any) -> None:
        super().__init__(*settings, **{"width": _columns() - 2, **named})

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        """Add the usage line."""
        super().add_usage(usage, actions, groups, tr("usage: ") if prefix is None else prefix)


def _columns() -> int:
    """Return the width of the terminal, as shutil.get_terminal_size does.

    argparse asks for it with each argument that is added, and shutil takes time to import.
    """
    with contextlib.suppress(ValueError):
        if (chosen := int(os.environ.get("COLUMNS", ""))) > 0:
            return chosen
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or _COLUMNS  # type: ignore[union-attr]  # None is caught
    except (AttributeError, ValueError, OSError):  # no terminal
        return _COLUMNS


class Parser(argparse.ArgumentParser):
    """A parser that suggests a similar choice, and accepts options and arguments in any order."""

    _parsing_intermixed = False

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=HelpFormatter, allow_abbrev=False, **settings)
        if self.add_help:  # argparse looks for the groups of a parent by its own titles
            self._positionals.title = tr("positional arguments")
            self._optionals.title = tr("options")
        for action in self._actions:
            if action.dest == "help":
                action.help = tr("show this help message and exit")

    def parse_known_args(  # type: ignore[override]  # the stubs distinguish types of namespaces; here all are alike
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Parse arguments and options in any order, as in `nesting enable --yes HV1`."""
        if self._parsing_intermixed or self._subparsers is not None:
            return super().parse_known_args(args, namespace)
        # parse_known_intermixed_args calls this method, for the options and for the arguments.
        self._parsing_intermixed, usage = True, self.usage
        # It also cuts the usage out of the help, after a prefix of the length that it has in
        # English.
        self.usage = self.format_usage().removeprefix(tr("usage: "))
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._parsing_intermixed, self.usage = False, usage

    def error(self, message: str) -> NoReturn:
        """Print the error, and exit with code 2."""
        found = _NO_SUCH_CHOICE.search(message)
        if found is not None:
            known = found["known"].replace("'", "").split(", ")
            self._report_choice(found["given"], known, is_command=message.startswith(_OF_COMMAND))
        text = _in_language(message)
        self.print_usage(sys.stderr)
        self.exit(2, tr("{prog}: error: {message}\n", prog=self.prog, message=text))

    def _report_choice(self, given: str, known: Sequence[str], *, is_command: bool) -> NoReturn:
        from difflib import get_close_matches  # noqa: PLC0415  # only needed for an invalid choice

        near = get_close_matches(given, known, n=1)
        hint = (
            tr("Did you mean {word}?", word=near[0])
            if near
            else tr("Choices: {words}.", words=", ".join(known))
        )
        problem = (
            tr("{prog}: unknown command {word!r}.", prog=self.prog, word=given)
            if is_command
            else tr("{prog}: invalid value {word!r}.", prog=self.prog, word=given)
        )
        help_text = tr("`{prog} --help` lists the commands and options.", prog=self.prog)
        self.exit(2, f"{problem} {hint}\n  {help_text}\n")


def _in_language(message: str) -> str:
    """Return an error of argparse in the chosen language; an unknown one is returned unchanged.

    >>> _in_language("argument --port: expected one argument")
    'argument --port: expected one argument'
    """
    of_argument = _OF_ARGUMENT.fullmatch(message)
    if of_argument is not None:
        problem = _in_language(of_argument["problem"])
        return tr(
            "argument {argument}: {problem}", argument=of_argument["argument"], problem=problem
        )
    for known, text in _PROBLEMS:
        found = known.fullmatch(message)
        if found is not None:
            return translate(text, **found.groupdict())
    return message


class GivenOnce(argparse.Action):
    """Stores the value of an option that may be given once: argparse would use the last value."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Store the value; ends with code 2 where the option was given before."""
        given = namespace.__dict__.setdefault("options_given", set())
        if self.dest in given:
            parser.error(
                tr(
                    "argument {option}: given twice, {before!r} and {value!r}; give one",
                    option=option_string,
                    before=getattr(namespace, self.dest),
                    value=values,
                )
            )
        given.add(self.dest)
        setattr(namespace, self.dest, values)
