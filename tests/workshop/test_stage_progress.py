"""What a learner's panel remembers of stages."""

import pytest

from nestlab import workshop
from nestlab.errors import FileNotWritten
from nestlab.workshop.stage_progress import StageProgress
from tests.workshop.classes import SMALL_CLASS, SMALL_LAB, written


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    course = workshop.load(written(tmp_path, SMALL_CLASS, SMALL_LAB))
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    path = tmp_path / "taken" / "progress"
    progress = StageProgress(course.seat("ada"), path)
    with pytest.raises(FileNotWritten, match="taken"):
        progress.mark_hints(course.stages[0], 1)
