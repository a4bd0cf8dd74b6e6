"""``nestlab nesting``: virtualization extensions of VMs, and the settings they need."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

import nestlab
from nestlab.cli.command import Subcommand, add_host, add_journal, memory, positive
from nestlab.cli.console import Console
from nestlab.cli.host_session import open_session
from nestlab.cli.plan_text import print_plan
from nestlab.cli.run_output import (
    add_confirmation_options,
    confirmation,
    report_nothing_to_run,
    require_terminal,
    run_and_print,
    undo_instructions,
)
from nestlab.errors import UsageError
from nestlab.model.powershell_text import argument
from nestlab.texts import tr

if TYPE_CHECKING:
    from nestlab.lab import NestingChange
    from nestlab.model.state import VirtualMachineState
    from nestlab.plan import Plan, Step
    from nestlab.transport import Session


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("show", "enable", "disable"))
    parser.add_argument(
        "vm",
        metavar="VM",
        nargs="*",
        help=tr("names of VMs (no patterns); `show` without a name shows all"),
    )
    add_confirmation_options(parser)
    add_journal(parser)
    parser.add_argument(
        "--memory",
        metavar="SIZE",
        type=memory,
        help=tr("enable: static memory for the VM, for example 8GB"),
    )
    parser.add_argument(
        "--processors", metavar="N", type=positive, help=tr("enable: virtual processors for the VM")
    )
    parser.add_argument(
        "--keep-dynamic-memory", action="store_true", help=tr("enable: leave dynamic memory on")
    )
    parser.add_argument(
        "--mac-spoofing",
        action="store_true",
        help=tr("enable: also enable MAC address spoofing on its connected adapters, for bridging"),
    )
    _add_shutdown_arguments(parser)
    parser.add_argument(
        "--force",
        action="store_true",
        help=tr("enable even if this host would then refuse to start the VM"),
    )
    add_host(parser)


def _add_shutdown_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options for turning a VM off, and for turning VMs inside it on again."""
    parser.add_argument(
        "--discard-saved-state",
        action="store_true",
        help=tr("allow a saved state to be discarded: the contents of its guest's memory are lost"),
    )
    parser.add_argument(
        "--turn-off",
        action="store_true",
        help=tr("turn off a VM that does not shut down in time"),
    )
    parser.add_argument(
        "--credential",
        metavar="NAME",
        default="",
        help=tr(
            "credential of the guests: the running VMs inside a nested host are listed before it stops, and started again afterwards"
        ),
    )
    parser.add_argument(
        "--shutdown-seconds",
        metavar="N",
        type=positive,
        default=300,
        help=tr("how long a guest may take to shut down (default: 300)"),
    )


def _run(options: argparse.Namespace, console: Console) -> int:
    if options.action != "show" and not options.vm:
        message = tr("No VM was given: nestlab nesting {action} VM.", action=options.action)
        raise UsageError(message, hint=tr("`nestlab nesting show` lists them."))
    with open_session(options) as session:
        return (
            _show(options, session, console)
            if options.action == "show"
            else _change(options, session, console)
        )


def _change(options: argparse.Namespace, session: Session, console: Console) -> int:
    change = _nesting_change(options, session)
    plan = change.plan()
    print_plan(plan, console)
    for item in plan.unchanged if console.as_json else ():
        console.event({"event": "unchanged", **item.to_dict()})
    if plan.is_empty:
        report_nothing_to_run(console)
        return 0
    require_terminal(options, console)
    with undo_instructions(console, session, lambda: change.journal):
        confirm = confirmation(options, console)
        code = _apply(change, plan, confirm, console)
        while (
            change.timed_out_vm
            and console.can_ask
            and console.ask(
                tr(
                    "Turn {vm} off? Unsaved data in the guest is lost.",
                    vm=change.timed_out_vm,
                )
            )
        ):
            change = change.with_turn_off()
            code = _apply(change, None, _or_turn_off(confirm), console)
    return code


def _or_turn_off(confirm: Callable[[Step], bool]) -> Callable[[Step], bool]:
    """Return `confirm`, but without a second question for turning off a VM."""
    from nestlab.plan import Action  # noqa: PLC0415  # keeps --help quick

    return lambda step: step.action is Action.TURN_OFF_VM or confirm(step)


