"""Command lines as Windows and POSIX shells split them, and as they are written for a terminal."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nestlab.errors import UsageError
from nestlab.transport.process.command_line import quoted, split_arguments

ARGUMENT = st.text("aä-=\\ \t'", max_size=6).filter(lambda text: not text.endswith("\\"))


def test_windows_keeps_backslashes_and_single_quotation_marks(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    line = r""""C:\Program Files\PowerShell\7\pwsh.exe" --title="x y" -c it's -s"""
    program = r"C:\Program Files\PowerShell\7\pwsh.exe"
    assert split_arguments(line) == (program, "--title=x y", "-c", "it's", "-s")


@pytest.mark.parametrize("platform", ["win32", "linux"])
def test_an_open_quotation_mark_is_refused_on_every_system(platform, monkeypatch):
    monkeypatch.setattr(sys, "platform", platform)
    with pytest.raises(UsageError, match="cannot be read") as caught:
        split_arguments('pwsh "-s')
    assert "quotation mark" in caught.value.hint


@pytest.mark.parametrize("platform", ["win32", "linux"])
@given(arguments=st.lists(ARGUMENT, min_size=1, max_size=4))
def test_what_is_written_for_a_terminal_is_read_back(platform, arguments):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "platform", platform)
        assert split_arguments(quoted(arguments)) == tuple(arguments)
