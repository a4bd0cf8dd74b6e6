"""``nestlab workshop check``, ``hint``, ``solve``, ``restore`` and ``plant``: stages at seats."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from nestlab.cli.console import Console
from nestlab.cli.host_session import connector
from nestlab.errors import GuestUnreachable, UsageError
from nestlab.texts import tr

if TYPE_CHECKING:
    from nestlab.workshop import (
        LearnerStage,
        Seat,
        StageHint,
        StageProgress,
        StageReport,
        Workshop,
    )

_AT_STAGE = ("check", "hint", "solve", "restore", "plant")
_OPTION_ACTIONS = {
    "seat": ("up", "status", "reset", "down", "board", *_AT_STAGE),
    "stage": ("up", "reset", *_AT_STAGE),
    "level": ("hint",),
    "wait": ("check", "hint"),
    "look": ("check", "hint"),
    "progress": ("board", "times", "reset", "down", *_AT_STAGE),
    "stuck": ("board", "times"),
    "output": ("board", "times", "handout", "serve"),
    "watch": ("board",),
    "port": ("serve",),
    "ip": ("serve",),
    "no_browser": ("serve",),
}


def add_stage_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the seat of the stage commands, and their options."""
    parser.add_argument(
        "seat_name",
        metavar="SEAT",
        nargs="?",
        help=tr("the seat of check, hint, solve, restore and plant (plant: default all)"),
    )
    parser.add_argument(
        "--level",
        metavar="N",
        type=int,
        default=None,
        help=tr("level of the hint: 1 is the reason, the last has cmdlets (default: the next one)"),
    )
    parser.add_argument(
        "--wait",
        metavar="SECONDS",
        type=float,
        default=None,
        help=tr(
            "how long check and hint wait for what needs time, such as a DHCP lease (default: 60)"
        ),
    )
    parser.add_argument(
        "--look",
        action="store_true",
        default=None,
        help=tr(
            "check and hint for the trainer: not counted as the learner's; hint shows the last level"
        ),
    )


def progress_in(folder: Path | None) -> Callable[[Seat], StageProgress]:
    """Return what opens the progress of a seat in a folder; None: in `progress_folder`."""
    from nestlab.workshop import StageProgress  # noqa: PLC0415  # keeps --help quick

    return lambda seat: StageProgress.in_folder(seat, folder)


def refuse_stage_options(options: argparse.Namespace) -> None:
    """Refuse options with an action that they say nothing about, such as --level with plan."""
    for name, actions in _OPTION_ACTIONS.items():
        if getattr(options, name) not in (None, []) and options.action not in actions:
            option = f"--{name.replace('_', '-')}"
            message = tr("{action} does not take {option}.", action=options.action, option=option)
            raise UsageError(message, hint=tr("It is for: {names}.", names=", ".join(actions)))


def check_stage(workshop: Workshop, options: argparse.Namespace, console: Console) -> int:
    """Print whether a stage is done; exit code 1: it is not, 3: that is not known."""
    stage = _stage_of(workshop, options)
    report = _report(stage, options, console)
    if console.as_json:
        console.document(report.to_dict())
    else:
        style = "good" if report.passed else "warning" if report.is_unknown else "error"
        console.line(console.styled(report.verdict, style))
        for line in (*report.checks, *report.differences):
            console.line(line)
    if not options.look:
        stage.progress.note(stage.stage, report)
    return _code(report)


def hint_stage(workshop: Workshop, options: argparse.Namespace, console: Console) -> int:
    """Print the next level of help for a stage, or the one asked for; none where it is done."""
    stage = _stage_of(workshop, options)
    report = _report(stage, options, console)
    hints, shown = report.hints, stage.progress.hints(stage.stage)
    level = options.level or (len(hints) if options.look else shown + 1)
    level = min(max(level, 1), len(hints))
    hint: StageHint | None = hints[level - 1] if hints else None
    if console.as_json:
        document = {"seat": report.seat, "stage": report.stage, "passed": report.passed}
        console.document({**document, "hint": hint.to_dict() if hint else None})
    elif hint is None:
        console.line(console.styled(report.verdict, "good" if report.passed else "warning"))
    else:
        console.line(str(hint))
        if hint.level < hint.levels and not options.look:
            console.line(tr("More: the same command again"))
    if options.look:
        return _code(report)
    if hint is None:
        stage.progress.note(stage.stage, report)
    else:
        stage.progress.mark_hints(stage.stage, max(level, shown))
    return _code(report)


