"""Texts about several objects, which are equal but for the objects' names."""

from __future__ import annotations

import pytest

from nestlab.model.repeated_texts import texts_with_other_names


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([("a", "a: start a."), ("b", "b: start b.")], [("a: start a.", ("b",))]),
        ([("a", "a."), ("b", "a.")], [("a.", ()), ("a.", ())]),
        # A name is not found in another name or path.
        ([("vm", "vm1 vm"), ("x", "vm1 x")], [("vm1 vm", ("x",))]),
        ([("vm", "hv/vm"), ("x", "hv/x")], [("hv/vm", ()), ("hv/x", ())]),
        ([("vm", "vm-2"), ("x", "x-2")], [("vm-2", ()), ("x-2", ())]),
        ([("vm", "ñvm"), ("x", "ñx")], [("ñvm", ()), ("ñx", ())]),
        ([("vm", "_vm"), ("x", "_x")], [("_vm", ()), ("_x", ())]),
        ([("a.b", "(a.b)"), ("c", "(c)")], [("(a.b)", ("c",))]),
        ([("aa", "aaa aa,aa"), ("b", "aaa b,b")], [("aaa aa,aa", ("b",))]),
    ],
)
def test_a_text_is_repeated_with_another_name_in_the_same_places(texts, expected):
    assert list(texts_with_other_names(texts)) == expected
