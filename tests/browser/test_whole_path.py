"""From nothing to a lab of two levels that is built, broken, mended and removed: by mouse alone, by keyboard alone."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from tests.browser.lab_page import (
    NOTEBOOK,
    error_texts,
    open_notebook,
    outputs,
    reaches,
    tab_to,
)
from tests.browser.test_designer import KERNEL, assert_two_levels, is_current, part, says
from tests.browser.test_notebooks import quiet_console, status  # noqa: F401  # pytest uses the fixture

CELLS = (
    """
import nestlab
from nestlab.model import Cmdlet
from nestlab.notebook import PlanPanel, TopologyDesigner, TracePanel

designer = TopologyDesigner(nestlab.Topology(name="lab"), path={file!r})
designer""",
    "nestlab.validate(designer.topology)",
    "TracePanel(designer.topology)",
    """
host = nestlab.connect("sim:ws2022-intel")
lab = nestlab.Lab(designer.topology, host, journal={journal!r})
PlanPanel(lab)""",
    """
# Somebody breaks it.
host.run(Cmdlet("Remove-NetNat", {{"Name": "nestlab.lab.NAT", "Confirm": False}}));""",
    "nestlab.drift(lab.topology, host)",
    'print(", ".join(sorted(vm["Name"] for vm in host.run(Cmdlet("Get-VM")))))',
)
DESIGN, VALIDATE, TRACE, PLAN, BREAK, EXPLAIN, VMS = range(len(CELLS))
OTHERS = "build-agent, dc-archive, sql-test"
"""The VMs that the simulated host has without the lab."""


@pytest.fixture
def opened(page, jupyter_server, request):
    """Open a notebook with these cells, none of which has run; return the file of its designer."""
    name = request.node.name.removeprefix("test_").replace("_", "-")
    path = jupyter_server.folder / f"{name}.yml"
    cells = [
        new_code_cell(
            source.strip().format(file=path.name, journal=f"{name}.jsonl"), id=f"cell-{number}"
        )
        for number, source in enumerate(CELLS)
    ]
    notebook = new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    nbformat.write(notebook, path.with_suffix(".ipynb"))
    open_notebook(page, jupyter_server, path.with_suffix(".ipynb").name)
    return path


def cell(page, number):
    return page.locator(f'{NOTEBOOK} .jp-Cell[data-windowed-list-index="{number}"]')


def ran(page, number):
    """Wait until a cell has run without an error."""
    page.wait_for_function(
        """(n) => {
            const cell = window.jupyterapp.shell.currentWidget.content.model.cells.get(n);
            return cell.executionCount > 0 && cell.executionState === 'idle';
        }""",
        arg=number,
    )
    assert error_texts(page) == []
    return cell(page, number)


def test_by_mouse_alone(page, opened):
    def run(number):
        cell(page, number).locator(".cm-content").click()
        page.get_by_role("button", name="Run this cell and advance").click()
        return ran(page, number)

    def press(where, name):
        where.get_by_role("button", name=name, exact=True).click()

    designer = run(DESIGN)
    part(page, "host").locator(".box").first.click(position={"x": 6, "y": 4})
    press(designer, "Put behind NAT")
    says(page, "has a NAT of 192.168.100.0/24")
    press(designer, "Add VM")
    says(page, "Added vm1")
    press(designer, "Make nested host")
    says(page, "vm1 is a nested host now")
    is_current(page, "vm1")
    press(designer, r"Image: ws2022, D:\images\ws2022.vhdx")
    says(page, "Image is ws2022 now")
    press(designer, "Add VM inside")
    says(page, "Added vm2 to vm1")
    part(page, "host").locator(".box").first.click(position={"x": 6, "y": 4})
    is_current(page, "host")
    press(designer, "Checks: vm2 to internet")
    says(page, "vm2 to internet")
    assert_two_levels(opened, ["vm1", "vm1/vm2"])
    expect(designer.get_by_role("list", name="Findings")).to_have_text("✓ No findings.")
    expect(run(VALIDATE)).to_contain_text("Nothing in the file prevents lab from being built")
    expect(run(TRACE)).to_contain_text("vm2 → internet: reachable")
    panel = run(PLAN)
    status(page, "10 steps to apply").to_be_visible()
    press(panel, "Next step")
    expect(panel.get_by_role("img", name="done")).to_have_count(1)
    press(panel, "Apply all")
    status(page, "the host matches the topology").to_be_visible()
    press(panel, "Verify")
    status(page, "1 of 1 checks passed").to_be_visible()
    run(BREAK)
    press(panel, "Verify")
    status(page, "0 of 1 checks passed").to_be_visible()
    expect(panel).to_contain_text("it is not a router and has no NAT")
    expect(run(EXPLAIN)).to_contain_text("Create the NAT nestlab.lab.NAT")
    press(panel, "Plan again")
    status(page, "1 step to apply").to_be_visible()
    press(panel, "Apply all")
    status(page, "the host matches the topology").to_be_visible()
    press(panel, "Verify")
    status(page, "1 of 1 checks passed").to_be_visible()
    press(panel, "Destroy")
    press(panel, "Yes, remove them")
    status(page, "5 steps done").to_be_visible()
    run(VMS)
    assert outputs(page, VMS).strip() == OTHERS


ACTIVE = "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"
HAS_FOCUS = "() => document.activeElement !== document.body"


class Keyboard:
    """What somebody without a mouse does: run the next cell, and press a button that Tab leads to."""

    def __init__(self, page):
        self.page, self.key = page, page.keyboard.press

    def run(self, number):
        self.page.wait_for_function(HAS_FOCUS)
        self.key("Escape")  # out of the picture, which has keys of its own
        for _ in range(number - self.page.evaluate(ACTIVE)):
            self.key("j")  # the next cell
        self.page.wait_for_function(f"(number) => ({ACTIVE})() === number", arg=number)
        self.key("Shift+Enter")
        return ran(self.page, number)

    def press(self, name, way="Shift+Tab"):
        wanted = self.page.get_by_role("button", name=name, exact=True).last
        expect(wanted).to_be_enabled()
        self.page.wait_for_function(HAS_FOCUS)
        if not reaches(self.page, wanted, key=way):  # a focus that came back is elsewhere
            self.key("Escape")  # out of an editor, where Tab is a character
            other = "Tab" if way == "Shift+Tab" else "Shift+Tab"
            tab_to(self.page, wanted, limit=80, key=other)
        self.key("Space")


def design_by_keyboard(page, keyboard):
    key, press = keyboard.key, keyboard.press
    tab_to(page, part(page, "host"), key="Shift+Tab")
    key("t")
    says(page, "has a NAT of 192.168.100.0/24")
    key("v")
    says(page, "Added vm1")
    key("n")
    says(page, "vm1 is a nested host now")
    is_current(page, "vm1")
    key("Enter")
    press(r"Image: ws2022, D:\images\ws2022.vhdx", "Tab")
    says(page, "Image is ws2022 now")
    key("Escape")
    key("i")
    says(page, "Added vm2 to vm1")
    key("/")
    page.keyboard.type("host")
    key("Enter")
    key("Escape")
    is_current(page, "host")
    key("Enter")
    press("Checks: vm2 to internet", "Tab")
    says(page, "vm2 to internet")
    key("Escape")  # to the picture


def test_by_keyboard_alone(page, opened):
    keyboard = Keyboard(page)
    run, press = keyboard.run, keyboard.press
    run(DESIGN)
    design_by_keyboard(page, keyboard)
    assert_two_levels(opened, ["vm1", "vm1/vm2"])
    expect(run(VALIDATE)).to_contain_text("Nothing in the file prevents lab from being built")
    expect(run(TRACE)).to_contain_text("vm2 → internet: reachable")
    panel = run(PLAN)
    status(page, "10 steps to apply").to_be_visible()
    press("Next step")
    expect(panel.get_by_role("img", name="done")).to_have_count(1)
    press("Apply all", "Tab")
    status(page, "the host matches the topology").to_be_visible()
    press("Verify", "Tab")
    status(page, "1 of 1 checks passed").to_be_visible()
    run(BREAK)
    press("Verify")
    status(page, "0 of 1 checks passed").to_be_visible()
    expect(panel).to_contain_text("it is not a router and has no NAT")
    expect(run(EXPLAIN)).to_contain_text("Create the NAT nestlab.lab.NAT")
    press("Plan again")
    status(page, "1 step to apply").to_be_visible()
    press("Apply all")
    status(page, "the host matches the topology").to_be_visible()
    press("Destroy", "Tab")
    press("Yes, remove them", "Tab")
    status(page, "5 steps done").to_be_visible()
    run(VMS)
    assert outputs(page, VMS).strip() == OTHERS
