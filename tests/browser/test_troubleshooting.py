"""Notebooks 05 and 06 in JupyterLab: every fault repaired by hand, every stage of a document worked through."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.lab_page import (
    NOTEBOOK,
    error_texts,
    open_notebook,
    outputs,
    place,
    restart_and_run_all,
    run_all,
    show_cell,
)
from tests.browser.test_notebooks import NOTEBOOKS, quiet_console, status  # noqa: F401  # pytest uses the fixture

EXERCISES = range(1, 7)


class Notebook:
    """A shipped notebook, and its cells by what they contain."""

    def __init__(self, page, server, stem):
        path = next(NOTEBOOKS.glob(f"{stem}*.ipynb"))
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        self.sources = ["".join(cell["source"]) for cell in cells]
        self.page, self.folder = page, server.folder
        open_notebook(page, server, place(server, path))
        run_all(page)
        assert error_texts(page) == []

    def index(self, text):
        """Return the place of the cell that is this text, or the last one that contains it."""
        return max(
            enumerate(self.sources), key=lambda cell: (cell[1] == text, text in cell[1], cell[0])
        )[0]

    def cell(self, text):
        index = self.index(text)
        show_cell(self.page, index)
        return self.page.locator(f'{NOTEBOOK} .jp-Cell[data-windowed-list-index="{index}"]')

    def run(self, text, code=None):
        """Run a cell, with other code where some is given, and return what it printed."""
        index = self.index(text)
        show_cell(self.page, index)
        self.page.evaluate(
            """async ([index, code]) => {
                const app = window.jupyterapp, content = app.shell.currentWidget.content;
                const cell = content.model.cells.get(index);
                if (code) cell.sharedModel.setSource(code);
                cell.executionCount = null;
                content.activeCellIndex = index;  // a focus that settles late takes it away again
                await app.commands.execute('notebook:run-cell');
            }""",
            [index, code],
        )
        self.page.wait_for_function(
            "(n) => window.jupyterapp.shell.currentWidget.content.model.cells.get(n).executionCount > 0",
            arg=index,
        )
        assert error_texts(self.page) == []
        return outputs(self.page, index)


def repair_in_designer(notebook, text, part, label, value):
    """Change a property of a part in the designer of a cell, and wait until that is saved."""
    cell = notebook.cell(text)
    cell.locator(f'[data-id="{part}"]').first.focus()
    form = cell.get_by_role("form", name="Properties")
    expect(form).to_have_attribute("data-id", part)  # another part has fields of these names too
    field = form.get_by_label(label, exact=True)
    field.fill(value)
    field.press("Tab")
    number = re.search(r"\d", text)[0]
    file = notebook.folder / f"repair-{number}.yml"
    for _ in range(300):
        if file.is_file() and value in file.read_text(encoding="utf-8"):
            return
        notebook.page.wait_for_timeout(100)
    pytest.fail(f"{file.name} has no {value}")


def test_every_fault_is_repaired_by_hand(page, jupyter_server):
    notebook = Notebook(page, jupyter_server, "05")
    score = "for number, done in enumerate(repaired"
    assert outputs(page, notebook.index(score)).count("still broken") == len(EXERCISES)
    details = page.locator(f"{NOTEBOOK} details").filter(has_text="asks the switch")
    notebook.cell("asks the switch")
    assert details.first.get_attribute("open") is None
    details.first.locator("summary").click()
    expect(details.first.get_by_text("Does any machine answer?")).to_be_visible()

    repair_in_designer(notebook, "designer_1 =", "adapter:HV1/web1/0", "Gateway", "10.0.0.1")
    repair_in_designer(notebook, "designer_2 =", "adapter:HV1/app2/0", "VLAN", "10")
    repair_in_designer(notebook, "designer_3 =", "switch:HV1/Inside", "NAT network", "10.0.0.0/24")
    notebook.run(
        "# host_4.run",
        'host_4.run(Cmdlet("Set-VMNetworkAdapter", {"VMName": "HV1", "MacAddressSpoofing": "On"}))',
    )
    panel = notebook.cell("panel_5 = PlanPanel(lab_5)")
    expect(panel.get_by_role("list", name="Steps of the plan")).to_contain_text(
        "Expose virtualization extensions to HV1"
    )
    panel.locator("button.widget-button", has_text="Apply all").click()
    status(page, "the host matches the topology").to_be_visible()
    repair_in_designer(notebook, "designer_6", "HV1", "Memory", "4GB")
    assert notebook.run(score).count("repaired") == len(EXERCISES)


def test_a_lab_is_documented_from_design_to_handout(page, jupyter_server):
    notebook = Notebook(page, jupyter_server, "06")
    panel = notebook.cell("documents = DocumentPanel(lab)")
    for kind, file in (("Notebook", "nat-lab.ipynb"), ("Handout, HTML", "nat-lab.html")):
        choice = panel.get_by_label("Kind", exact=True)
        option = choice.locator("option").filter(has_text=kind)
        choice.select_option(label=option.text_content())
        panel.get_by_role("button", name="Write", exact=True).click()
        status(page, re.compile(f"Wrote {re.escape(file)}")).to_be_visible()
        assert (notebook.folder / file).stat().st_size > 0
    restart_and_run_all(page)
    assert error_texts(page) == []
