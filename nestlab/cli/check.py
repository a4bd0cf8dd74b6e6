"""``nestlab check``: what a host supports, or whether a topology fits on it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import nestlab
from nestlab.cli.command import Subcommand, add_host, add_topology, memory, positive
from nestlab.cli.console import Console
from nestlab.cli.findings import headline, print_in_full, summary
from nestlab.cli.host_session import open_session
from nestlab.cli.topology_argument import load_topology
from nestlab.constants import DEFAULT_HOST
from nestlab.model import HOST, Size
from nestlab.texts import mark, tr, tr_count

if TYPE_CHECKING:
    from nestlab.model import Findings
    from nestlab.model.state import HostState
    from nestlab.rules import CapacityEstimate, MemoryBudget


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_topology(parser, optional=True)
    parser.add_argument(
        "--notes",
        action="store_true",
        help=tr(
            "show notes in full, with evidence and source; otherwise one line each, with a TOPOLOGY their number"
        ),
    )
    capacity = parser.add_argument_group(tr("how many nested hosts fit"))
    capacity.add_argument(
        "--nested-memory",
        metavar="SIZE",
        type=memory,
        default=Size.parse("8GB"),
        help=tr("memory of each nested host (default: 8GB)"),
    )
    capacity.add_argument(
        "--vms-inside",
        metavar="N",
        type=positive,
        default=2,
        help=tr("VMs in each nested host (default: 2)"),
    )
    capacity.add_argument(
        "--memory-inside",
        metavar="SIZE",
        type=memory,
        default=Size.parse("2GB"),
        help=tr("memory of each VM inside (default: 2GB)"),
    )
    add_host(parser)


def _run(options: argparse.Namespace, console: Console) -> int:
    topology = load_topology(options.topology) if options.topology else None
    verdict = ""
    with open_session(options) as session:
        if topology is None:
            findings = nestlab.check(session)
            state = findings.states[HOST]
            capacity = _capacity(state, options)
            # Repeated at the end, because the report is longer than a screen.
            verdict = f"{findings[0].message}."
        else:
            from nestlab.rules.memory_budget import memory_budget  # noqa: PLC0415  # keeps --help quick

            findings = nestlab.Lab(topology, session).check()
            state, capacity = findings.states[HOST], {"memory": memory_budget(findings.states)}
            verdict = findings.verdict
        engine = str(getattr(session, "engine", ""))
    if console.as_json:
        engine_data = {"powershell": engine} if engine else {}
        extra = {name: value.to_dict() for name, value in capacity.items()}
        console.document({**findings.to_dict(), **extra, **engine_data})
        return 0 if findings.ok else 1
    _print_host(state, console)
    _print_findings(findings, options, console)
    _print_footer(list(capacity.values()), engine, options.host, console)
    if verdict:
        console.line(console.styled(verdict, "good" if findings.ok else "error"))
    return 0 if findings.ok else 1


def _print_findings(findings: Findings, options: argparse.Namespace, console: Console) -> None:
    """Print errors and warnings in full, then notes in short form unless all are asked for.

    With a topology, notes about its file are printed in full as well, and those about the host are
    only counted; without one, the notes are the report, one line each.
    """
    is_short = {
        finding: finding.severity == "info" and not finding.location and not options.notes
        for finding in findings
    }
    print_in_full((each for each in findings if not is_short[each]), console)
    short = [finding for finding in findings if is_short[finding]]
    if not options.topology:
        for finding in short:
            console.line(headline(finding, console))
    console.line(summary(findings, console))
    if short and options.topology:
        console.line(
            tr_count(
                "Not shown: {count} note about the host. `--notes` shows all.",
                "Not shown: {count} notes about the host. `--notes` shows all.",
                len(short),
            )
        )
    elif short:
        console.line(tr("The notes are shortened: `--notes` shows their evidence, fix and source."))


def _print_footer(
    capacity: Sequence[MemoryBudget | CapacityEstimate], engine: str, host: str, console: Console
) -> None:
    from nestlab.transport.process.local import has_hyper_v_module  # noqa: PLC0415  # keeps other commands quick

    for line in (*capacity, *engine_lines(engine)):
        console.line(line)
    if host == DEFAULT_HOST and has_hyper_v_module():
        console.line(
            tr("This machine has Hyper-V as well. To check it: nestlab check --host local:")
        )


def engine_lines(engine: str) -> Iterator[str]:
    """Yield lines that say which PowerShell answered, and what differs in PowerShell 7.

    >>> list(engine_lines("Desktop 5.1.20348.1"))
    ['Answered by PowerShell Desktop 5.1.20348.1.']
    """
    if engine:
        yield tr("Answered by PowerShell {engine}.", engine=engine)
    if engine.startswith("Core"):
        yield tr(
            "In PowerShell 7 some modules of Windows run in a compatibility session: their objects are copies, "
            "their error ids are those of remoting, and VLAN settings may not be readable."
        )


def _capacity(
    state: HostState, options: argparse.Namespace
) -> dict[str, MemoryBudget | CapacityEstimate]:
    """Return the memory budget of the host, and how many such nested hosts would fit."""
    from nestlab.rules.capacity_estimate import capacity_estimate  # noqa: PLC0415  # keeps --help quick
    from nestlab.rules.memory_budget import memory_budget  # noqa: PLC0415  # keeps --help quick

    budget = memory_budget(state)
    fits = capacity_estimate(
        budget,
        memory_each=options.nested_memory,
        vms_inside=options.vms_inside,
        memory_inside=options.memory_inside,
    )
    return {"memory": budget, "capacity_estimate": fits}


def _print_host(state: HostState, console: Console) -> None:
    computer, hyper_v = state.computer, state.hyper_v
    console.line(console.styled(f"{computer.name} ({state.host})", "bold"))
    console.line(
        tr(
            "  {windows}, build {build}, {size} memory",
            windows=computer.caption,
            build=computer.build,
            size=computer.total_physical_memory,
        )
    )
    processors = ", ".join(cpu.name for cpu in state.processors) or tr("processor not read")
    console.line(f"  {computer.manufacturer} {computer.model}; {processors}")
    if hyper_v is None:
        console.line(tr("  Hyper-V does not answer on this host."))
    else:
        counts = (
            tr_count("{count} VM", "{count} VMs", len(hyper_v.vms)),
            tr_count("{count} switch", "{count} switches", len(hyper_v.switches)),
            tr_count("{count} NAT network", "{count} NAT networks", len(state.nats)),
        )
        console.line(f"  {', '.join(counts)}")
    for unread in state.unread:
        console.line(tr("  Not read: {what}: {error}", what=unread.what, error=unread.error))


COMMAND = Subcommand(
    name="check",
    summary="report what a host supports; with a topology, whether it fits on the host",
    description="Report what a host supports for nested virtualization, with evidence. With a TOPOLOGY: whether it fits on that host.\n"
    "Errors and warnings come first; notes say what is as it should be, and are shortened.",
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab check",
        "nestlab check --host sim:ws2019-amd",
        mark("nestlab check --notes                      every note with its evidence"),
        mark("nestlab check --host local:                the Hyper-V of this machine"),
        "nestlab check lab.yml --host winrms://hv01.contoso.com",
    ),
)
