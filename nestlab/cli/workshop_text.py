"""The plan, the runs and the state of a workshop as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from nestlab.cli.console import Console
from nestlab.cli.findings import headline, print_in_full
from nestlab.texts import mark, tr, tr_count, translate

if TYPE_CHECKING:
    from nestlab.workshop import SeatEvent, SeatResult, SeatStarted, WorkshopStatus
    from nestlab.workshop.host_survey import SurveyedHost
    from nestlab.workshop.plan_findings import SeatConflict
    from nestlab.workshop.seat_events import OnSeatEvent
    from nestlab.workshop.workshop_plan import WorkshopPlan

_RESOURCES = {
    "memory": mark("memory"),
    "processors": mark("processors"),
    "disk": mark("disk space"),
}


def print_workshop_plan(plan: WorkshopPlan, console: Console) -> None:
    """Print where the seats go, what is left on each host, what does not fit and what would."""
    from nestlab.rules.evidence import gigabytes  # noqa: PLC0415  # keeps --help quick

    needs = plan.needs
    console.line(console.styled(tr("Workshop {name}", name=plan.workshop.name), "bold"))
    disk = tr("not known") if needs.disk is None else gigabytes(needs.disk)
    console.line(
        tr(
            "A seat needs {memory} of memory and {processors} virtual processors; disk space: {disk}.",
            memory=gigabytes(needs.memory),
            processors=needs.processors,
            disk=disk,
        )
    )
    print_in_full(plan.findings, console)
    rows = [_row(plan, host) for host in plan.hosts]
    headers = (tr("host"), tr("seats"), tr("memory left"), tr("disk left"), tr("NATs"), tr("ready"))
    console.table(headers, rows)
    for host in plan.hosts:
        names = plan.seats_on(host.address)
        if names:
            console.line(f"{host.address}: {', '.join(names)}")
    for host in plan.hosts:
        built = [seat for seat, other in plan.on_silent.items() if other == host.address]
        if built:
            shown = tr(
                "{host}, which does not answer: {seats}", host=host.address, seats=", ".join(built)
            )
            console.line(shown)
    _print_conflicts(plan.conflicts, console)
    _print_left_out(plan, console)


def _row(plan: WorkshopPlan, host: SurveyedHost) -> tuple[object, ...]:
    from nestlab.rules.evidence import gigabytes  # noqa: PLC0415  # keeps --help quick

    room = next((each for each in plan.placement.rooms if each.host == host.address), None)
    seats = len(plan.seats_on(host.address))
    if room is None:
        return host.address, seats, *[tr("not known")] * 4
    disk = tr("not known") if room.disk is None else gigabytes(room.disk)
    return host.address, seats, gigabytes(room.memory), disk, room.nats, _ready(plan, host)


def _ready(plan: WorkshopPlan, host: SurveyedHost) -> str:
    minutes = plan.minutes(host)
    if minutes is None:
        return tr("not known: no journal of a whole seat yet")
    return tr_count(
        "in {minutes:.0f} minutes, as measured in {count} run",
        "in {minutes:.0f} minutes, as measured in {count} runs",
        sum(each.runs for each in plan.hosts),
        minutes=minutes,
    )


def _print_conflicts(conflicts: Iterable[SeatConflict], console: Console) -> None:
    """Print the errors of seats on their hosts: each kind on a host once, with the seats."""
    groups: dict[tuple[str, str], list[SeatConflict]] = {}
    for conflict in conflicts:
        groups.setdefault((conflict.host, conflict.finding.code), []).append(conflict)
    for (host, _), group in groups.items():
        seats = ", ".join(dict.fromkeys(each.seat for each in group))
        console.line(tr("On {host}, for {seats}:", host=host, seats=seats))
        console.line(headline(group[0].finding, console))
        if group[0].finding.hint:
            console.line(console.styled(f"    {tr('fix')}: ", "faint") + group[0].finding.hint)


def _print_left_out(plan: WorkshopPlan, console: Console) -> None:
    from nestlab.rules.evidence import gigabytes  # noqa: PLC0415  # keeps --help quick

    left = plan.placement.left_out
    if not left:
        console.line(console.styled(tr("Every seat has a host."), "good"))
        return
    text = tr_count(
        "{count} seat does not fit: {names}",
        "{count} seats do not fit: {names}",
        len(left),
        names=", ".join(left),
    )
    console.line(console.styled(text, "error"))
    for room in plan.placement.rooms:
        lacking = ", ".join(translate(_RESOURCES[each]) for each in room.lacks(plan.needs))
        if lacking:
            console.line(
                tr("  {host} has too little: {resources}.", host=room.host, resources=lacking)
            )
    fitting = len(plan.placement.hosts)
    console.line(
        tr_count(
            "  What fits: {count} seat, with the spare ones.",
            "  What fits: {count} seats, with the spare ones.",
            fitting,
        )
    )
    if plan.most_memory_each is not None:
        memory = gigabytes(plan.most_memory_each)
        console.line(tr("  All fit with {memory} of memory for each seat.", memory=memory))


_STATUS = {
    "done": (mark("done"), "good"),
    "failed": (mark("FAILED"), "error"),
    "cancelled": (mark("cancelled"), "warning"),
}
_PRESENCE = {
    "absent": mark("not there"),
    "partial": mark("in part"),
    "complete": mark("complete"),
    "unknown": mark("not known"),
}


def seat_events(console: Console) -> OnSeatEvent:
    """Return what prints the events of seats: JSON lines, or a line for each seat that begins."""
    from nestlab.apply import Replanned  # noqa: PLC0415  # keeps --help quick
    from nestlab.workshop import SeatStarted  # noqa: PLC0415  # as above

    def report(event: SeatStarted | SeatEvent) -> None:
        if isinstance(event, SeatStarted):
            console.line(tr("{seat}: begins on {host}", seat=event.seat, host=event.host))
        elif isinstance(event.event, Replanned) and not event.event.added:
            return
        if console.as_json:
            console.event(event.to_dict())

    return report


def print_seat_result(result: SeatResult, console: Console) -> None:
    """Print how a seat ended."""
    if console.as_json:
        console.event(result.to_dict())
        return
    word, style = _STATUS[result.status]
    steps = tr_count("{count} step", "{count} steps", result.steps)
    console.line(f"{result.seat}: {console.styled(translate(word), style)} ({steps})")
    for text in filter(None, (result.message, result.hint)):
        console.line(f"    {text}")


def print_summary(results: Sequence[SeatResult], console: Console) -> None:
    """Print how many seats ended well."""
    done = sum(result.ok for result in results)
    if console.as_json:
        console.event({"event": "finished", "done": done, "seats": len(results)})
        return
    console.line(tr("{done} of {count} seats done.", done=done, count=len(results)))


def print_workshop_status(status: WorkshopStatus, console: Console) -> None:
    """Print what is there of each seat, and the hosts that do not answer."""
    for host in status.silent:
        console.line(f"{host.address}: {host.error.message if host.error else ''}")
    headers = (tr("seat"), tr("host"), tr("state"), tr("VMs running"), tr("switches"))
    rows = [
        (
            seat.seat,
            seat.host or "-",
            translate(_PRESENCE[seat.presence]),
            f"{seat.running}/{seat.running_wanted}" if seat.host else "-",
            f"{seat.switches}/{seat.switches_wanted}" if seat.host else "-",
        )
        for seat in status.seats
    ]
    console.table(headers, rows)