def _apply(
    change: NestingChange,
    plan: Plan | None,
    confirm: Callable[[Step], bool],
    console: Console,
) -> int:
    return run_and_print(lambda event: change.apply(plan, on_event=event, confirm=confirm), console)


def _nesting_change(options: argparse.Namespace, session: Session) -> NestingChange:
    return nestlab.NestingChange(
        session,
        options.vm,
        enable=options.action == "enable",
        journal=options.journal,
        shutdown_seconds=options.shutdown_seconds,
        force=options.force,
        memory_startup=options.memory,
        processor_count=options.processors,
        keep_dynamic_memory=options.keep_dynamic_memory,
        mac_address_spoofing=options.mac_spoofing,
        discard_saved_state=options.discard_saved_state,
        turn_off=options.turn_off,
        credential=options.credential,
    )


def _show(options: argparse.Namespace, session: Session, console: Console) -> int:
    from nestlab.observe import observe  # noqa: PLC0415  # keeps --help quick

    state = observe(session)
    if state.hyper_v is None:
        message = tr(
            "Hyper-V does not answer on {host}, so its VMs cannot be shown.", host=session.host
        )
        raise UsageError(
            message,
            hint=tr("`nestlab check --host {host}` says why.", host=argument(session.host)),
        )
    vms = state.hyper_v.vms
    wanted = {name.casefold() for name in options.vm}
    chosen = [vm for vm in vms if not wanted or vm.name.casefold() in wanted]
    missing = [
        name for name in options.vm if name.casefold() not in {vm.name.casefold() for vm in vms}
    ]
    if missing:
        message = tr("VM {vm} was not found.", vm=missing[0] or repr(""))
        names = ", ".join(vm.name for vm in vms)
        hint = tr("VMs there: {names}.", names=names) if names else tr("VMs there: none.")
        raise UsageError(message, hint=hint)
    if console.as_json:
        console.document({"host": session.host, "vms": [_vm_data(vm) for vm in chosen]})
    headers = (
        tr("VM"),
        tr("state"),
        tr("version"),
        tr("virtualization extensions"),
        tr("memory"),
        tr("MAC address spoofing"),
    )
    count = Counter(vm.name.casefold() for vm in vms)
    console.table(headers, [_row(vm, show_id=count[vm.name.casefold()] > 1) for vm in chosen])
    return 0


def _vm_data(vm: VirtualMachineState) -> dict[str, object]:
    return {
        "name": vm.name,
        "id": vm.id,
        "state": vm.state,
        "version": vm.version,
        "expose_virtualization_extensions": vm.expose_virtualization_extensions,
        "dynamic_memory_enabled": vm.dynamic_memory_enabled,
        "memory_startup": int(vm.memory_startup),
        "mac_address_spoofing": {
            adapter.name: adapter.mac_address_spoofing for adapter in vm.network_adapters
        },
    }


def _row(vm: VirtualMachineState, *, show_id: bool) -> tuple[str, ...]:
    spoofing = [adapter.name for adapter in vm.network_adapters if adapter.mac_address_spoofing]
    return (
        f"{vm.name} ({vm.id})" if show_id else vm.name,
        vm.state,
        vm.version,
        tr("exposed") if vm.expose_virtualization_extensions else tr("hidden"),
        tr("{size} dynamic", size=vm.memory_startup)
        if vm.dynamic_memory_enabled
        else tr("{size} static", size=vm.memory_startup),
        tr("on: {adapters}", adapters=", ".join(spoofing)) if spoofing else tr("off"),
    )


COMMAND = Subcommand(
    name="nesting",
    summary="show, expose or hide the virtualization extensions of VMs, with the settings they need",
    description=(
        "Show, expose or hide the virtualization extensions of existing VMs.\n"
        "They can only be changed while a VM is Off, and they need static memory: a running VM is shut down (after confirmation) and started again.\n"
        "`disable` restores the memory, processors and adapter settings that `enable` changed."
    ),
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab nesting show",
        "nestlab nesting enable HV1 --host 'sim:ws2022-intel?state=host.json'",
        "nestlab nesting enable HV1 HV2 --memory 8GB --mac-spoofing",
        "nestlab nesting disable HV1 --yes",
    ),
)
