"""``nestlab verify``: the topology's checks, on the live lab."""

from __future__ import annotations

import argparse

import nestlab
from nestlab.cli.command import Subcommand, add_host, add_topology
from nestlab.cli.console import Console
from nestlab.cli.host_session import open_session
from nestlab.cli.lasting_host import say_that_it_ends
from nestlab.cli.run_output import progress
from nestlab.cli.topology_argument import load_topology
from nestlab.errors import GuestUnreachable

NOT_KNOWN = GuestUnreachable.exit_code
"""The exit code of `drift` as well, if a guest does not answer: no check is known to fail."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_topology(parser)
    add_host(parser)


def _run(options: argparse.Namespace, console: Console) -> int:
    topology = load_topology(options.topology)
    with open_session(options) as session, progress(console) as on_event:
        report = nestlab.Lab(topology, session).verify(on_event=on_event)
    if console.as_json:
        console.document(report.to_dict())
    console.line(report)
    if not report.ok:
        say_that_it_ends(session, console)
    if report.is_unknown:
        return NOT_KNOWN
    return 0 if report.ok else 1


COMMAND = Subcommand(
    name="verify",
    summary="run the topology's checks on the live lab",
    description="Run each check of the topology: as a ping if its source is the host or a Windows guest that answers, otherwise as a trace of the observed network.\n"
    "Guests that have just been started are waited for, up to five minutes after their start.\n"
    "Exit code 1: a check fails. 3: no check is known to fail, and some are not known.",
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab verify lab.yml",
        "nestlab verify lab.yml --host winrms://hv01.contoso.com --json",
    ),
)
