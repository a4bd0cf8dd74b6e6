"""Plan 30 seats of 20 VMs on two simulated hosts behind WinRM: ``python tests/benchmarks/bench_workshop.py``.

The target is 2 seconds, after the workshop file was read.
"""

from __future__ import annotations

import json
import tempfile
import time
import warnings
from contextlib import ExitStack
from pathlib import Path

import nestlab
from nestlab import workshop
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost

TARGET = 2.0
LAB = """\
name: lab
switches: [{name: Net, switch_type: Internal, ip_address: 192.168.1.1/24, nat: 192.168.1.0/24}]
vms:
  - count: 4
    name: 'H{n}'
    memory_startup: 4GB
    network_adapters: [{switch: Net, ip_address: '192.168.1.{n+10}/24', gateway: 192.168.1.1}]
    nested:
      switches: [{name: In, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24}]
      vms:
        - {count: {m: 4}, name: 'v{m}', memory_startup: 512MB}
"""
LARGE = {
    "description": "A host for half of a class.",
    "computer": {"memory": "512GB"},
    "processors": {"cores": 64, "logical_processors": 128},
}
CLASS = "name: bench\ntopology: lab.yml\nseats: {count: 30}\nnetworks: 10.64.0.0/12\nhosts: "


def main(runs: int = 3) -> None:
    """Print the seconds of each plan."""
    warnings.simplefilter("ignore")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        endpoints = {}
        for name in ("ws2022-intel", "ws2025-amd"):
            scenario = folder / f"{name}-large.json"
            scenario.write_text(json.dumps({"based_on": name, **LARGE}), encoding="utf-8")
            endpoint = stack.enter_context(serve(SimulatedHost.from_scenario(scenario), tls=True))
            endpoints[endpoint.address] = endpoint
        (folder / "lab.yml").write_text(LAB, encoding="utf-8")
        text = f"{CLASS}[{', '.join(map(repr, endpoints))}]\n"

        def connect(address: str) -> nestlab.transport.Session:
            found = endpoints[address]
            return nestlab.connect(
                address,
                username=found.user,
                password=found.password,
                ca=found.certificate,
            )

        for _ in range(runs):
            course = workshop.loads(text, str(folder / "class.yml"))
            began = time.perf_counter()
            plan = workshop.plan(course, connect)
            print(f"{plan!r}: {time.perf_counter() - began:.2f} s, target {TARGET}")


if __name__ == "__main__":
    main()
