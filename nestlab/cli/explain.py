"""``nestlab explain``: what an error of Hyper-V, NetNat, WinRM or DISM means, and how to fix it."""

from __future__ import annotations

import argparse
import sys

from nestlab.cli.command import Command
from nestlab.cli.console import Console
from nestlab.errors import UsageError


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "error",
        metavar="TEXT",
        nargs="*",
        help="the error's text or its id, pasted; without it, standard input is read",
    )


def _run(options: argparse.Namespace, console: Console) -> int:
    from nestlab.known_errors import look_up  # noqa: PLC0415  # keeps --help quick

    if not options.error and sys.stdin.isatty():
        message = "Give the text or the id of an error."
        raise UsageError(
            message, hint="For example: nestlab explain 'Windows System Error 87,New-NetNat'"
        )
    error = " ".join(options.error) or sys.stdin.read()
    known = look_up(error)
    if console.as_json:
        console.document(known.to_dict())
    console.line(known)
    return 0 if known else 1


COMMAND = Command(
    name="explain",
    summary="what an error means, what to check first, and the fix",
    description="Explain an error of Hyper-V, NetNat, WinRM or DISM by its text or id: cause, first check, fix and where it runs, source.\n"
    "Exit code 1 says that nothing is known about it.",
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab explain 'Windows System Error 87,New-NetNat'",
        "nestlab explain 'The virtual machine could not be started because this platform does not support nested virtualization.'",
    ),
)
