"""What of a plan panel is seen at once where it is shown after a run has failed, or while one runs."""

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from tests.browser.lab_page import error_texts, open_notebook, run_all
from tests.browser.test_contrast import KERNEL
from tests.browser.test_picture_themes import LOAD

SHOWN = LOAD + (
    "from nestlab.notebook import PlanPanel\n"
    "panel = PlanPanel(nestlab.Lab(topology, nestlab.connect({host!r})))\n"
    "panel.job.join(60)\n{act}\npanel"
)


def shown(page, server, host, act):
    source = SHOWN.format(host=host, act=act)
    cells = [new_code_cell(source, id="shown")]
    nbformat.write(new_notebook(cells=cells, metadata=KERNEL), server.folder / "sight.ipynb")
    open_notebook(page, server, "sight.ipynb")
    run_all(page)
    assert error_texts(page) == []


def test_the_step_that_failed_is_in_view(page, jupyter_server):
    host = "sim:ws2022-intel?fault=fail:Start-VM:1"
    shown(page, jupyter_server, host, "panel.apply_all().join(60)")
    steps = page.get_by_role("list", name="Steps of the plan")
    failed = steps.locator(".nestlab-step[data-state='failed']")
    expect(failed).to_have_count(1)
    steps.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    frame, row = steps.bounding_box(), failed.bounding_box()
    assert frame["y"] <= row["y"] <= frame["y"] + frame["height"] - 20


def test_what_is_left_is_told_once_while_a_run_goes_on(page, jupyter_server):
    shown(page, jupyter_server, "sim:ws2022-intel?time_scale=1", "panel.apply_all()")
    panel = page.locator(".nestlab-panel")
    expect(panel.get_by_text("of about 37 steps done")).to_be_visible()
    expect(panel.get_by_text("steps left")).to_have_count(0)
    panel.get_by_role("button", name="Cancel").click()
    expect(panel.get_by_text("steps left").first).to_be_visible()
