"""Commands about the session: Get-Command, Get-Help, and those that concern a console."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.commands.get_command import get_command
from nestlab.simulator.powershell.commands.get_help import get_help
from nestlab.simulator.powershell.session_state import SessionState


def _write_nothing(session: SessionState, bound: Bound, sink: Sink) -> None:
    """Write nothing: Clear-Host and Exit-PSSession need a console, and there is no format data."""


SESSION_COMMANDS: Mapping[str, Callable[[SessionState, Bound, Sink], None]] = {
    "Clear-Host": _write_nothing,
    "Exit-PSSession": _write_nothing,
    "Get-Command": get_command,
    "Get-FormatData": _write_nothing,
    "Get-Help": get_help,
}
