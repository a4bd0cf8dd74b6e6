"""``nestlab capture``: write an existing host's configuration as a topology file."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import nestlab
from nestlab.cli.command import Subcommand, add_host
from nestlab.cli.console import Console
from nestlab.cli.host_session import open_session
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
    parser.add_argument("--force", action="store_true", help="overwrite an existing file")
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
        message = f"{options.output} already exists and was not changed."
        raise UsageError(message, hint="Choose another file, or add --force to overwrite it.")
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
        console.error_line(
            "On the host, but not expressible in the file (listed there as comments):"
        )
        for loss in losses:
            console.error_line(f"  {loss}")
    wrong = nestlab.validate(nestlab.load(options.output)).errors
    if wrong:
        console.error_line("The captured configuration is not a valid topology:")
        for finding in wrong:
            console.error_line(f"  {finding}")
    return 0


COMMAND = Subcommand(
    name="capture",
    summary="write the existing configuration of a host as a topology file",
    description="Read the switches, NAT networks and VMs of a host into a topology file. Nothing is changed.",
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab capture -o found.yml",
        "nestlab capture -o found.yml --force",
        "nestlab capture --host winrms://hv01.contoso.com -o hv01.yml",
    ),
)
