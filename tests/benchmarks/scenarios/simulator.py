"""Use a simulated host with VMS running VMs: ``simulator.py VMS``."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from beside import report

from nestlab.model import Cmdlet
from nestlab.observe import observe
from nestlab.simulator.host import SimulatedHost
from nestlab.transport import connect


def scenario_of(vms: int) -> dict[str, Any]:
    """Return a scenario with so many VMs on differencing disks, Windows running in each."""
    return {
        "description": "Many seats",
        "based_on": "ws2022-intel",
        "computer": {"memory": "4TB"},
        "vms": [
            {
                "name": "seat",
                "copies": vms,
                "state": "Running",
                "memory_startup": "2GB",
                "disk": {"path": "D:\\seats\\seat.vhdx", "parent": "D:\\images\\ws2022.vhdx"},
                "network_adapters": [{}],
            }
        ],
    }


def least(action: Callable[[], object], runs: int = 5) -> float:
    """Return the least processor time, in seconds, of several runs."""
    times = []
    for _ in range(runs):
        began = time.process_time()
        action()
        times.append(time.process_time() - began)
    return min(times)


def main(vms: int) -> None:
    """Measure building, observing, saving and loading a host, and single cmdlets."""
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        scenario, state = Path(folder) / "many.json", Path(folder) / "state.json"
        scenario.write_text(json.dumps(scenario_of(vms)), encoding="utf-8")
        seconds["build the world"] = least(lambda: SimulatedHost.from_scenario(str(scenario)), 3)
        session = connect(f"sim:{scenario}")
        seconds["Get-VM"] = least(lambda: session.run(Cmdlet("Get-VM")))
        seconds["Get-VM -Name, 1,000 times"] = least(
            lambda: [session.run(Cmdlet("Get-VM", {"Name": "seat-7"})) for _ in range(1000)]
        )
        seconds["observe"] = least(lambda: observe(session), 3)
        host = SimulatedHost.load(state, scenario=str(scenario))
        seconds["save"] = least(host.save)
        seconds["load"] = least(lambda: SimulatedHost.load(state))
        kept = connect(f"sim:{scenario}?state={state}")
        changing = Cmdlet("Set-VM", {"Name": "seat-7", "Notes": "x"})
        seconds["Set-VM, with a state file"] = least(lambda: kept.run(changing))
        count = len(session.run(Cmdlet("Get-VM")).records)
    seconds["connect to a built-in scenario"] = least(connect)
    report(seconds, {"VMs": count})


main(int(sys.argv[1]))
