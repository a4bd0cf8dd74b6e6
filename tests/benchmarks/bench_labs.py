"""What a lab costs beside others on one host: ``python tests/benchmarks/bench_labs.py [LABS]``.

The target is 1.3 times the first.
"""

from __future__ import annotations

import sys

from beside import ROOT, medians, run


def main(labs: int = 30, runs: int = 3) -> None:
    """Print the medians, and the ratio."""
    first, last = medians([run("labs", ROOT, labs) for _ in range(runs)]).values()
    print(
        f"first {first:.2f} s, number {labs} {last:.2f} s of processor time: {last / first:.2f} times, target 1.3"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
