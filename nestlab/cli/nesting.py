"""``nestlab nesting``: the extensions flag of a VM, and all that goes with it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import nestlab
from nestlab.cli.command import Command, add_host
from nestlab.cli.console import Console
from nestlab.cli.following import add_consent, consent, finished_at_once, follow, on_event, require_somebody
from nestlab.cli.opening import opened
from nestlab.cli.plan_text import print_plan
from nestlab.errors import UsageError

if TYPE_CHECKING:
    from nestlab.model.state import VirtualMachineState
    from nestlab.transport import Session


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("show", "enable", "disable"))
    parser.add_argument("vm", metavar="VM", nargs="?", help="name of the VM; show without one shows all")
    add_consent(parser)
    parser.add_argument(
        "--journal", metavar="FILE", type=Path, help="where undo finds what was there before (default: a new file in ./journals)"
    )
    add_host(parser)


def _run(options: argparse.Namespace, console: Console) -> int:
    if options.action != "show" and options.vm is None:
        message = f"Say which VM: nestlab nesting {options.action} VM."
        raise UsageError(message, hint="`nestlab nesting show` lists them.")
    with opened(options) as session:
        return _show(options, session, console) if options.action == "show" else _change(options, session, console)


def _change(options: argparse.Namespace, session: Session, console: Console) -> int:
    from nestlab.lab import journals  # noqa: PLC0415  # keeps --help quick

    journal = options.journal or journals.new_path(f"nesting-{options.vm}")
    change = nestlab.NestingChange(session, options.vm, enable=options.action == "enable", journal=journal)
    plan = change.plan()
    print_plan(plan, console)
    if plan.complete:
        finished_at_once(console)
        return 0
    require_somebody(options, console)
    code = follow(change.apply(plan, on_event=on_event(console), confirm=consent(options, console)), console)
    console.line(f"To go back: nestlab undo {journal}")
    return code


def _show(options: argparse.Namespace, session: Session, console: Console) -> int:
    from nestlab.observe import observe  # noqa: PLC0415  # keeps --help quick

    state = observe(session)
    vms = state.hyper_v.vms if state.hyper_v else ()
    chosen = [vm for vm in vms if options.vm is None or vm.name.casefold() == options.vm.casefold()]
    if options.vm and not chosen:
        message = f"There is no VM {options.vm}."
        raise UsageError(message, hint=f"VMs there: {', '.join(vm.name for vm in vms) or 'none'}.")
    if console.as_json:
        console.document({"host": session.host, "vms": [_facts(vm) for vm in chosen]})
    headers = ("VM", "state", "version", "virtualization extensions", "memory", "MAC address spoofing")
    console.table(headers, [_row(vm) for vm in chosen])
    return 0


def _facts(vm: VirtualMachineState) -> dict[str, object]:
    return {
        "name": vm.name,
        "state": vm.state,
        "version": vm.version,
        "expose_virtualization_extensions": vm.expose_virtualization_extensions,
        "dynamic_memory_enabled": vm.dynamic_memory_enabled,
        "memory_startup": int(vm.memory_startup),
        "mac_address_spoofing": {adapter.name: adapter.mac_address_spoofing for adapter in vm.network_adapters},
    }


def _row(vm: VirtualMachineState) -> tuple[str, ...]:
    spoofing = [adapter.name for adapter in vm.network_adapters if adapter.mac_address_spoofing]
    return (
        vm.name,
        vm.state,
        vm.version,
        "exposed" if vm.expose_virtualization_extensions else "hidden",
        f"{vm.memory_startup} {'dynamic' if vm.dynamic_memory_enabled else 'static'}",
        f"on: {', '.join(spoofing)}" if spoofing else "off",
    )


COMMAND = Command(
    name="nesting",
    summary="a VM's virtualization extensions, and all that goes with them",
    description=(
        "Show, expose or hide the virtualization extensions of VMs that are there already.\n"
        "They are set while a VM is Off, with static memory: a running VM is stopped (it asks first) and started again."
    ),
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab nesting show",
        "nestlab nesting enable HV1 --host 'sim:ws2022-intel?state=host.json'",
        "nestlab nesting disable HV1 --yes",
    ),
)
