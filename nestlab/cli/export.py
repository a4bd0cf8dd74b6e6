"""``nestlab export``: a document of a topology."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import nestlab
from nestlab.cli.command import Subcommand, add_host, add_topology, output_file
from nestlab.cli.console import Console
from nestlab.cli.host_session import open_session
from nestlab.cli.topology_argument import load_topology
from nestlab.constants.document_kinds import (
    DOCUMENT_KINDS,
    GRAPH_KINDS,
    HANDOUT_KINDS,
    PICTURE_KINDS,
    ROLE_KIND,
    SCRIPT_KIND,
)
from nestlab.enumerations import all_of
from nestlab.errors import UsageError
from nestlab.texts import mark, tr, tr_count, translate

if TYPE_CHECKING:
    from nestlab.transport import Session


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_topology(parser)
    parser.add_argument(
        "--to",
        metavar="KIND",
        choices=DOCUMENT_KINDS,
        required=True,
        help=tr("kind of document: {kinds}", kinds=", ".join(DOCUMENT_KINDS)),
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="PATH",
        type=output_file,
        required=True,
        help=tr("the file to write; for jea, the folder"),
    )
    parser.add_argument("--force", action="store_true", help=tr("overwrite an existing file"))
    parser.add_argument(
        "--journal",
        metavar="FILE",
        type=Path,
        help=tr("add the record of the runs in this journal: what happened, and when"),
    )
    add_host(
        parser,
        default=None,
        default_text=tr("none; the steps are those of a run on a simulated host"),
    )


def _run(options: argparse.Namespace, console: Console) -> int:
    from nestlab.export import document_paths  # noqa: PLC0415  # keeps --help quick
    from nestlab.lab import require_new  # noqa: PLC0415  # keeps --help quick

    topology = load_topology(options.topology)
    files = document_paths(options.to, topology, options.output)
    for file in files:
        require_new(file, force=options.force)  # before a host is contacted
    if options.host and (why := _WITHOUT_HOST.get(options.to)):
        raise UsageError(translate(why, kind=options.to), hint=tr("Leave --host out."))
    if options.to in HANDOUT_KINDS and options.host:
        with open_session(options) as session:
            _export(options, topology, session)
    else:
        _export(options, topology, options.host)
    if console.as_json:
        written = {"topology": topology.name, "to": options.to, "file": str(options.output)}
        console.document(written)
    if options.to == ROLE_KIND:
        console.line(
            tr_count(
                "Wrote {file} ({count} file)",
                "Wrote {file} ({count} files)",
                len(files),
                file=options.output,
            )
        )
        console.line(
            tr(
                "Copy it to the host, and register it there in an elevated Windows PowerShell: {command}",
                command=r".\Register-NestLabRole.ps1 -Group 'CONTOSO\LabBuilders'",
            )
        )
    else:
        console.line(tr("Wrote {file}", file=all_of([str(file) for file in files])))
    if options.to == "mermaid":
        from nestlab.drawing import mermaid_notices  # noqa: PLC0415  # keeps --help quick

        for notice in mermaid_notices(options.output.read_text(encoding="utf-8")):
            console.line(notice)
    return 0


_WITHOUT_HOST = {
    **{
        kind: mark("The kind {kind} shows the topology file, not a host.")
        for kind in (*PICTURE_KINDS, *GRAPH_KINDS)
    },
    ROLE_KIND: mark("A role allows what the topology needs on any host, so no host is contacted."),
    SCRIPT_KIND: mark(
        "A script tests the computer that it runs on, so no other host is contacted."
    ),
}


def _export(
    options: argparse.Namespace, topology: nestlab.Topology, host: Session | str | None
) -> None:
    nestlab.export_topology(
        topology,
        options.output,
        to=options.to,
        host=host,
        journal=options.journal,
        force=options.force,
    )


COMMAND = Subcommand(
    name="export",
    summary="write a document of a topology: handout (Markdown, HTML), notebook, PowerShell script, JEA role, picture, graph",
    description="Write a document of a topology. Nothing is changed on a host.\n"
    "A handout has a summary and the picture, then for each host, level by level, tables, findings, reasons, and the steps with their cmdlets.\n"
    "A notebook describes the lab, and builds, verifies and undoes it; papermill can set its parameters.\n"
    "A PowerShell script builds the lab where there is no Python: it tests each step first, and its data is in a .psd1 file beside it.\n"
    "A JEA role is a folder with a PowerShell module and a session configuration. Sessions with it allow what plan, verify and undo of this lab need\n"
    "on the host, and refuse everything else; scripts in it register and remove the endpoint.\n"
    "Pictures are those of nestlab draw; graphml and json are the graph, for programs that read graphs.\n"
    "With --host, findings and steps are those for that host, and a notebook connects to it; without it, the steps are those of a run on an empty simulated host.",
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab export lab.yml --to html -o lab.html",
        "nestlab export lab.yml --to markdown -o lab.md --force",
        "nestlab export lab.yml --to notebook -o lab.ipynb",
        "nestlab export lab.yml --to powershell -o lab.ps1",
        "nestlab export lab.yml --to jea -o lab-role",
        "nestlab export lab.yml --to mermaid -o lab.mmd",
        "nestlab export lab.yml --to html -o lab.html --host winrms://hv01.contoso.com",
    ),
)
