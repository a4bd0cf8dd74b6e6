"""A learner's stages in a real browser: only what is shown is pressed, and a new kernel finds the progress."""

import os
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from tests.browser.lab_page import (
    dark_theme,
    error_texts,
    open_notebook,
    restart_and_run_all,
    run_all,
)
from tests.notebook.test_stage_panel import CLASS
from tests.workshop.classes import SMALL_LAB, written

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
SHOWN = "from nestlab.notebook import StagePanel\nStagePanel('steps.yml', 'ada', progress='progress.json')"
MINUTE = 60_000
PICTURES = os.environ.get("NESTLAB_PICTURES")


@pytest.fixture
def notebook(page, jupyter_server):
    folder = jupyter_server.folder
    text = CLASS.replace("sim:ws2022-intel", "sim:ws2022-intel?state=stages-host.json")
    for kept in ("stages-host.json", "progress.json"):
        (folder / kept).unlink(missing_ok=True)
    written(folder, text, SMALL_LAB).replace(folder / "steps.yml")
    cells = [new_code_cell(SHOWN, id="panel")]
    nbformat.write(new_notebook(cells=cells, metadata=KERNEL), folder / "stages.ipynb")
    open_notebook(page, jupyter_server, "stages.ipynb")
    run_all(page)
    assert error_texts(page) == []
    return page


def press(page, name):
    """Press the button with this name, once it can be pressed."""
    button = page.get_by_role("button", name=name, exact=True)
    expect(button).to_be_enabled(timeout=MINUTE)
    button.click()


def says(page, text):
    expect(page.get_by_role("status").filter(has_text=text).first).to_be_visible(timeout=2 * MINUTE)


def choose(page, text):
    stages = page.get_by_role("combobox", name="Stage")
    expect(stages).to_be_enabled(timeout=MINUTE)
    stages.select_option(label=text)


def picture(page, name):
    if PICTURES:
        page.locator(".nestlab-panel").screenshot(path=Path(PICTURES) / f"stages-{name}.png")


def test_a_learner_works_through_the_stages_and_comes_back_to_them(notebook):
    page = notebook
    panel = page.locator(".nestlab-panel")
    press(page, "Check")
    says(page, "ada: the stage switch is not done yet.")
    expect(panel).to_contain_text("The switch does not exist")
    press(page, "Hint")
    expect(panel).to_contain_text("What is wrong", timeout=MINUTE)
    press(page, "Next hint")
    expect(panel).to_contain_text("An Internal one.", timeout=MINUTE)
    press(page, "Next hint")
    expect(panel.locator("pre").first).to_contain_text("New-VMSwitch", timeout=MINUTE)
    picture(page, "hints-light")
    press(page, "Solve")
    says(page, "ada: the stage switch is done.")
    restart_and_run_all(page)
    stages = page.get_by_role("combobox", name="Stage")
    expect(stages.locator("option:checked")).to_have_text("2. all")
    expect(stages.locator("option").first).to_have_text("1. switch ✓")
    press(page, "Solve")
    says(page, "ada: the stage all is done.")
    choose(page, "3. find")
    press(page, "Plant the fault")
    says(page, "ada: the stage find is not done yet.")
    press(page, "Hint")
    expect(panel).to_contain_text("not a router and has no NAT", timeout=MINUTE)
    dark_theme(page)
    picture(page, "fault-dark")
    press(page, "Restore")
    expect(panel).to_contain_text("with its disks, and build it again?")
    picture(page, "question-dark")
    press(page, "Restore now")
    says(page, "All stages are done.")
    dark_theme(page, dark=False)
    picture(page, "done-light")
    assert error_texts(page) == []
