"""Observe a host over WinRM, which a process of its own simulates: ``remote.py VMS``."""

from __future__ import annotations

import importlib
import importlib.util
import json
import subprocess
import sys
import time
import warnings

from beside import report

import nestlab
from nestlab.model import Cmdlet, Size
from nestlab.observe import observe
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.runspace import Runspace
from nestlab.transport.simulated import SimulatedSession


def serve_host(vms: int) -> None:
    """Serve a host with so many VMs; each line on standard input is answered with the processor time spent."""
    # WinRM has had a package of its own since there is another way to the simulated host.
    package = "nestlab.simulator.endpoint"
    own = importlib.util.find_spec(f"{package}.winrm")
    serve = importlib.import_module(f"{package}.winrm" if own else package).serve

    host = SimulatedHost.from_scenario("ws2022-intel")
    session = SimulatedSession(Runspace(host), "sim:ws2022-intel")
    there = len(session.run(Cmdlet("Get-VM")).records)
    for number in range(vms - there):
        session.run(
            Cmdlet(
                "New-VM",
                {
                    "Name": f"vm-{number}",
                    "MemoryStartupBytes": Size(1 << 29),
                    "Generation": 2,
                    "NoVHD": True,
                },
            )
        )
    with serve(host, tls=True) as endpoint:
        way = {
            "address": endpoint.address,
            "username": endpoint.user,
            "password": endpoint.password,
            "ca": endpoint.certificate,
        }
        print(json.dumps(way), flush=True)
        for _ in sys.stdin:
            print(time.process_time(), flush=True)


def main(vms: int) -> None:
    """Observe twice, and measure the second time: the first one loads what is loaded once."""
    with subprocess.Popen(
        [sys.executable, __file__, "serve", str(vms)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:

        def spent() -> float:
            server.stdin.write("\n")
            server.stdin.flush()
            return float(server.stdout.readline())

        session = nestlab.connect(**json.loads(server.stdout.readline()))
        observe(session)
        there, here, wall = spent(), time.process_time(), time.perf_counter()
        state = observe(session)
        figures = {
            f"observing {vms:,} VMs: the client": time.process_time() - here,
            f"observing {vms:,} VMs: wall": time.perf_counter() - wall,
            f"observing {vms:,} VMs: the simulated host": spent() - there,
        }
        session.close()
        server.stdin.close()
    report(
        figures,
        {
            "vms": sorted(vm.name for vm in state.hyper_v.vms),
            "switches": len(state.hyper_v.switches),
        },
    )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if sys.argv[1] == "serve":
        serve_host(int(sys.argv[2]))
    else:
        main(int(sys.argv[1]))
