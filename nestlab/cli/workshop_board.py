"""``nestlab workshop board`` and ``times``: how far the seats are, and how long stages took."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from nestlab.cli.command import output_file
from nestlab.cli.console import Console
from nestlab.errors import FileNotWritten, UsageError
from nestlab.texts import tr

if TYPE_CHECKING:
    from nestlab.workshop import Workshop, WorkshopBoard

_LONGEST_MINUTES = 1e12
_LONGEST_SECONDS = 86400


def add_board_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of board and times."""
    group = parser.add_argument_group(tr("board and times"))
    group.add_argument(
        "--progress",
        metavar="FOLDER",
        type=Path,
        default=None,
        help=tr(
            "folder with the progress of the seats, also for check, hint, solve, restore, plant, reset and down (default: that of NESTLAB_PROGRESS, or in the folder of the journals)"
        ),
    )
    group.add_argument(
        "--stuck",
        metavar="MINUTES",
        type=_minutes,
        default=None,
        help=tr("after how many minutes at a stage a seat is stuck (default: 15)"),
    )
    group.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=output_file,
        default=None,
        help=tr(
            "write the board as a page for a projector (.html), the times as .csv or .json; for handout and serve, the folder (default: NAME-seats)"
        ),
    )
    group.add_argument(
        "--watch",
        metavar="SECONDS",
        type=_seconds,
        default=None,
        help=tr("with board -o: write the page again, as often as this, until Ctrl-C"),
    )


def _minutes(text: str) -> float:
    """Read a time in minutes above 0."""
    return _above_zero(text, _LONGEST_MINUTES)


def _seconds(text: str) -> float:
    """Read a time in seconds above 0, at most a day."""
    return _above_zero(text, _LONGEST_SECONDS)


def _above_zero(text: str, most: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number <= most:  # also for one that is none, "nan"
        message = tr("{text!r} is not a number above 0 and at most {most:g}", text=text, most=most)
        raise argparse.ArgumentTypeError(message)
    return number


def show_board(workshop: Workshop, options: argparse.Namespace, console: Console) -> int:
    """Print the board, or write it as a page; nothing of the hosts is read."""
    if options.watch is not None and (options.output is None or options.watch < 1):
        message = tr("--watch needs -o FILE.html, and at least one second.")
        raise UsageError(message, hint=tr("nestlab workshop board FILE -o board.html --watch 10"))
    if options.output is not None:
        _require_ending(options.output, ".html", ".htm")
        _write_page(workshop, options, console)
        return 0
    found = _board(workshop, options)
    if console.as_json:
        console.document(found.to_dict())
    else:
        _print_board(found, options.seat, console)
    return 0


def show_times(workshop: Workshop, options: argparse.Namespace, console: Console) -> int:
    """Print how long each stage took, or write it as CSV or JSON."""
    from nestlab.workshop.board_text import times_table  # noqa: PLC0415  # keeps --help quick

    found = _board(workshop, options).times
    if options.output is not None:
        from nestlab.model.files import write_atomically  # noqa: PLC0415  # keeps --help quick

        ending = _require_ending(options.output, ".csv", ".json")
        as_json = json.dumps(found.to_dict(), indent=1, ensure_ascii=False) + "\n"
        write_atomically(options.output, found.to_csv() if ending == ".csv" else as_json)
        console.line(tr("Written: {path}", path=options.output))
    elif console.as_json:
        console.document(found.to_dict())
    else:
        console.table(*times_table(found))
    return 0


def _board(workshop: Workshop, options: argparse.Namespace) -> WorkshopBoard:
    from nestlab.workshop import board  # noqa: PLC0415  # keeps --help quick
    from nestlab.workshop.named_parts import require_stages  # noqa: PLC0415  # as above
    from nestlab.workshop.workshop_board import STUCK_MINUTES  # noqa: PLC0415  # as above

    require_stages(workshop)
    minutes = STUCK_MINUTES if options.stuck is None else options.stuck
    return board(workshop, progress=options.progress, stuck_minutes=minutes)


def _write_page(workshop: Workshop, options: argparse.Namespace, console: Console) -> None:
    from nestlab.model.files import write_atomically  # noqa: PLC0415  # keeps --help quick
    from nestlab.workshop.projector_page import REFRESH_SECONDS, board_page  # noqa: PLC0415  # as above

    refresh = options.watch or REFRESH_SECONDS
    write_atomically(options.output, board_page(_board(workshop, options), refresh=refresh))
    console.line(tr("Written: {path}", path=options.output))
    while options.watch is not None:
        time.sleep(options.watch)
        page = board_page(_board(workshop, options), refresh=refresh)
        try:
            write_atomically(options.output, page)
        except FileNotWritten as error:
            console.error_line(error)


def _print_board(board: WorkshopBoard, names: list[str], console: Console) -> None:
    from nestlab.workshop.board_text import board_table, place_text, seat_table  # noqa: PLC0415  # keeps --help quick

    console.line(console.styled(board.verdict, "error" if board.stuck else "good"))
    if not names:
        console.table(*board_table(board))
    for seat in map(board.seat, names):
        console.line(f"{seat.seat}: {place_text(seat)}")
        console.table(*seat_table(seat))


def _require_ending(path: Path, *endings: str) -> str:
    ending = path.suffix.casefold()
    if ending not in endings:
        message = tr(
            "{path}: the file name has to end in {endings}.", path=path, endings=endings[0]
        )
        raise UsageError(message, hint=tr("Endings: {names}.", names=", ".join(endings)))
    return ending
