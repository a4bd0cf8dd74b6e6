"""Observe hosts of 10, 100 and 1,000 VMs over the wire, beside plain pypsrp asking once a VM, and beside an older commit.

``python tests/benchmarks/bench_remote.py``.
"""

from __future__ import annotations

import sys
import time
import warnings

from beside import compare
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

import nestlab
from nestlab.model import Cmdlet, Size, SwitchParameter
from nestlab.observe import observe
from nestlab.simulator.endpoint.winrm import Endpoint, serve
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.runspace import Runspace
from nestlab.transport.simulated import SimulatedSession

TARGET = 3.0
"""How many times as fast as the older commit a host of 1,000 VMs is observed over WinRM: processor time of the client, and wall."""

PER_VM = (
    "Get-VM",
    "Get-VMProcessor",
    "Get-VMMemory",
    "Get-VMNetworkAdapter",
    "Get-VMHardDiskDrive",
)
"""What a script asks of each VM when it asks once a VM; the first takes -Name, the others -VMName."""


def host_of(vms: int) -> SimulatedHost:
    """Return a host with so many VMs."""
    host = SimulatedHost.from_scenario("ws2022-intel")
    session = SimulatedSession(Runspace(host), "sim:ws2022-intel")
    there = len(session.run(Cmdlet("Get-VM")).records)
    common = {"MemoryStartupBytes": Size(1 << 29), "Generation": 2, "NoVHD": SwitchParameter.ON}
    for number in range(vms - there):
        session.run(Cmdlet("New-VM", {"Name": f"vm-{number}", **common}))
    return host


def pipelines_of_nestlab(endpoint: Endpoint) -> tuple[int, float]:
    """Observe the host once; return the pipelines it took, and the seconds."""
    session = nestlab.connect(
        endpoint.address,
        username=endpoint.user,
        password=endpoint.password,
        ca=endpoint.certificate,
    )
    endpoint.faults.restart()
    started = time.perf_counter()
    state = observe(session)
    seconds = time.perf_counter() - started
    session.close()
    assert state.hyper_v is not None
    return endpoint.faults.served.count("Command"), seconds


def one_by_one(endpoint: Endpoint) -> tuple[int, float]:
    """Ask for each VM with plain pypsrp; return the pipelines it took, and the seconds."""
    options = {
        "port": endpoint.port,
        "username": endpoint.user,
        "password": endpoint.password,
        "cert_validation": endpoint.certificate,
    }
    with RunspacePool(WSMan("localhost", no_proxy=True, **options)) as pool:
        endpoint.faults.restart()
        started = time.perf_counter()
        names = [vm.adapted_properties["Name"] for vm in ask(pool, "Get-VM")]
        for name in names:
            for command in PER_VM:
                ask(pool, command, **{"Name" if command == "Get-VM" else "VMName": name})
        return endpoint.faults.served.count("Command"), time.perf_counter() - started


def ask(pool: RunspacePool, command: str, **parameters: str) -> list[object]:
    """Run one command and give it back."""
    with PowerShell(pool) as shell:
        shell.add_cmdlet(command).add_parameters(parameters)
        return list(shell.invoke())


def cmdlets_a_second(endpoint: Endpoint, runs: int = 100) -> tuple[float, float]:
    """Return cmdlets a second, one a pipeline: nestlab's session, plain pypsrp."""
    session = nestlab.connect(
        endpoint.address,
        username=endpoint.user,
        password=endpoint.password,
        ca=endpoint.certificate,
    )
    started = time.perf_counter()
    for _ in range(runs):
        session.run(Cmdlet("Get-VMHost"))
    ours = runs / (time.perf_counter() - started)
    session.close()
    options = {
        "port": endpoint.port,
        "username": endpoint.user,
        "password": endpoint.password,
        "cert_validation": endpoint.certificate,
    }
    with RunspacePool(WSMan("localhost", no_proxy=True, **options)) as pool:
        started = time.perf_counter()
        for _ in range(runs):
            ask(pool, "Get-VMHost")
        return ours, runs / (time.perf_counter() - started)


def main(sizes: tuple[int, ...] = (10, 100, 1_000)) -> None:
    """Print one line a size, and the rates."""
    warnings.simplefilter("ignore")
    print(f"{'VMs':>6} {'nestlab pipelines':>18} {'seconds':>8} {'one by one':>11} {'seconds':>8}")
    for vms in sizes:
        with serve(host_of(vms), tls=True) as endpoint:
            pipelines, seconds = pipelines_of_nestlab(endpoint)
            single, single_seconds = one_by_one(endpoint)
            print(f"{vms:>6} {pipelines:>18} {seconds:>8.2f} {single:>11} {single_seconds:>8.2f}")
    with serve(host_of(10), tls=True) as endpoint:
        ours, plain = cmdlets_a_second(endpoint)
        print(f"cmdlets a second, one a pipeline: nestlab {ours:.0f}, plain pypsrp {plain:.0f}")
    print(compare("remote", 1_000))
    print(f"target: 1,000 VMs {TARGET:.0f} times as fast")


if __name__ == "__main__":
    main(tuple(int(word) for word in sys.argv[1:]) or (10, 100, 1_000))
