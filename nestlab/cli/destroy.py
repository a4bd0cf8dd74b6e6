"""``nestlab destroy``: remove what a topology created, and nothing else."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import nestlab
from nestlab.cli.command import (
    Subcommand,
    add_delete_others,
    add_disconnect_others,
    add_host,
    add_topology,
)
from nestlab.cli.console import Console
from nestlab.cli.host_session import open_session
from nestlab.cli.lasting_host import say_that_it_ends
from nestlab.cli.plan_text import print_plan
from nestlab.cli.run_output import (
    add_confirmation_options,
    confirmation,
    report_nothing_to_run,
    require_terminal,
    run_and_print,
)
from nestlab.texts import tr

if TYPE_CHECKING:
    from nestlab.plan import Plan


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_topology(parser)
    add_confirmation_options(parser)
    add_disconnect_others(parser)
    add_delete_others(parser)
    add_host(parser)


def _nothing_text(plan: Plan) -> str:
    if plan.unchanged:
        return tr(
            "Nothing to do: nothing of {title} on {host} can be removed. What is kept is listed above, with the reason.",
            title=plan.title,
            host=plan.host,
        )
    return tr("Nothing to do: {title} owns nothing on {host}.", title=plan.title, host=plan.host)


def _run(options: argparse.Namespace, console: Console) -> int:
    topology = nestlab.load(options.topology)
    with open_session(options) as session:
        lab = nestlab.Lab(topology, session)
        plan = lab.plan_destroy(
            disconnect_others=options.disconnect_others, delete_others=options.delete_others
        )
        print_plan(plan, console, nothing_text=_nothing_text(plan))
        if plan.is_empty:
            report_nothing_to_run(console)
            say_that_it_ends(session, console)
            return 0
        require_terminal(options, console)
        return run_and_print(
            lambda event: lab.destroy(
                plan,
                disconnect_others=options.disconnect_others,
                delete_others=options.delete_others,
                on_event=event,
                confirm=confirmation(options, console),
            ),
            console,
        )


COMMAND = Subcommand(
    name="destroy",
    summary="remove what a topology created, and nothing else",
    description="Remove what the topology owns: VMs and switches with its mark; disks, NAT networks and DHCP scopes with its name;\n"
    "routes of the host that its journals show.\n"
    "Everything else is kept, as is what other VMs depend on: parents of their disks, switches that they are connected to,\n"
    "and nested hosts that contain them.",
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab destroy lab.yml",
        "nestlab destroy lab.yml --host 'sim:ws2022-intel?state=host.json' --yes",
    ),
)
