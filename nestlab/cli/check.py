"""``nestlab check``: what a host can do, or whether it can carry a topology."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import nestlab
from nestlab.cli.command import Command, add_host, add_topology
from nestlab.cli.console import Console
from nestlab.cli.findings import print_findings
from nestlab.cli.opening import opened

if TYPE_CHECKING:
    from nestlab.model.state import HostState


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_topology(parser, optional=True)
    add_host(parser)


def _run(options: argparse.Namespace, console: Console) -> int:
    from nestlab.observe import observe  # noqa: PLC0415  # keeps --help quick

    topology = nestlab.load(options.topology) if options.topology else None
    with opened(options) as session:
        if topology is None:
            state = observe(session)
            _print_host(state, console)
            findings = nestlab.host_findings(state)
        else:
            findings = nestlab.Lab(topology, session).check()
    if console.as_json:
        console.document(findings.to_dict())
    else:
        print_findings(findings, console)
    return 0 if findings.ok else 1


def _print_host(state: HostState, console: Console) -> None:
    computer, hyper_v = state.computer, state.hyper_v
    console.line(console.styled(f"{computer.name} ({state.host})", "bold"))
    console.line(f"  {computer.caption}, build {computer.build}, {computer.total_physical_memory} memory")
    console.line(f"  {computer.manufacturer} {computer.model}; {', '.join(cpu.name for cpu in state.processors) or 'processor not read'}")
    if hyper_v is None:
        console.line("  Hyper-V does not answer on this machine.")
    else:
        console.line(f"  {len(hyper_v.vms)} VMs, {len(hyper_v.switches)} switches, {len(state.nats)} NAT networks")
    for unread in state.unread:
        console.line(f"  Not read: {unread.what}: {unread.error}")


COMMAND = Command(
    name="check",
    summary="what a host can do; with a topology: can the host carry it?",
    description="Report what a host can do for nested virtualization, with evidence. With a TOPOLOGY: whether it fits on that host.",
    add_arguments=_add_arguments,
    run=_run,
    examples=("nestlab check", "nestlab check --host sim:ws2019-amd", "nestlab check lab.yml --host winrms://hv01.contoso.com"),
)
