"""``nestlab drift``: how a host differs from a topology."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import nestlab
from nestlab.cli.command import Subcommand, add_host, add_topology, output_file
from nestlab.cli.console import Console
from nestlab.cli.findings import print_findings
from nestlab.cli.host_session import open_session
from nestlab.cli.lasting_host import say_that_it_ends
from nestlab.cli.topology_argument import load_topology
from nestlab.errors import GuestUnreachable
from nestlab.texts import tr

if TYPE_CHECKING:
    from nestlab.lab import DriftFindings


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_topology(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=output_file,
        help=tr("also draw the topology, with what differs marked: svg, png or pdf"),
    )
    add_host(parser)


def _run(options: argparse.Namespace, console: Console) -> int:
    from nestlab.lab import require_picture  # noqa: PLC0415  # keeps --help quick

    topology = load_topology(options.topology)
    if options.output is not None:
        require_picture(options.output)
    with open_session(options) as session:
        found = nestlab.drift(topology, session)
    if console.as_json:
        console.document(found.to_dict())
    elif len(found):
        print_findings(found, console)
    if options.output is not None:
        found.save(options.output)
        console.line(tr("Wrote {file}", file=options.output))
    if found.unanswered:
        names = ", ".join(found.unanswered)
        console.line(
            tr(
                "Not compared, because the guest does not answer or refuses its credential: {names}.",
                names=names,
            )
        )
    if not found.differs:
        console.line(_matches(found, options.topology))
    if found.differs:
        say_that_it_ends(session, console)
        return 1
    return GuestUnreachable.exit_code if found.unanswered else 0


def _matches(found: DriftFindings, file: str) -> str:
    if found.unanswered:
        return tr("What could be compared matches {file}.", file=file)
    if len(found):
        return tr("The host matches {file}, as far as is known.", file=file)
    return tr("The host matches {file}.", file=file)


COMMAND = Subcommand(
    name="drift",
    summary="show how a host differs from a topology",
    description=(
        "Compare a topology with a host, at every level that answers: a finding for each difference, for what is left over, and for what is not known.\n"
        "With -o the topology is drawn too, with these marked, numbered and listed. Nothing is changed.\n"
        "Exit code 1: something differs or is left over. 3: nothing of what could be compared differs, and a guest that runs does not answer, refuses its credential or has no heartbeat."
    ),
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab drift lab.yml",
        "nestlab drift lab.yml -o drift.svg",
        "nestlab drift lab.yml --host winrms://hv01.contoso.com --json",
    ),
)
