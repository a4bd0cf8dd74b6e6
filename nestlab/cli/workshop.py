"""``nestlab workshop``: a class from one file."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nestlab.cli.command import Subcommand, add_connection
from nestlab.cli.console import Console
from nestlab.cli.host_session import connector
from nestlab.cli.workshop_board import add_board_arguments, show_board, show_times
from nestlab.cli.workshop_serve import add_serve_arguments, serve, write_pages
from nestlab.cli.workshop_stages import (
    add_stage_arguments,
    check_stage,
    hint_stage,
    plant_fault,
    progress_in,
    refuse_stage_options,
    restore_stage,
    solve_stage,
)
from nestlab.errors import UsageError
from nestlab.texts import mark, tr

if TYPE_CHECKING:
    from nestlab.workshop import SeatResult, Workshop, WorkshopPlan, WorkshopRun

_Run = Callable[["Workshop", argparse.Namespace, Console], int]


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=[*_ACTIONS, *_STAGE_ACTIONS],
        help=tr(
            "plan: where the seats go; up: build them; status: what is there; reset: remove a seat and build it again; down: remove them; board: how far they are; times: how long stages took; check, hint, solve, restore: a stage at a seat; plant: its fault; handout: a page for each seat; serve: a JupyterLab server for all seats"
        ),
    )
    parser.add_argument("file", metavar="FILE", type=Path, help=tr("workshop file (YAML)"))
    add_stage_arguments(parser)
    parser.add_argument(
        "--seat",
        metavar="SEAT",
        action="append",
        default=[],
        help=tr("only this seat (repeatable); reset needs it"),
    )
    parser.add_argument(
        "--stage",
        metavar="STAGE",
        help=tr(
            "up and reset build a seat up to the end of this stage; check, hint, solve and restore are about it (default: the first that is not done), and plant breaks it (default: the only one with a fault)"
        ),
    )
    parser.add_argument("--yes", action="store_true", help=tr("do not ask before a run"))
    add_board_arguments(parser)
    add_serve_arguments(parser)
    add_connection(parser.add_argument_group(tr("hosts")))


def _plan(workshop: Workshop, options: argparse.Namespace, console: Console) -> int:
    from nestlab.cli.workshop_text import print_workshop_plan  # noqa: PLC0415  # keeps --help quick
    from nestlab.workshop import plan  # noqa: PLC0415  # as above

    found = plan(workshop, connector(options))
    if console.as_json:
        console.document(found.to_dict())
    else:
        print_workshop_plan(found, console)
    return 0 if found.ok else 1


def _status(workshop: Workshop, options: argparse.Namespace, console: Console) -> int:
    from nestlab.cli.workshop_text import print_workshop_status  # noqa: PLC0415  # keeps --help quick
    from nestlab.workshop import status  # noqa: PLC0415  # as above

    names = {name.casefold() for name in options.seat}
    found = status(workshop, connector(options)).of_seats(names)
    if console.as_json:
        console.document(found.to_dict())
    else:
        print_workshop_status(found, console)
    return 0 if found.ok else 1


def _up(workshop: Workshop, options: argparse.Namespace, console: Console) -> int:
    run = _workshop_run(workshop, options, console)
    return _print_results(run.up(_consent(run, options, console)), console)


def _reset(workshop: Workshop, options: argparse.Namespace, console: Console) -> int:
    from nestlab.workshop.named_parts import seats_hint  # noqa: PLC0415  # keeps --help quick

    if not options.seat:
        message = tr("No seat was given: nestlab workshop reset FILE --seat SEAT.")
        raise UsageError(message, hint=seats_hint(workshop))
    run = _workshop_run(workshop, options, console)
    return _print_results(run.reset(_consent(run, options, console)), console)


def _down(workshop: Workshop, options: argparse.Namespace, console: Console) -> int:
    run = _workshop_run(workshop, options, console)
    code = _print_results(run.down(_consent(run, options, console)), console)
    if workshop.stages and not console.as_json:
        command = f"nestlab workshop times {options.file} -o times.csv"  # not shown
        console.line(
            tr("Times of the stages, until the next class begins: {command}", command=command)
        )
    return code


def _workshop_run(workshop: Workshop, options: argparse.Namespace, console: Console) -> WorkshopRun:
    from nestlab.cli.workshop_text import seat_events  # noqa: PLC0415  # keeps --help quick
    from nestlab.workshop import WorkshopRun  # noqa: PLC0415  # as above
    from nestlab.workshop.named_parts import stage_of  # noqa: PLC0415  # as above

    if not options.yes and not console.can_ask:
        message = tr("This run asks for confirmation, which needs a terminal. Nothing was changed.")
        raise UsageError(message, hint=tr("Look at nestlab workshop plan, then add --yes."))
    return WorkshopRun(
        workshop,
        connector(options),
        seats=options.seat,
        stage=None if options.stage is None else stage_of(workshop, options.stage),
        progress=progress_in(options.progress),
        on_event=seat_events(console),
    )


def _consent(
    run: WorkshopRun, options: argparse.Namespace, console: Console
) -> Callable[[WorkshopPlan], bool]:
    def confirm(plan: WorkshopPlan) -> bool:
        names = ", ".join(seat.name for seat in run.seats)
        question = {
            "up": tr("Build the seats {names}?", names=names),
            "reset": tr(
                "Remove the seats {names} with their disks, and build them again?", names=names
            ),
            "down": tr("Remove the seats {names} with their disks?", names=names),
        }[options.action]
        for finding in plan.left_seats:
            console.error_line(str(finding))
        hosts = sum(1 for host in plan.hosts if host.error is None)
        if hosts < len(plan.hosts):
            for finding in plan.findings.errors:
                console.error_line(str(finding))
        return options.yes or console.ask(question)

    return confirm


def _print_results(results: Iterator[SeatResult], console: Console) -> int:
    from nestlab.cli.workshop_text import print_seat_result, print_summary  # noqa: PLC0415  # keeps --help quick

    ended: list[SeatResult] = []
    for result in results:
        ended.append(result)
        print_seat_result(result, console)
    print_summary(ended, console)
    return 0 if all(result.ok for result in ended) else 1


def _run(options: argparse.Namespace, console: Console) -> int:
    from nestlab import workshop  # noqa: PLC0415  # keeps --help quick
    from nestlab.workshop.named_parts import seat_of, seats_hint, stage_of  # noqa: PLC0415  # as above

    refuse_stage_options(options)
    found = workshop.load(options.file)
    named = [options.seat_name] if options.seat_name else []
    if named and options.action not in _STAGE_ACTIONS:
        message = tr("{action} takes seats with --seat SEAT.", action=options.action)
        raise UsageError(message, hint=seats_hint(found))
    for name in (*named, *options.seat):
        seat_of(found, name)
    if options.stage is not None:
        stage_of(found, options.stage)
    return {**_ACTIONS, **_STAGE_ACTIONS}[options.action](found, options, console)


_ACTIONS: Mapping[str, _Run] = {
    "plan": _plan,
    "up": _up,
    "status": _status,
    "reset": _reset,
    "down": _down,
    "board": show_board,
    "times": show_times,
    "handout": write_pages,
    "serve": serve,
}
_STAGE_ACTIONS: Mapping[str, _Run] = {
    "check": check_stage,
    "hint": hint_stage,
    "solve": solve_stage,
    "restore": restore_stage,
    "plant": plant_fault,
}

COMMAND = Subcommand(
    name="workshop",
    summary=mark("a class from one file: seats of a topology on several hosts"),
    description=mark(
        "A workshop file names a topology, the number of seats, networks to cut for them, and hosts.\n"
        "plan reads each host once and says which seat goes where, what does not fit and what would, and the minutes until all are ready.\n"
        "up builds the seats, a queue for each host; a seat that fails stops no other, and a second run continues what was stopped.\n"
        "status shows what is there of each seat. reset removes a seat and builds it again. down removes what the seats created.\n"
        "check says whether a stage is done at a seat: its checks pass, and the seat has what the stage names; more than that is not a difference. hint gives help, one level at a time: the reason, the author's text, cmdlets.\n"
        "solve is up to the end of a stage, restore is reset to it. plant breaks what the stage's fault names, at a seat or at all: check passes once that works again.\n"
        "board shows how far each seat is, and which is stuck since when, from the files of the seats; it asks no host. With -o it writes a page for a projector. times shows how long each stage took.\n"
        "handout writes a page for each seat: addresses, picture, stages. serve starts one JupyterLab server with a folder and a link for each seat; all seats share it, so that each can open the folders of the others.\n"
        "With --json, up, reset and down print one JSON object per line. Exit code 1: a seat does not fit, failed or is not complete, or something is an error. check and hint: 1: the stage is not done, 3: that is not known."
    ),
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab workshop plan class.yml",
        "nestlab workshop up class.yml --yes",
        "nestlab workshop reset class.yml --seat seat17 --stage nat",
        "nestlab workshop check class.yml ada --stage nat",
        "nestlab workshop hint class.yml ada --level 2",
        "nestlab workshop board class.yml -o board.html --watch 10",
        "nestlab workshop times class.yml -o times.csv",
        "nestlab workshop serve class.yml -o class --ip 0.0.0.0",
    ),
)
