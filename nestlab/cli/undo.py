"""``nestlab undo``: restore the values that a journal holds; ``nestlab journals``: list them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import nestlab
from nestlab.cli.command import Subcommand, add_delete_others, add_disconnect_others, add_host
from nestlab.cli.console import Console
from nestlab.cli.host_session import open_session
from nestlab.cli.lasting_host import say_that_it_ends
from nestlab.cli.run_output import (
    add_confirmation_options,
    report_nothing_to_run,
    require_terminal,
    run_and_print,
)
from nestlab.constants import DEFAULT_HOST
from nestlab.errors import JournalError
from nestlab.model import path_text
from nestlab.texts import mark, tr, tr_count

if TYPE_CHECKING:
    from nestlab.apply import Header, Journal
    from nestlab.plan import Step
    from nestlab.transport import Session


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    text = tr(
        "a journal, or a topology file: its newest journal on the host (default: the newest journal with steps to undo)"
    )
    parser.add_argument("journal", metavar="JOURNAL|TOPOLOGY", type=Path, nargs="?", help=text)
    add_confirmation_options(parser, step=False)
    add_disconnect_others(parser)
    add_delete_others(parser)
    add_host(
        parser,
        default=None,
        default_text=tr("the journal's; with TOPOLOGY {default_host}", default_host=DEFAULT_HOST),
    )


def _run(options: argparse.Namespace, console: Console) -> int:
    from nestlab.apply import undo_steps  # noqa: PLC0415  # keeps --help quick
    from nestlab.lab import journal_folder  # noqa: PLC0415

    journal = _journal(options)
    journal_folder.record_later_destroys(journal.path)
    header, steps = journal.header(), undo_steps(journal.entries())
    host = options.host or _address(header)
    if options.journal != journal.path:
        console.line(
            tr("{file}: {title} on {host}", file=journal.path, title=header.title, host=host)
        )
    if not _has_something_to_undo(journal):
        console.line(_nothing_text(journal, header))
        report_nothing_to_run(console)
        return 0
    asks = bool(steps) and not options.yes
    if asks:
        require_terminal(options, console)
    with open_session(options, host) as session:
        if asks and not _is_confirmed(options, console, session, journal, steps):
            return 1
        code = run_and_print(
            lambda event: nestlab.undo(
                session,
                journal.path,
                disconnect_others=options.disconnect_others,
                delete_others=options.delete_others,
                on_event=event,
            ),
            console,
            undo=True,
        )
        say_that_it_ends(session, console)
        return code


def _has_something_to_undo(journal: Journal) -> bool:
    from nestlab.lab import journal_folder  # noqa: PLC0415  # keeps --help quick

    return journal_folder.has_something_to_undo(journal)


def _nothing_text(journal: Journal, header: Header) -> str:
    from nestlab.lab.undoable_journals import steps_not_restored  # noqa: PLC0415  # as above

    destroyed = journal.destroyed_at()
    if destroyed is None:
        lasting = "; ".join(step.title for step in steps_not_restored(journal))
        if lasting:
            return tr(
                "Nothing to undo: what this run changed cannot be undone: {steps}.",
                steps=lasting,
            )
        return tr("Nothing to undo: all steps of this journal are undone.")
    return tr(
        "Nothing to undo: {title} was destroyed at {time}.",
        title=header.title,
        time=destroyed.isoformat(),
    )


def _is_confirmed(
    options: argparse.Namespace,
    console: Console,
    session: Session,
    journal: Journal,
    steps: Sequence[Step],
) -> bool:
    """Show the steps, and what is in nested hosts that they remove; ask for confirmation."""
    from nestlab.apply import irreversible_steps  # noqa: PLC0415  # keeps --help quick
    from nestlab.lab import undo_notices  # noqa: PLC0415

    for step in steps:
        console.line(step.title)
    for step in irreversible_steps(journal.entries()):
        console.line(tr("Cannot be undone: {title}", title=step.title))
    if text := _removed_text(steps):
        console.line(text)
    for notice in undo_notices(session, journal.path, delete_others=options.delete_others):
        console.line(f"{console.styled(tr('Warning:'), 'warning')} {notice}")
    return console.ask(
        tr_count(
            "Undo this step on {host}?",
            "Undo these {count} steps on {host}?",
            len(steps),
            host=session.host,
        )
    )


def _removed_text(steps: Sequence[Step]) -> str:
    """Return which VMs and disks undo removes, with what is in them; empty if it removes none."""
    from nestlab.plan import TargetKind  # noqa: PLC0415  # keeps --help quick

    names = [
        path_text((*step.machine, step.target.name))
        for step in steps
        if step.creates and step.target.kind in (TargetKind.VM, TargetKind.DISK)
    ]
    if not names:
        return ""
    return tr(
        "What the run created is removed with all that is in it, which deletes data: {names}.",
        names=", ".join(dict.fromkeys(names)),
    )


def _journal(options: argparse.Namespace) -> Journal:
    """Return the requested journal; raises JournalError if there is none."""
    from nestlab.apply import Journal  # noqa: PLC0415  # keeps --help quick
    from nestlab.lab import journal_folder  # noqa: PLC0415
    from nestlab.lab.undoable_journals import latest_to_undo, newest_to_undo  # noqa: PLC0415

    if options.journal is None:
        own = {options.host, options.host and journal_folder.absolute_address(options.host)}
        found = (
            journal
            for journal in journal_folder.all_journals()
            if not options.host
            or {journal.first_header().host, _address(journal.first_header())} & own
        )
        newest = newest_to_undo(found)
        if newest is None:
            message = tr("No journal in {folder} has steps to undo", folder=journal_folder.folder())
            raise JournalError(
                message, hint=tr("Name the file that apply wrote: nestlab undo JOURNAL.")
            )
        return newest
    if not _is_topology(options.journal):
        return Journal(options.journal)
    topology = nestlab.load(options.journal)
    with open_session(options, options.host or DEFAULT_HOST) as session:
        return Journal(latest_to_undo(topology.name, session))


def _is_topology(path: Path) -> bool:
    return path.suffix.casefold() in (".yml", ".yaml") and path.is_file()


def _address(header: Header) -> str:
    """Return the address of a journal's host in a form that is valid in any current directory."""
    return (header.identity or header.host).partition("#")[0]


