"""``nestlab explain``: what a finding code or an error means, why it matters, and how to fix it."""

from __future__ import annotations

import argparse
import sys

from nestlab.cli.command import Subcommand
from nestlab.cli.console import Console
from nestlab.errors import UsageError
from nestlab.texts import tr


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "error",
        metavar="TEXT|CODE",
        nargs="*",
        help=tr(
            "a finding code, or an error's text or id, pasted; without it, standard input is read"
        ),
    )
    parser.add_argument("--list", action="store_true", help=tr("list the codes of all findings"))


def _run(options: argparse.Namespace, console: Console) -> int:
    from nestlab.rules import explain  # noqa: PLC0415  # keeps --help quick

    if options.list:
        return _list(options, console)
    if not options.error and sys.stdin.isatty():
        message = tr("Give a finding code, or the text or id of an error.")
        command = "nestlab explain spoofing-required"  # not shown: a command
        raise UsageError(message, hint=tr("For example: {command}", command=command))
    known = explain(" ".join(options.error) or sys.stdin.read())
    if console.as_json:
        console.document(known.to_dict())
    console.line(known)
    return 0 if known else 1


def _list(options: argparse.Namespace, console: Console) -> int:
    from nestlab.rules import all_rules  # noqa: PLC0415  # keeps --help quick

    if options.error:
        message = tr("--list lists all codes, and accepts no TEXT or CODE.")
        command = "nestlab explain CODE"  # not shown: a command
        raise UsageError(message, hint=tr("To explain one code: {command}", command=command))
    rules = all_rules()
    if console.as_json:
        console.document({"rules": [rule.to_dict() for rule in rules]})
    width = max(len(rule.code) for rule in rules)
    for rule in rules:
        console.line(f"{rule.code:{width}}  {rule.severity:7}  {rule.meaning_text}")
    return 0


COMMAND = Subcommand(
    name="explain",
    summary="explain a finding code or an error: its meaning, what to check first, and the fix",
    description="Explain a finding by its code: what it means, why it matters, an example, the fix, the source.\n"
    "Explain an error of Hyper-V, NetNat, WinRM or DISM by its text or id: cause, first check, fix, the machine to run it on, source.\n"
    "Exit code 1: the error or code is not known.",
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab explain spoofing-required",
        "nestlab explain --list",
        "nestlab explain 'Windows System Error 87,New-NetNat'",
        "nestlab explain 'The virtual machine could not be started because this platform does not support nested virtualization.'",
    ),
)
