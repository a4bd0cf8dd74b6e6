"""``nestlab plan``: what would change on the host, and why."""

from __future__ import annotations

import argparse

import nestlab
from nestlab.cli.command import Subcommand, add_host, add_removal_options, add_topology, output_file
from nestlab.cli.console import Console
from nestlab.cli.host_session import open_session
from nestlab.cli.plan_text import print_plan
from nestlab.cli.topology_argument import load_topology
from nestlab.texts import mark, tr


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_topology(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="PLAN.json",
        type=output_file,
        help=tr("write the plan to a file (JSON), for `nestlab apply PLAN.json`"),
    )
    add_removal_options(parser)
    add_host(parser)


def _run(options: argparse.Namespace, console: Console) -> int:
    topology = load_topology(options.topology)
    with open_session(options) as session:
        plan = nestlab.Lab(topology, session).plan(
            prune=options.prune,
            recreate=options.recreate,
            disconnect_others=options.disconnect_others,
            delete_others=options.delete_others,
        )
    if options.output:
        plan.save(options.output)
    if console.as_json:
        console.document(plan.to_dict())
    else:
        print_plan(plan, console)
    return 0


COMMAND = Subcommand(
    name="plan",
    summary="show what would change on the host, and why",
    description="Compare a topology with the host and show every step, its reason and its PowerShell cmdlets. Nothing is changed.\n"
    "Objects that the topology owns and its file no longer names are listed with what they hold; --prune removes them.\n"
    "A change that is not possible in place is refused; --recreate VM allows it, and recreates a VM whose guest does not answer.\n"
    "A nested host with others' VMs inside is only removed or recreated with --delete-others.",
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab plan lab.yml",
        "nestlab plan lab.yml --host 'sim:ws2022-intel?state=host.json' --json",
        mark(
            "nestlab plan lab.yml -o plan.json               to review, and to apply later: nestlab apply plan.json"
        ),
        "nestlab plan lab.yml --prune --recreate web1",
    ),
)
