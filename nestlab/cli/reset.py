"""``nestlab reset``: restore VMs to a checkpoint that an apply created."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import nestlab
from nestlab.cli.command import Subcommand, add_host, add_topology
from nestlab.cli.console import Console
from nestlab.cli.host_session import open_session
from nestlab.cli.plan_text import print_plan
from nestlab.cli.run_output import (
    add_confirmation_options,
    confirmation,
    report_nothing_to_run,
    require_terminal,
    run_and_print,
)
from nestlab.errors import Cancelled
from nestlab.texts import tr

if TYPE_CHECKING:
    from nestlab.plan import Plan


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_topology(parser)
    parser.add_argument(
        "vm",
        metavar="VM",
        nargs="*",
        help=tr("VMs by name or machine path (HV1/web1); by default all that have a checkpoint"),
    )
    parser.add_argument(
        "--checkpoint", metavar="NAME", help=tr("the checkpoint, where a VM has several")
    )
    _add_consent(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help=tr("show what would be done, and change nothing")
    )
    add_confirmation_options(parser)
    add_host(parser)


def _add_consent(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--delete-others",
        action="store_true",
        help=tr(
            "restore VMs even where others lose something: VMs inside nested hosts, which are restored with them or are lost, and disks that others attached, which are detached"
        ),
    )


def _run(options: argparse.Namespace, console: Console) -> int:
    topology = nestlab.load(options.topology)
    with open_session(options) as session:
        lab = nestlab.Lab(topology, session)
        plan = lab.plan_reset(
            options.vm, checkpoint=options.checkpoint, delete_others=options.delete_others
        )
        print_plan(plan, console)
        if options.dry_run:
            report_nothing_to_run(console)
            return 0
        require_terminal(options, console)
        if not options.yes and not options.step and not console.ask(_question(plan)):
            raise Cancelled(tr("Nothing was changed."))
        agreed = argparse.Namespace(**{**vars(options), "yes": not options.step})
        return run_and_print(
            lambda event: lab.reset(
                plan,
                vms=options.vm,
                checkpoint=options.checkpoint,
                delete_others=options.delete_others,
                on_event=event,
                confirm=confirmation(agreed, console),
            ),
            console,
        )


def _question(plan: Plan) -> str:
    names = ", ".join(step.target.name for step in plan.steps)
    return tr(
        "What changed in these VMs since their checkpoints is lost: {names}. Restore them?",
        names=names,
    )


COMMAND = Subcommand(
    name="reset",
    summary="restore VMs to a checkpoint that apply created",
    description=(
        "Restore VMs to the checkpoint that the file names in `checkpoints` and `nestlab apply` created. A VM that is on is turned off first and started again afterwards.\n"
        "What is inside a nested host is restored with it. Checkpoints of others are kept. What changed since then is lost: it shows the plan and asks, unless --yes is given.\n"
        "If it is interrupted, the same command completes it. It cannot be undone. With --json it prints one JSON object per line, like apply."
    ),
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab reset lab.yml --dry-run",
        "nestlab reset lab.yml HV1 --host 'sim:ws2022-intel?state=host.json' --yes",
        "nestlab reset lab.yml HV1/web1 --checkpoint clean",
    ),
)
