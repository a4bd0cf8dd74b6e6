"""Labs of 20 VMs on one host: ``labs.py N`` measures planning, applying, verifying and destroying the first and the Nth."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from ipaddress import IPv4Address, IPv4Interface
from pathlib import Path
from statistics import median

from beside import report
from rooms import DISK, GUEST, nat_switch

import nestlab
from nestlab.model import Size
from nestlab.model.topology import VM, Check, NetworkAdapter, Topology

VMS = 20
REPETITIONS = 3
"""How often each of the two labs is built and removed: one run alone differs by a tenth and more."""
SCENARIO = {
    "description": "A host for a class",
    "based_on": "ws2022-intel",
    "computer": {"memory": "8TB"},
}


def seat(number: int) -> Topology:
    """Return the lab of one seat: its own switch, network and NAT."""
    switch = nat_switch(f"Seat{number}", f"10.64.{number}.1/24")
    return Topology(
        name=f"seat{number}",
        switches=(switch,),
        vms=tuple(vm(number, n) for n in range(VMS)),
        checks=(Check(source=f"s{number}-vm0", target="internet"),),
    )


def vm(seat_number: int, number: int) -> VM:
    """Return one VM of a seat."""
    address, gateway = (
        IPv4Interface(f"10.64.{seat_number}.{10 + number}/24"),
        IPv4Address(f"10.64.{seat_number}.1"),
    )
    adapter = NetworkAdapter(switch=f"Seat{seat_number}", ip_address=address, gateway=gateway)
    return VM(
        name=f"s{seat_number}-vm{number}",
        memory_startup=Size(2 << 30),
        disk=DISK,
        guest=GUEST,
        network_adapters=(adapter,),
    )


def whole(host: object, number: int, folder: Path) -> float:
    """Return the processor time of a lab from its plan to its end."""
    lab = nestlab.Lab(seat(number), host, journal=folder / f"{time.monotonic_ns()}.jsonl")
    began = time.process_time()
    assert all(result.ok for result in lab.apply(lab.plan()))
    lab.verify()
    assert all(result.ok for result in lab.destroy())
    return time.process_time() - began


def main(last: int) -> None:
    """Measure the first lab, once the code is warm, and the last, beside all others."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "host.json").write_text(json.dumps(SCENARIO), encoding="utf-8")
        host = nestlab.connect(f"sim:{folder / 'host.json'}")
        whole(host, 1, folder)
        first = median(whole(host, 1, folder) for _ in range(REPETITIONS))
        for number in range(1, last):
            lab = nestlab.Lab(seat(number), host, journal=folder / f"kept{number}.jsonl")
            assert all(result.ok for result in lab.apply())
        latest = median(whole(host, last, folder) for _ in range(REPETITIONS))
        report({"the first lab of 20 VMs": first, f"lab number {last}": latest})


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
