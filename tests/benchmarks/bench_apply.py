"""How long an apply takes in virtual time, beside its critical path: ``python tests/benchmarks/bench_apply.py``.

Durations are those of a run of one step at a time. The critical path is the longest way through the
steps: those of one machine in order, each after its needs, and the boots and restarts in between. A
run on several machines cannot be shorter.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from nestlab.lab import WORKERS  # noqa: E402  # from this checkout
from tests.apply.classroom import classroom  # noqa: E402
from tests.apply.makespan import apply_timed  # noqa: E402

TARGET = 1.15


def main() -> None:
    """Print the makespans of class rooms of several sizes."""
    print(
        f"{'nested hosts':>12} {'VMs':>4} {'critical path':>14} {'one by one':>11} {f'{WORKERS} workers':>11} {'ratio':>6}   (virtual seconds)"
    )
    for hosts, vms in ((1, 2), (3, 2), (10, 2)):
        with tempfile.TemporaryDirectory() as folder:
            room = classroom(hosts, vms)
            alone = apply_timed(room, Path(folder) / "alone.jsonl", workers=1)
            began = time.perf_counter()
            together = apply_timed(room, Path(folder) / "together.jsonl", workers=WORKERS)
            least, took = alone.critical_path(), time.perf_counter() - began
        ratio = together.makespan / least
        print(
            f"{hosts:>12} {hosts * (vms + 1):>4} {least:>14.1f} {alone.makespan:>11.1f} {together.makespan:>11.1f} {ratio:>6.3f}   "
            f"target {TARGET}; {took:.1f} s of real time"
        )


if __name__ == "__main__":
    main()
