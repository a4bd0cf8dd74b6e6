"""``nestlab workshop``: a class from one file."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nestlab.cli.command import Subcommand, add_connection
from nestlab.cli.console import Console
from nestlab.cli.host_session import connected
from nestlab.texts import mark, tr

if TYPE_CHECKING:
    from nestlab.workshop import Workshop

_Run = Callable[["Workshop", argparse.Namespace, Console], int]


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=list(_ACTIONS),
        help=tr("plan: where the seats go, what does not fit, and when they are ready"),
    )
    parser.add_argument("file", metavar="FILE", type=Path, help=tr("workshop file (YAML)"))
    add_connection(parser.add_argument_group(tr("hosts")))


def _plan(workshop: Workshop, options: argparse.Namespace, console: Console) -> int:
    from nestlab.cli.workshop_text import print_workshop_plan  # noqa: PLC0415  # keeps --help quick
    from nestlab.workshop import plan  # noqa: PLC0415  # as above

    found = plan(workshop, lambda host: connected(options, host))
    if console.as_json:
        console.document(found.to_dict())
    else:
        print_workshop_plan(found, console)
    return 0 if found.ok else 1


def _run(options: argparse.Namespace, console: Console) -> int:
    from nestlab import workshop  # noqa: PLC0415  # keeps --help quick

    return _ACTIONS[options.action](workshop.load(options.file), options, console)


_ACTIONS: Mapping[str, _Run] = {"plan": _plan}

COMMAND = Subcommand(
    name="workshop",
    summary=mark("a class from one file: seats of a topology on several hosts"),
    description=mark(
        "A workshop file names a topology, the number of seats, networks to cut for them, and hosts.\n"
        "plan reads each host once and says which seat goes where, what does not fit and what would, and the minutes until all are ready.\n"
        "Nothing is changed. Exit code 1: a seat does not fit, or something is an error."
    ),
    add_arguments=_add_arguments,
    run=_run,
    examples=("nestlab workshop plan class.yml", "nestlab workshop plan class.yml --json"),
)
