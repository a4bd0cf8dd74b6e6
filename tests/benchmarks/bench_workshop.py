"""Plan and build 30 seats of 20 VMs on two simulated hosts: ``python tests/benchmarks/bench_workshop.py``.

Prints four figures with their targets:

- over WinRM, the seconds of `workshop.plan`, after the workshop file was read;
- over WinRM, the processor time of the last seats beside that of the first, built one at a time;
- over WinRM, whether hosts whose seats were built side by side are as those built in turn;
- in this process, the virtual time of `up` beside its critical path: on each host, one place of the
  queue builds `ceil(seats / seats_at_once)` seats, each of which takes at least the longest way
  through its own steps (`tests/apply/makespan.py`). An endpoint cannot know whether a client that
  does not call computes or waits, so that its virtual time has the real time of clients in it.

With a number as argument, so many seats are built.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import warnings
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from statistics import mean

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import nestlab  # noqa: E402  # from this checkout
from nestlab import workshop  # noqa: E402  # as above
from nestlab.apply import StepFinished, StepStarted  # noqa: E402  # as above
from nestlab.plan import Step  # noqa: E402  # as above
from nestlab.simulator.endpoint.winrm import Endpoint, serve  # noqa: E402  # as above
from nestlab.simulator.host import SimulatedHost  # noqa: E402  # as above
from nestlab.simulator.runspace import Runspace  # noqa: E402  # as above
from nestlab.simulator.state.clock_clients import Hold  # noqa: E402  # as above
from nestlab.transport import Session  # noqa: E402  # as above
from nestlab.transport.simulated import SimulatedSession  # noqa: E402  # as above
from nestlab.workshop import SeatEvent, SeatStarted, Workshop, WorkshopRun  # noqa: E402  # as above
from tests.apply.makespan import Timed, started_by  # noqa: E402  # as above
from tests.lab.many import timeless  # noqa: E402  # as above
from tests.transport.doors import guests_of  # noqa: E402  # as above

PLAN_TARGET, MAKESPAN_TARGET, PROCESSOR_TARGET = 2.0, 1.2, 1.3
SEATS, AT_ONCE, WORKERS = 30, 4, 4
LONGEST_PAUSE = 600.0  # real seconds
GUESTS = "Of-all-Guests-7"  # all hosts have the same image
WINDOWS = "disk: {image: ws2022}, guest: {os: windows, credential: lab-admin}"
LAB = f"""\
name: lab
images: {{ws2022: {{path: 'D:\\images\\ws2022.vhdx'}}}}
switches: [{{name: Net, switch_type: Internal, ip_address: 192.168.1.1/24, nat: 192.168.1.0/24}}]
vms:
  - count: 4
    name: 'H{{n}}'
    memory_startup: 7GB
    {WINDOWS.replace(", guest", chr(10) + "    guest")}
    network_adapters: [{{switch: Net, ip_address: '192.168.1.{{n+10}}/24', gateway: 192.168.1.1}}]
    nested:
      switches: [{{name: In, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24}}]
      vms:
        - count: {{m: 4}}
          name: 'v{{n}}{{m}}'
          memory_startup: 1GB
          {WINDOWS.replace(", guest", chr(10) + "          guest")}
          network_adapters: [{{switch: In, ip_address: '10.0.0.{{m+10}}/24', gateway: 10.0.0.1}}]
