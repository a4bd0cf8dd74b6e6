"""``nestlab adopt``: mark existing VMs and switches that match a topology as owned by it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import nestlab
from nestlab.cli.command import Subcommand, add_host, add_journal, add_topology
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
from nestlab.errors import Cancelled
from nestlab.texts import tr

if TYPE_CHECKING:
    from nestlab.plan import Plan


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_topology(parser)
    parser.add_argument(
        "--only",
        metavar="NAME",
        nargs="+",
        default=[],
        help=tr("adopt only these VMs and switches, by name or machine path (HV1/web1)"),
    )
    add_confirmation_options(parser)
    add_journal(parser)
    add_host(parser)


def _run(options: argparse.Namespace, console: Console) -> int:
    topology = load_topology(options.topology)
    from nestlab.lab import journal_folder  # noqa: PLC0415  # keeps --help quick

    with open_session(options) as session:
        journal = options.journal or journal_folder.new_path(topology.name, session)
        lab = nestlab.Lab(topology, session, journal=journal)
        plan = lab.plan_adopt(only=options.only)
        print_plan(plan, console, nothing_text=_nothing_text(plan))
        if plan.is_empty:
            report_nothing_to_run(console)
            return int(bool(plan.warnings))
        require_terminal(options, console)
        if not options.yes and not options.step and not console.ask(_question(plan)):
            message = tr("Nothing was adopted.")
            raise Cancelled(message, hint=tr("Add --only NAME to adopt a part of it."))
        with undo_instructions(console, session, lambda: journal):
            code = run_and_print(
                lambda event: lab.adopt(
                    plan, only=options.only, on_event=event, confirm=confirmation(options, console)
                ),
                console,
            )
        return code or int(bool(plan.warnings))


def _nothing_text(plan: Plan) -> str:
    if plan.warnings:
        return tr(
            "Nothing to adopt for {title} on {host}: the warnings above say why.",
            title=plan.title,
            host=plan.host,
        )
    return tr("Nothing to adopt for {title} on {host}.", title=plan.title, host=plan.host)


def _question(plan: Plan) -> str:
    names = ", ".join(f"{step.target.kind} {step.target.name}" for step in plan.steps)
    return tr(
        "These will be owned by {title}: {names}. `nestlab apply` will then change them, and `nestlab destroy` remove them, but not their disks. Adopt them?",
        title=plan.title,
        names=names,
    )


COMMAND = Subcommand(
    name="adopt",
    summary="mark existing VMs and switches that match a topology as owned by it",
    description=(
        "Mark the VMs and switches that match the file as owned by this topology, at every level that answers: the mark is added to their Notes.\n"
        "From then on `nestlab apply` changes them, and `nestlab destroy` removes them (the disks that nestlab did not create are kept).\n"
        "What differs from the file, or belongs to another topology, is listed with the reason, and is not touched; the exit code is then 1.\n"
        "`nestlab undo` removes the mark again."
    ),
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab capture -o hv01.yml --credential lab-admin",
        "nestlab adopt hv01.yml",
        "nestlab adopt hv01.yml --only LabNet HV1 HV1/web1 --yes",
    ),
)
