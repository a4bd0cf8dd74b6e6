"""A pattern that is compiled when it is first used does what a compiled one does."""

import copy
import re

import pytest

from nestlab.pattern import pattern


@pytest.mark.parametrize(
    ("text", "flags", "subject"),
    [
        (r"([a-z]+)(\d)?", re.IGNORECASE, "AB1 cd"),
        (rb"(?P<word>\w+) ", 0, b"one two "),
        ("x*", 0, ""),
    ],
)
def test_it_does_what_a_compiled_pattern_does(text, flags, subject):
    lazy, compiled = pattern(text, flags), re.compile(text, flags)
    for _ in range(2):
        for method in ("search", "match", "fullmatch"):
            found, expected = (getattr(each, method)(subject) for each in (lazy, compiled))
            assert str(found) == str(expected)
        for method in ("findall", "split"):
            assert getattr(lazy, method)(subject) == getattr(compiled, method)(subject)
        assert [found.span() for found in lazy.finditer(subject)] == [
            found.span() for found in compiled.finditer(subject)
        ]
        replacement = subject[:0]
        assert lazy.sub(replacement, subject) == compiled.sub(replacement, subject)
        assert lazy.subn(replacement, subject, count=1) == compiled.subn(
            replacement, subject, count=1
        )
    for attribute in ("pattern", "flags", "groups", "groupindex"):
        assert getattr(lazy, attribute) == getattr(compiled, attribute)


def test_it_is_compiled_when_it_is_first_used():
    wrong = pattern("(")
    with pytest.raises(re.error):
        wrong.search("")


def test_it_can_be_copied():
    assert copy.deepcopy(pattern("a+")).fullmatch("aaa")