"""
LARGE = {
    "description": "A host for half of a class.",
    "computer": {"memory": "512GB"},
    "processors": {"cores": 64, "logical_processors": 128},
}


@dataclass
class Hosts:
    """Two new hosts, with sessions to them over WinRM or in this process."""

    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    simulated: dict[str, SimulatedHost] = field(default_factory=dict)
    remote: bool = True

    @classmethod
    def start(cls, stack: ExitStack, folder: Path, *, remote: bool = True) -> Hosts:
        """Start them, and take the credential of their guests from the environment."""
        environment = stack.enter_context(pytest.MonkeyPatch.context())
        hosts = cls(remote=remote)
        for name in ("ws2022-intel", "ws2025-amd"):
            scenario = folder / f"{name}-large.json"
            scenario.write_text(json.dumps({"based_on": name, **LARGE}), encoding="utf-8")
            host = SimulatedHost.from_scenario(scenario)
            endpoint = stack.enter_context(serve(host, tls=True, guest_password=GUESTS))
            guests_of(endpoint, environment)
            hosts.endpoints[endpoint.address], hosts.simulated[endpoint.address] = endpoint, host
        return hosts

    def connect(self, address: str) -> Session:
        """Open a session to one of them."""
        if not self.remote:
            return SimulatedSession(Runspace(self.simulated[address]), address)
        found = self.endpoints[address]
        return nestlab.connect(
            address, username=found.user, password=found.password, ca=found.certificate
        )

    def course(self, folder: Path, seats: int, at_once: int) -> Workshop:
        """Return the workshop on these hosts."""
        (folder / "lab.yml").write_text(LAB, encoding="utf-8")
        text = (
            f"name: bench\ntopology: lab.yml\nseats: {{count: {seats}}}\nnetworks: 10.64.0.0/12\n"
            f"limits: {{seats_at_once: {at_once}, workers: {WORKERS}}}\nhosts: [{', '.join(map(repr, self.endpoints))}]\n"
        )
        return workshop.loads(text, str(folder / "class.yml"))

    def states(self) -> list[object]:
        """Return what the hosts are like, whatever the order of work was."""
        return [timeless(host) for host in self.simulated.values()]


@dataclass
class Watch:
    """The steps of seats with their virtual durations. No time passes while a seat's thread computes."""

    hosts: Hosts
    seats: dict[str, Timed] = field(default_factory=dict)
    began: dict[tuple[str, str], float] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)

    def __call__(self, event: SeatStarted | SeatEvent) -> None:
        """Receive an event of a run."""
        host = self.hosts.simulated[event.host]
        if isinstance(event, SeatStarted):
            self.seats[event.seat] = Timed()
            self.holds[event.seat] = host.clock.hold(grace=LONGEST_PAUSE)
        elif isinstance(event.event, StepStarted):
            self.began[event.seat, event.event.step.id] = host.clock.now
        elif isinstance(event.event, StepFinished):
            self._ended(host, event.seat, event.event.result.step)

    def _ended(self, host: SimulatedHost, seat: str, step: Step) -> None:
        boot = 0.0
        if step.action in {"start-vm", "restart"}:
            boots = {path: machine.ready_at for path, _, machine in host.world.host.machines()}
            boot = max(0.0, boots[started_by(step)] - host.clock.now)
        took = host.clock.now - self.began[seat, step.id]
        self.seats[seat].steps.append((step, took, boot))


def planned(hosts: Hosts, course: Workshop) -> float:
    """Return the seconds of a plan."""
    began = time.perf_counter()
    assert workshop.plan(course, hosts.connect).ok
    return time.perf_counter() - began


def built(hosts: Hosts, course: Workshop) -> list[float]:
    """Build the seats; return the processor time after each of them."""
    used = [time.process_time()]
    for result in WorkshopRun(course, hosts.connect).up():
        assert result.ok, str(result)
        used.append(time.process_time())
    return used


def makespan(hosts: Hosts, course: Workshop) -> tuple[float, float]:
    """Build the seats; return the virtual seconds of that, and of the critical path of a seat."""
    began = {address: host.clock.now for address, host in hosts.simulated.items()}
    watch = Watch(hosts)
    for result in WorkshopRun(course, hosts.connect, on_event=watch).up():
        assert result.ok, str(result)
        watch.holds.pop(result.seat).release()
    took = max(hosts.simulated[each].clock.now - began[each] for each in began)
    return took, min(timed.critical_path() for timed in watch.seats.values())


def main(seats: int = SEATS) -> None:
    """Print the figures."""
    warnings.simplefilter("ignore")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(pytest.MonkeyPatch.context()).setenv("NESTLAB_JOURNALS", str(folder))
        near = Hosts.start(stack, folder, remote=False)
        took, one = makespan(near, near.course(folder, seats, AT_ONCE))
        least = one * ceil(seats / len(near.endpoints) / AT_ONCE)
        print(
            f"up: {took:.0f} virtual s, critical path {least:.0f} ({one:.0f} a seat): "
            f"{took / least:.2f}, target {MAKESPAN_TARGET}",
            flush=True,
        )
        alone, together = Hosts.start(stack, folder), Hosts.start(stack, folder)
        plans = [planned(together, together.course(folder, seats, AT_ONCE)) for _ in range(3)]
        print(f"plan: {max(plans):.2f} s, target {PLAN_TARGET}", flush=True)
        used = built(alone, alone.course(folder, seats, 1))
        each = [(late - early) / 2 for early, late in zip(used[:-2:2], used[2::2], strict=True)]
        print("processor time of each pair of seats:", *(f"{seconds:.2f}" for seconds in each))
        first, last = mean(each[:2]), mean(each[-2:])
        print(f"  last by first: {last / first:.2f}, target {PROCESSOR_TARGET}", flush=True)
        built(together, together.course(folder, seats, AT_ONCE))
        print(f"side by side as in turn: {alone.states() == together.states()}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
