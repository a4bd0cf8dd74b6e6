"""``nestlab destroy``: remove what a topology created, and nothing else."""

from __future__ import annotations

import argparse

import nestlab
from nestlab.cli.command import Command, add_host, add_topology
from nestlab.cli.console import Console
from nestlab.cli.following import add_consent, consent, follow, on_event, require_somebody
from nestlab.cli.opening import opened


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_topology(parser)
    add_consent(parser)
    add_host(parser)


def _run(options: argparse.Namespace, console: Console) -> int:
    topology = nestlab.load(options.topology)
    require_somebody(options, console)
    with opened(options) as session:
        lab = nestlab.Lab(topology, session)
        return follow(lab.destroy(on_event=on_event(console), confirm=consent(options, console)), console)


COMMAND = Command(
    name="destroy",
    summary="remove what a topology created, and nothing else",
    description="Remove the VMs, disks, switches and NAT networks that carry the topology's mark. Everything else stays.",
    add_arguments=_add_arguments,
    run=_run,
    examples=("nestlab destroy lab.yml", "nestlab destroy lab.yml --host 'sim:ws2022-intel?state=host.json' --yes"),
)
