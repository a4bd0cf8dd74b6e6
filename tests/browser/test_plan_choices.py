"""The choices of the plan panel in a real browser, by keyboard: what is left over, and what is recreated."""

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from tests.browser.lab_page import (
    button,
    error_texts,
    give_focus,
    open_notebook,
    run_all,
    run_cell,
    show_cell,
    tab_to,
)

SHOWN = """
from pathlib import Path
import nestlab
from nestlab.model import Cmdlet
from nestlab.notebook import PlanPanel
host = nestlab.connect("sim:ws2022-intel?time_scale=0")
def lab(vms):
    Path("choices.yml").write_text("name: choices\\nvms:\\n" + vms, encoding="utf-8")
    return nestlab.Lab(nestlab.load("choices.yml"), host, journal="choices.jsonl")
WEB1 = "  - {name: web1, generation: %d, disk: {size: 10GB}}\\n"
WEB2 = "  - {name: web2, disk: {size: 10GB}}\\n"
NIX = "  - {name: nix, disk: {size: 10GB}, guest: {os: linux}, forwarding: true}\\n"
done = list(lab(WEB1 % 2 + WEB2).apply())
PlanPanel(lab(WEB1 % 1 + NIX))
"""
ASK = 'print(sorted((vm["Name"], vm["Generation"]) for vm in host.run(Cmdlet("Get-VM")) if vm["Name"] in {"web1", "web2", "nix"}))'


def shown(page, server):
    kernel = {
        "kernelspec": {
            "name": "python3",
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
        }
    }
    cells = [
        new_code_cell(source, id=f"cell-{number}") for number, source in enumerate((SHOWN, ASK))
    ]
    nbformat.write(new_notebook(cells=cells, metadata=kernel), server.folder / "choices.ipynb")
    open_notebook(page, server, "choices.ipynb")
    run_all(page)
    assert error_texts(page) == []
    show_cell(page, 0)


def there(page):
    """Run the last cell and return what it printed: the VMs that the host has now."""
    text = run_cell(page, 1).strip()
    show_cell(page, 0)
    return text


def status(page, text):
    return expect(page.get_by_role("status").filter(has_text=text).first)


def test_vms_are_recreated_and_left_over_ones_removed_by_keyboard(page, jupyter_server):
    shown(page, jupyter_server)
    status(page, "1 error blocks this plan").to_be_visible()
    recreate = page.get_by_role(
        "checkbox", name="Recreate web1 (deletes its disks and what is on them)"
    )
    prune = page.get_by_role("checkbox", name="Also remove what the file no longer names")
    give_focus(button(page, "Plan again"))
    tab_to(page, recreate)
    page.keyboard.press("Space")
    status(page, "to apply").to_be_visible()
    expect(page.get_by_text("recreates the VM").first).to_be_visible()
    expect(page.get_by_text("routes between its adapters")).to_be_visible()
    expect(page.get_by_text("Leftover objects, no longer in the file")).to_be_visible()
    give_focus(button(page, "Plan again"))
    tab_to(page, prune)
    page.keyboard.press("Space")
    expect(page.get_by_text("Leftover objects, no longer in the file")).to_have_count(0)
    expect(page.get_by_text("Remove the VM web2")).to_be_visible()
    status(page, "to apply").to_be_visible()
    give_focus(button(page, "Next step"))
    tab_to(page, button(page, "Apply all"))
    page.keyboard.press("Enter")
    question = page.get_by_text("These steps delete data")
    expect(question).to_be_visible()
    assert there(page) == "[('web1', 2), ('web2', 2)]"
    give_focus(button(page, "Plan again"))
    tab_to(page, button(page, "Yes, delete them"))
    page.keyboard.press("Enter")
    status(page, "the host matches the topology").to_be_visible()
    expect(question).to_be_hidden()
    expect(prune).to_be_disabled()
    expect(page.get_by_text("Nothing to remove: the file names")).to_be_visible()
    assert there(page) == "[('nix', 2), ('web1', 1)]"
