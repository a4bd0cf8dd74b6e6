"""``nestlab workshop handout`` and ``serve``: pages for the seats, and one server for all."""

from __future__ import annotations

import argparse
import os
import secrets
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from nestlab.cli.console import Console
from nestlab.cli.free_port import free_port
from nestlab.cli.notebook_options import LOOPBACK, add_port
from nestlab.cli.notebooks import lab_application, lab_arguments, launch
from nestlab.texts import VARIABLE, tr, tr_count

if TYPE_CHECKING:
    from nestlab.workshop import Workshop


def add_serve_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of serve."""
    group = parser.add_argument_group("serve")
    add_port(group)
    group.add_argument(
        "--ip",
        metavar="ADDRESS",
        help=tr(
            "address that the server listens on (default: {address}, this computer only; 0.0.0.0 for all)",
            address=LOOPBACK,
        ),
    )
    group.add_argument(
        "--no-browser", action="store_true", default=None, help=tr("do not open a browser")
    )


def write_pages(workshop: Workshop, options: argparse.Namespace, console: Console) -> int:
    """Write the pages of the seats."""
    from nestlab.workshop.seat_handout import write_handouts  # noqa: PLC0415  # keeps --help quick

    paths = write_handouts(workshop, _folder(workshop, options))
    if console.as_json:
        console.document({"workshop": workshop.name, "files": [str(path) for path in paths]})
    else:
        text = tr_count(
            "Wrote {file} and {count} page",
            "Wrote {file} and {count} pages",
            len(paths) - 1,
            file=paths[0],
        )
        console.line(text)
    return 0


def serve(workshop: Workshop, options: argparse.Namespace, console: Console) -> int:
    """Run one JupyterLab server with a folder for each seat, until it is stopped."""
    from nestlab.workshop.seat_folder import notebook_path, write_seat_folder  # noqa: PLC0415  # keeps --help quick
    from nestlab.workshop.seat_handout import write_handouts  # noqa: PLC0415  # as above

    app, folder = lab_application(), _folder(workshop, options).resolve()
    ip = options.ip or LOOPBACK
    port, token = free_port(ip, options.port), secrets.token_urlsafe(24)
    links, address = {}, _address(ip, port)
    for seat in workshop.all_seats:
        write_seat_folder(seat, folder / "seats" / seat.name)
        links[seat.name] = f"{address}/{notebook_path(seat)}?token={token}"
    pages = write_handouts(workshop, folder / "handouts", links)
    _print_links(links, pages[0], console)
    _set_variables(getattr(options, "language", ""))
    arguments = lab_arguments(
        folder / "seats", port=port, browser=not options.no_browser, ip=ip, start="/lab"
    )
    # Ctrl-C ends the server at once, with its kernels: it is not asked in the terminal again.
    return launch(
        app, [*arguments, f"--IdentityProvider.token={token}", "--ServerApp.answer_yes=True"]
    )


def _address(ip: str, port: int) -> str:
    name = socket.gethostname() if ip in {"", "0.0.0.0", "::", "*"} else ip  # noqa: S104  # as given
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _set_variables(chosen_language: str) -> None:
    """Set what the kernels of the notebooks read: they run in the folders of the seats."""
    from nestlab.lab import state_folder  # noqa: PLC0415  # keeps --help quick
    from nestlab.workshop import stage_progress  # noqa: PLC0415  # as above

    os.environ[stage_progress.VARIABLE] = str(stage_progress.progress_folder().resolve())
    if named := os.environ.get(state_folder.VARIABLE):
        os.environ[state_folder.VARIABLE] = str(Path(named).resolve())
    if chosen_language:
        os.environ[VARIABLE] = chosen_language


def _print_links(links: dict[str, str], index: Path, console: Console) -> None:
    if console.as_json:
        console.event({"event": "serving", "links": links, "handout": str(index)})
        return
    console.table((tr("seat"), tr("link")), list(links.items()))
    console.line(tr("Handout with these links: {file}", file=index))
    console.line(
        tr(
            "Who has a link has access. All seats share one server and your account on this computer: each can open and change the files of the others, and run commands as you. JupyterHub separates them."
        )
    )
    console.line(tr("Stop with Ctrl-C."))


def _folder(workshop: Workshop, options: argparse.Namespace) -> Path:
    return options.output or Path(f"{workshop.name}-seats")
