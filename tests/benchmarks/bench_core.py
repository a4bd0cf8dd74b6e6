"""How long the pure parts take, beside their baselines, in one run: ``python tests/benchmarks/bench_core.py``.

Every figure is the best of several runs; what counts are the ratios, for machines differ.
"""

from __future__ import annotations

import subprocess
import sys
import time

from rooms import lab

import nestlab
from nestlab.drawing import svg
from nestlab.model import Cmdlet
from nestlab.observe import observe
from nestlab.plan import make_plan
from nestlab.reachability import from_topology, matrix
from nestlab.rules import validate
from nestlab.topology_file import dumps, loads


def best(action, runs: int = 3) -> float:
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        action()
        times.append(time.perf_counter() - began)
    return min(times)


def row(what: str, seconds: float, beside: str = "") -> None:
    print(f"{what:<58} {seconds * 1000:>9.1f} ms  {beside}")


def whole_process(*arguments: str) -> float:
    return best(
        lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    )


def load_validate_plan(text: str) -> None:
    topology = loads(text)
    validate(topology)
    make_plan(topology, {(): observe(nestlab.connect())})


def main() -> None:
    small, large = dumps(lab(5, 19)), dumps(lab(50, 19))
    few, many = best(lambda: load_validate_plan(small)), best(lambda: load_validate_plan(large))
    row("load + validate + plan, 100 VMs on 5 nested hosts", few)
    row(
        "load + validate + plan, 1,000 VMs on 50 nested hosts",
        many,
        f"{many / few:.1f} times that of 100",
    )
    for hosts, vms in ((5, 19), (50, 19)):
        network = from_topology(lab(hosts, vms))
        row(
            f"reachability matrix, {hosts * (vms + 1):,} endpoints",
            best(lambda network=network: matrix(network), 1),
        )
    for hosts, vms in ((10, 19), (50, 19)):
        topology = lab(hosts, vms)
        row(f"draw {hosts * (vms + 1):,} VMs to SVG", best(lambda topology=topology: svg(topology)))
    host = nestlab.connect()
    for number in range(1000):
        host.run(Cmdlet("New-VM", {"Name": f"vm{number}"}))
    row("Get-VM on 1,000 VMs, simulated, in process", best(lambda: host.run(Cmdlet("Get-VM"))))
    bare = whole_process("-c", "pass")
    row("python -c pass", bare)
    imported = whole_process("-c", "import nestlab")
    row("import nestlab", imported, f"{(imported - bare) * 1000:.0f} ms beyond bare Python")
    helped = whole_process("-c", "from nestlab.cli import main; main(['--help'])")
    row("nestlab --help", helped, f"{helped / bare:.1f} times python -c pass")


if __name__ == "__main__":
    main()
