"""Workshops in JupyterHub: a hook that hands each seat its folder, and a service with the board.

In ``jupyterhub_config.py``, with any authenticator and any spawner::

    from nestlab.hub import configure

    configure(c, "class.yml", "/srv/class")
"""

from __future__ import annotations

import codecs
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from tornado.web import HTTPError

from nestlab.export.jea import role_files, role_name
from nestlab.hub.seat_account import SeatAccount
from nestlab.model.files import make_folder, write_atomically
from nestlab.texts import tr
from nestlab.transport.host_address import option_text
from nestlab.workshop import Seat, Workshop, load
from nestlab.workshop.seat_files import NOTEBOOK, SeatFiles
from nestlab.workshop.seat_folder import seat_files
from nestlab.workshop.stage_progress import hand_over

SERVICE = "nestlab"
_SERVICE = (sys.executable, "-m", "nestlab.hub.board_service")
SEATS, ROLES, PROGRESS = "seats", "roles", "progress"
"""The folders below that of the class, each with a folder for each seat."""
Environment = Callable[[Seat], Mapping[str, str]]
"""Returns environment variables of a seat's server, such as the credential of its account."""


class NoSeat(HTTPError):
    """A user without a seat; JupyterHub shows the message on the page that it answers with."""

    def __init__(self, user: str, workshop: Workshop) -> None:
        super().__init__(403, "no seat for %s", user)
        self.jupyterhub_message = tr(
            "The workshop {workshop} has no seat for {user}.", workshop=workshop.name, user=user
        )


def configure(
    config: Any,
    file: str | Path,
    folder: str | Path,
    *,
    seats: Mapping[str, str] | None = None,
    environment: Environment | None = None,
    restricted: bool = True,
    port: int = 10101,
) -> None:
    """Add the hook of the spawner, and the service with the board, to the configuration of a hub.

    Args:
        config: `c` of ``jupyterhub_config.py``.
        file: The workshop file.
        folder: Where the folders of the seats are, their roles and their progress.
        seats: The seat of each user, by name; by default a user has the seat of the same name.
        environment: Returns further environment variables for the server of a seat.
        restricted: Whether seats use the hosts through the role of their topology.
        port: The local port of the service.

    Raises WorkshopFileError, and FileNotWritten for the roles.
    """
    course, root = load(file), Path(folder).resolve()
    if restricted:
        write_roles(course, root)
    config.Spawner.pre_spawn_hook = SeatHook(course, root, seats, environment, restricted)
    config.JupyterHub.services.append(
        {
            "name": SERVICE,
            "display": True,
            "url": f"http://127.0.0.1:{port}",
            "command": [*_SERVICE, str(Path(file).resolve())],
            "environment": {"NESTLAB_PROGRESS": str(root / PROGRESS)},
            "oauth_no_confirm": True,
        }
    )


class SeatHook:
    """The hook before a server starts: its folder, its notebook, and where its progress is kept.

    Administrators of the hub who have no seat get a server as usual; others are refused.
    """

    def __init__(
        self,
        workshop: Workshop,
        folder: Path,
        seats: Mapping[str, str] | None = None,
        environment: Environment | None = None,
        restricted: bool = True,  # noqa: FBT001, FBT002  # as in `configure`
    ) -> None:
        self.workshop = workshop
        self.folder = folder
        self._seats = seats
        self._environment = environment
        self._restricted = restricted

    def __call__(self, spawner: Any) -> None:
        """Prepare the server of a user; raises NoSeat."""
        seat = self.seat_of(spawner.user.name)
        if seat is None:
            if spawner.user.admin:
                return
            raise NoSeat(spawner.user.name, self.workshop)
        folder, progress = self.folder / SEATS / seat.name, self.folder / PROGRESS / seat.name
        role = partial(restricted_address, roles=self.folder / ROLES)
        files = seat_files(seat, *([role] if self._restricted else []))
        _prepare(spawner.user.name, files, folder, progress)
        hand_over(seat, self.folder / PROGRESS)
        spawner.notebook_dir = str(folder)
        spawner.default_url = f"/lab/tree/{NOTEBOOK}"
        spawner.environment = {
            **spawner.environment,
            "NESTLAB_PROGRESS": str(progress),
            **(self._environment(seat) if self._environment else {}),
        }

    def seat_of(self, user: str) -> Seat | None:
        """Return the seat of a user; None for a user without one."""
        name = user if self._seats is None else self._seats.get(user)
        try:
            return None if name is None else self.workshop.seat(name)
        except KeyError:
            return None


def restricted_address(address: str, seat: Seat, *, roles: Path) -> str:
    """Return the address by which a seat uses a host through its role.

    Over WinRM that is the session configuration with the role's name. A simulated host reads the
    role from its folder. Over ssh, the server's subsystem decides.
    """
    scheme = address.partition(":")[0].lower()
    mark = "&" if "?" in address else "?"
    if scheme in {"winrm", "winrms"} and "configuration_name=" not in address:
        return f"{address}{mark}configuration_name={option_text(role_name(seat.topology))}"
    if scheme == "sim" and "configuration=" not in address:
        return f"{address}{mark}configuration={option_text(str(roles / seat.name))}"
    return address


def write_roles(workshop: Workshop, folder: Path) -> None:
    """Write the role of each seat into a folder below `roles`: they are registered on the hosts."""
    for seat in workshop.all_seats:
        for name, text in role_files(seat.topology).items():
            path = folder / ROLES / seat.name / name
            make_folder(path.parent)
            # Without a byte order mark, PowerShell 5.1 reads ANSI text.
            write_atomically(path, codecs.BOM_UTF8 + text.encode())


def _prepare(user: str, files: SeatFiles, folder: Path, progress: Path) -> None:
    """Write the files of a seat; where the hub runs as root, with the account of the learner."""
    account = SeatAccount.of(user, folder)
    if account is None:
        make_folder(progress)
        files.write(folder)
        return
    account.give(progress)
    account.give(folder)
    account.write(files, folder)


__all__ = ["NoSeat", "SeatHook", "configure", "restricted_address", "write_roles"]
