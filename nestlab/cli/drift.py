"""``nestlab drift``: how a host differs from a topology."""

from __future__ import annotations

import argparse

import nestlab
from nestlab.cli.command import Subcommand, add_host, add_topology
from nestlab.cli.console import Console
from nestlab.cli.findings import print_findings
from nestlab.cli.host_session import open_session
from nestlab.cli.topology_argument import load_topology


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_topology(parser)
    add_host(parser)


def _run(options: argparse.Namespace, console: Console) -> int:
    topology = load_topology(options.topology)
    with open_session(options) as session:
        found = nestlab.drift(topology, session)
    differs = any(finding.severity != "info" for finding in found)
    if console.as_json:
        console.document(found.to_dict())
    elif len(found):
        print_findings(found, console)
    if not differs:
        known = ", as far as is known" if len(found) else ""
        console.line(f"The host matches {options.topology}{known}.")
    return 1 if differs else 0


COMMAND = Subcommand(
    name="drift",
    summary="show how a host differs from a topology",
    description="Compare a topology with a host, at every level that answers: a finding for each difference, for what is left over, and for what is not known. Nothing is changed.",
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab drift lab.yml",
        "nestlab drift lab.yml --host winrms://hv01.contoso.com --json",
    ),
)
