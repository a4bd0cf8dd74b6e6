"""`str(cmdlet)` is PowerShell that pastes and means the same: read back here by a grammar that is not ours."""

from __future__ import annotations

import math
import re
import string
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import tree_sitter
import tree_sitter_pwsh
from hypothesis import given
from hypothesis import strategies as st

from nestlab.constants.commands import is_known_command
from nestlab.model import Cmdlet, Secret, Size, SwitchParameter

PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_pwsh.language()))
SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b"
SCRIPTS = sorted((Path(__file__).parents[2] / "nestlab").rglob("*.ps1"))


def parsed(text):
    root = PARSER.parse(text.encode("utf-8", "surrogatepass")).root_node
    assert not root.has_error, text
    return root


def descendants(node, kind):
    found = [node] if node.type == kind else []
    return found + [item for child in node.children for item in descendants(child, kind)]


def text_of(node):
    return node.text.decode("utf-8", "surrogatepass")


def unquoted(text):
    """What PowerShell reads in single quotes: any two quotes in a row, curly or not, are the first of them."""
    assert text[0] == text[-1] == "'"
    result, rest = "", text[1:-1]
    while rest:
        if rest[0] in SINGLE_QUOTES:
            assert rest[1:2] in set(SINGLE_QUOTES), f"the string {text!r} would end early"
            rest = rest[1:]
            result += text[len(text) - 1 - len(rest) - 1]
        else:
            result += rest[0]
        rest = rest[1:]
    return result


def number(text):
    match = re.fullmatch(r"(\d+)(KB|MB|GB|TB|PB)?", text)
    return int(match[1]) * 1024 ** ((None, "KB", "MB", "GB", "TB", "PB").index(match[2]))


def value_of(node):  # noqa: C901  # one case a kind of node
    """The value of an expression, as PowerShell has it."""
    match node.type:
        case "string_literal":
            return unquoted(text_of(node))
        case "integer_literal":
            return number(text_of(node))
        case "real_literal":
            return float(text_of(node))
        case "variable":
            return {"$null": None, "$true": True, "$false": False}.get(text_of(node), text_of(node))
        case "array_literal_expression":
            return [value_of(child) for child in node.named_children]
        case "array_expression":
            values = [value_of(child) for child in node.named_children]
            return [
                item for value in values for item in (value if isinstance(value, list) else [value])
            ]
        case "hash_literal_expression":
            return {
                value_of(entry.named_children[0]): value_of(entry.named_children[-1])
                for entry in descendants_once(node, "hash_entry")
            }
        case "cast_expression":
            kind, text = text_of(node.named_children[0]), value_of(node.named_children[1])
            return datetime.fromisoformat(text) if kind == "[datetime]" else time_span(text)
        case "expression_with_unary_operator" if node.children[0].type == "-":
            return -value_of(node.children[1])
        case "expression_with_unary_operator" if node.children[0].type == ",":
            return [value_of(node.children[1])]
        case "member_access":
            return {"PositiveInfinity": math.inf, "NegativeInfinity": -math.inf}[
                text_of(node).split("::")[1]
            ]
    children = node.named_children
    if not children:
        return []
    assert len(children) == 1, node.type
    return value_of(children[0])


def descendants_once(node, kind):
    return [
        entry for body in node.named_children for entry in body.named_children if entry.type == kind
    ]


def time_span(text):
    match = re.fullmatch(r"(-?)(\d+)\.(\d\d):(\d\d):(\d\d)(?:\.(\d{6}))?", text)
    days, hours, minutes, seconds, microseconds = (int(group or 0) for group in match.groups()[1:])
    span = timedelta(
        days=days, hours=hours, minutes=minutes, seconds=seconds, microseconds=microseconds
    )
    return -span if match[1] else span


def read(text):
    """The one command in the text: its name, and its parameters with their values."""
    (pipeline,) = descendants(parsed(text), "pipeline_chain")[:1]
    command = pipeline.named_children[0]
    name, elements = command.named_children[0], command.named_children[1:]
    parameters, current = {}, None
    for element in elements[0].named_children if elements else []:
        if element.type == "command_parameter":
            current = text_of(element).removeprefix("-")
            parameters[current] = SwitchParameter.ON
        elif element.type != "command_argument_sep":
            parameters[current] = value_of(element)
    return text_of(name), parameters


