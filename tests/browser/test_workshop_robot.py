"""Stages and exercises, solved in a browser by what a learner sees: the panel, its hints, and the cmdlets in them.

The cmdlets are read from the page and run as text on the machine that the page names, as a learner
does in PowerShell beside the notebook. A wrong fix comes first, and does not pass. A sample is
solved; with NESTLAB_EXERCISES=all every stage of the ready workshop and all twenty exercises.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Locator, Page, expect

import nestlab
from nestlab import workshop
from nestlab.model import Cmdlet
from nestlab.workshop import WorkshopRun
from tests.browser.lab_page import error_texts, open_notebook, run_all
from tests.workshop.test_exercises import wrong_fix

pytest.importorskip("tree_sitter_powershell", reason="pip install -e .[test]")

from tests.export.engine.interpreter import Interpreter  # it needs the grammar
from tests.export.engine.syntax import parsed  # as above

WORKSHOPS = Path(__file__).parents[2] / "notebooks" / "workshops"
ALL = os.environ.get("NESTLAB_EXERCISES") == "all"
SAMPLE = {"nothing-gets-out", "hyper-v-does-not-start"}
SAMPLED_STAGES = 2
MINUTE, MOST_ROUNDS = 60_000, 60
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
SCENARIO = "sim:ws2022-intel"
NOTE_BEGIN = """(panel) => {
    window.jobHasBegun = false;
    const cancel = panel.querySelector('.nestlab-cancel');
    const watching = new MutationObserver(() => {
        if (cancel.disabled) return;
        window.jobHasBegun = true;  // however soon it ends
        watching.disconnect();
    });
    watching.observe(cancel, {attributeFilter: ['disabled']});
}"""


@dataclass(frozen=True)
class Robot:
    """Works at the seat ada of a workshop: in the panel on the page, and in PowerShell on the host."""

    page: Page
    panel: Locator
    course: workshop.Workshop
    state: Path

    def connect(self, _address=SCENARIO):
        return nestlab.connect(f"{SCENARIO}?state={self.state}")

    def put_back(self, built):
        """Replace the state of the host whole; no job of the panel runs, as `press` waits for its end."""
        fresh = self.state.with_suffix(".fresh")
        shutil.copyfile(built, fresh)
        fresh.replace(self.state)

    def press(self, name):
        """Press a button that starts a job, and wait until the job has begun and ended."""
        button = self.panel.get_by_role("button", name=name, exact=isinstance(name, str))
        expect(button).to_be_enabled(timeout=MINUTE)
        self.panel.evaluate(NOTE_BEGIN)
        button.click()
        self.page.wait_for_function("() => window.jobHasBegun", timeout=MINUTE)
        cancel = self.panel.locator(".nestlab-cancel")
        expect(cancel).to_be_disabled(timeout=3 * MINUTE)  # the last button that a job changes

    def choose(self, stage):
        stages = self.panel.get_by_role("combobox", name="Stage")
        expect(stages).to_be_enabled(timeout=MINUTE)
        stages.select_option(index=self.course.stages.index(stage))

    def says(self, stage, text):
        status = self.panel.get_by_role("status").filter(has_text=f"the stage {stage.name} {text}")
        expect(status.first).to_be_visible(timeout=3 * MINUTE)

    def is_done(self, stage):
        self.press("Check")
        status = self.panel.get_by_role("status")
        expect(status.filter(has_text=f"the stage {stage.name} is ").first).to_be_visible()
        return status.filter(has_text=f"the stage {stage.name} is done.").count() > 0

    def shown_cmdlets(self):
        """Ask for help until there are cmdlets; return each machine with the lines for it."""
        for _ in range(5):
            self.press(re.compile(r"^(Hint|Next hint)$"))
            if self.panel.locator("pre").count():
                break
        return self.panel.locator("pre").evaluate_all(
            """found => found.map(pre => [
                pre.previousElementSibling.textContent.split(', on ').pop().replace(/:$/, ''),
                pre.textContent])"""
        )

    def run(self, machine, lines):
        """Run lines of PowerShell on a machine."""
        session = self.connect()
        for name in () if machine == "host" else machine.split("/"):
            session = session.guest(name, "lab-admin")
        Interpreter(session).statements(parsed(lines))

    def solve(self, stage):
        """Run what the hints show, until a check passes."""
        for _ in range(MOST_ROUNDS):
            for machine, lines in self.shown_cmdlets():
                self.run(machine, lines)
            if self.is_done(stage):
                return
        pytest.fail(f"{stage.name} is not done after {MOST_ROUNDS} rounds")


def robots(page, server, *names):
    """Open a notebook with a panel for each workshop; return a robot for each."""
    cells, made = [], []
    for name in names:
        state = server.folder / f"{name}.json"
        text = (WORKSHOPS / f"{name}.yml").read_text(encoding="utf-8")
        text = re.sub(r"(?m)^hosts: .*$", f"hosts: ['{SCENARIO}?state={state.name}']", text)
        (server.folder / f"{name}.yml").write_text(text, encoding="utf-8")
        source = f"from nestlab.notebook import StagePanel\nStagePanel('{name}.yml', 'ada', progress='{name}-progress.json')"
        cells.append(new_code_cell(source, id=name))
        made.append(state)
    for lab in WORKSHOPS.glob("*-lab.yml"):
        shutil.copyfile(lab, server.folder / lab.name)
    nbformat.write(new_notebook(cells=cells, metadata=KERNEL), server.folder / "robot.ipynb")
    open_notebook(page, server, "robot.ipynb")
    run_all(page)
    assert error_texts(page) == []
    return [
        Robot(
            page,
            page.locator(".nestlab-panel").nth(number),
            workshop.load(server.folder / f"{name}.yml"),
            state,
        )
        for number, (name, state) in enumerate(zip(names, made, strict=True))
    ]


def test_exercises_are_solved_by_what_the_page_shows_and_by_no_wrong_fix(page, jupyter_server):
    for robot in robots(page, jupyter_server, *(f"find-and-fix-{grade}" for grade in (1, 2, 3))):
        stages = [each for each in robot.course.stages if ALL or each.name in SAMPLE]
        built = robot.state.with_suffix(".built")
        if stages:
            assert all(
                each.ok for each in WorkshopRun(robot.course, robot.connect, seats=["ada"]).up()
            )
            shutil.copyfile(robot.state, built)
        for stage in stages:
            robot.put_back(built)
            robot.choose(stage)
            robot.press("Plant the fault")
            robot.says(stage, "is not done yet.")
            wrong_fix(robot, robot.course.seat("ada").topology, stage.fault)
            assert not robot.is_done(stage), stage.name
            robot.solve(stage)
    assert error_texts(page) == []


def test_the_ready_workshop_is_worked_through_by_what_the_page_shows(page, jupyter_server):
    (robot,) = robots(page, jupyter_server, "bare-to-routed")
    for number, stage in enumerate(robot.course.stages[: None if ALL else SAMPLED_STAGES]):
        robot.choose(stage)
        if stage.fault:
            robot.press("Plant the fault")
            wrong_fix(robot, robot.course.seat("ada").topology, stage.fault)
        else:
            switch = {"Name": f"wrong-{number}", "SwitchType": "Private"}
            robot.connect().run(Cmdlet("New-VMSwitch", switch))
        assert not robot.is_done(stage), stage.name
        robot.solve(stage)
    assert error_texts(page) == []
