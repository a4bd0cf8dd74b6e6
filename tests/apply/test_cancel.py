"""A cancel during a run always ends it as cancelled."""

import threading

import pytest

import nestlab
from nestlab.apply import RunFinished, RunStatus
from nestlab.errors import Cancelled
from nestlab.simulator.faults import Fault

LAB = nestlab.loads("name: lab\nswitches: [{name: Net, switch_type: Private}]\n")


class CancelledAfter:
    """A session that is cancelled as soon as a cmdlet has been run, whether it failed or not."""

    def __init__(self, inner, name, cancel):
        self._inner, self._name, self._cancel = inner, name, cancel

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def run(self, *statements, **options):
        try:
            return self._inner.run(*statements, **options)
        finally:
            if any(statement.name == self._name for statement in statements):
                self._cancel.set()


def test_a_cancel_after_a_failed_step_is_not_lost(tmp_path):
    host, cancel, events = nestlab.connect(), threading.Event(), []
    host.simulated_host.inject_faults(Fault.parse("fail:New-VMSwitch:1"))
    lab = nestlab.Lab(LAB, CancelledAfter(host, "New-VMSwitch", cancel), tmp_path / "j.jsonl")
    with pytest.raises(Cancelled):
        list(lab.apply(cancel=cancel, on_event=events.append))
    assert events[-1].status is RunStatus.CANCELLED
    assert isinstance(events[-1], RunFinished)
    assert [result.status for result in lab.apply()] == ["done"]
