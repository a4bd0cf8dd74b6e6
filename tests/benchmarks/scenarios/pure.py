"""What is computed without a host, for 1,000 machines on 50 nested hosts: ``pure.py`` measures each part.

What a commit validates depends on the rules that it has.
"""

from __future__ import annotations

import time

from beside import report
from rooms import lab

from nestlab.drawing import svg
from nestlab.reachability import from_topology, matrix
from nestlab.rules import validate

try:
    from nestlab.topology_file import dumps, loads
except ImportError:  # the topology file was part of the model before
    from nestlab.model.topology_file import dumps, loads

REPETITIONS = 5


def best(action) -> float:
    """Return the least processor time of several runs."""
    action()
    times = []
    for _ in range(REPETITIONS):
        began = time.process_time()
        action()
        times.append(time.process_time() - began)
    return min(times)


def main() -> None:
    """Measure reading, writing, checking and drawing a file, and its network."""
    topology = lab(50, 19)
    text = dumps(topology)
    parts = {
        "loads": lambda: loads(text),
        "dumps": lambda: dumps(topology),
        "validate": lambda: validate(topology),
        "svg": lambda: svg(topology),
        "network": lambda: from_topology(topology),
        "matrix": lambda: matrix(from_topology(topology)),
    }
    report({name: best(action) for name, action in parts.items()})


if __name__ == "__main__":
    main()
