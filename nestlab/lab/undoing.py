"""Undoing a journal, of a topology or of a nesting change."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path

from nestlab.apply import (
    Header,
    Identify,
    Journal,
    OnEvent,
    Sessions,
    StepResult,
    UndoContext,
    ignore_event,
    undo_journal,
    undo_steps,
)
from nestlab.dataclass import replace
from nestlab.errors import GuestUnreachable, SessionBroken
from nestlab.lab.guest_accounts import require_credentials
from nestlab.lab.journal_folder import record_later_destroys
from nestlab.lab.nesting_history import record_finished_starts
from nestlab.lab.shutdown_retry import SHUTDOWN_SECONDS, ShutdownRetry, stops_vm
from nestlab.lab.undo_history import entries_of_topology
from nestlab.model import HOST, Cmdlet, MachinePath, SwitchParameter, path_text
from nestlab.model.state import HostState
from nestlab.observe import identify, is_elevated, observe
from nestlab.observe.missing_objects import missing_objects
from nestlab.plan import Step, SubjectKind, TargetKind
from nestlab.texts import mark
from nestlab.transport.session import Cancel, Session

_HINT = mark("The VM was not turned off. Sign in to it and shut it down, then undo again.")


def undo(
    host: Session,
    journal: str | Path,
    *,
    disconnect_others: bool = False,
    delete_others: bool = False,
    shutdown_seconds: float = SHUTDOWN_SECONDS,
    turn_off: Collection[str] = (),
    cancel: Cancel | None = None,
    on_event: OnEvent | None = None,
) -> Iterator[StepResult]:
    """Undo a journal on a host, last step first; yield one result per step.

    The values in the journal are restored; its topology is not needed. It keeps disks that are
    parents of other disks; switches that other VMs are connected to, unless `disconnect_others`;
    and nested hosts with others' VMs inside, unless `delete_others`.
    After a nesting change, a guest that is still starting is asked to shut down for up to
    `shutdown_seconds`, and then turned off if `turn_off` names its VM. Raises JournalError if there
    is no such journal, Cancelled, and before anything is changed UndoRefused if a disk or switch
    that the undo needs no longer exists, CredentialNotUsable if credentials of guests are missing.
    """
    recorded = Journal(Path(journal))
    record_later_destroys(recorded.path)
    report = on_event or ignore_event
    if recorded.header().kind is SubjectKind.NESTING:
        yield from _undo_nesting(
            host, recorded, ShutdownRetry(host, shutdown_seconds, cancel, report), cancel, turn_off
        )
    else:
        yield from _undo(
            host,
            recorded,
            disconnect_others=disconnect_others,
            delete_others=delete_others,
            cancel=cancel,
            on_event=report,
        )


def undo_notices(
    host: Session,
    journal: str | Path,
    *,
    delete_others: bool = False,
    cancel: Cancel | None = None,
) -> tuple[str, ...]:
    """Return sentences about the nested hosts that undoing a journal would remove.

    They name others' VMs inside, which prevent the removal, or with `delete_others` are deleted
    with their host; and guests whose VMs are not known, because they are off, do not answer, or
    have no known credential.
    """
    recorded = Journal(Path(journal))
    sessions = Sessions(host, recorded.header().credentials_by_machine)
    find = _identify(host, recorded, delete_others=delete_others, cancel=cancel)
    notices: list[str] = []
    try:
        for step in undo_steps(recorded.entries()):
            if not (step.creates and step.target.kind == TargetKind.VM):
                continue
            with contextlib.suppress(GuestUnreachable, SessionBroken):
                found = find(step, sessions.to)
                about = path_text((*step.machine, step.target.name))
                texts = found.notices if isinstance(found, Step) else (found.why,) * found.in_use
                notices += (f"{about}: {text}" for text in texts)
    finally:
        sessions.close()
    return tuple(notices)


def _identify(
    host: Session,
    journal: Journal,
    *,
    disconnect_others: bool = False,
    delete_others: bool = False,
    cancel: Cancel | None = None,
) -> Identify:
    owner = _owner(journal.header())
    return partial(
        identify,
        topology=owner,
        may_disconnect_others=disconnect_others,
        may_delete_others=delete_others,
        read_made_entries=partial(entries_of_topology, owner, host, journal.path),
        cancel=cancel,
    )


def _undo(
    host: Session,
    journal: Journal,
    *,
    disconnect_others: bool = False,
    delete_others: bool = False,
    cancel: Cancel | None,
    on_event: OnEvent,
) -> Iterator[StepResult]:
    header = journal.header()
    require_credentials(_guests_by_credential(journal), host)
    sessions = Sessions(host, header.credentials_by_machine)

    def observe_machine(path: MachinePath) -> HostState | None:
        try:
            return observe(sessions.to(path), machine=path, cancel=cancel)
        except (GuestUnreachable, SessionBroken):
            if path == HOST:
                raise
            sessions.disconnect(path)
            return None

    context = UndoContext(
        session=host,
        observe_machine=observe_machine,
        identify=_identify(
            host,
            journal,
            disconnect_others=disconnect_others,
            delete_others=delete_others,
            cancel=cancel,
        ),
        find_missing=partial(missing_objects, topology=_owner(header), cancel=cancel),
        is_elevated=partial(is_elevated, host, cancel=cancel),
        cancel=cancel,
        on_event=on_event,
    )
    with journal.locked():
        yield from undo_journal(journal, context)


def _guests_by_credential(journal: Journal) -> dict[str, tuple[MachinePath, ...]]:
    """Return the credentials that an undo needs, with the guests in which it undoes steps."""
    entered = [step.runs_on for step in undo_steps(journal.entries())]
    guests: dict[str, tuple[MachinePath, ...]] = {}
    for path, name in journal.header().credentials_by_machine.items():
        if any(machine[: len(path)] == path for machine in entered):
            guests[name] = (*guests.get(name, ()), path)
    return guests


def _owner(header: Header) -> str:
    """Return the topology whose mark the objects have; VMs that the user named need none."""
    return "" if header.kind is SubjectKind.NESTING else header.subject


def _undo_nesting(
    host: Session,
    journal: Journal,
    shutdown: ShutdownRetry,
    cancel: Cancel | None,
    turn_off: Collection[str],
) -> Iterator[StepResult]:
    """Undo a nesting change, and retry while a guest that was started does not shut down."""
    record_finished_starts(journal, observe(host, machine=HOST, cancel=cancel))
    consented = {name.casefold() for name in turn_off}
    while True:
        failed = yield from shutdown.attempt(
            _undo(host, journal, cancel=shutdown, on_event=shutdown.on_event)
        )
        if failed is None:
            shutdown.finish()
            return
        name = failed.step.target.name
        if stops_vm(failed.step) and not shutdown.has_timed_out(name):
            shutdown.wait_before_retry(failed)
        elif stops_vm(failed.step) and name.casefold() in consented:
            consented.remove(name.casefold())  # once: a later failure has another reason
            host.run(_turned_off(failed.step.cmdlets[0]), cancel=cancel)
        else:
            yield shutdown.fail(failed, _HINT)
            return


def _turned_off(shutdown: Cmdlet) -> Cmdlet:
    """Return the cmdlet that turns off the VM that a cmdlet shuts down."""
    if shutdown.pipe_to is not None:
        return replace(shutdown, pipe_to=_turned_off(shutdown.pipe_to))
    return replace(shutdown, parameters={**shutdown.parameters, "TurnOff": SwitchParameter.ON})
