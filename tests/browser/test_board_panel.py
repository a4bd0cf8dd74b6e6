"""The trainer's board in a real browser: two stages are worked on, it shows them, one seat is reset."""

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from nestlab import workshop
from nestlab.model.files import write_atomically
from nestlab.workshop import StageProgress, board_page
from tests.browser.lab_page import dark_theme, error_texts, open_notebook, run_all
from tests.browser.test_accessible_panels import AXE, VIOLATIONS
from tests.browser.test_contrast import LOW_CONTRAST
from tests.notebook.test_stage_panel import CLASS
from tests.workshop.classes import SMALL_LAB, written

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
SHOWN = """import os
from nestlab.notebook import BoardPanel, StagePanel
os.environ.update(NESTLAB_PROGRESS="class")"""
CELLS = (
    SHOWN,
    "StagePanel('steps.yml', 'ada')",
    "StagePanel('steps.yml', 'bob')",
    "BoardPanel('steps.yml', refresh_seconds=1)",
)
MINUTE = 60_000
PICTURES = os.environ.get("NESTLAB_PICTURES")


@pytest.fixture
def panels(page, jupyter_server):
    """The panels of two learners, and the board."""
    folder = jupyter_server.folder
    text = CLASS.replace("sim:ws2022-intel", "sim:ws2022-intel?state=board-host.json")
    (folder / "board-host.json").unlink(missing_ok=True)
    written(folder, text, SMALL_LAB).replace(folder / "steps.yml")
    cells = [new_code_cell(source, id=f"cell-{n}") for n, source in enumerate(CELLS)]
    nbformat.write(new_notebook(cells=cells, metadata=KERNEL), folder / "board.ipynb")
    page.set_viewport_size({"width": 1300, "height": 2400})
    open_notebook(page, jupyter_server, "board.ipynb")
    run_all(page)
    assert error_texts(page) == []
    found = page.locator(".nestlab-panel")
    expect(found).to_have_count(3, timeout=MINUTE)
    return [found.nth(number) for number in range(3)]


def press(panel, name):
    button = panel.get_by_role("button", name=name, exact=True)
    expect(button).to_be_enabled(timeout=MINUTE)
    button.click()


def question(panel):
    return panel.locator(".nestlab-question")


def ask_to_reset(panel, seat, stage):
    """Press Reset until the question is about this stage.

    A click overtakes a choice while the kernel is busy: the question is about the stage before, and
    hidden when the choice arrives.
    """
    wanted = re.compile(f"seat {seat} has.* end of the stage {stage}")
    for _ in range(20):
        press(panel, "Reset")
        try:
            expect(question(panel)).to_contain_text(wanted, timeout=3000)
            expect(question(panel)).to_be_visible(timeout=3000)
        except AssertionError:
            continue
        return
    raise AssertionError(question(panel).inner_text())


def says(panel, text):
    status = panel.get_by_role("status").filter(has_text=text)
    expect(status.first).to_be_visible(timeout=2 * MINUTE)


def picture(shown, name):
    if PICTURES:
        shown.screenshot(path=Path(PICTURES) / f"board-{name}.png")


def row_of(panel, seat):
    return panel.locator("table.board tbody tr").filter(has_text=seat)


def test_a_trainer_sees_two_stages_worked_on_and_resets_one_seat(page, panels, jupyter_server):
    ada, bob, trainer = panels
    expect(trainer).to_contain_text("No seat is stuck")
    press(ada, "Solve")
    says(ada, "ada: the stage switch is done.")
    press(bob, "Check")
    says(bob, "bob: the stage switch is not done yet.")
    expect(row_of(trainer, "ada")).to_contain_text("✓ done", timeout=MINUTE)
    expect(row_of(trainer, "bob")).to_contain_text("● at it, 1 try", timeout=MINUTE)
    picture(trainer, "two-stages-light")
    trainer.get_by_role("combobox", name="Seat").select_option(label="bob")
    press(trainer, "Look")
    says(trainer, "bob: the stage switch is not done yet.")
    expect(trainer).to_contain_text("The switch does not exist")
    press(trainer, "Help")
    expect(trainer.locator("pre").first).to_contain_text("New-VMSwitch", timeout=MINUTE)
    dark_theme(page)
    picture(trainer, "help-dark")
    dark_theme(page, dark=False)
    press(trainer, "Write the page")
    says(trainer, "steps-board.html")
    press(trainer, "Write the times")
    says(trainer, "steps-times.csv")
    trainer.get_by_role("combobox", name="Seat").select_option(label="ada")
    stages = trainer.get_by_role("combobox", name="Stage")
    expect(stages.locator("option:checked")).to_have_text("all")  # what ada is at
    stages.select_option(label="switch")
    ask_to_reset(trainer, "ada", "switch")
    press(trainer, "Keep it")
    expect(question(trainer)).to_be_hidden()
    ask_to_reset(trainer, "ada", "switch")
    picture(trainer, "question-light")
    press(trainer, "Reset now")
    says(trainer, "ada was reset.")
    press(trainer, "Refresh")
    expect(row_of(trainer, "ada")).not_to_contain_text("✓ done")
    expect(row_of(trainer, "bob")).to_contain_text("● at it, 1 try")
    assert error_texts(page) == []
    assert (jupyter_server.folder / "steps-times.csv").read_text().startswith("seat,switch,all")


@pytest.fixture
def course(tmp_path):
    """A class of thirty, with two seats that are stuck."""
    text = CLASS.replace("count: 2,", "count: 30,")
    course = workshop.load(written(tmp_path, text, SMALL_LAB))
    for number, seat in enumerate(course.all_seats):
        progress = StageProgress(seat)
        for stage in course.stages[: number % 4]:
            progress.mark_check(stage, passed=True)
        if number % 11 == 1:
            for _ in range(6):
                progress.mark_check(course.stages[1], passed=False)
    return course


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_for_a_projector_is_read_again_by_itself(theme, browser, course, tmp_path):
    file = tmp_path / "board.html"
    write_atomically(file, board_page(workshop.board(course), refresh=60))
    context = browser.new_context(
        color_scheme=theme, viewport={"width": 1920, "height": 1080}, bypass_csp=True
    )
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    expect(page.get_by_role("status")).to_contain_text("3 of 30 seats are stuck: bob at all")
    picture(page, f"projector-{theme}")
    page.evaluate(AXE.text("axe.min.js"))
    main = page.locator("main")
    assert main.evaluate(VIOLATIONS) == []
    assert main.evaluate(LOW_CONTRAST)["found"] == []
    write_atomically(file, board_page(workshop.board(course), refresh=1))
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("3 of 30")
    text = board_page(workshop.board(course), refresh=1)  # as the page says how old it is
    write_atomically(file, text.replace("3 of 30", "5 of 30"))
    expect(page.get_by_role("status")).to_contain_text("5 of 30")
    expect(page.locator("#stale")).to_have_attribute("hidden", "")
    assert set(asked) == {file.as_uri()}
    context.close()


def test_a_page_that_is_not_written_any_more_says_so(browser, course, tmp_path):
    file, board = tmp_path / "board.html", workshop.board(course)
    old = board_page(board, refresh=60).replace(board.time.isoformat(), "2026-05-04T10:00:00+00:00")
    file.write_text(old, encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    expect(page.locator("#stale")).to_be_visible()
    page.close()
