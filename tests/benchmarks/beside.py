"""Run a scenario on this checkout and on an older commit, turn about, in one run, and tell how many times faster it became.

A scenario is a script in ``tests/benchmarks/scenarios``. It runs in a process of its own, with one
of the two trees in front on the import path and this folder behind it, takes its words from the
command line, and ends by calling `report`: the seconds of processor time that each thing took, and
results, which have to be equal on both sides. It imports nothing that the older commit does not
have.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
BASELINE = "96dbbdb"
"""The commit that the targets of speed are stated against."""


@dataclass(frozen=True)
class Comparison:
    """Medians of processor time, in seconds, by what was measured: of this checkout and of the older commit."""

    commit: str
    now: Mapping[str, float]
    before: Mapping[str, float]

    def times_as_fast(self, what: str) -> float:
        """Return how many times as fast something is now."""
        return self.before[what] / self.now[what]

    def __str__(self) -> str:
        head = f"{'processor time':<58} {self.commit:>12} {'now':>12} {'as fast':>9}"
        return "\n".join([head, *(f"{what:<58} {self._figures(what)}" for what in self.now)])

    def _figures(self, what: str) -> str:
        before, now = self.before.get(what), self.now[what]
        if before is None:
            return f"{'':>12} {now:>10.3f} s {'':>9}"
        return f"{before:>10.3f} s {now:>10.3f} s {before / now:>7.1f} x"


def compare(scenario: str, *arguments: object, commit: str = BASELINE, runs: int = 3) -> Comparison:
    """Run a scenario on both trees, turn about, so that what else the machine does meets both; return the medians.

    Args:
        scenario: The name of a script in ``scenarios``, without ``.py``.
        arguments: The words that it is called with.
        commit: The older commit.
        runs: How often each side runs.

    Raises:
        AssertionError: The results of the two sides differ.
        subprocess.CalledProcessError: The scenario failed, or git has no such commit.
    """
    now, before = [], []
    with tree_of(commit) as older:
        for _ in range(runs):
            before.append(run(scenario, older, *arguments))
            now.append(run(scenario, ROOT, *arguments))
    results = [each["results"] for each in (*before, *now)]
    assert all(each == results[0] for each in results), (
        f"{scenario}: the results differ: {commit} {results[0]}, now {results[-1]}"
    )
    return Comparison(commit, medians(now), medians(before))


@contextmanager
def tree_of(commit: str) -> Iterator[Path]:
    """Give the files of a commit, in a folder that is removed afterwards.

    Nothing of the repository is changed.
    """
    with tempfile.TemporaryDirectory() as folder:
        archive, tree = Path(folder) / "tree.tar", Path(folder) / "tree"
        subprocess.run(
            ["git", "-C", str(ROOT), "archive", "--format=tar", "-o", str(archive), commit],
            check=True,
        )
        with tarfile.open(archive) as tar:
            tar.extractall(tree, filter="data")
        yield tree


def run(scenario: str, tree: Path, *arguments: object) -> dict[str, Any]:
    """Run a scenario once with the code of a tree; return ``{"seconds": {what: number}, "results": {...}}``."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(tree), str(HERE))),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    words = [sys.executable, str(HERE / "scenarios" / f"{scenario}.py"), *map(str, arguments)]
    said = subprocess.run(
        words, check=True, stdout=subprocess.PIPE, encoding="utf-8", env=environment, cwd=tree
    ).stdout
    told: dict[str, Any] = json.loads(said.splitlines()[-1])
    assert Path(told["tree"]) == tree.resolve(), f"{scenario} imported nestlab from {told['tree']}"
    return told


def medians(runs: list[dict[str, Any]]) -> dict[str, float]:
    """Return the median of each figure."""
    return {what: median(each["seconds"][what] for each in runs) for what in runs[0]["seconds"]}


def report(
    seconds: Mapping[str, float],
    results: Mapping[str, object] | None = None,
    sizes: Mapping[str, int] | None = None,
) -> None:
    """End a scenario: print what it found as one line of JSON.

    `results` is what both sides have to agree on; `sizes` are in bytes.
    """
    import nestlab  # only scenarios have it, from the tree under measurement

    tree = str(Path(nestlab.__file__).resolve().parents[1])
    sys.stdout.write(
        "\n"
        + json.dumps(
            {
                "tree": tree,
                "seconds": dict(seconds),
                "results": dict(results or {}),
                "sizes": dict(sizes or {}),
            }
        )
        + "\n"
    )
