"""``nestlab trace``: whether a packet arrives, and if not, where and why it is dropped."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import nestlab
from nestlab.cli.command import Subcommand, add_host, add_topology
from nestlab.cli.console import Console
from nestlab.cli.host_session import open_session
from nestlab.errors import UsageError
from nestlab.texts import mark, tr, translate

if TYPE_CHECKING:
    from nestlab.model.topology import Topology


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_topology(parser)
    parser.add_argument(
        "source",
        metavar="FROM",
        nargs="?",
        help=tr("a VM's name, its machine path (HV1/web1), or host"),
    )
    parser.add_argument(
        "target", metavar="TO", nargs="?", help=tr("the same, or internet, or an IP address")
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help=tr("trace every pair of machines, and from each to the internet"),
    )
    add_host(parser, default=None, default_text=tr("none: only the file is traced"))


def _run(options: argparse.Namespace, console: Console) -> int:
    topology = nestlab.load(options.topology)
    if options.all:
        if options.source:
            message = tr("--all traces every pair, and accepts no FROM or TO.")
            raise UsageError(message)
        return _run_all(_with_observed_switches(topology, options), console)
    if options.target is None:
        message = tr("FROM and TO are required.")
        raise UsageError(
            message, hint=tr("nestlab trace TOPOLOGY FROM TO, or --all for every pair.")
        )
    trace = nestlab.trace(
        _with_observed_switches(topology, options), options.source, options.target
    )
    if console.as_json:
        console.document(trace.to_dict())
    console.line(trace)
    return 0 if trace.reachable else 1


def _with_observed_switches(topology: Topology, options: argparse.Namespace) -> Topology:
    """Return the topology, with its existing switches as observed on the host, if one is named."""
    if options.host is None:
        return topology
    with open_session(options) as session:
        return nestlab.Lab(topology, session).with_observed_switches()


def _run_all(topology: Topology, console: Console) -> int:
    """Print the matrix; exit code 1 if a check of the topology fails."""
    from nestlab import reachability  # noqa: PLC0415  # keeps --help quick

    network = reachability.from_topology(topology)
    matrix = reachability.matrix(network)
    if console.as_json:
        console.document(matrix.to_dict())
    console.line(matrix)
    wrong = [
        check
        for check in topology.checks
        if reachability.trace(network, check.source, check.target, with_fixes=False).reachable
        != check.reachable
    ]
    for check in wrong:
        text = (
            mark("nestlab: expected reachable: {source} to {target}")
            if check.reachable
            else mark("nestlab: expected unreachable: {source} to {target}")
        )
        console.error_line(translate(text, source=check.source, target=check.target))
    return 1 if wrong else 0


COMMAND = Subcommand(
    name="trace",
    summary="trace whether one endpoint reaches another, and where and why a packet is dropped",
    description=(
        "Trace an echo request and its reply through the topology: adapters, switches, VLANs, MAC spoofing, routes, NAT.\n"
        "Without --host no host is contacted; with it, existing switches are those of the host. Exit code 0: reachable. 1: not reachable; with --all: a check of the topology fails."
    ),
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab trace lab.yml web1 internet",
        "nestlab trace lab.yml HV1/web1 192.0.2.1 --json",
        "nestlab trace lab.yml --all",
        "nestlab trace lab.yml web1 internet --host winrms://hv01.contoso.com",
    ),
)
