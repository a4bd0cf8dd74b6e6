"""Plain professional English in the field's terms; `words.py` has the words that are out, and lists them."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(Path(__file__).parent))

import finished  # noqa: E402  # beside this file, which is no package
import words  # noqa: E402


@pytest.mark.parametrize("place", finished.WORDS)
def test_a_clean_place_stays_clean(place):
    path = ROOT / place
    assert [str(use) for file in words.files([path]) for use in words.uses(file)] == []


@pytest.mark.parametrize(
    "text",
    [
        '"""Ask nobody."""',
        "x = 'A disk that others stand\\n    on.'",
        "x = f'the {disk} that it stands on'",
        "# the way\n# out of it: nobody\npass",
        "def plan_anew(): pass",
        "foreman = 1",
        "def run(wish): pass",
        "x = 'HV1 is no nested host'",
    ],
)
def test_a_word_that_is_out_is_found(tmp_path, text):
    path = tmp_path / "module.py"
    path.write_text(text, encoding="utf-8")
    assert list(words.uses(path))


@pytest.mark.parametrize(
    "text",
    [
        "x = 'There is no adapter, and it is no longer needed'",
        "x = 'gateway-is-nobody'",
        "stand_on = understands(recommended)",
        "x = 'the commend amendment'",
    ],
)
def test_words_that_are_in_are_not_found(tmp_path, text):
    path = tmp_path / "module.py"
    path.write_text(text, encoding="utf-8")
    assert list(words.uses(path)) == []


def test_the_place_of_a_use_is_its_line(tmp_path):
    path = tmp_path / "page.md"
    path.write_text("# Title\n\nA disk that others stand\non, and a way\nout.\n", encoding="utf-8")
    assert [use.line for use in words.uses(path)] == [3, 4]
