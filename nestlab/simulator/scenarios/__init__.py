"""Scenarios: the initial states of simulated hosts, one file each.

Copy one, change it, and use its path: ``sim:./my-host.json``.

A scenario with ``based_on`` inherits everything from another one; its tables are merged with those
of the other, its lists replace them. The keys are in `nestlab.simulator.scenarios.scenario_keys`,
and for editors in ``schema/scenario.schema.json``.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nestlab.errors import UnknownHost
from nestlab.simulator.state.clock import Clock
from nestlab.simulator.state.machine import World
from nestlab.texts import tr, tr_count, translate

if TYPE_CHECKING:
    from nestlab.model.topology import Topology
    from nestlab.simulator.scenarios.scenario_file import Scenario

FOLDER = Path(__file__).parent / "data"
DEFAULT = "ws2022-intel"
BUILT_PATH = Path(__file__).parent / "built" / f"{DEFAULT}.json"
"""The initial state of the default scenario.

`nestlab simulate --stdio` starts for each session of a client, and need not read a scenario.
"""

SCHEMA_PATH = Path(__file__).parent / "schema" / "scenario.schema.json"

_NAMES = (
    DEFAULT, "ws2025-amd", "ws2016-intel", "win11-ryzen", "win10-intel", "ws2019-amd", "win11-home", "no-role", "firmware-off", "azure-vm",
    "azure-trusted-launch", "kvm-guest", "arm64", "old-vms", "busy-host", "hyperv-admin-only", "ws2022-spanish", "ws2022-generalized",
)  # fmt: skip


def scenario_names() -> tuple[str, ...]:
    """Return the names of the scenarios of nestlab, the default first."""
    return _NAMES


class ScenarioDescriptions(dict[str, str]):
    """The descriptions of scenarios by name; a notebook shows them as a table."""

    def _repr_html_(self) -> str:
        from nestlab.html import code, headline, table, unbroken, without_math  # noqa: PLC0415  # only notebooks need it

        count = tr_count("{count} simulated host", "{count} simulated hosts", len(self))
        example = tr(
            "`nestlab.connect({address})` opens a session to one.", address=f"'sim:{DEFAULT}'"
        )
        rows = [(unbroken(code(f"sim:{name}")), about) for name, about in self.items()]
        top = headline("", f"{count}.", example)
        return without_math(top, table((tr("host"), tr("description")), rows))


def scenario_descriptions() -> ScenarioDescriptions:
    """Return the description of each scenario, in one line, in the chosen language."""
    return ScenarioDescriptions(
        (name, translate(str(_read_built_in(name).values["description"]))) for name in _NAMES
    )


def load_scenario(
    name: str,
    clock: Clock | None = None,
    *,
    language: str = "",
    prepared_for: Topology | None = None,
) -> World:
    """Return a new world from a scenario, which is given by name or by path (.json, .yml).

    `language` overrides that of the scenario's Windows. With `prepared_for`, the host also has the
    images, adapters and switches that a topology expects there. Raises UnknownHost for an unknown
    name or path, ScenarioFileError with all problems of the file.
    """
    clock = clock or Clock()
    if name == DEFAULT and not language:
        world = World.from_dict(json.loads(BUILT_PATH.read_text(encoding="utf-8")), clock)
    else:
        world = _build(name, clock, language)
    if prepared_for is not None:
        from nestlab.simulator.scenarios.prepared_host import prepare  # noqa: PLC0415  # few hosts need it

        prepare(world, prepared_for)
    return world


def built_text() -> str:
    """Return the initial state of the default scenario as the file that is part of the package."""
    return json.dumps(_build(DEFAULT, Clock(), "").to_dict(), indent=1) + "\n"


def _build(name: str, clock: Clock, language: str) -> World:
    # Not imported at the start, because a host of the default scenario does not need them.
    from nestlab.simulator.scenarios.build import build_world  # noqa: PLC0415
    from nestlab.simulator.scenarios.scenario_file import SUFFIXES, read  # noqa: PLC0415

    path = _find(name, Path())
    if path is None:
        is_file = Path(name).suffix.lower() in SUFFIXES
        msg = (
            tr("There is no scenario file {name!r}.", name=name)
            if is_file
            else tr("There is no simulated host {name!r}.", name=name)
        )
        hint = tr(
            "Simulated hosts: {names}. Or give the path of a scenario file ending in .json or .yml.",
            names=", ".join(_NAMES),
        )
        raise UnknownHost(msg, hint=hint)
    scenario = _read_built_in(name) if name in _NAMES else read(path, _find, _NAMES)
    return build_world(scenario, name, clock, language)


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of scenario files."""
    from nestlab.simulator.scenarios.scenario_keys import SCENARIO  # noqa: PLC0415  # no host needs these
    from nestlab.topology_file.json_schema import schema_of  # noqa: PLC0415

    return schema_of(SCENARIO, "nestlab scenario", "The initial state of a simulated Hyper-V host.")


def schema_text() -> str:
    """Return the schema as the text of the file that is part of the package."""
    return json.dumps(schema(), indent=2) + "\n"


@cache
def _read_built_in(name: str) -> Scenario:
    from nestlab.simulator.scenarios.scenario_file import read  # noqa: PLC0415  # see _build

    return read(FOLDER / f"{name}.json", _find, _NAMES)


def _find(name: str, folder: Path) -> Path | None:
    if name in _NAMES:
        return FOLDER / f"{name}.json"
    from nestlab.simulator.scenarios.scenario_file import SUFFIXES  # noqa: PLC0415  # see _build

    path = folder / name
    return path if path.suffix.lower() in SUFFIXES and path.is_file() else None
