"""A host that took a message and says nothing: when it is asked, and what its answer means."""

from __future__ import annotations

import pytest

from nestlab.errors import SessionBroken, StatementNotStarted
from nestlab.transport.psrp import silence_watchdog
from nestlab.transport.psrp.silence_watchdog import SilenceWatchdog


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(silence_watchdog, "UNANSWERED_SECONDS", 0.0)
    return SilenceWatchdog("winrm://hv01", "Get-VM")


def test_where_a_runspace_works_it_may_be_silent_as_long_as_it_likes(impatient):
    for _ in range(100):
        impatient.check(lambda: 0)


def test_where_none_works_the_statement_never_began(impatient):
    impatient.check(lambda: 1)  # it may have ended just now
    with pytest.raises(StatementNotStarted, match="Get-VM never started on winrm://hv01"):
        impatient.check(lambda: 1)


def test_one_that_ended_at_the_moment_of_the_question_is_not_taken_for_that(impatient):
    impatient.check(lambda: 1)
    impatient.check(lambda: 0)
    impatient.check(lambda: 1)


def test_a_pool_that_says_nothing_either_is_a_broken_session(impatient):
    impatient.check(lambda: None)
    impatient.check(lambda: None)
    with pytest.raises(SessionBroken, match="stopped answering") as caught:
        impatient.check(lambda: None)
    assert not isinstance(caught.value, StatementNotStarted)


def test_nobody_is_asked_before_its_time():
    SilenceWatchdog("winrm://hv01", "Get-VM").check(lambda: pytest.fail("asked"))
