"""What copies written by ``count`` cost beside the same lab written out: ``python tests/benchmarks/bench_count.py``.

Processor time, the least of several turns, both files in each. With a folder where netlab is installed
(``python -m venv FOLDER; FOLDER/bin/pip install networklab``), also ``nestlab plan`` of 100 VMs as a
whole process beside ``netlab create`` of 100 nodes: ``python tests/benchmarks/bench_count.py FOLDER``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import nestlab
from nestlab.observe import observe
from nestlab.plan import make_plan
from nestlab.rules import validate
from nestlab.topology_file import dumps, loads

TURNS = 3
PROCESSES = 6
SHORT = """\
name: big
images: {{ws2022: {{path: 'D:\\images\\ws2022.vhdx'}}}}
defaults: {{vm: {{disk: {{image: ws2022}}, guest: {{os: windows, credential: lab-admin}}}}}}
switches: [{{name: Lab, switch_type: Internal, ip_address: 10.255.0.1/16, nat: 10.255.0.0/16}}]
vms:
  - name: 'hv{{host:02}}'
    count: {{host: {hosts}}}
    memory_startup: 11GB
    network_adapters: [{{switch: Lab, ip_address: '10.255.1.{{host}}/16', gateway: 10.255.0.1, dns_servers: [1.1.1.1]}}]
    nested:
      switches: [{{name: Inside, switch_type: Internal, ip_address: '10.{{host}}.0.1/24', nat: '10.{{host}}.0.0/24'}}]
      vms:
        - name: 'hv{{host:02}}-vm{{n:02}}'
          memory_startup: 512MB
          count: 19
          network_adapters: [{{switch: Inside, ip_address: '10.{{host}}.0.{{n+10}}/24', gateway: '10.{{host}}.0.1', dns_servers: [1.1.1.1]}}]
"""


def parts(text: str) -> Mapping[str, float]:
    """Return the processor time of reading, checking and planning a file."""
    times = [time.process_time()]
    topology = loads(text)
    times.append(time.process_time())
    validate(topology)
    times.append(time.process_time())
    make_plan(topology, {(): observe(nestlab.connect())})
    times.append(time.process_time())
    names = ("load", "validate", "plan")
    return {
        name: end - start for name, start, end in zip(names, times, times[1:], strict=False)
    } | {"all": times[-1] - times[0]}


def compare_files() -> None:
    """Print what both files cost."""
    short = SHORT.format(hosts=50)
    written_out = dumps(replace(loads(short), origin=None))
    if loads(short) != loads(written_out):
        sys.exit("The two files do not describe the same lab.")
    turns = [(parts(written_out), parts(short)) for _ in range(TURNS)]
    lines = [text.count("\n") for text in (written_out, short)]
    print(f"1,000 VMs on 50 nested hosts: {lines[0]:,} lines written out, {lines[1]} with count")
    for name in turns[0][0]:
        out, copies = (min(turn[side][name] for turn in turns) for side in (0, 1))
        print(f"{name:<10} {out:>7.3f} s written out {copies:>7.3f} s {copies / out:>5.2f} times")


def seconds(commands: list[list[str]], folder: Path) -> list[tuple[float, float]]:
    """Return the least time and the least processor time of each command; the runs take turns.

    Processor time depends less on what else the computer does. On Windows it is 0 here.
    """
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # people's second run finds modules compiled
    taken: list[list[tuple[float, float]]] = [[] for _ in commands]
    for _ in range(PROCESSES):
        for command, times in zip(commands, taken, strict=True):
            began, before = time.perf_counter(), os.times()
            subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
            passed, now = time.perf_counter() - began, os.times()
            used = now.children_user + now.children_system
            times.append((passed, used - before.children_user - before.children_system))
    return [(min(t for t, _ in times), min(used for _, used in times)) for times in taken]


def compare_with_netlab(programs: Path) -> None:
    """Print what the plan of 100 VMs takes beside the files that netlab creates for 100 nodes."""
    nodes = ", ".join(f"n{number}" for number in range(100))
    network = f"provider: clab\ndefaults.device: linux\nnodes: [{nodes}]\n"
    links = "".join(f"- n{number}-n{number + 1}\n" for number in range(99))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "topology.yml").write_text(f"{network}links:\n{links}", encoding="utf-8")
        (folder / "lab.yml").write_text(SHORT.format(hosts=5), encoding="utf-8")
        ours = [sys.executable, "-m", "nestlab", "plan", "lab.yml"]
        plan, create = seconds([ours, [str(programs / "netlab"), "create"]], folder)
    for what, ours_took, theirs_took in zip(("time", "processor time"), plan, create, strict=True):
        print(f"{what}: plan of 100 VMs {ours_took:.2f} s, create of 100 nodes {theirs_took:.2f} s")
        if ours_took:
            print(f"  {theirs_took / ours_took:.1f} times as fast")


if __name__ == "__main__":
    compare_files()
    if sys.argv[1:]:
        compare_with_netlab(Path(sys.argv[1]) / "bin")
