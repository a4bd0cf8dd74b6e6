"""What a command says about a simulated host that ends with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nestlab.cli.console import Console
from nestlab.texts import tr

if TYPE_CHECKING:
    from nestlab.transport import Session


def ends_with_command(session: Session) -> bool:
    """Whether the host of a session is simulated, and has no state file that keeps it."""
    from nestlab.lab import journal_folder  # noqa: PLC0415  # keeps --help quick

    return session.host.startswith("sim:") and "#" in journal_folder.identity(session)


def say_that_it_ends(session: Session, console: Console) -> None:
    """Print how to keep the host, if it ends with the command."""
    if not ends_with_command(session):
        return
    console.line(
        tr(
            "A simulated host without a state file ends with its command, and the next command has a new one."
        )
    )
    kept = f"{session.host}{'&' if '?' in session.host else '?'}state=host.json"
    console.line(tr('To keep one between commands: --host "{address}"', address=kept))
