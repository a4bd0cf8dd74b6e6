"""An External switch on the host's only adapter cuts the session that makes it."""

from pathlib import Path

import pytest

import nestlab
from nestlab.errors import HostUnreachable, SessionBroken

TOPOLOGY = Path(__file__).parents[1] / "cases" / "topologies" / "bridged-lab.yml"


class Cut:
    """A session that is lost when the switch is made, and stays away for some time."""

    def __init__(self, inner, *, effect, away=30.0):
        self._inner, self._effect, self._away, self.until = inner, effect, away, 0.0

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def run(self, *statements, **options):
        now = self._inner.simulated_host.clock.now
        if now < self.until:
            raise HostUnreachable("test", "No answer.")
        if statements[0].name == "New-VMSwitch" and not self.until:
            if self._effect:
                self._inner.run(*statements, **options)
            self.until = now + self._away
            raise SessionBroken("test", "The session was lost.")
        return self._inner.run(*statements, **options)


def first_step(session, tmp_path):
    return next(nestlab.Lab(nestlab.load(TOPOLOGY), session, tmp_path / "j.jsonl").apply())


def test_it_comes_back_sees_that_the_step_took_effect_and_goes_on(tmp_path):
    result = first_step(Cut(nestlab.connect(), effect=True), tmp_path)
    assert result.status == "done"
    assert result.warnings == ("The connection was lost, and then restored: The session was lost.",)


@pytest.mark.parametrize("away", [30.0, 3600.0], ids=["back-soon", "away-for-long"])
def test_it_fails_where_the_step_did_not_take_effect_or_the_host_stays_away(tmp_path, away):
    result = first_step(Cut(nestlab.connect(), effect=away > 60, away=away), tmp_path)
    assert result.status == "failed"
    assert result.hint.startswith("The step may or may not have taken effect.")
