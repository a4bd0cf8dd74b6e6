"""The server, the browser and the ways to drive them work together."""

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from tests.browser.lab_page import (
    button,
    dark_theme,
    error_texts,
    open_notebook,
    restart_and_run_all,
    run_all,
)

WIDGETS = """
import ipywidgets, nestlab
button = ipywidgets.Button(description="Count")
seen = ipywidgets.HTML("pressed 0 times")
pressed = 0
"""
SHOW = """
def count(_):
    global pressed
    pressed += 1
    seen.value = f"pressed {pressed} times"

button.on_click(count)
ipywidgets.VBox([button, seen])
"""


def write_notebook(folder, name, *sources):
    cells = [new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(sources)]
    kernel = {
        "kernelspec": {
            "name": "python3",
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
        }
    }
    nbformat.write(new_notebook(cells=cells, metadata=kernel), folder / name)


def test_a_notebook_runs_and_its_button_answers(page, jupyter_server):
    write_notebook(jupyter_server.folder, "smoke.ipynb", WIDGETS, SHOW)
    open_notebook(page, jupyter_server, "smoke.ipynb")
    run_all(page)
    assert error_texts(page) == []
    button(page, "Count").click()
    expect(page.locator(".widget-html", has_text="pressed 1 times")).to_be_visible()
    restart_and_run_all(page)
    expect(page.locator(".widget-html", has_text="pressed 0 times")).to_be_visible()
    dark_theme(page)
    dark_theme(page, dark=False)


def test_an_error_in_a_cell_is_seen(page, jupyter_server):
    write_notebook(jupyter_server.folder, "broken.ipynb", "1 / 0", "2")
    open_notebook(page, jupyter_server, "broken.ipynb")
    run_all(page)
    assert error_texts(page) == ["cell 0: ZeroDivisionError: division by zero"]
