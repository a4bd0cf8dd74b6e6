"""``nestlab apply``: make the host carry the topology."""

from __future__ import annotations

import argparse
from pathlib import Path

import nestlab
from nestlab.cli.command import Command, add_consent_to_remove, add_host, add_topology
from nestlab.cli.console import Console
from nestlab.cli.following import add_consent, consent, finished_at_once, follow, on_event, require_somebody, way_back
from nestlab.cli.opening import opened
from nestlab.cli.plan_text import print_plan


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_topology(parser)
    add_consent(parser)
    add_consent_to_remove(parser)
    parser.add_argument(
        "--journal", metavar="FILE", type=Path, help="where undo finds what was there before (default: a new file in ./journals)"
    )
    add_host(parser)


def _run(options: argparse.Namespace, console: Console) -> int:
    topology = nestlab.load(options.topology)
    from nestlab.lab import WORKERS, journals  # noqa: PLC0415  # keeps --help quick

    journal = options.journal or journals.new_path(topology.name)
    with opened(options) as session:
        lab = nestlab.Lab(topology, session, journal=journal)
        plan = lab.plan(prune=options.prune, recreate=options.recreate)
        print_plan(plan, console)
        if plan.complete:
            finished_at_once(console)
            return 0
        require_somebody(options, console)
        workers = 1 if options.step else WORKERS
        with way_back(console, lambda: journal):
            return follow(lab.apply(plan, on_event=on_event(console), confirm=consent(options, console), workers=workers), console)


COMMAND = Command(
    name="apply",
    summary="make the host carry the topology, step by step",
    description=(
        "Plan, then run every step, until nothing is left to plan on any level: on each machine in order, on several side by side\n"
        "(one at a time with --step). Stopped at any point, a second apply goes on.\n"
        "Before hazardous steps (they stop a VM, may cut the connection, delete data) it asks, unless --yes is given.\n"
        "With --json it prints one JSON object a line: step-started, progress, step-finished, finished."
    ),
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab apply lab.yml --step",
        "nestlab apply lab.yml --host 'sim:ws2022-intel?state=host.json' --yes",
        "nestlab apply lab.yml --yes --json",
    ),
)
