"""The rows of a run at a terminal."""

import io
import re

import pytest

from nestlab.apply import StepProgress, StepStarted
from nestlab.cli.console import Console
from nestlab.cli.live_progress import LiveProgress
from nestlab.cli.run_output import run_and_print
from nestlab.plan import Action, Step, StepTarget, TargetKind


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


def step(machine, title):
    return Step(
        id=title,
        machine=(machine,),
        action=Action.CREATE_VM,
        title=title,
        why="",
        cmdlets=(),
        target=StepTarget(TargetKind.VM, title),
    )


def started(machine, title, number=1, of=2):
    return StepStarted(step(machine, title), number, of)


def progress(machine, activity, percent=10):
    return StepProgress(step(machine, activity), activity, percent=percent)


def screen(text):
    """Return what is left on a screen after these characters: lines, without styles."""
    lines, row = [""], 0
    for part in re.split(r"(\x1b\[[0-9;?]*[A-Za-z]|\r|\n)", text):
        if part == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif part == "\x1b[2K":
            lines[row] = ""
        elif match := re.fullmatch(r"\x1b\[(\d+)A", part):
            row = max(0, row - int(match[1]))
        elif part and not part.startswith("\x1b") and part != "\r":
            lines[row] = part
    return [line for line in lines if line.strip()]


def test_each_machine_at_work_has_a_row_and_all_go_at_the_end():
    out = Terminal()
    with LiveProgress(out, width=100) as live:
        live.event(started("HV1", "Install the role"))
        live.event(started("HV2", "Create the switch", 2, 3))
        live.event(progress("HV1", "Start Installation", 40))
        live.write("done: host: New VM\n")
    text = out.getvalue()
    assert "1/2  Install the role" in text
    assert "Start Installation" in text
    assert "2/3  Create the switch" in text
    assert screen(text) == ["done: host: New VM"]


def test_what_hosts_say_is_neither_markup_nor_a_control_sequence():
    out = Terminal()
    with LiveProgress(out, width=100) as live:
        live.event(started("HV1", "[red]x[/red] \x1b[2J :smile:"))
    assert "[red]x[/red] \\x1b[2J :smile:" in out.getvalue()
    assert "\x1b[2J" not in out.getvalue()


@pytest.mark.parametrize("answer", ["y\n", "n\n"])
def test_a_question_is_asked_without_rows(monkeypatch, answer):
    out, err = Terminal(), io.StringIO()
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    console = Console(out, err)
    shown = []

    def read():
        shown.append(screen(out.getvalue()))
        return answer

    with console.live_progress() as live:
        live.event(started("HV1", "Turn HV1 off"))
        assert console.ask("Run this step?", read=read) is (answer == "y\n")
        console.line("after the question")
    assert shown == [[]]
    assert "Run this step? [y/N]" in err.getvalue()
    assert screen(out.getvalue()) == ["after the question"]


def test_without_a_terminal_an_activity_is_one_line():
    out = io.StringIO()

    def run(on_event):
        on_event(started("HV1", "Install the role"))
        on_event(progress("HV1", "Start Installation", 10))
        on_event(progress("HV1", "Start Installation", 90))
        return iter(())

    assert run_and_print(run, Console(out, io.StringIO())) == 0
    assert out.getvalue() == "    … HV1: Start Installation\n0 steps, all succeeded.\n"
