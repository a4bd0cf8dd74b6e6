"""The address of a simulated host: the scenario, and its options."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict
from urllib.parse import parse_qsl

from nestlab.errors import UsageError
from nestlab.model.topology import Topology
from nestlab.simulator.behaviour.localization import LANGUAGES
from nestlab.simulator.faults import Fault
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.powershell.session_state import DEFAULT_CONFIGURATION, Configuration
from nestlab.simulator.runspace import Runspace
from nestlab.simulator.scenarios import DEFAULT
from nestlab.texts import tr
from nestlab.transport.host_address import option_text, read_options
from nestlab.transport.simulated import SimulatedSession

SCHEME = "sim:"
_OPTIONS = ("state", "time_scale", "fault", "language", "configuration", "prepared_for")


class _NewHost(TypedDict):
    time_scale: float
    language: str
    prepared_for: Topology | None


def open_simulated(address: str, prepared_for: Topology | None = None) -> SimulatedSession:
    """Open ``sim:SCENARIO?state=FILE&time_scale=SECONDS&fault=KIND:CMDLET:NTH&language=es``.

    A missing state file is created. `fault` may be repeated. ``configuration=FOLDER`` opens a
    session with the session configuration and the role in this folder. A new host has what the
    topology `prepared_for`, or that of the file ``prepared_for=FILE``, expects to find there.

    Raises UnknownHost, UsageError for invalid options, StateFileError, and TopologyFileError.
    """
    scenario, _, query = address.removeprefix(SCHEME).partition("?")
    options = read_options(query, repeatable=("fault",))
    unknown = sorted(options.keys() - set(_OPTIONS))
    if unknown:
        msg = tr("A simulated host has no option {option!r}.", option=unknown[0])
        hint = tr(
            "Options: {options}, as in sim:{default}?state=lab.json.",
            options=", ".join(_OPTIONS),
            default=DEFAULT,
        )
        raise UsageError(msg, hint=hint)
    scale = _time_scale(options.get("time_scale", "0"))
    faults = [
        Fault.parse(text)
        for option, text in parse_qsl(query, keep_blank_values=True)
        if option == "fault"
    ]
    name = scenario or DEFAULT
    state = options.get("state", "")
    if "state" in options and not state:
        msg = tr("{option}= is empty.", option="state")
        raise UsageError(
            msg,
            hint=tr(
                "Write {address}?state=lab.json, or leave ?state= out: then no state is kept.",
                address=f"{SCHEME}{name}",
            ),
        )
    language, configuration = _language(options), _configuration(options)
    if prepared_for is None and "prepared_for" in options:
        prepared_for = _topology(options["prepared_for"])
    new: _NewHost = {"time_scale": scale, "language": language, "prepared_for": prepared_for}
    host = (
        SimulatedHost.load(Path(state), scenario=name, **new)
        if state
        else SimulatedHost.from_scenario(name, **new)
    )
    if faults:
        host.inject_faults(*faults)
    return SimulatedSession(Runspace(host, configuration=configuration), _address(name, options))


def _address(name: str, options: Mapping[str, str]) -> str:
    """Return the address that opens the same host; a state file keeps its language and faults."""
    new_host = ("language", "prepared_for")
    keys = (*(("state",) if options.get("state") else new_host), "configuration")
    kept = [f"{key}={option_text(options[key])}" for key in keys if options.get(key)]
    return f"{SCHEME}{name}" + (f"?{'&'.join(kept)}" if kept else "")


def _topology(path: str) -> Topology:
    if not path:
        msg = tr("{option}= is empty.", option="prepared_for")
        raise UsageError(
            msg, hint=tr("Write {address}?prepared_for=lab.yml.", address=f"{SCHEME}{DEFAULT}")
        )
    # Imported here: few sessions are to a host that is prepared for a file.
    from nestlab.topology_file import load  # noqa: PLC0415

    return load(path)


def _configuration(options: Mapping[str, str]) -> Configuration:
    if "configuration" not in options:
        return DEFAULT_CONFIGURATION
    if not options["configuration"]:
        msg = tr("{option}= is empty.", option="configuration")
        raise UsageError(
            msg, hint=tr("Give the folder that `nestlab export --to jea` has written.")
        )
    # Imported here: few sessions have a configuration of their own.
    from nestlab.simulator.powershell.roles.session_configuration import load_configuration  # noqa: PLC0415

    return load_configuration(options["configuration"])


def _language(options: Mapping[str, str]) -> str:
    language = options.get("language", "")
    if "language" in options and language not in LANGUAGES:
        msg = tr("language={language!r} is not a language of a simulated host.", language=language)
        raise UsageError(msg, hint=tr("Languages: {languages}.", languages=", ".join(LANGUAGES)))
    return language


def _time_scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = -1.0
    if not 0 <= scale <= 1000:  # noqa: PLR2004  # slower than a thousandth of real time is surely a typo
        msg = tr(
            "time_scale={text!r} is not a number of real seconds per simulated second from 0 to 1000.",
            text=text,
        )
        raise UsageError(msg, hint=tr("0 never waits, 1 is real time."))
    return scale