def solve_stage(workshop: Workshop, options: argparse.Namespace, console: Console) -> int:
    """Bring a seat to the end of a stage."""
    stage = _stage_of(workshop, options)
    question = tr(
        "Build the seat {seat} up to the end of the stage {stage}?",
        seat=stage.seat.name,
        stage=stage.stage.name,
    )
    return _change(stage.solve, question, options, console)


def plant_fault(workshop: Workshop, options: argparse.Namespace, console: Console) -> int:
    """Plant the fault of a stage at the seats that are named, by default at all."""
    from nestlab.cli.workshop_text import seat_events  # noqa: PLC0415  # keeps --help quick
    from nestlab.workshop import WorkshopRun, stage_named  # noqa: PLC0415  # as above

    faulty = [stage for stage in workshop.stages if stage.fault is not None]
    if options.stage is not None:
        stage = stage_named(workshop, options.stage)
    elif len(faulty) == 1:
        (stage,) = faulty
    else:
        message = tr("Name the stage whose fault is to be planted, with --stage.")
        names = ", ".join(each.name for each in faulty)
        raise UsageError(message, hint=tr("Stages with a fault: {names}.", names=names or "-"))
    seats = [options.seat_name] if options.seat_name else options.seat
    run = WorkshopRun(
        workshop,
        connector(options),
        seats=seats,
        stage=stage,
        progress=progress_in(options.progress),
        on_event=seat_events(console),
    )
    names = ", ".join(seat.name for seat in run.seats)
    question = tr(
        "Plant the fault of the stage {stage} at the seats {names}?", stage=stage.name, names=names
    )
    return _change(lambda **_: run.plant(), question, options, console)


def restore_stage(workshop: Workshop, options: argparse.Namespace, console: Console) -> int:
    """Remove what a seat has, and build it again up to the end of a stage."""
    stage = _stage_of(workshop, options)
    question = tr(
        "Remove the seat {seat} with its disks, and build it again up to the end of the stage {stage}?",
        seat=stage.seat.name,
        stage=stage.stage.name,
    )
    return _change(stage.restore, question, options, console)


def _change(
    work: Callable[..., object], question: str, options: argparse.Namespace, console: Console
) -> int:
    from nestlab.cli.workshop_text import print_seat_result, print_summary, seat_events  # noqa: PLC0415  # keeps --help quick

    if not options.yes and not console.ask(question):
        return 1
    ended = []
    for result in work(on_event=seat_events(console)):  # type: ignore[attr-defined]  # both are iterators of results
        ended.append(result)
        print_seat_result(result, console)
    if ended:
        print_summary(ended, console)
    elif not console.as_json:
        console.line(console.styled(tr("The stage is done already: nothing was changed."), "good"))
    return 0 if all(result.ok for result in ended) else 1


def _code(report: StageReport) -> int:
    if report.passed:
        return 0
    return GuestUnreachable.exit_code if report.is_unknown else 1


def _report(stage: LearnerStage, options: argparse.Namespace, console: Console) -> StageReport:
    from nestlab.cli.run_output import progress  # noqa: PLC0415  # keeps --help quick
    from nestlab.workshop.learner_stage import SETTLE_SECONDS  # noqa: PLC0415  # as above

    wait = SETTLE_SECONDS if options.wait is None else options.wait
    with progress(console) as on_event:
        return stage.check(wait=wait, on_event=on_event)


def _stage_of(workshop: Workshop, options: argparse.Namespace) -> LearnerStage:
    """Return the stage that the options name, by default the first that is not done."""
    from nestlab.workshop import LearnerStage, current_stage  # noqa: PLC0415  # keeps --help quick
    from nestlab.workshop.named_parts import seats_hint  # noqa: PLC0415  # as above

    seats = [options.seat_name] if options.seat_name else options.seat
    if len(seats) != 1:
        message = tr("Name one seat: nestlab workshop {action} FILE SEAT.", action=options.action)
        raise UsageError(message, hint=seats_hint(workshop))

    connect = connector(options)
    progress = progress_in(options.progress)(workshop.seat(seats[0]))
    stage = options.stage or current_stage(workshop, seats[0], connect, progress=progress).name
    return LearnerStage(workshop, seats[0], stage, connect, progress=progress)
