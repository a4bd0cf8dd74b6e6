"""How long the simulated host takes with 1,000 running VMs: ``python tests/benchmarks/bench_simulator.py``.

Every figure is the best of several runs, beside its target. The VMs stand on differencing disks,
and Windows runs in each.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.observe import observe
from nestlab.simulator.host import SimulatedHost
from nestlab.transport import connect

SCENARIO = {
    "description": "A thousand seats",
    "based_on": "ws2022-intel",
    "computer": {"memory": "4TB"},
    "vms": [
        {
            "name": "seat",
            "copies": 1000,
            "state": "Running",
            "memory_startup": "2GB",
            "disk": {"path": "D:\\seats\\seat.vhdx", "parent": "D:\\images\\ws2022.vhdx"},
            "network_adapters": [{}],
        }
    ],
}


def best(action, runs: int = 5) -> float:
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        action()
        times.append(time.perf_counter() - began)
    return min(times)


def row(what: str, seconds: float, target: str = "") -> None:
    print(f"{what:<58} {seconds * 1000:>9.1f} ms  {target}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        scenario, state = Path(folder) / "thousand.json", Path(folder) / "state.json"
        scenario.write_text(json.dumps(SCENARIO), encoding="utf-8")
        row(
            "read the scenario and build the world",
            best(lambda: SimulatedHost.from_scenario(str(scenario)), 2),
        )
        session = connect(f"sim:{scenario}")
        row("Get-VM, in process", best(lambda: session.run(Cmdlet("Get-VM"))), "target 50 ms")
        row("observe", best(lambda: observe(session), 2))
        host = SimulatedHost.load(state, scenario=str(scenario))
        size = state.stat().st_size / 1e6
        saved, loaded = best(host.save), best(lambda: SimulatedHost.load(state))
        row("save the state file", saved, f"{size:.1f} MB")
        row("load the state file", loaded)
        row("save and load", saved + loaded, "target 500 ms")
        kept = connect(f"sim:{scenario}?state={state}")
        row("Get-VM, with a state file", best(lambda: kept.run(Cmdlet("Get-VM"))))
        changing = Cmdlet(
            "Set-VM", {"Name": "seat-500", "Notes": "x", "Passthru": SwitchParameter.ON}
        )
        row("Set-VM, with a state file", best(lambda: kept.run(changing)))
    row("connect to a built-in scenario", best(connect))


if __name__ == "__main__":
    main()
