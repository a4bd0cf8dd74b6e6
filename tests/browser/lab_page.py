"""What a person does in JupyterLab, for Playwright: open a notebook, run it, press a button, switch the theme."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

NOTEBOOK = ".jp-NotebookPanel:not(.lm-mod-hidden)"
KERNEL_START = 90_000  # milliseconds; importing the kernel's libraries on a slow computer
RUN_ALL = 180_000
IDLE = re.compile(r"Python 3.*\| Idle")


def place(server, notebook: Path, *, name: str | None = None) -> str:
    """Copy a notebook, and the files that it loads, into the server's folder and return its name there."""
    name = name or notebook.name
    shutil.copyfile(notebook, server.folder / name)
    for part in ("topologies", "workshops"):
        if (files := notebook.parent / part).is_dir():
            shutil.copytree(files, server.folder / part, dirs_exist_ok=True)
    return name


def open_notebook(page: Page, server, name: str) -> Locator:
    """Open a notebook in JupyterLab, wait until its kernel is idle, and return its panel."""
    page.goto(server.address(name), wait_until="domcontentloaded")
    page.locator(NOTEBOOK).wait_for(timeout=KERNEL_START)
    wait_until_idle(page, KERNEL_START)
    return page.locator(NOTEBOOK)


def wait_until_idle(page: Page, timeout: float = RUN_ALL) -> None:
    """Wait until the status bar says that the kernel is there and idle; the dot in the toolbar says so too early."""
    page.get_by_role("button", name=IDLE).wait_for(timeout=timeout)


def menu(page: Page, title: str, entry: str) -> None:
    """Choose an entry of the menu bar."""
    page.get_by_role("menuitem", name=title, exact=True).click()
    page.get_by_role("menuitem", name=re.compile(f"^{re.escape(entry)}")).first.click()


def run_all(page: Page, *, timeout: float = RUN_ALL) -> None:
    """Run all cells, and wait until every code cell has run.

    Errors in cells are the caller's to look for: `error_texts`.
    """
    _forget_runs(page)
    menu(page, "Run", "Run All Cells")
    _wait_until_all_ran(page, timeout)


def restart_and_run_all(page: Page, *, timeout: float = RUN_ALL) -> None:
    """Press "Restart the kernel and run all cells", confirm, and wait until every code cell has run."""
    _forget_runs(page)
    page.get_by_role("button", name="Restart the kernel and run all cells").click()
    page.locator(".jp-Dialog .jp-mod-accept").click()
    _wait_until_all_ran(page, timeout)


def _forget_runs(page: Page) -> None:
    """Clear the counters of an earlier run, so that they tell when this one is over."""
    page.evaluate(
        """() => {
            const cells = window.jupyterapp.shell.currentWidget.content.model.cells;
            for (let i = 0; i < cells.length; i++) {
                const cell = cells.get(i);
                if (cell.type !== 'code') continue;
                cell.executionCount = null;
                cell.outputs.clear();
            }
        }"""
    )


def _wait_until_all_ran(page: Page, timeout: float) -> None:
    """JupyterLab lays out only the cells near the view, so the page's model answers, not the page."""
    page.wait_for_function(
        """() => {
            const panel = window.jupyterapp?.shell?.currentWidget;
            const cells = panel?.content?.model?.cells;
            if (!cells) return false;
            let stopped = false;  // an error ends the run: the cells after it stay without a counter
            for (let i = 0; i < cells.length; i++) {
                const cell = cells.get(i);
                if (cell.type !== 'code' || !cell.sharedModel.getSource().trim()) continue;
                if (!(cell.executionCount > 0)) return stopped;
                const expected = (cell.getMetadata('tags') ?? []).includes('raises-exception');
                for (let j = 0; j < cell.outputs.length; j++)
                    if (cell.outputs.get(j).type === 'error' && !expected) stopped = true;
            }
            return true;
        }""",
        timeout=timeout,
    )
    wait_until_idle(page, timeout)


def error_texts(page: Page) -> list[str]:
    """Return the errors and the stderr in the notebook's outputs, in cells out of view as well."""
    return page.evaluate(
        """() => {
            const cells = window.jupyterapp.shell.currentWidget.content.model.cells;
            const found = [];
            for (let i = 0; i < cells.length; i++) {
                const cell = cells.get(i);
                if (cell.type !== 'code') continue;
                for (let j = 0; j < cell.outputs.length; j++) {
                    const output = cell.outputs.get(j).toJSON();
                    if (output.name === 'stderr') found.push(`cell ${i}: ${output.text}`);
                    if (output.output_type === 'error') found.push(`cell ${i}: ${output.ename}: ${output.evalue}`);
                }
            }
            return found;
        }"""
    )


