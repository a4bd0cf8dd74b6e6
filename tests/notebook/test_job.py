"""Long work beside the page: events in order, one end, cancel, errors that reach the page."""

import threading

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
