"""One simulated host over a child and over WinRM: small pipelines, 300 VMs, and the first answer.

``python tests/benchmarks/bench_local.py [VMS] [--http]``. One process, which is not the client's, serves
one host both ways: as the child of ``local:``, and behind WinRM (HTTPS, or HTTP with sealed messages;
Negotiate) on loopback. Runs over both take turns, and the median of the ratios is told, because other
work on the machine meets both. The first answer is counted from ``import nestlab`` in a new Python: the
service of WinRM runs already, as that of Windows does, and the child of ``local:`` has to start. Where Python
keeps no compiled modules (PYTHONDONTWRITEBYTECODE), each of those starts compiles its modules again:
those of nestlab on both ways, and those of third parties for WinRM. The benchmark says which it was.
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
from statistics import median

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


def serve_both(folder: Path, vms: int, *, tls: bool) -> None:
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
    with serve(host, tls=tls) as endpoint:
        way = {
            "address": endpoint.address,
            "username": endpoint.user,
            "password": endpoint.password,
            **({"ca": endpoint.certificate} if tls else {}),
            "process": os.getpid(),
        }
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


Run = tuple[float, float]
"""Wall and processor seconds, of client and host together."""


def spent(work: Callable[[], object], process: int) -> Run:
    """Return what one run takes."""
    wall, busy = time.perf_counter(), time.process_time() + processor_time(process)
    work()
    busy = time.process_time() + processor_time(process) - busy
    return time.perf_counter() - wall, busy


def compare(what: str, runs: list[tuple[Run, Run]]) -> None:
    """Print the medians of both ways, and that of the ratios of neighbours."""
    for kind, index in (("wall", 0), ("processors", 1)):
        over_winrm, over_child = ([run[way][index] for run in runs] for way in (0, 1))
        if not min(over_winrm):
            continue
        ratio = median(here / there for there, here in zip(over_winrm, over_child, strict=True))
        print(
            f"{what:<24} {kind:<10} WinRM {median(over_winrm):6.3f} s, "
            f"local: {median(over_child):6.3f} s, ratio {ratio:.2f} (target {TARGETS[what]:.2f})"
        )


def pipelines(session: Session) -> None:
    """Ask for little, many times."""
    for _ in range(PIPELINES):
        session.run(Cmdlet("Get-VMSwitch"))


def first_answer(way: dict[str, object]) -> float:
    """Return the seconds from the import of nestlab to the first answer, in a new Python process."""
    words = [sys.executable, "-c", _FIRST, json.dumps(way)]
    return float(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def main(vms: int, *, tls: bool) -> None:
    """Print two lines a measure: both times, their ratio, and the target."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, __file__, "serve", name, str(vms), "tls" if tls else "http"]
        local = nestlab.connect("local:", command=command)
        way = json.loads((folder / "winrm.json").read_text(encoding="utf-8"))
        process = way.pop("process")
        winrm = nestlab.connect(**way)
        for what, work, times in (("100 small pipelines", pipelines, 6), ("observe", observe, 15)):
            turns = [
                (
                    spent(lambda work=work: work(winrm), process),
                    spent(lambda work=work: work(local), process),
                )
                for _ in range(times)
            ]
            compare(what, turns)
        child = [sys.executable, "-m", "nestlab", "simulate", "--stdio"]
        here: dict[str, object] = {"address": "local:", "command": child}
        starts = [((first_answer(way), 0.0), (first_answer(here), 0.0)) for _ in range(9)]
        kept = "no compiled modules" if sys.dont_write_bytecode else "compiled modules"
        print(f"The first answers were measured with a Python that keeps {kept}.")
        compare("connect to first answer", starts)
        winrm.close()
        local.close()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if sys.argv[1:2] == ["serve"]:
        serve_both(Path(sys.argv[2]), int(sys.argv[3]), tls=sys.argv[4] == "tls")
    else:
        numbers = [word for word in sys.argv[1:] if word.isdigit()]
        main(int(numbers[0]) if numbers else 300, tls="--http" not in sys.argv)