def run_cell(page: Page, index: int) -> str:
    """Run a cell, wait for its end, and return what it printed.

    It is chosen and run in one step: a focus that comes back to a button chooses the cell of that.
    """
    show_cell(page, index)
    page.evaluate(
        """async (index) => {
            const app = window.jupyterapp, content = app.shell.currentWidget.content;
            content.model.cells.get(index).executionCount = null;
            content.activeCellIndex = index;
            await app.commands.execute('notebook:run-cell');
        }""",
        index,
    )
    page.wait_for_function(
        """(index) => {
            const cell = window.jupyterapp.shell.currentWidget.content.model.cells.get(index);
            return cell.executionCount > 0 && cell.executionState === 'idle';
        }""",
        arg=index,
    )
    return outputs(page, index)


def wait_until_handled(page: Page) -> None:
    """Wait until the kernel has handled what the page has sent so far, and the page its answers."""
    page.evaluate(
        """() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel
            .requestExecute({code: '', silent: true}).done.then(() => null)"""
    )


def wait_until_drawn(page: Page) -> None:
    """Wait for two animation frames: a picture that has changed is drawn in the next one."""
    page.evaluate("() => new Promise((d) => requestAnimationFrame(() => requestAnimationFrame(d)))")


def eventually(page: Page, ask: Callable[[], object], wanted: object, seconds: float = 60) -> None:
    """Ask until the answer is what is wanted; fail with the last answer after some seconds."""
    end = time.monotonic() + seconds
    while (found := ask()) != wanted and time.monotonic() < end:
        page.wait_for_timeout(100)
    assert found == wanted


def reaches(page: Page, locator: Locator, limit: int = 40, key: str = "Tab") -> bool:
    """Press Tab until the focus is there; return whether it is."""
    for _ in range(limit):
        if _has_focus(locator):
            return True
        page.keyboard.press(key)
    return _has_focus(locator)


def _has_focus(locator: Locator) -> bool:
    return locator.evaluate("(node) => node === document.activeElement")


def tab_to(page: Page, locator: Locator, limit: int = 40, key: str = "Tab") -> None:
    """Press Tab until the focus is there, as somebody without a mouse would.

    What is disabled or hidden has no place in the order of the focus, so it is waited for first.
    """
    expect(locator).to_be_visible()
    expect(locator).to_be_enabled()
    if not reaches(page, locator, limit, key):
        pytest.fail(f"{locator} cannot be reached with {key}")


def give_focus(locator: Locator) -> None:
    """Give the focus to a control, once it is enabled: before that it takes none."""
    expect(locator).to_be_enabled()
    locator.focus()
    expect(locator).to_be_focused()


def button(page: Page, text: str) -> Locator:
    """Return the ipywidgets button with this text; icons do not matter."""
    return page.locator("button.widget-button", has_text=text)


def dark_theme(page: Page, *, dark: bool = True) -> None:
    """Switch JupyterLab's theme."""
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Theme$")).hover()
    page.locator(
        ".lm-Menu-itemLabel",
        has_text=re.compile("^JupyterLab Dark$" if dark else "^JupyterLab Light$"),
    ).first.click()
    expect(page.locator("body")).to_have_attribute(
        "data-jp-theme-light", "false" if dark else "true"
    )


def show_cell(page: Page, index: int) -> None:
    """Make a cell the active one, and scroll to it: JupyterLab lays out only the cells near the view."""
    page.evaluate(
        """async (index) => {
            const content = window.jupyterapp.shell.currentWidget.content;
            content.activeCellIndex = index;
            await content.scrollToItem(index, 'start');
        }""",
        index,
    )


def outputs(page: Page, index: int) -> str:
    """Return the text that a cell printed."""
    return page.evaluate(
        """(index) => {
            const cell = window.jupyterapp.shell.currentWidget.content.model.cells.get(index);
            let text = '';
            for (let i = 0; i < cell.outputs.length; i++) text += [cell.outputs.get(i).toJSON().text ?? ''].flat().join('');
            return text;
        }""",
        index,
    )
