"""``nestlab apply``: apply a topology to the host."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import nestlab
from nestlab.cli.command import Subcommand, add_host, add_journal, add_removal_options
from nestlab.cli.console import Console
from nestlab.cli.host_session import open_session
from nestlab.cli.plan_text import print_plan
from nestlab.cli.run_output import (
    add_confirmation_options,
    confirmation,
    report_nothing_to_run,
    require_terminal,
    run_and_print,
    undo_instructions,
)
from nestlab.cli.topology_argument import load_topology
from nestlab.constants import DEFAULT_HOST
from nestlab.errors import UsageError
from nestlab.texts import tr

if TYPE_CHECKING:
    from nestlab.model.topology import Topology
    from nestlab.plan import Plan


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "topology",
        metavar="TOPOLOGY|PLAN.json",
        type=Path,
        help=tr("topology file (YAML), or a plan that `nestlab plan -o` wrote"),
    )
    add_confirmation_options(parser)
    add_removal_options(parser)
    add_journal(parser)
    add_host(
        parser,
        default=None,
        default_text=tr("{default_host}, or the plan's", default_host=DEFAULT_HOST),
    )


def _load(options: argparse.Namespace) -> tuple[Topology, Plan | None]:
    """Return the topology, and the saved plan if one was given."""
    from nestlab.plan.plan_file import is_plan_file  # noqa: PLC0415  # keeps --help quick

    if not is_plan_file(options.topology):
        return load_topology(options.topology), None
    asked = (options.prune, options.recreate, options.disconnect_others, options.delete_others)
    if any(asked):
        message = tr(
            "{topology} is a saved plan: --prune, --recreate, --disconnect-others and --delete-others are options of the command that makes the plan.",
            topology=options.topology,
        )
        raise UsageError(message, hint="nestlab plan TOPOLOGY --prune -o PLAN.json")  # not shown
    plan = nestlab.load_plan(options.topology)
    return plan.topology or nestlab.Topology(name=plan.subject), plan


def _run(options: argparse.Namespace, console: Console) -> int:
    topology, saved = _load(options)
    from nestlab.lab import WORKERS, journal_folder  # noqa: PLC0415  # keeps --help quick

    with open_session(options, options.host or (saved.host if saved else DEFAULT_HOST)) as session:
        journal = options.journal or journal_folder.new_path(topology.name, session)
        lab = nestlab.Lab(topology, session, journal=journal)
        plan = saved or lab.plan(
            prune=options.prune,
            recreate=options.recreate,
            disconnect_others=options.disconnect_others,
            delete_others=options.delete_others,
        )
        print_plan(plan, console)
        if plan.is_empty:
            report_nothing_to_run(console)
            return 0
        require_terminal(options, console)
        workers = 1 if options.step else WORKERS
        with undo_instructions(console, session, lambda: journal):
            return run_and_print(
                lambda event: lab.apply(
                    plan,
                    on_event=event,
                    confirm=confirmation(options, console),
                    workers=workers,
                ),
                console,
            )


COMMAND = Subcommand(
    name="apply",
    summary="apply a topology to the host, step by step",
    description=(
        "Make a plan, or take a saved one, which is refused if what it depends on has changed on the host. Then run its steps until none remain at any level:\n"
        "in order on each machine, in parallel on several machines (one at a time with --step). If it is stopped, a second apply continues.\n"
        "It asks before hazardous steps (that stop a VM, may cut the connection, or delete data), unless --yes is given.\n"
        "With --json it prints one JSON object per line: host-changed, step-started,\n"
        "progress, step-finished, planned, guest-left-out, settings-not-applied, guests-not-up, addresses-not-used, finished.\n"
        "The exit code is 1 where a step failed, a guest that it started had no heartbeat within five minutes,\n"
        "or a machine has an address that it does not use."
    ),
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab apply lab.yml --step",
        "nestlab apply lab.yml --host 'sim:ws2022-intel?state=host.json' --yes",
        "nestlab apply lab.yml --yes --json",
        "nestlab apply plan.json",
    ),
)
