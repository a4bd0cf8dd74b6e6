"""Locks on files: between processes, and in a browser tab, where there are none."""

import sys

import pytest
from filelock import FileLock, Timeout

from nestlab.apply.journal_file import locked
from nestlab.errors import JournalError
from nestlab.model.file_lock import file_lock


@pytest.fixture
def held(tmp_path):
    """A file whose lock somebody has, as JupyterLite's files answer of every lock."""
    with FileLock(tmp_path / ".run.jsonl.lock", thread_local=False):
        yield tmp_path / "run.jsonl"


def test_a_lock_that_somebody_has_is_waited_for(held):
    with pytest.raises(Timeout):
        file_lock(held.with_name(".run.jsonl.lock"), timeout=0).acquire()
    with pytest.raises(JournalError, match="another run is using this journal"), locked(held):
        pass


def test_in_a_browser_tab_nothing_is_locked(held, monkeypatch):
    monkeypatch.setattr(sys, "platform", "emscripten")
    lock = file_lock(held.with_name(".run.jsonl.lock"), timeout=0)
    lock.acquire()
    lock.release()
    with locked(held):
        held.write_text("a run", encoding="utf-8")
