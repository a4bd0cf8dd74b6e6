"""Long work beside the page: events in order, one end, cancel, errors that reach the page."""

import asyncio
import sys
import threading

import pytest

from nestlab.errors import Cancelled, UsageError
from nestlab.notebook.job import Job


def run(work):
    events, endings = [], []
    job = Job(work, on_event=events.append, on_end=endings.append).start()
    assert job.join(10)
    assert len(endings) == 1
    return events, endings[0]


def test_events_come_in_order_and_the_value_last():
    def work(_cancel):
        yield 1
        yield 2
        return "value"

    events, ending = run(work)
    assert events == [1, 2]
    assert (ending.state, ending.value, ending.message) == ("done", "value", "")


def test_the_work_runs_beside_the_caller():
    def work(_cancel):
        yield threading.current_thread().name

    events, _ending = run(work)
    assert events != [threading.current_thread().name]


def test_an_error_of_ours_ends_it_with_its_message_and_hint():
    def work(_cancel):
        yield "begun"
        raise UsageError("No such host", hint="Look at the list.")

    events, ending = run(work)
    assert events == ["begun"]
    assert ending.state == "failed"
    assert ending.message == "No such host\n  Look at the list."


def test_any_other_error_is_named_too():
    def work(_cancel):
        yield 1 / 0

    _events, ending = run(work)
    assert ending.state == "failed"
    assert "ZeroDivisionError" in ending.message


def test_an_error_in_the_page_ends_the_work_and_is_not_lost():
    endings = []

    def show(_event):
        raise KeyError("widget")

    def work(_cancel):
        yield 1

    job = Job(work, on_event=show, on_end=endings.append).start()
    assert job.join(10)
    assert endings[0].state == "failed"


def test_cancel_reaches_work_that_waits():
    begun = threading.Event()

    def work(cancel):
        yield "waiting"
        begun.set()
        assert cancel.wait(10)
        raise Cancelled("stopped")

    endings = []
    job = Job(work, on_event=lambda _event: None, on_end=endings.append).start()
    assert begun.wait(10)
    assert job.state == "running"
    job.cancel()
    assert job.join(10)
    assert job.state == "cancelled"
    assert len(endings) == 1


@pytest.fixture
def without_threads(monkeypatch):
    """As in a browser: no thread can be started."""

    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.setattr(threading.Thread, "start", refuse)


def counted(events, endings, numbers):
    def work(_cancel):
        yield from numbers
        return "value"

    return Job(work, on_event=events.append, on_end=endings.append)


def test_without_threads_a_cell_that_waits_does_the_work(without_threads):
    events, endings = [], []

    async def cell():
        job = counted(events, endings, range(3)).start()
        assert job.join()
        assert (events, job.state, job.result.value) == ([0, 1, 2], "done", "value")
        await asyncio.sleep(0)  # its task finds nothing left to do
        await asyncio.sleep(0)

    asyncio.run(cell())
    assert (events, len(endings)) == ([0, 1, 2], 1)


def test_without_threads_a_wait_in_the_work_lets_its_task_run_again(without_threads):
    """Pyodide runs the other tasks while one waits, as in `time.sleep`."""
    events, endings, tasks = [], [], []

    def work(_cancel):
        for number in range(3):
            tasks[0].send(None)
            yield number

    job = Job(work, on_event=events.append, on_end=endings.append)
    tasks.append(job._run_async())
    assert job.join()
    with pytest.raises(StopIteration):
        tasks[0].send(None)
    assert (events, len(endings)) == ([0, 1, 2], 1)


def test_without_threads_the_page_sees_the_work_go_on_between_its_messages(without_threads):
    events, endings = [], []

    async def page():
        job = counted(events, endings, range(3)).start()
        seen = []
        while not job.join(0):
            seen.append(len(events))
            await asyncio.sleep(0)
        return seen

    assert asyncio.run(page()) == [0, 1, 2, 3]
    assert [ending.value for ending in endings] == ["value"]


def test_without_threads_a_cell_ends_what_a_task_has_begun(without_threads):
    events, endings = [], []

    async def page():
        job = counted(events, endings, range(5)).start()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert events == [0, 1]
        assert job.join()

    asyncio.run(page())
    assert (events, len(endings)) == ([0, 1, 2, 3, 4], 1)


def test_without_threads_a_wait_has_a_limit_and_an_error_reaches_the_page(without_threads):
    def work(_cancel):
        yield 1
        raise UsageError("No such host")

    async def cell():
        endings = []
        job = Job(work, on_event=lambda _event: None, on_end=endings.append).start()
        assert not job.join(0)
        assert job.join(60)
        assert endings[0].message == "No such host"

    asyncio.run(cell())


def test_without_threads_a_callback_of_the_job_does_not_wait_for_its_own_end(without_threads):
    async def cell():
        answers = []
        job = Job(
            lambda _cancel: iter((1,)),
            on_event=lambda _event: answers.append(job.join()),
            on_end=lambda _result: answers.append(job.join()),
        ).start()
        assert job.join()
        assert answers == [False, False]

    asyncio.run(cell())
