"""The reference of the command line, from its own parser."""

from __future__ import annotations

import argparse
import re

from nestlab.cli import app

_INTRODUCTION = (
    "`nestlab` stands for `python -m nestlab`. Each command has `--help`, and with `--json` it "
    "prints one JSON document."
)


def page() -> str:
    """Return the page: one section a command, with its arguments and examples."""
    parser = app.build_parser()
    parts = [
        "# Command line",
        _INTRODUCTION,
        *_command(parser, level=2),
    ]
    for name, command in _subcommands(parser).items():
        parts += [f"## nestlab {name}", *_command(command, level=3)]
    return "\n\n".join(parts) + "\n"


def _subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    return {
        name: command
        for action in parser._actions  # noqa: SLF001  # argparse has no public way to list them
        if isinstance(action, argparse._SubParsersAction)  # noqa: SLF001
        for name, command in action.choices.items()
    }


def _command(parser: argparse.ArgumentParser, level: int) -> list[str]:
    formatter = parser._get_formatter()  # noqa: SLF001  # format_usage breaks lines at 80 columns
    formatter._width = 100  # noqa: SLF001
    formatter.add_usage(parser.usage, parser._actions, parser._mutually_exclusive_groups)  # noqa: SLF001
    usage = re.sub(r"^usage: ", "", formatter.format_help().strip())
    rows = [row for action in parser._actions if (row := _row(action))]  # noqa: SLF001
    parts = [parser.description or "", f"```text\n{usage}\n```"]
    if rows:
        parts.append("\n".join(["| argument | meaning |", "|---|---|", *rows]))
    for name, command in _subcommands(parser).items() if level > 2 else ():  # noqa: PLR2004
        parts += [f"{'#' * level} {parser.prog} {name}", *_command(command, level + 1)]
    if parser.epilog:
        parts.append(f"```text\n{parser.epilog.strip()}\n```")
    return [part for part in parts if part]


def _row(action: argparse.Action) -> str:
    hidden = isinstance(action, argparse._HelpAction | argparse._SubParsersAction)  # noqa: SLF001
    if hidden or action.help is argparse.SUPPRESS:
        return ""
    value = action.metavar or (action.dest.upper() if action.nargs != 0 else "")
    if action.choices and not action.metavar:
        value = "{" + ",".join(map(str, action.choices)) + "}"
    names = [f"{name} {value}".strip() for name in action.option_strings] or [str(value)]
    text = (action.help or "") % {**vars(action), "prog": "nestlab"}
    return f"| {', '.join(f'`{name}`' for name in names)} | {_cell(text)} |"


def _cell(text: str) -> str:
    return re.sub(r"([|<])", r"\\\1", " ".join(text.split()))
