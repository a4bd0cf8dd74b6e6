"""``nestlab capture``: write an existing host's configuration as a topology file."""

from __future__ import annotations

import argparse

import nestlab
from nestlab.cli.command import Subcommand, add_host, output_file
from nestlab.cli.console import Console
from nestlab.cli.host_session import open_session
from nestlab.errors import UsageError
from nestlab.model.ownership import is_topology_name
from nestlab.texts import tr, tr_count


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=output_file,
        required=True,
        help=tr("the topology file to write"),
    )
    parser.add_argument("--force", action="store_true", help=tr("overwrite an existing file"))
    parser.add_argument(
        "--name",
        metavar="NAME",
        type=_name,
        help=tr(
            "name of the topology (default: that of the topology that the objects belong to, else the host's)"
        ),
    )
    parser.add_argument(
        "--only",
        metavar="VM",
        nargs="+",
        default=[],
        help=tr("capture only these VMs of the host, and the switches that they use"),
    )
    parser.add_argument(
        "--of-topology",
        metavar="NAME",
        type=_name,
        help=tr(
            "capture only what carries the mark of this topology; other switches that it uses are captured as existing ones"
        ),
    )
    parser.add_argument(
        "--credential",
        metavar="[MACHINE=]NAME",
        action="append",
        default=[],
        type=_credential,
        help=tr(
            "credential to read the Windows guests that are on, and what is inside nested hosts; with MACHINE, such as HV1 or HV1/web1, for that guest only; can be repeated"
        ),
    )
    add_host(parser)


def _name(text: str) -> str:
    if not is_topology_name(text):
        message = tr("must be 1 to 40 letters, digits or '-', not {text!r}", text=text)
        raise argparse.ArgumentTypeError(message)
    return text


def _credential(text: str) -> tuple[str, str]:
    machine, _, name = text.rpartition("=")
    if not name.strip() or ("=" in text and not machine.strip()):
        message = tr("must be NAME or MACHINE=NAME, not {text!r}", text=text)
        raise argparse.ArgumentTypeError(message)
    return machine.strip(), name.strip()


def _credentials(given: list[tuple[str, str]]) -> dict[str, str]:
    """Return the credential names by machine path; the one for every guest has an empty path."""
    twice = [machine for machine, _ in given if sum(machine == other for other, _ in given) > 1]
    if twice:
        msg = (
            tr("--credential was given more than once for {machine}.", machine=twice[0])
            if twice[0]
            else tr("--credential was given more than once for every guest.")
        )
        raise UsageError(msg, hint=tr("Name the machine of each: --credential HV1=NAME."))
    return dict(given)


def _run(options: argparse.Namespace, console: Console) -> int:
    if options.output.is_file() and not options.force:
        message = tr("{file} already exists and was not changed.", file=options.output)
        raise UsageError(message, hint=tr("Choose another file, or add --force to overwrite it."))
    from nestlab.lab import capture_all  # noqa: PLC0415  # keeps --help quick

    with open_session(options) as session:
        found = capture_all(
            session,
            only=options.only,
            of_topology=options.of_topology,
            credential=_credentials(options.credential),
            name=options.name,
        )
    topology, losses = found.topology, found.losses
    nestlab.save(topology, options.output)
    if console.as_json:
        console.document(topology.to_dict())
    console.line(tr("Wrote {file}: {count}.", file=options.output, count=_count(topology)))
    for line in found.owners:
        console.line(line)
    if losses:
        console.error_line(tr("On the host, and not in this file (comments in it list the same):"))
        for loss in losses:
            console.error_line(f"  {loss}")
    for line in found.unread:
        console.line(line)
    wrong = nestlab.validate(nestlab.load(options.output)).errors
    if wrong:
        console.error_line(tr("The captured configuration is not a valid topology:"))
        for finding in wrong:
            console.error_line(f"  {finding}")
    return 0


def _count(topology: nestlab.Topology) -> str:
    hosts = list(topology.hosts())
    switches = sum(len(machine.switches) for _, machine in hosts)
    vms = sum(1 for path, _ in topology.machines() if path)
    nested = len(hosts) - 1
    return ", ".join(
        (
            tr_count("{count} switch", "{count} switches", switches),
            tr_count("{count} VM", "{count} VMs", vms),
            tr_count("{count} nested host", "{count} nested hosts", nested),
        )
    )


COMMAND = Subcommand(
    name="capture",
    summary="write the existing configuration of a host as a topology file",
    description="Read the switches, NAT networks and VMs of a host into a topology file, with a credential also what is inside its guests. Nothing is changed.",
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab capture -o found.yml",
        "nestlab capture -o found.yml --force",
        "nestlab capture --host winrms://hv01.contoso.com --credential lab-admin -o hv01.yml",
        "nestlab capture --of-topology nat-lab --credential HV1=lab-admin --credential HV1/web1=web-admin -o nat-lab.yml",
    ),
)
