"""What is computed without a host, for 1,000 machines on 50 nested hosts: ``pure.py`` measures each part.

What a commit validates depends on the rules that it has: `validate` has nearly 2,000 findings now, and
none at the older commit; `validate_named` is a file that both find nearly the same in.
"""

from __future__ import annotations

import time
from dataclasses import replace
from ipaddress import IPv4Address

from beside import report
from rooms import lab

from nestlab.drawing import svg
from nestlab.model import Size
from nestlab.model.topology import VM, Disk
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


def with_name_servers(vm: VM) -> VM:
    """Return a VM, and those inside, with a DNS server; VMs inside have disks of their own."""
    servers = (IPv4Address("1.1.1.1"),)
    return replace(
        vm,
        disk=vm.disk if vm.nested else Disk(size=Size(20 << 30)),
        network_adapters=tuple(replace(a, dns_servers=servers) for a in vm.network_adapters),
        nested=vm.nested and replace(vm.nested, vms=tuple(map(with_name_servers, vm.nested.vms))),
    )


def main() -> None:
    """Measure reading, writing, checking and drawing a file, and its network."""
    topology = lab(50, 19)
    text = dumps(topology)
    named = replace(topology, vms=tuple(map(with_name_servers, topology.vms)))
    parts = {
        "loads": lambda: loads(text),
        "dumps": lambda: dumps(topology),
        "validate": lambda: validate(topology),
        "validate_named": lambda: validate(named),
        "svg": lambda: svg(topology),
        "network": lambda: from_topology(topology),
        "matrix": lambda: matrix(from_topology(topology)),
    }
    report({name: best(action) for name, action in parts.items()})


if __name__ == "__main__":
    main()