COMMAND = Subcommand(
    name="undo",
    summary="undo a run, with the earlier values from its journal",
    description="Undo the steps of a journal, last first. It changes only objects with the mark of the topology,\n"
    "and VMs that were given to `nestlab nesting`. The host is the journal's, unless --host names another.\n"
    "With TOPOLOGY, the newest journal of that topology on the host is undone. Where that run cannot be undone,\n"
    "no earlier one is undone in its place, unless its journal is named.",
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        mark("nestlab undo                                    the newest run that can be undone"),
        mark(
            "nestlab undo lab.yml --host winrms://hv01       the newest run of a topology on a host"
        ),
        "nestlab undo run.jsonl --yes --json",
    ),
)


def _list(options: argparse.Namespace, console: Console) -> int:  # noqa: ARG001  # the signature of every command
    from nestlab.lab import journal_folder  # noqa: PLC0415  # keeps --help quick

    found = [_listed(journal) for journal in journal_folder.all_journals()]
    if console.as_json:
        console.document({"folder": str(journal_folder.folder()), "journals": found})
    console.line(
        tr_count(
            "{folder}: {count} journal",
            "{folder}: {count} journals",
            len(found),
            folder=journal_folder.folder(),
        )
        if found
        else tr("{folder}: no journals", folder=journal_folder.folder())
    )
    if found:
        headers = (tr("started (UTC)"), tr("subject"), tr("host"), tr("to undo"), tr("file"))
        console.table(headers, map(_row, found))
    for item in found:
        if item["problem"]:
            console.error_line(f"nestlab: {item['problem']}")
    return 0


def _row(item: dict[str, object]) -> tuple[object, ...]:
    steps = tr("damaged") if item["steps_to_undo"] is None else str(item["steps_to_undo"])
    if item["destroyed"]:
        steps = tr("{steps}, destroyed {time}", steps=steps, time=item["destroyed"])
    return item["time"], item["subject"], item["host"], steps, Path(str(item["file"])).name


def _listed(journal: Journal) -> dict[str, object]:
    """Return the row of a journal; for a damaged one, only what its first line says."""
    from nestlab.apply import undo_steps  # noqa: PLC0415  # keeps --help quick

    header, problem = journal.first_header(), ""
    steps: int | None = None
    destroyed = None
    try:
        destroyed = journal.destroyed_at()
        steps, header = len(undo_steps(journal.entries())), journal.header()
    except JournalError as error:
        problem = str(error)
    return {
        "time": header.time.isoformat() if header.time else None,
        "subject": header.title,
        "host": _address(header),
        "steps_to_undo": steps,
        "destroyed": destroyed.isoformat() if destroyed else None,
        "file": str(journal.path),
        "problem": problem,
    }


JOURNALS = Subcommand(
    name="journals",
    summary="list the journals of earlier runs, newest first",
    description="List the journals of apply, adopt and nesting. The variable NESTLAB_JOURNALS sets another folder for them.",
    add_arguments=lambda _parser: None,
    run=_list,
    examples=("nestlab journals", "nestlab journals --json"),
)
