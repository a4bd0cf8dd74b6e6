"""What a notebook shows, beside an older commit, in one run: ``python tests/benchmarks/bench_showing.py [RUNS]``.

The targets are a tenth of the processor time and of the stored output of a designer, and, for an
edit of 200 VMs, 10 KiB and a fifth of the time from the click to the changed picture. That time
needs the clone on the import path, and a browser.
"""

from __future__ import annotations

import sys
from pathlib import Path

from beside import BASELINE, ROOT, medians, run, tree_of
from redraw import redraws

from tests.browser.find_browser import find_browser

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
        redraw_rows(older)


def redraw_rows(older: Path) -> None:
    """Print the time from a click to the changed picture in JupyterLab, of both."""
    if find_browser() is None:
        sys.stderr.write("no browser: the time from a click to the picture is not measured\n")
        return
    for vms in SIZES:
        taken = redraws(vms, {"before": older, "now": ROOT})
        what = f"an edit of {vms} VMs, from the click to the picture"
        row(what, taken["before"] * 1000, taken["now"] * 1000, "ms")


def row(what: str, before: float, now: float, unit: str) -> None:
    """Print one figure of both sides."""
    print(f"{what:<52} {before:>10.1f} {now:>10.1f} {unit:<3} {before / now:>7.1f} times less")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
