"""The reachability matrix of a topology: ``matrix.py NESTED_HOSTS VMS_IN_EACH``."""

from __future__ import annotations

import hashlib
import json
import sys
import time

from beside import report
from rooms import lab

from nestlab.reachability import from_topology, matrix


def main(hosts: int, vms: int) -> None:
    """Measure one matrix, and give a digest of all its verdicts."""
    topology = lab(hosts, vms)
    started = time.process_time()
    network = from_topology(topology)
    built = time.process_time()
    found = matrix(network)
    ended = time.process_time()
    names = f"{hosts * (vms + 1):,} machines, {hosts} nested hosts"
    verdicts = hashlib.sha256(json.dumps(found.to_dict()).encode()).hexdigest()
    report(
        {f"network of {names}": built - started, f"matrix of {names}": ended - built},
        {"verdicts": verdicts, "counts": found.counts()},
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
