"""PowerShell data files are read as data: what is no constant is refused with its place."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nestlab.model.located import DataSyntaxError, Unevaluated
from nestlab.model.powershell_data import read_data, read_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0x10", 16),
        ("-7", -7),
        ("2GB", 2 << 30),
        ("1.5kb", 1536),
        ("0.5tb", 1 << 39),
        ("3l", 3),
        ("1e3", 1000.0),
        ("2.5", 2.5),
        ("$TRUE", True),
        ("$null", None),
        ("'it''s'", "it's"),
        ("‘a’", "a"),
        ('"say ""hi"" `"x`" a`tb `$c"', 'say "hi" "x" a\tb $c'),
        ('"`u{263A}`u{D800}`u{110000}"', "☺\ufffd\ufffd"),
        ("@'\n$(a) 'b'\n'@", "$(a) 'b'"),
        ('@"\na`nb\n"@', "a\nb"),
        ("@'\n'@", ""),
        ("@()", []),
        ("@(1, 2\n3; 4)", [1, 2, 3, 4]),
        ("('a', 'b')", ["a", "b"]),
        ("@(@(1), @(2))", [[1], [2]]),
        ("@{ 'a b' = 1; \"c\" = 2 }", {"a b": 1, "c": 2}),
        ("@{ A = 1 # one ; two\n <# three #> B = `\n 2 }", {"A": 1, "B": 2}),
    ],
)
def test_constants_are_read(text, value):
    assert read_data(f"@{{ X = {text} }}") == {"X": value}


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("@{ X = 1..4 }", (1, 8), "a constant"),
        ("@{\n X = [int]3 }", (2, 6), "a constant"),
        ("@{ X = $env:TEMP }", (1, 8), "a constant"),
        ("@{ X = 10.0.0.1 }", (1, 8), "a constant"),
        ("@{ X = 1 Y = 2 }", (1, 10), "a line break, ';' or '}'"),
        ("@{ X = 'a' + 'b' }", (1, 12), "a line break, ';' or '}'"),
        ("@{ X = @('a' 'b') }", (1, 14), "a line break, ';' or ')'"),
        ("@{ X = ('a' 'b') }", (1, 13), "')' is expected"),
        ('@{ X = "$(hostname)" }', (1, 8), "which is not run"),
        ('@{ X = "a $b" }', (1, 8), "the variable $b"),
        ('@{ X = @"\n${b}\n"@ }', (1, 8), "the variable ${b}"),
        ("@{ X = { Get-Date } }", (1, 8), "a constant"),
        ("@{ X = 1; x = 2 }", (1, 11), "occurs twice"),
        ("@{ X = 'a }", (1, 8), "not closed"),
        ("@{ X = " + "@(" * 101, (1, 206), "100 levels"),
        ("@{ X = " + "9" * 5000 + " }", (1, 8), "a constant"),
        ("@{ X = 1 }\nGet-Process", (2, 1), "one table"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_its_line_and_column(text, place, words):
    with pytest.raises(DataSyntaxError, match=re.escape(words)) as caught:
        read_data(text)
    assert (caught.value.line, caught.value.column) == place


def test_variables_can_be_kept_as_they_are_written():
    table = read_data('@{ A = "$env:X\\a"; B = "`$5"; C = \'$x\' }', keep_variables=True)
    assert table == {"A": "$env:X\\a", "B": "$5", "C": "$x"}
    assert [isinstance(value, Unevaluated) for value in table.values()] == [True, False, False]


def test_keys_are_found_in_any_case_with_their_lines():
    table = read_data("@{\n Name = 'a'\n\n Inner = @{ X = 1 } }")
    assert (table.named("NAME"), table.line_of("inner"), table.named("none")) == ("a", 4, None)
    assert (table["Inner"].line, table["Inner"].line_of("none")) == (4, 4)


@given(st.text(alphabet="@{}()'\"=;,#<>`$ \n\tAx1.\u201c", max_size=40))
def test_any_text_is_read_or_refused(text):
    for read in (read_data, read_value):
        with suppress(DataSyntaxError):
            read(text)
