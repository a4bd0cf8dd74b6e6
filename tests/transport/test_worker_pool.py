"""Work side by side: in virtual time, in threads with a shell each over WinRM, and one at a time."""

from __future__ import annotations

import json
import threading

import pytest

import nestlab
from nestlab.errors import Cancelled
from nestlab.model import Cmdlet
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from nestlab.transport.shell_pool import wait
from nestlab.transport.worker_pool import InlineWorkerPool, ThreadWorkerPool
from tests.apply.classroom import classroom
from tests.transport.doors import CLOCK_RATE, guests_of, options

A, B = ("A",), ("B",)


def ended(pool, count):
    """Return what so many works gave, in the order in which they ended."""
    return [(machine, future.result()) for machine, future in (pool.next() for _ in range(count))]


def test_two_waits_of_five_minutes_side_by_side_take_five():
    session = nestlab.connect()
    clock, pool = session.simulated_host.clock, session.worker_pool(2)
    start = clock.now
    pool.start(A, lambda: session.wait(300))
    pool.start(B, lambda: session.wait(300))
    assert [machine for machine, _ in ended(pool, 2)] == [A, B]
    assert clock.now - start == 300


def test_work_ends_in_the_order_of_virtual_time_and_what_begins_later_ends_later():
    session = nestlab.connect()
    clock, pool = session.simulated_host.clock, session.worker_pool(3)
    start, seen = clock.now, []
    pool.start(A, lambda: session.wait(90))
    pool.start(B, lambda: session.wait(60))
    for _ in range(3):
        ((machine, _),) = ended(pool, 1)
        seen.append((machine, clock.now - start))
        if machine == B and len(seen) == 1:
            pool.start(B, lambda: session.wait(40))
    assert seen == [(B, 60), (A, 90), (B, 100)]


def test_what_was_begun_has_ended_when_the_crew_is_closed(tmp_path):
    address = f"sim:ws2022-intel?state={tmp_path / 'state.json'}"
    session = nestlab.connect(address)
    start, pool = session.simulated_host.clock.now, session.worker_pool(2)
    pool.start(A, lambda: session.wait(300))
    pool.start(B, lambda: session.run(Cmdlet("Get-VM")))
    pool.close()
    assert nestlab.connect(address).simulated_host.clock.now == start + 300


def test_where_waits_are_real_it_is_one_at_a_time():
    assert nestlab.connect("sim:ws2022-intel?time_scale=0.001").worker_pool(8).size == 1


@pytest.mark.parametrize(
    "pool", [InlineWorkerPool(None), ThreadWorkerPool(2, None)], ids=["in line", "threads"]
)
def test_an_error_reaches_who_takes_the_result(pool):
    pool.start(A, lambda: 1 / 0)
    machine, future = pool.next()
    assert machine == A
    with pytest.raises(ZeroDivisionError):
        future.result()
    pool.close()


def test_threads_work_side_by_side():
    pool, both = ThreadWorkerPool(2, None), threading.Barrier(2)
    pool.start(A, both.wait)
    pool.start(B, both.wait)
    assert {machine for machine, _ in ended(pool, 2)} == {A, B}
    pool.close()


@pytest.mark.parametrize("given", [None, threading.Event()], ids=["no cancel", "a cancel"])
def test_closing_a_crew_of_threads_stops_their_waits_and_gives_back_what_they_gave(given):
    pool = ThreadWorkerPool(2, given)
    pool.start(A, lambda: wait(100_000, pool.cancel))
    pool.start(B, lambda: "done")
    pool.close()
    gave = dict(pool.next() for _ in range(2))
    assert gave[B].result() == "done"
    with pytest.raises(Cancelled):
        gave[A].result()


def test_the_cancel_of_who_called_reaches_the_threads():
    cancel = threading.Event()
    pool = ThreadWorkerPool(1, cancel)
    pool.start(A, lambda: wait(100_000, pool.cancel))
    cancel.set()
    with pytest.raises(Cancelled):
        pool.next()[1].result()
    pool.close()


def test_a_class_room_is_built_and_undone_over_several_shells_at_a_time(tmp_path, monkeypatch):
    host, journal = SimulatedHost.from_scenario("ws2022-intel"), tmp_path / "journal.jsonl"
    before = {key: value for key, value in host.world.to_dict().items() if key != "clock"}
    with serve(host, tls=True, clock_rate=CLOCK_RATE) as endpoint:
        guests_of(endpoint, monkeypatch)
        session = nestlab.connect(endpoint.address, **options(endpoint))
        lab = nestlab.Lab(classroom(3, 1), session, journal)
        events = []
        assert [
            result.message
            for result in lab.apply(on_event=lambda event: events.append(event.to_dict()))
            if not result.ok
        ] == []
        assert 2 <= endpoint.shells <= nestlab.lab.WORKERS + 1
        assert lab.plan().is_empty
        records = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
        told = {"step-started", "step-finished"}
        steps = [
            (r["record"], r["step"]["id"] if "step" in r else r["id"])
            for r in records
            if r["record"] in told
        ]
        assert steps == [
            (event["event"], event["id"]) for event in events if event["event"] in told
        ]
        assert [result.message for result in lab.undo() if not result.ok] == []
        session.close()
    assert {key: value for key, value in host.world.to_dict().items() if key != "clock"} == before


def test_a_host_with_fewer_shells_than_workers_is_worked_on_with_those(tmp_path, monkeypatch):
    with serve(
        SimulatedHost.from_scenario("ws2022-intel"), tls=True, clock_rate=CLOCK_RATE, max_shells=2
    ) as endpoint:
        guests_of(endpoint, monkeypatch)
        session = nestlab.connect(endpoint.address, **options(endpoint))
        lab = nestlab.Lab(classroom(3, 0), session, tmp_path / "journal.jsonl")
        assert [result.message for result in lab.apply() if not result.ok] == []
        assert endpoint.shells <= 2
        assert lab.plan().is_empty
        session.close()


def test_a_cancel_stops_all_threads_and_a_second_apply_goes_on(tmp_path, monkeypatch):
    cancel = threading.Event()

    def watch(event):
        if event["event"] == "step-started" and event["action"] == "install-hyper-v":
            cancel.set()

    with serve(
        SimulatedHost.from_scenario("ws2022-intel"), tls=True, clock_rate=CLOCK_RATE
    ) as endpoint:
        guests_of(endpoint, monkeypatch)
        session = nestlab.connect(endpoint.address, **options(endpoint))
        lab = nestlab.Lab(classroom(2, 0), session, tmp_path / "journal.jsonl")
        with pytest.raises(Cancelled):
            list(lab.apply(cancel=cancel, on_event=lambda event: watch(event.to_dict())))
        assert not any(thread.name.startswith("nestlab-worker") for thread in threading.enumerate())
        assert [result.message for result in lab.apply() if not result.ok] == []
        assert lab.plan().is_empty
        session.close()
