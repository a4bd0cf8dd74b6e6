from datetime import UTC, datetime

import pytest

from nestlab.apply import ApplyContext, run_plan
from nestlab.apply.waiting import LIMIT_SECONDS, POLL_SECONDS
from nestlab.errors import GuestCredentialRefused, GuestUnreachable
from nestlab.model import Outcome, Record
from nestlab.plan import Deferred, Plan
from nestlab.transport.worker_pool import InlineWorkerPool

EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)


class Clocked:
    """A host with one guest that answers after some time, with the time of its start."""

    host, machine = "test", ()

    def __init__(self, answers):
        self.now, self.answers, self.closed = 0.0, answers, 0

    def wait(self, seconds, _cancel=None):
        self.now += seconds

    def worker_pool(self, _size, cancel=None):
        return InlineWorkerPool(cancel)

    def guest(self, _vm, _credential):
        return self

    def close(self):
        self.closed += 1

    def run(self, *_statements, **_options):
        answer = self.answers(self.now)
        if isinstance(answer, GuestUnreachable):
            raise answer
        if isinstance(answer, str):
            raise GuestUnreachable("test", answer)
        return Outcome((Record(("Win32_OperatingSystem",), {"LastBootUpTime": answer}),))


def wait(answers, *, booted_at=None):
    session, events = Clocked(answers), []
    plan = Plan(
        "lab", "test", deferred=(Deferred(("HV1",), "", booted_at),), credentials={("HV1",): "c"}
    )
    run = ApplyContext(
        session=session,
        observe=dict,
        replan=lambda _states: Plan("lab", "test"),
        on_event=lambda event: events.append(event.to_dict()),
    )
    assert list(run_plan(plan, run)) == []
    return session.now, [event for event in events if event["event"] == "progress"]


def test_it_polls_until_the_guest_answers_and_names_it():
    now, events = wait(lambda now: EARLY if now >= 60 else "booting")
    assert now == 60
    assert {event["activity"] for event in events} == {"Waiting for HV1"}
    assert events[-1]["status"] == f"{60 - POLL_SECONDS:.0f} s of at most 1200 s"


def test_after_a_restart_the_old_start_does_not_count():
    assert (
        wait(lambda now: EARLY if now < 30 else "off" if now < 60 else LATE, booted_at=EARLY)[0]
        == 60
    )


def test_it_gives_up_after_its_time_limit_and_says_whom_it_waited_for():
    with pytest.raises(
        GuestUnreachable,
        match=r"HV1 did not answer over PowerShell Direct within 20 minutes\n  Check on its console",
    ):
        wait(lambda _now: "booting")
    assert LIMIT_SECONDS == 1200


def test_a_refused_credential_is_not_tried_again():
    asked = []
    refused = GuestCredentialRefused("test", "HV1 rejects the credential: Nicht gültig.")
    with pytest.raises(GuestCredentialRefused, match="Nicht gültig"):
        wait(lambda now: asked.append(now) or refused)
    assert len(asked) == 1
