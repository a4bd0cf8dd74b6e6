"""What nestlab shows of a value, and what a real PowerShell makes of such a text behind a parameter's name."""

import datetime as dt
import math
from collections import deque
from decimal import Decimal
from fractions import Fraction
from ipaddress import IPv4Address
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nestlab.constants.commands import COMMANDS
from nestlab.model import Cmdlet, EnumValue, Secret, Size, SwitchParameter
from nestlab.model.powershell_text import literal
from nestlab.model.switch_parameters import SWITCH_PARAMETERS
from nestlab.simulator.powershell.binding.signatures import command_names, signature
from nestlab.simulator.powershell.values.dotnet_values import InvalidCastError
from tests.simulator.engine.literals import LiteralError, read
from tests.simulator.engine.notation import data_of, plain_numbers, questions

NAMES = {
    "datetime": dt,
    "Size": lambda text: Size(-Size.parse(text[1:])) if text.startswith("-") else Size.parse(text),
    **{
        kind.__name__: kind
        for kind in (
            UUID,
            Secret,
            SwitchParameter,
            EnumValue,
            IPv4Address,
            Decimal,
            Fraction,
            deque,
        )
    },
    "inf": math.inf,
    "nan": math.nan,
}
ROWS = [
    row
    for row in questions("literals")
    if "python" in row and "before" not in row and not row["python"].startswith(("Secret", "<"))
]
# No text gives these: .NET has no such moment, span or table, or the table's keys are one key to
# PowerShell.
NO_TEXT = {"lit-021", "lit-050", "lit-051", "lit-054", "lit-112", "lit-113", "lit-114"}
BEYOND_DECIMAL = {
    row["id"]
    for row in ROWS
    if row["python"].lstrip("-").isdigit() and abs(int(row["python"])) >= 2**96
}


def python(row):
    return eval(row["python"], {"__builtins__": {}}, NAMES)  # noqa: S307  # the data of this test


def plain(data):
    return sorted_tables(plain_numbers(data))


def sorted_tables(data):
    if isinstance(data, list):
        return [sorted_tables(item) for item in data]
    if isinstance(data, dict):
        if "table" in data:
            return {
                "table": sorted(
                    ([sorted_tables(key), sorted_tables(item)] for key, item in data["table"]),
                    key=repr,
                )
            }
        return {
            key: value if key == "DateTime" else sorted_tables(value) for key, value in data.items()
        }
    return data


def answer(data):
    """The engine's answer: the ticks of a local time are given twice, and only that there is an error counts."""
    if isinstance(data, dict) and "error" in data:
        return "error"
    if isinstance(data, dict) and "DateTime" in data:
        ticks, kind = data["DateTime"][:2]
        return {"DateTime": [ticks, kind]}
    return plain(data)


def reading(text):
    try:
        return plain(read(text))
    except (LiteralError, InvalidCastError, ValueError, OverflowError):
        return "error"


@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if row["id"] not in BEYOND_DECIMAL | {"lit-021"}],
    ids=lambda row: row["id"],
)
def test_the_reader_takes_a_text_as_the_engine_does(row):
    assert reading(row["text"]) == answer(row["argument"])


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row["id"] not in NO_TEXT], ids=lambda row: row["id"]
)
def test_what_is_shown_pastes_and_means_the_same(row):
    value = python(row)
    if row["id"] in BEYOND_DECIMAL:
        assert read(literal(value)) == {"BigInteger": str(value)}
        return
    wanted = answer(row["expression"])
    assert reading(literal(value)) == (
        wanted if wanted != "error" else plain(data_of(as_sent(value)))
    )


def as_sent(value):
    """What a value is meant to be where the text of the question did not parse."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC)
    return {tuple(key) if isinstance(key, bytes) else key: item for key, item in value.items()}


PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)


@given(st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=4), max_leaves=8))
def test_any_value_is_read_as_it_was(value):
    assert plain(read(literal(value))) == plain(data_of(value))


@pytest.mark.parametrize(
    "name",
    [
        "",
        "_",
        " ",
        "host",
        "Home",
        "pid",
        "error",
        "PSHome",
        "psversiontable",
        "args",
        "true",
        "null",
        "this",
    ],
)
def test_a_secret_is_no_variable_that_powershell_owns(name):
    text = literal(Secret(name))
    owned = {
        "$_",
        "$",
        "$host",
        "$home",
        "$pid",
        "$error",
        "$pshome",
        "$psversiontable",
        "$args",
        "$true",
        "$null",
        "$this",
    }
    assert text.lower() not in owned


def test_a_switch_that_is_given_as_a_truth_value_is_shown_as_a_switch():
    assert (
        str(Cmdlet("Remove-VM", {"Name": "x", "Force": True, "Passthru": False}))
        == "Remove-VM -Name 'x' -Force -Passthru:$false"
    )


def test_switches_are_switches_in_every_command_that_has_them():
    kinds = {}
    for name in command_names():
        for parameter in signature(name).parameters.values():
            kinds.setdefault(parameter.name.lower(), set()).add(parameter.type)
    sent = filter(None, (signature(name.rpartition("\\")[2]) for name in COMMANDS))
    names = {name.lower() for command in sent for name in command.parameters}
    switches = {name for name in names if kinds[name] == {"SwitchParameter"}}
    assert switches - SWITCH_PARAMETERS == set(), "add these to nestlab/model/switch_parameters.py"
    assert SWITCH_PARAMETERS - switches == set()


OWNED = [row for row in questions("literals") if "before" in row and row["argument"] != "S3"]


@pytest.mark.parametrize("row", OWNED, ids=lambda row: row["id"])
def test_no_secret_is_shown_as_a_variable_that_the_engine_refuses_to_set(row):
    name = row["text"].removeprefix("$")
    assert literal(Secret(name)) == f"${name}_"


NEGATIVE = [row for row in questions("literals") if "parameter_type" in row and "-" in row["text"]]


@pytest.mark.parametrize("row", NEGATIVE, ids=lambda row: row["id"])
def test_a_negative_number_is_a_number_whatever_the_type_of_the_parameter(row):
    shown = ",".join(
        f"({part})" if part.startswith("-") else part for part in row["text"].split(",")
    )
    value = read(f"({row['text']})")  # as an expression, which is what a variable holds
    assert read(shown) == value
    if row["argument"] != row["variable"]:
        assert read(row["text"]) != value


def test_the_pipeline_variable_is_no_secret():
    assert {row["text"] for row in questions("literals") if "before" in row} >= {"$_"}
    assert literal(Secret("_")) == "$__"