NASTY = st.text(
    st.sampled_from(
        "'\"`$(){}[];|&<>@#%,-\n\r\t a1\u2018\u2019\u201a\u201b\u201c\u201d\u2013é😀*?"
    ),
    max_size=12,
)
TEXTS = st.one_of(
    NASTY,
    st.text(st.characters(blacklist_characters="\0", blacklist_categories=("Cs",)), max_size=12),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 40), 1 << 40),
    st.floats(allow_nan=False).filter(
        lambda value: value != int(value) if math.isfinite(value) else True
    ),
    TEXTS,
    st.timedeltas(timedelta(days=-10_000), timedelta(days=10_000)),
    st.datetimes(timezones=st.sampled_from([None, UTC])),
    st.builds(Size, st.integers(0, 1 << 50)),
)
KEYS = st.one_of(TEXTS, st.text(string.ascii_letters, min_size=1))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)


@given(VALUES)
def test_any_value_is_read_back(value):
    assert read(
        str(
            Cmdlet(
                "Set-VM",
                {"Notes": value, "Force": SwitchParameter.ON, "Passthru": SwitchParameter.OFF},
            )
        )
    ) == (
        "Set-VM",
        {"Notes": value, "Force": SwitchParameter.ON, "Passthru": False},
    )


@pytest.mark.parametrize(
    "value",
    [[["a"]], [[]], [[1, 2]], [[[1]]], [1, [2]], [[1, 2], [3]], {"k": [[1]]}, [], {}, [None], [{}]],
)
def test_arrays_in_arrays_keep_their_depth(value):
    assert read(str(Cmdlet("Set-VM", {"Notes": value})))[1]["Notes"] == value


@given(TEXTS)
def test_nothing_in_a_value_becomes_a_command(text):
    root = parsed(
        str(
            Cmdlet(
                "Get-VM",
                {"Name": text, "Notes": [text, text]},
                Cmdlet("Select-Object", {"Property": ["Name"]}),
            )
        )
    )
    assert [text_of(name) for name in descendants(root, "command_name")] == [
        "Get-VM",
        "Select-Object",
    ]


@given(st.text(max_size=10), st.text(max_size=10))
def test_a_secret_is_a_variable_and_shows_nothing(name, value):
    text = str(Cmdlet("New-LocalUser", {"Password": Secret(name, "ada", f"#{value}#")}))
    variable = read(text)[1]["Password"]
    assert re.fullmatch(r"\$\w+", variable)
    assert variable not in {"$true", "$false", "$null"}
    assert f"#{value}#" not in text


@pytest.mark.parametrize(
    "text", ["Get-VM -Name 'open", "@{ a = 1", "Get-VM | | Sort-Object", "foreach ($x $y) { }"]
)
def test_the_grammar_does_see_mistakes(text):
    assert PARSER.parse(text.encode()).root_node.has_error


OF_THE_ENGINE = {
    "ForEach-Object",
    "Get-Date",
    "Get-Credential",
    "Invoke-Command",
    "Read-Host",
    "Start-Sleep",
    "Write-Error",
    "Write-Progress",
    "Write-Verbose",
}
"""The cmdlets of PowerShell itself that shipped scripts start."""


def functions_of(path):
    root = parsed(path.read_text(encoding="utf-8"))
    return {text_of(name) for name in descendants(root, "function_name")}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_every_shipped_script_parses_and_starts_only_what_it_may(path):
    root = parsed(path.read_text(encoding="utf-8"))
    names = {text_of(name) for name in descendants(root, "command_name")}
    beside = set().union(*(functions_of(other) for other in path.parent.glob("*.ps1")))
    started = {name for name in names if not name.startswith("$")} - OF_THE_ENGINE - beside
    assert [name for name in sorted(started) if not is_known_command(name)] == []


def test_there_is_a_script_to_check():
    names = {path.name for path in SCRIPTS}
    assert names == {"Invoke-NestLabGuest.ps1", "LabFunctions.ps1", "LabSteps.ps1"}
