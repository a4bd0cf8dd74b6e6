"""A function that is called again and again: after an error too, and at once when it is woken."""

import logging
import threading

import pytest

from nestlab.notebook.repeating import Repeating


def test_an_error_is_logged_and_it_is_called_again(caplog: pytest.LogCaptureFixture) -> None:
    # Before, the thread ended.
    again = threading.Event()
    calls: list[int] = []

    def call() -> None:
        calls.append(len(calls))
        if len(calls) == 1:
            raise ValueError("first")
        again.set()

    with caplog.at_level(logging.ERROR):
        repeating = Repeating(0.01, call).start()
        assert again.wait(20)
    repeating.stop()
    assert "ValueError: first" in caplog.text


def test_it_is_called_at_once_when_it_is_woken_and_not_after_it_was_stopped() -> None:
    called = threading.Event()
    repeating = Repeating(3600, called.set).start()
    repeating.wake()
    assert called.wait(20)
    called.clear()
    repeating.stop()
    repeating.wake()
    assert not called.wait(0.1)
