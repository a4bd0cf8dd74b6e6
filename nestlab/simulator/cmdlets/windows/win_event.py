"""Get-WinEvent for the System log, which has the events of the last boot."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nestlab.dataclass import dataclass
from nestlab.model import Record
from nestlab.pattern import pattern
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.values.wildcard import matches
from nestlab.simulator.state.clock import utc_time
from nestlab.simulator.state.machine import Machine

GET_WIN_EVENT = "Microsoft.PowerShell.Commands.GetWinEventCommand"
_LOG = "System"
_ERROR, _INFORMATION = 2, 4


@dataclass(frozen=True)
class _Event:
    id: int
    provider: str
    at: float  # seconds of the virtual clock
    level: int
    message: str


def _events(machine: Machine) -> Iterator[_Event]:
    """Yield the events of the last boot, newest first."""
    if machine.outer_host is None and machine.world.quirks.security_policy_check_fails:
        text_124 = "The virtualization-based security enablement policy check at phase 0 failed with status: The request is not supported."
        yield _Event(124, "Microsoft-Windows-Kernel-Boot", machine.booted_at + 1, _ERROR, text_124)
    started = f"The operating system started at system time {utc_time(machine.booted_at):%Y-%m-%dT%H:%M:%S.%f}00Z."
    yield _Event(12, "Microsoft-Windows-Kernel-General", machine.booted_at, _INFORMATION, started)


_PROVIDER = pattern(r"Provider\[\s*@Name\s*=\s*(?:'([^']*)'|\"([^\"]*)\")\s*\]")
_ID = pattern(r"EventID\s*=\s*(\d+)")


def _meets_condition(event: _Event, condition: str) -> bool:
    """Whether an event meets a condition of an XPath query.

    Raises PowerShellError for parts of XPath that are not simulated.
    """
    provider, number = _PROVIDER.fullmatch(condition), _ID.fullmatch(condition)
    if provider:
        return event.provider == (provider[1] or provider[2])
    if number:
        return event.id == int(number[1])
    what = f"the condition '{condition}' of -FilterXPath"
    raise _not_simulated(what)


def _conditions(path: str) -> list[str]:
    """Split ``*[System[Provider[@Name='P'] and (EventID=12)]]`` and the like into conditions."""
    inner = re.fullmatch(r"\s*\*\s*(?:\[(.*)\])?\s*", path, re.DOTALL)
    if inner is None:
        what = f"-FilterXPath '{path}'"
        raise _not_simulated(what)
    whole = re.fullmatch(r"\s*System\s*\[(.*)\]\s*", inner[1] or "", re.DOTALL)
    parts = re.split(r"\s+and\s+", (whole[1] if whole else inner[1] or "").strip())
    plain = (re.sub(r"^\(\s*(.*?)\s*\)$", r"\1", part.strip()) for part in parts)
    return [part.removeprefix("System/") for part in plain if part]


def _not_simulated(what: str) -> PowerShellError:
    message = f"The simulated host does not simulate {what} of 'Get-WinEvent': its System log has only the events of the last boot. Nothing was changed."
    return cmdlet_errors.generic(
        message,
        "NotImplemented",
        "NotSimulated,Get-WinEvent",
        what,
        "System.NotImplementedException",
    )


@cmdlet("Get-WinEvent")
def get_win_event(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-WinEvent for the System log; no matching event is an error, as in Windows."""
    logs = [str(name) for name in bound.values("LogName")]
    if len(logs) != 1 or not matches(logs[0], _LOG):
        what = f"-LogName {', '.join(logs) or '(all)'}"
        raise _not_simulated(what)
    conditions = _conditions(bound.text("FilterXPath", "*"))
    found = [
        event
        for event in _events(machine)
        if all(_meets_condition(event, condition) for condition in conditions)
    ]
    if bound.is_present("Oldest"):
        found.reverse()
    if not found:
        message = "No events were found that match the specified selection criteria."
        raise cmdlet_errors.generic(
            message,
            "ObjectNotFound",
            f"NoMatchingEventsFound,{GET_WIN_EVENT}",
            "",
            "System.Exception",
        )
    for event in found[: int(bound.text("MaxEvents", str(len(found))))]:
        sink.output(_record(machine, event))


def _record(machine: Machine, event: _Event) -> Record:
    properties = {
        "Id": event.id,
        "ProviderName": event.provider,
        "LogName": _LOG,
        "MachineName": machine.name,
        "TimeCreated": utc_time(event.at),
        "Level": event.level,
        "LevelDisplayName": {_ERROR: "Error", _INFORMATION: "Information"}[event.level],
        "Message": event.message,
    }
    name = "System.Diagnostics.Eventing.Reader.EventLogRecord"
    return Record(
        (name, "System.Diagnostics.Eventing.Reader.EventRecord", "System.Object"), properties, name
    )
