"""``nestlab capture``: what is on a host already, as a topology file."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import nestlab
from nestlab.cli.command import Subcommand, add_host
from nestlab.cli.console import Console
from nestlab.cli.opening import open_session
from nestlab.errors import UsageError
from nestlab.model.ownership import is_topology_name


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=Path,
        required=True,
        help="the topology file to write",
    )
    parser.add_argument("--force", action="store_true", help="replace a file that is there already")
    parser.add_argument(
        "--name", metavar="NAME", type=_name, help="name of the topology (default: the host's)"
    )
    add_host(parser)


def _name(text: str) -> str:
    if not is_topology_name(text):
        message = f"must be 1 to 40 letters, digits or '-', not {text!r}"
        raise argparse.ArgumentTypeError(message)
    return text


def _run(options: argparse.Namespace, console: Console) -> int:
    if options.output.is_file() and not options.force:
        message = f"{options.output} is there already, and was not touched."
        raise UsageError(message, hint="Name another file, or add --force to replace it.")
    from nestlab.lab import capture_all  # noqa: PLC0415  # keeps --help quick

    with open_session(options) as session:
        topology, losses = capture_all(session)
    if options.name is not None:
        topology = replace(topology, name=options.name)
    nestlab.save(topology, options.output)
    if console.as_json:
        console.document(topology.to_dict())
    console.line(
        f"Wrote {options.output}: {len(topology.switches)} switches, {len(topology.vms)} VMs."
    )
    if losses:
        console.note("On the host, and not in the file (which lists it in comments):")
        for loss in losses:
            console.note(f"  {loss}")
    wrong = nestlab.validate(nestlab.load(options.output)).errors
    if wrong:
        console.note("As it is, the host is not what a topology may be:")
        for finding in wrong:
            console.note(f"  {finding}")
    return 0


COMMAND = Subcommand(
    name="capture",
    summary="write what is on a host already as a topology file",
    description="Read the switches, NAT networks and VMs of a host into a topology file. Nothing is changed.",
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab capture -o found.yml",
        "nestlab capture -o found.yml --force",
        "nestlab capture --host winrms://hv01.contoso.com -o hv01.yml",
    ),
)
