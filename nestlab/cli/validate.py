"""``nestlab validate``: all findings of a topology file."""

from __future__ import annotations

import argparse

import nestlab
from nestlab.cli.command import Subcommand, add_topology
from nestlab.cli.console import Console
from nestlab.cli.findings import print_findings
from nestlab.errors import TopologyFileError
from nestlab.texts import mark, translate


def _run(options: argparse.Namespace, console: Console) -> int:
    try:
        findings = nestlab.validate(nestlab.load(options.topology))
        code, is_partial = (0 if findings.ok else 1), False
    except TopologyFileError as error:  # parse errors are reported as findings as well
        from nestlab.rules import validate_readable_part  # noqa: PLC0415  # keeps --help quick

        findings = error.findings + validate_readable_part(options.topology)
        code, is_partial = error.exit_code, True
    if console.as_json:
        console.document(findings.to_dict())
    else:
        print_findings(findings, console)
        if is_partial:
            console.line(translate(_LEFT_OUT))
    return code


_LEFT_OUT = mark(
    "Values that cannot be read may hide other findings: correct them, and validate again."
)


COMMAND = Subcommand(
    name="validate",
    summary="check a topology file and report all findings at once",
    description="Report every finding of a topology file, each with its line and its fix. No host is contacted.",
    add_arguments=add_topology,
    run=_run,
    examples=("nestlab validate lab.yml", "nestlab validate lab.yml --json"),
)
