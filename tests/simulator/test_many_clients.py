"""Many clients of one simulated host: time passes when all of them wait, and no work gets lost."""

import contextlib
import subprocess
import sys
import threading

import pytest

from nestlab.errors import Cancelled
from nestlab.model import Cmdlet, Size, SwitchParameter
from nestlab.simulator.endpoint.psrp import pipelines
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.runspace import Runspace
from nestlab.simulator.state.clock import Clock
from nestlab.transport import connect
from nestlab.transport.simulated import SimulatedSession
from tests.transport.doors import options

ALWAYS = 3600.0  # of real time: a busy client is never ignored for being slow


def side_by_side(*works):
    """Do each work in a thread of its own, and return what they gave, in order."""
    gave, threads = {}, []
    for number, work in enumerate(works):
        threads.append(
            threading.Thread(
                target=lambda number=number, work=work: gave.__setitem__(number, work())
            )
        )
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [gave[number] for number in range(len(works))]


@contextlib.contextmanager
def working(clock, everybody):
    """Be a client at work from the moment at which everybody is."""
    hold = clock.hold(grace=ALWAYS)
    everybody.wait()
    try:
        yield
    finally:
        hold.release()


def test_waits_of_many_clients_pass_together():
    clock, everybody = Clock(), threading.Barrier(8)
    start = clock.now

    def work(number):
        with working(clock, everybody):
            moments = []
            for _ in range(10):
                clock.advance(5 + number)
                moments.append(clock.now - start)
            return moments

    gave = side_by_side(*(lambda number=number: work(number) for number in range(8)))
    assert gave == [[(5 + number) * step for step in range(1, 11)] for number in range(8)]
    assert clock.now - start == 120


def test_time_stands_while_one_client_works_and_passes_when_it_leaves():
    clock, waiting, passed = Clock(), threading.Event(), threading.Event()
    hold, start = clock.hold(grace=ALWAYS), clock.now

    def wait():
        waiting.set()
        clock.advance(300)
        passed.set()

    thread = threading.Thread(target=wait)
    thread.start()
    waiting.wait()
    assert not passed.wait(0.2)
    assert clock.now == start
    hold.release()
    thread.join()
    assert clock.now == start + 300


def test_a_client_that_went_away_without_a_word_is_passed_over():
    clock = Clock()
    side_by_side(lambda: clock.hold(grace=0.05))
    start = clock.now
    clock.advance(60)
    assert clock.now == start + 60


def test_a_client_that_drives_two_runs_in_turn_waits_for_neither():
    clock = Clock()
    holds = [clock.hold(grace=ALWAYS), clock.hold(grace=ALWAYS)]
    start = clock.now
    clock.advance(60)
    assert clock.now == start + 60
    for hold in holds:
        hold.release()


def test_a_wait_is_cancelled_while_another_client_works():
    clock, cancel = Clock(), threading.Event()
    hold, start = clock.hold(grace=ALWAYS, remote=True), clock.now
    threading.Timer(0.05, cancel.set).start()
    with pytest.raises(Cancelled):
        clock.advance(60, cancel)
    assert clock.now == start
    hold.release()


def test_cmdlets_of_two_clients_take_the_time_of_one():
    host, everybody = SimulatedHost.from_scenario("ws2022-intel"), threading.Barrier(2)
    sessions = [SimulatedSession(Runspace(host), "sim:ws2022-intel") for _ in range(2)]
    alone = connect()
    before = alone.simulated_host.clock.now
    alone.run(Cmdlet("Stop-VM", {"Name": "build-agent"}))
    took = alone.simulated_host.clock.now - before

    def stop(session, name):
        with working(host.clock, everybody):
            session.run(Cmdlet("Stop-VM", {"Name": name, "Force": SwitchParameter.ON}))

    running = [
        record["Name"]
        for record in sessions[0].run(Cmdlet("Get-VM"))
        if str(record["State"]) == "Running"
    ]
    for name in {"build-agent", "sql-test"} - set(running):
        sessions[0].run(Cmdlet("Start-VM", {"Name": name}))
    sessions[0].wait(600)
    start = host.clock.now
    side_by_side(lambda: stop(sessions[0], "build-agent"), lambda: stop(sessions[1], "sql-test"))
    assert host.clock.now - start == took


def test_threads_at_one_host_lose_nothing_of_each_other():
    host = SimulatedHost.from_scenario("ws2022-intel")

    def make(number):
        session = SimulatedSession(Runspace(host), "sim:ws2022-intel")
        for vm in range(5):
            session.run(
                Cmdlet(
                    "New-VM",
                    {
                        "Name": f"vm-{number}-{vm}",
                        "MemoryStartupBytes": Size(1 << 29),
                        "NoVHD": SwitchParameter.ON,
                    },
                )
            )

    side_by_side(*(lambda number=number: make(number) for number in range(12)))
    names = [vm.name for vm in host.machine.hyper_v.vms if vm.name.startswith("vm-")]
    assert sorted(names) == sorted(f"vm-{number}-{vm}" for number in range(12) for vm in range(5))
    ids = [vm.id for vm in host.machine.hyper_v.vms]
    assert len(set(ids)) == len(ids)


WAITER = """
import sys
from nestlab.transport import connect
host = connect(sys.argv[1]).simulated_host
host.clock.others.grace = 3600
hold = host.clock.hold(grace=3600)
print(host.clock.now, flush=True)
sys.stdin.readline()
for _ in range(4):
    host.wait(float(sys.argv[2]))
print(host.clock.now, flush=True)
hold.release()
"""


def waiter(address, seconds):
    return subprocess.Popen(
        [sys.executable, "-c", WAITER, address, str(seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_waits_of_processes_at_one_state_file_pass_together(tmp_path):
    address = f"sim:ws2022-intel?state={tmp_path / 'host.json'}"
    start = connect(address).simulated_host.clock.now
    processes = [waiter(address, seconds) for seconds in (60, 45, 75)]
    assert {float(process.stdout.readline()) for process in processes} == {start}
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    ended = [float(process.communicate()[0]) - start for process in processes]
    assert ended == [240, 180, 300]
    assert connect(address).simulated_host.clock.now == start + 300
    assert not (tmp_path / "host.json.clients").exists()


def test_two_clients_over_winrm_wait_side_by_side(monkeypatch):
    monkeypatch.setattr(pipelines, "GRACE", ALWAYS)
    host, everybody = SimulatedHost.from_scenario("ws2022-intel"), threading.Barrier(2)
    with serve(host) as endpoint:
        sessions = [connect(endpoint.address, **options(endpoint)) for _ in range(2)]
        start = host.clock.now

        def wait(session):
            everybody.wait()
            for _ in range(5):
                session.wait(60)
            moment = host.clock.now - start
            session.close()
            return moment

        gave = side_by_side(*(lambda session=session: wait(session) for session in sessions))
    assert max(gave) == 300
    assert host.clock.now - start == 300


def test_a_client_over_winrm_that_disconnects_blocks_no_one(monkeypatch):
    monkeypatch.setattr(pipelines, "GRACE", ALWAYS)
    host = SimulatedHost.from_scenario("ws2022-intel")
    with serve(host) as endpoint:
        gone, waiting = (connect(endpoint.address, **options(endpoint)) for _ in range(2))
        start = host.clock.now
        gone.close()
        waiting.wait(300)
        assert host.clock.now == start + 300
        waiting.close()
