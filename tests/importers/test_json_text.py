"""JSON is read as the standard library reads it, with the lines of keys."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nestlab.importers.json_text import read_json
from nestlab.model.located import DataSyntaxError

KEYS = st.text(max_size=4)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(KEYS, inner, max_size=3).filter(
            lambda table: len({key.casefold() for key in table}) == len(table)
        )
    ),
    max_leaves=10,
)


@given(value=VALUES, indent=st.sampled_from([None, 1, 4]), ascii_only=st.booleans())
def test_it_is_read_as_json_reads_it(value, indent, ascii_only):
    assert read_json(json.dumps(value, indent=indent, ensure_ascii=ascii_only)) == value


@given(st.text(alphabet='{}[]",:0e.-+\\u ntrf\n', max_size=30))
def test_what_json_refuses_is_refused(text):
    try:
        expected = json.loads(text, object_pairs_hook=without_repeats)
    except ValueError:
        with pytest.raises(DataSyntaxError):
            read_json(text)
    else:
        assert read_json(text) == expected


def without_repeats(pairs):
    """A table as a dictionary; keys that PowerShell cannot tell apart are an error."""
    if len({key.casefold() for key, _ in pairs}) < len(pairs):
        raise ValueError(pairs)
    return dict(pairs)


def test_half_a_surrogate_pair_is_not_text():
    assert read_json('"a\\ud800b"') == "a\ufffdb"
    assert read_json('"\\ud83d\\ude00"') == "😀"


def test_the_line_of_each_key_is_known():
    table = read_json('{\n "a": 1,\n\n "b": {"c": 2}}')
    assert (table.line_of("A"), table.line_of("b"), table["b"].line) == (2, 4, 4)
