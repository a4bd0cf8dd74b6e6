"""JupyterLab typesets TeX in HTML outputs: names with dollar signs stay as they are."""

import nbformat
from playwright.sync_api import expect

from tests.browser.lab_page import NOTEBOOK, error_texts, open_notebook, run_all

SOURCE = r"""
from IPython.display import HTML, display
import nestlab
from nestlab.topology_file import loads

display(HTML("<p>typeset $a_b$</p>"))
topology = loads(
    "name: lab\ndescription: costs $a_b$ and (x)\n"
    "switches: [{name: 'S$a_b$', switch_type: Private}]\n"
    "vms: [{name: 'V$a_b$', network_adapters: [{switch: 'S$a_b$'}, {switch: 'T$c^d$'}]}]"
)
display(topology, nestlab.validate(topology), nestlab.Lab(loads(topology.origin.text.replace(", {switch: 'T$c^d$'}", "")), nestlab.connect()).plan())
display(nestlab.explain("no such error $a_b$"))
"""


def test_only_what_asks_for_it_is_typeset(page, jupyter_server):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SOURCE)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, jupyter_server.folder / "dollar.ipynb")
    open_notebook(page, jupyter_server, "dollar.ipynb")
    run_all(page)
    assert error_texts(page) == []
    page.locator(f"{NOTEBOOK} mjx-container").first.wait_for(timeout=60_000)
    outputs = page.locator(f"{NOTEBOOK} .jp-OutputArea-output")
    expect(outputs).to_have_count(5)
    typeset = [output.locator("mjx-container").count() for output in outputs.all()]
    assert typeset == [1, 0, 0, 0, 0]
    assert outputs.nth(1).inner_text().count("$a_b$") >= 3
