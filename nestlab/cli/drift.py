"""``nestlab drift``: how a host differs from a topology."""

from __future__ import annotations

import argparse

import nestlab
from nestlab.cli.command import Subcommand, add_host, add_topology, output_file
from nestlab.cli.console import Console
from nestlab.cli.findings import print_findings
from nestlab.cli.host_session import open_session
from nestlab.cli.topology_argument import load_topology


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_topology(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=output_file,
        help="also draw the topology, with what differs marked: svg, png or pdf",
    )
    add_host(parser)


def _run(options: argparse.Namespace, console: Console) -> int:
    from nestlab.lab import require_picture  # noqa: PLC0415  # keeps --help quick

    topology = load_topology(options.topology)
    if options.output is not None:
        require_picture(options.output)
    with open_session(options) as session:
        found = nestlab.drift(topology, session)
    differs = any(finding.severity != "info" for finding in found)
    if console.as_json:
        console.document(found.to_dict())
    elif len(found):
        print_findings(found, console)
    if options.output is not None:
        found.save(options.output)
        console.line(f"Wrote {options.output}")
    if not differs:
        known = ", as far as is known" if len(found) else ""
        console.line(f"The host matches {options.topology}{known}.")
    return 1 if differs else 0


COMMAND = Subcommand(
    name="drift",
    summary="show how a host differs from a topology",
    description=(
        "Compare a topology with a host, at every level that answers: a finding for each difference, for what is left over, and for what is not known.\n"
        "With -o the topology is drawn too, with these marked, numbered and listed. Nothing is changed."
    ),
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab drift lab.yml",
        "nestlab drift lab.yml -o drift.svg",
        "nestlab drift lab.yml --host winrms://hv01.contoso.com --json",
    ),
)
