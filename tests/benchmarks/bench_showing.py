"""What a notebook shows, beside an older commit, in one run: ``python tests/benchmarks/bench_showing.py [RUNS]``.

The targets are a tenth of the processor time and of the stored output of a designer, and 10 KiB
for an edit of 200 VMs.
"""

from __future__ import annotations

import sys

from beside import BASELINE, ROOT, medians, run, tree_of

SIZES = (5, 50, 200, 300)


def main(runs: int = 3) -> None:
    """Print the medians of processor time and the sizes, of both, and how many times less it is now."""
    with tree_of(BASELINE) as older:
        for vms in SIZES:
            sides: tuple[list, list] = ([], [])
            for _ in range(runs):
                for side, tree in zip(sides, (older, ROOT), strict=True):
                    side.append(run("showing", tree, vms))
            before, now = (medians(side) for side in sides)
            for what, seconds in now.items():
                row(what, before[what] * 1000, seconds * 1000, "ms")
            for what, size in sides[1][0]["sizes"].items():
                row(what, sides[0][0]["sizes"][what] / 1024, size / 1024, "KiB")


def row(what: str, before: float, now: float, unit: str) -> None:
    """Print one figure of both sides."""
    print(f"{what:<52} {before:>10.1f} {now:>10.1f} {unit:<3} {before / now:>7.1f} times less")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
