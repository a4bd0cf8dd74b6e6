"""The reachability matrix beside the one of an older commit, verdict by verdict the same: ``python tests/benchmarks/bench_matrix.py``."""

from __future__ import annotations

from beside import compare

TARGET = 8.0


def main() -> None:
    """Print the figures of three sizes."""
    for hosts, vms, runs in ((5, 19, 5), (50, 19, 3), (200, 4, 3)):
        print(compare("matrix", hosts, vms, runs=runs))
    print(f"target: 1,000 machines on 200 nested hosts {TARGET:.0f} times as fast")


if __name__ == "__main__":
    main()
