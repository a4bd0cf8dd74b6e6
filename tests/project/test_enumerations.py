"""Enumerations of a sentence, in each language."""

import pytest

from nestlab import texts
from nestlab.enumerations import all_of, one_of


@pytest.fixture
def spanish():
    texts.set_language("es")
    yield
    texts.set_language("en")


def test_names_are_joined_as_in_a_sentence():
    assert [all_of(names) for names in ([], ["a"], ["a", "b"])] == ["", "a", "a and b"]
    assert all_of(["a", "b", "c"]) == "a, b and c"
    assert one_of(["a", "b", "c"]) == "a, b or c"


def test_names_are_joined_in_spanish(spanish):
    assert all_of(["a", "b", "c"]) == "a, b y c"
    assert one_of(["a", "b"]) == "a o b"
