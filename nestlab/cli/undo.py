"""``nestlab undo``: back to the values that a journal remembers."""

from __future__ import annotations

import argparse
from pathlib import Path

import nestlab
from nestlab.cli.command import Command, add_host
from nestlab.cli.console import Console
from nestlab.cli.following import add_consent, follow, on_event, require_somebody
from nestlab.cli.opening import opened


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("journal", metavar="JOURNAL", type=Path, help="the file that apply wrote")
    add_consent(parser, step=False)
    add_host(parser, default=None, default_text="the journal's")


def _run(options: argparse.Namespace, console: Console) -> int:
    from nestlab.apply import Journal, undo_steps  # noqa: PLC0415  # keeps --help quick

    journal = Journal(options.journal)
    header, steps = journal.header(), undo_steps(journal.entries())
    if steps and not options.yes:
        require_somebody(options, console)
        for step in steps:
            console.line(step.title)
        if not console.ask(f"Undo these {len(steps)} steps on {options.host or header['host']}?"):
            return 1
    with opened(options, options.host or str(header["host"])) as session:
        return follow(nestlab.undo(session, options.journal, on_event=on_event(console)), console)


COMMAND = Command(
    name="undo",
    summary="go back to before an apply, with the values its journal remembers",
    description="Undo the steps of a journal, last first. Only what carries nestlab's mark is touched,\n"
    "and VMs that were named to `nestlab nesting`. The host is the journal's.",
    add_arguments=_add_arguments,
    run=_run,
    examples=("nestlab undo journals/nat-lab-20260131-120000-000.jsonl", "nestlab undo run.jsonl --yes --json"),
)
