"""The frame of the command line: help, usage, errors, exit codes."""

import errno
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nestlab.cli import app, main, notebooks
from nestlab.cli.console import Console
from nestlab.errors import Cancelled, HostUnreachable, NestlabError, UsageError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def failing(monkeypatch):
    """Make the bare command fail with an error."""

    def fail_with(error):
        def run(*_):
            raise error

        monkeypatch.setattr(notebooks, "run", run)

    return fail_with


def test_help_names_every_command(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert [command.name for command in app.commands() if f"    {command.name} " not in text] == []


@pytest.mark.parametrize("command", app.commands(), ids=lambda command: command.name)
def test_every_command_teaches_by_example(command, capsys):
    assert main([command.name, "--help"]) == 0
    assert f"nestlab {command.name}" in capsys.readouterr().out.partition("examples:")[2]


def test_the_readme_names_the_commands_that_are_there():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text.partition("## Command line")[2].partition("\n## ")[0]
    named = set(re.findall(r"^\| `nestlab ([a-z]+)", table, re.MULTILINE))
    assert named == {command.name for command in app.commands()}


def test_an_unknown_command_is_bad_usage(capsys):
    assert main(["tarce"]) == 2
    assert "unknown command 'tarce'. Did you mean trace?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("no such file"), 2),
        (HostUnreachable("winrm://hv", "no answer"), 3),
        (NestlabError("a step failed"), 1),
        (Cancelled("stopped"), 130),
        (KeyboardInterrupt(), 130),
        (FileNotFoundError(2, "No such file or directory", "lab.yml"), 2),
        (RuntimeError("surprise"), 1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_errors_become_one_message_and_an_exit_code(failing, capsys, error, code):
    failing(error)
    assert main([]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "nestlab: " in captured.err
    assert "Traceback" not in captured.err


def test_the_hint_is_shown(failing, capsys):
    failing(UsageError("no such thing", hint="Try another."))
    main([])
    assert capsys.readouterr().err == "nestlab: no such thing\n  Try another.\n"


def test_debug_shows_the_traceback(failing, capsys):
    failing(RuntimeError("surprise"))
    assert main(["--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


LIGHT = {
    *("cli", "constants", "dataclass", "dataclass_fields", "enumerations"),
    *("errors", "model"),
    *("lazy_exports", "pattern", "texts", "version", "visible"),
}


def test_help_is_quick_because_nothing_heavy_is_loaded():
    code = "import sys; from nestlab.cli import main; main(['--help']); print(*sorted(sys.modules), file=sys.stderr)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = {name for name in result.stderr.split() if name.startswith("nestlab.")}
    assert {name for name in loaded if name.split(".")[1] not in LIGHT} == set()


def test_the_module_and_the_script_are_the_same():
    for command in (
        [sys.executable, "-m", "nestlab"],
        [sys.executable, "-c", "from nestlab.cli import program; raise SystemExit(program())"],
    ):
        result = subprocess.run(
            [*command, "--version"], capture_output=True, text=True, check=True, cwd=ROOT
        )
        assert result.stdout.startswith("nestlab ")


def test_nobody_to_ask_means_no_consent(monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(UsageError, match="The question cannot be answered"):
        Console().ask("Go on?")


@pytest.mark.parametrize(
    ("answer", "consent"),
    [("y\n", True), ("yes\n", True), ("\n", False), ("", False), ("no\n", False)],
)
def test_only_yes_is_consent(monkeypatch, answer, consent):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert Console().ask("Go on?", read=lambda: answer) is consent


def test_columns_are_aligned(capsys):
    Console().table(("name", "state"), [("HV1", "Running"), ("a-long-name", "Off")])
    assert capsys.readouterr().out == "name         state\nHV1          Running\na-long-name  Off\n"


def test_what_an_encoding_lacks_is_replaced(tmp_path):
    with (tmp_path / "out.txt").open("w", encoding="cp1252") as out:
        Console(out).line("a → b")
    assert (tmp_path / "out.txt").read_text(encoding="cp1252") == "a ? b\n"


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device"),
            "nestlab: No space left on device.\n  Free space",
        ),
        (
            OSError(errno.EIO, "Input/output error"),
            "nestlab: the operating system reported: Input/output error.",
        ),
        (OSError("something"), "nestlab: the operating system reported: something."),
        (
            PermissionError(errno.EACCES, "Permission denied", "lab.yml"),
            "nestlab: lab.yml: Permission denied.\n  Check the path",
        ),
        (
            OSError(errno.EXDEV, "Invalid cross-device link", "a", None, "b"),
            "nestlab: a and b: Invalid cross-device link.",
        ),
        (TimeoutError(), "nestlab: the operating system reported: TimeoutError."),
        (
            ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"),
            "nestlab: the operating system reported: Connection reset by peer.",
        ),
    ],
)
def test_what_the_operating_system_refuses_is_a_sentence_and_no_fault_of_nestlab(
    error, says, monkeypatch, capsys
):
    def refused(*_):
        raise error

    monkeypatch.setattr("nestlab.validate", refused, raising=False)
    monkeypatch.setattr("nestlab.load", refused, raising=False)
    assert main(["validate", "lab.yml"]) == 2
    printed = capsys.readouterr().err
    assert printed.startswith(says)
    assert "bug in nestlab" not in printed
