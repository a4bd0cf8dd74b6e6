"""What hosts name and write reaches no terminal, page or file raw: control characters and turned text are shown as escapes."""

import io
import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nestlab
from nestlab.cli.app import run
from nestlab.cli.console import Console
from nestlab.drawing import dot, drawio, mermaid, svg
from nestlab.html import code, escape
from nestlab.model import Cmdlet, Finding, Findings
from nestlab.visible import visible, visible_json

NAMES = (
    "web\x1b]0;gone\x07",
    "a\u202egnp",
    "b\x9b31mred",
    "c\u2066d\u2069",
    "<script>alert(5)</script>",
)
OBEYED = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]"
)


@given(st.text())
def test_nothing_that_is_shown_is_obeyed(text):
    shown = visible(text)
    assert OBEYED.search(shown) is None
    assert visible(shown) == shown
    kept = [
        sign
        for sign in text
        if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Zl", "Zp", "Cn")
    ]
    assert [sign for sign in kept if sign not in shown] == []
    assert OBEYED.search(escape(text)) is OBEYED.search(code(text)) is None


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_json_reads_as_the_same_data(data):
    document = visible_json(json.dumps(data, ensure_ascii=False))
    assert OBEYED.search(document) is None
    assert json.loads(document) == data


@pytest.fixture
def address(tmp_path):
    address = f"sim:ws2022-intel?state={tmp_path / 'host.json'}"
    host = nestlab.connect(address)
    for number, name in enumerate(NAMES):
        host.run(Cmdlet("New-VM", {"Name": name, "MemoryStartupBytes": 1 << 30, "NoVHD": True}))
        host.run(
            Cmdlet(
                "New-VMSwitch", {"Name": f"{number}{name}", "SwitchType": "Private", "Notes": name}
            )
        )
    return address


@pytest.mark.parametrize(
    "words",
    [
        ("check",),
        ("nesting", "show"),
        ("check", "--json"),
        ("nesting", "show", "--json"),
        ("nesting", "enable", NAMES[0], "--yes"),
        ("nesting", "show", "x\x1b[2J"),
    ],
    ids=" ".join,
)
def test_no_command_sends_what_a_host_named_to_the_terminal(address, words, capsys):
    run([*words, "--host", address])
    printed = capsys.readouterr()
    assert printed.out or printed.err
    assert OBEYED.search(printed.out + printed.err) is None


def test_values_pages_and_pictures_show_it_too(address):
    host = nestlab.connect(address)
    topology = nestlab.capture(host)
    findings = nestlab.check(host)
    texts = [
        str(findings),
        repr(findings),
        findings._repr_html_(),
        repr(topology),
        svg(topology),
        mermaid(topology),
        dot(topology),
        drawio(topology),
    ]
    texts.append(str(Findings([Finding("x", "error", NAMES[0], NAMES[1], NAMES[2])])))
    with pytest.raises(nestlab.NestlabError) as caught:
        nestlab.enable_nesting(host, "no\x1b[2Jne")
    texts.append(str(caught.value))
    assert [text for text in texts if OBEYED.search(text)] == []


def test_styles_of_the_console_itself_reach_the_terminal(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")

    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self):
            return True

    out = Terminal()
    console = Console(out, io.StringIO())
    console.line(console.styled("error", "error") + ": \x1b[2J")
    assert out.getvalue() == "\x1b[31merror\x1b[0m: \\x1b[2J\n"
