"""Waiting until a guest answers over PowerShell Direct, after a restart with a new boot time."""

from __future__ import annotations

from datetime import datetime, timedelta

from nestlab.apply.context import StepContext
from nestlab.apply.events import Waiting, WaitKind
from nestlab.apply.sessions import Sessions
from nestlab.dataclass import replace
from nestlab.errors import GuestCredentialRefused, GuestUnreachable, HostError, SessionBroken
from nestlab.model import Cmdlet, Outcome, Record, path_text
from nestlab.plan import Deferred, no_heartbeat_reasons
from nestlab.texts import mark, tr, translate
from nestlab.transport.session import Cancel, Session

POLL_SECONDS = 5.0
LIMIT_SECONDS = 1200.0
"""Seconds: the first boot of a Windows image, with its setup and restarts, takes up to 15 minutes
on slow disks."""

NO_HEARTBEAT_SECONDS = 600.0
"""How long a VM may run without a first heartbeat. The service for it starts early in a boot, so
no Windows has started then. For a first boot, the limit is LIMIT_SECONDS."""

_PROBE = Cmdlet("Get-CimInstance", {"ClassName": "Win32_OperatingSystem"})


def answers(deferred: Deferred, sessions: Sessions, cancel: Cancel | None) -> bool:
    """Whether the machine answers now, with a boot time that differs from the one recorded before.

    The session to a machine that does not answer is closed.
    Raises GuestCredentialRefused if its credential is rejected, unless its Windows may not have
    created the account yet.
    """
    session = sessions.to(deferred.machine)
    try:
        outcome = session.run(_PROBE, cancel=cancel)
    except (GuestUnreachable, SessionBroken) as error:
        if deferred.first_boot and isinstance(error, GuestCredentialRefused):
            session.keep_credential()
            return False
        sessions.disconnect(deferred.machine)
        # Retrying a wrong password would lock the account.
        if isinstance(error, GuestCredentialRefused):
            hint = " ".join(filter(None, (error.hint, deferred.refused_advice)))
            raise GuestCredentialRefused(error.host, error.message, hint=hint) from None
        return False
    booted_at = _boot_time(outcome)
    return booted_at is not None and (deferred.booted_at is None or booted_at != deferred.booted_at)


def boot_time(session: Session, cancel: Cancel | None) -> datetime | None:
    """Return when a machine started last; raises the errors of `Session.run`."""
    return _boot_time(session.run(_PROBE, cancel=cancel))


def _boot_time(outcome: Outcome) -> datetime | None:
    found: datetime | None = next((record.get("LastBootUpTime") for record in outcome), None)
    return found


def waiting_for(names: tuple[str, ...], seconds: float) -> Waiting:
    """Return the event that the run has waited so long for guests, named by path, to answer."""
    activity = tr("Waiting for {names}", names=", ".join(names))
    return Waiting(activity, seconds, LIMIT_SECONDS, WaitKind.ANSWER, names)


def wait_until_it_answers(deferred: Deferred, sessions: Sessions, context: StepContext) -> None:
    """Wait until a machine answers again after its restart, or the time limit is reached.

    Raises Cancelled, and GuestCredentialRefused if its credential is rejected.
    """
    name, waited = path_text(deferred.machine), 0.0
    while waited < LIMIT_SECONDS and not answers(deferred, sessions, context.cancel):
        context.on_event(waiting_for((name,), waited))
        context.session.wait(POLL_SECONDS, context.cancel)
        waited += POLL_SECONDS


def has_not_started(deferred: Deferred, sessions: Sessions, cancel: Cancel | None) -> bool:
    """Whether the VM of a guest has run for `NO_HEARTBEAT_SECONDS` and never had a heartbeat.

    False if this cannot be read, or where the heartbeat is disabled.
    """
    *host, name = deferred.machine
    by_name = Cmdlet("Get-VM", {"Name": name, "ErrorAction": "SilentlyContinue"})
    try:
        found = sessions.to(tuple(host)).run(by_name, cancel=cancel).of_type("VirtualMachine")
    except HostError:
        return False
    return bool(found) and all(map(_runs_without_heartbeat, found))


def _runs_without_heartbeat(vm: Record) -> bool:
    up = vm.get("Uptime")
    return (
        str(vm.get("State")) == "Running"
        and str(vm.get("Heartbeat")) == "NoContact"
        and isinstance(up, timedelta)
        and up.total_seconds() >= NO_HEARTBEAT_SECONDS
    )


def not_started(deferred: Deferred, host: str) -> GuestUnreachable:
    """Return the error for a guest whose VM runs, and in which Windows has not started.

    For a first boot, LIMIT_SECONDS have passed.
    """
    seconds = LIMIT_SECONDS if deferred.first_boot else NO_HEARTBEAT_SECONDS
    machine, minutes = path_text(deferred.machine), seconds / 60
    message = (
        tr(
            "No Windows has finished its first boot in {machine}: its VM has run for {minutes:.0f} minutes without a heartbeat",
            machine=machine,
            minutes=minutes,
        )
        if deferred.first_boot
        else tr(
            "No Windows has started in {machine}: its VM has run for {minutes:.0f} minutes without a heartbeat",
            machine=machine,
            minutes=minutes,
        )
    )
    setup = translate(_FIRST_BOOT) if deferred.first_boot else ""
    reasons = no_heartbeat_reasons(("windows",))  # only Windows guests are waited for like this
    hint = " ".join(filter(None, (reasons, setup, deferred.advice)))
    return GuestUnreachable(host, message, hint=hint)


def after_first_boot(deferred: Deferred) -> Deferred:
    """Return a deferred machine whose first boot is over: a refused credential is an error now."""
    if not deferred.first_boot:
        return deferred
    advice = f"{translate(_FIRST_BOOT)} {deferred.refused_advice}".strip()
    return replace(deferred, first_boot=False, refused_advice=advice)


def answer_timeout(deferred: Deferred, host: str) -> GuestUnreachable:
    """Return the error for a guest that did not answer within the time limit."""
    minutes = LIMIT_SECONDS / 60
    machine = path_text(deferred.machine)
    message = tr(
        "{machine} did not answer over PowerShell Direct within {minutes:.0f} minutes",
        machine=machine,
        minutes=minutes,
    )
    hint = translate(_FIRST_BOOT if deferred.first_boot else _HINT)
    return GuestUnreachable(host, message, hint=" ".join(filter(None, (hint, deferred.advice))))


_FIRST_BOOT = mark(
    "Check on its console at which screen Windows Setup waits, or which error it shows; the reasons are in Windows\\Panther\\setuperr.log on its disk."
)
_HINT = mark(
    "Check on its console whether it starts from its disk (a VM of generation 1 boots Windows from an MBR disk only, one of generation 2 from a GPT disk only), whether Windows is set up, and whether the service vmicvmsession is running."
)
