"""One simulated host over a child and over WinRM: small pipelines, 300 VMs, and the first answer.

``python tests/benchmarks/bench_local.py [VMS]``. One process serves the host both ways: as the child of
``local:``, and behind WinRM (HTTPS, Negotiate) on loopback.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import nestlab
from nestlab.model import Cmdlet, Size, SwitchParameter
from nestlab.observe import observe
from nestlab.transport import Session

PIPELINES = 100
TARGETS = {"100 small pipelines": 1 / 3, "observe": 1 / 2, "connect to first answer": 0.7}
"""How much of WinRM's time `local:` may take."""

_FIRST = """
import json, sys, time
started = time.perf_counter()
import nestlab
from nestlab.model import Cmdlet
session = nestlab.connect(**json.loads(sys.argv[1]))
session.run(Cmdlet("Get-VMSwitch"))
print(time.perf_counter() - started)
session.close()
"""


def serve_both(folder: Path, vms: int) -> None:
    """Serve one host on standard streams and behind WinRM; the address goes to a file."""
    from nestlab.simulator.endpoint.stdio import serve_stdio
    from nestlab.simulator.endpoint.winrm import serve
    from nestlab.simulator.host import SimulatedHost
    from nestlab.simulator.runspace import Runspace
    from nestlab.transport.simulated import SimulatedSession

    host = SimulatedHost.from_scenario("ws2022-intel")
    session = SimulatedSession(Runspace(host), "sim:ws2022-intel")
    there = len(session.run(Cmdlet("Get-VM")).records)
    common = {"MemoryStartupBytes": Size(1 << 29), "Generation": 2, "NoVHD": SwitchParameter.ON}
    for number in range(vms - there):
        session.run(Cmdlet("New-VM", {"Name": f"vm-{number}", **common}))
    with serve(host, tls=True) as endpoint:
        way = {
            "address": endpoint.address,
            "username": endpoint.user,
            "password": endpoint.password,
            "ca": endpoint.certificate,
        }
        way["process"] = os.getpid()
        (folder / "winrm.json").write_text(json.dumps(way), encoding="utf-8")
        serve_stdio(host, guest_password="of no use here")


def processor_time(process: int) -> float:
    """Return the processor seconds of a process so far; 0 where the system does not say it here."""
    try:
        fields = (
            Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        )
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def spent(work: Callable[[], object], process: int) -> tuple[float, float]:
    """Return wall and processor seconds (client and host) of the quickest of five runs."""
    runs = []
    for _ in range(5):
        wall, busy = time.perf_counter(), time.process_time() + processor_time(process)
        work()
        busy = time.process_time() + processor_time(process) - busy
        runs.append((time.perf_counter() - wall, busy))
    return min(run[0] for run in runs), min(run[1] for run in runs)


def pipelines(session: Session) -> None:
    """Ask for little, many times."""
    for _ in range(PIPELINES):
        session.run(Cmdlet("Get-VMSwitch"))


def first_answer(way: dict[str, object]) -> float:
    """Return the seconds from the import of nestlab to the first answer, in a new Python process."""
    words = [sys.executable, "-c", _FIRST, json.dumps(way)]
    return min(
        float(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
        for _ in range(3)
    )


def main(vms: int) -> None:
    """Print one line a measure: both times, their ratio, and the target."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, __file__, "serve", name, str(vms)]
        local = nestlab.connect("local:", command=command)
        way = json.loads((folder / "winrm.json").read_text(encoding="utf-8"))
        process = way.pop("process")
        winrm = nestlab.connect(**way)
        measured = {}
        for what, work in (("100 small pipelines", pipelines), ("observe", observe)):
            measured[what] = [
                spent(lambda session=session, work=work: work(session), process)
                for session in (winrm, local)
            ]
        child = [sys.executable, "-m", "nestlab", "simulate", "--stdio"]
        measured["connect to first answer"] = [
            (first_answer(given), 0.0) for given in (way, {"address": "local:", "command": child})
        ]
        winrm.close()
        local.close()
    for what, (over_winrm, over_child) in measured.items():
        for kind, there, here in zip(("wall", "processors"), over_winrm, over_child, strict=True):
            if there:
                print(
                    f"{what:<24} {kind:<10} WinRM {there:6.2f} s, local: {here:6.2f} s, "
                    f"ratio {here / there:.2f} (target {TARGETS[what]:.2f})"
                )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if sys.argv[1:2] == ["serve"]:
        serve_both(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 300)
