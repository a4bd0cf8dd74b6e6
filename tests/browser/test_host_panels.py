"""The panels about a host, by keyboard, in a real browser."""

import json
import re

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from tests.browser.lab_page import (
    button,
    error_texts,
    eventually,
    open_notebook,
    run_all,
    run_cell,
    show_cell,
    tab_to,
)

SHOWN = """
import nestlab
from nestlab.notebook import {panel}
host = nestlab.connect("sim:{scenario}")
{before}
{panel}(host)
"""
ASK = """
from nestlab.observe import observe
hyper_v = observe(host).hyper_v
print([vm.expose_virtualization_extensions for vm in (hyper_v.vms if hyper_v else ()) if vm.name == "sql-test"])
"""


def shown(page, server, panel, scenario, *, before="", after=ASK):
    cells = [
        new_code_cell(source, id=f"cell-{n}")
        for n, source in enumerate(
            (SHOWN.format(panel=panel, scenario=scenario, before=before), after)
        )
    ]
    kernel = {
        "kernelspec": {
            "name": "python3",
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
        }
    }
    name = f"{panel}.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata=kernel), server.folder / name)
    open_notebook(page, server, name)
    run_all(page)
    assert error_texts(page) == []
    show_cell(page, 0)


def exposed(page):
    """Run the last cell and return what it printed: the flag that the host has now."""
    return run_cell(page, 1)


def status(page, text):
    return expect(page.get_by_role("status").filter(has_text=text).first)


def test_a_host_is_examined_and_compared_by_keyboard(page, jupyter_server):
    shown(page, jupyter_server, "CapabilityPanel", "no-role")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    verdict = page.locator(".nestlab-report-verdict")
    expect(verdict).to_contain_text("→ Install the role and restart.")
    groups = page.locator(".nestlab-report-group")
    eventually(
        page,
        lambda: [group.get_attribute("open") is not None for group in groups.all()],
        [False, True, False, False, False],  # the role is missing, the rest is fine
    )
    groups.first.locator("> summary").focus()
    page.keyboard.press("Enter")
    fold = page.locator(".nestlab-report-evidence summary").first
    fold.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".nestlab-report-evidence dl").first).to_be_visible()
    copy = page.get_by_role(
        "button", name="Copy the fix for host: the Hyper-V role is not installed"
    )
    tab_to(page, copy.first)
    page.keyboard.press("Enter")
    expect(copy.first).to_have_text("Copied ✓")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith("Install-WindowsFeature -Name 'Hyper-V'"), json.dumps(copied)
    address = page.get_by_role("combobox", name="Compare")
    tab_to(page, address, limit=80)
    page.keyboard.type("sim:ws2022-intel")
    tab_to(page, button(page, "Compare"))
    page.keyboard.press("Enter")
    status(page, "Compared with sim:ws2022-intel").to_be_visible()
    verdicts = page.locator(".nestlab-report-verdict")
    expect(verdicts).to_have_count(2)
    expect(verdicts.nth(0)).to_have_attribute("data-verdict", "cannot-nest")
    expect(verdicts.nth(1)).to_have_attribute("data-verdict", "can-nest")
    tab_to(page, button(page, "Remove comparison"), limit=80)
    page.keyboard.press("Space")
    expect(verdicts).to_have_count(1)


DEAF = """
from nestlab.model import Cmdlet
host.run(Cmdlet("Disable-VMIntegrationService", {"VMName": "build-agent", "Name": "Shutdown"}))
"""


def test_a_guest_that_does_not_shut_down_is_asked_about_by_keyboard(page, jupyter_server):
    shown(page, jupyter_server, "NestingPanel", "ws2022-intel", before=DEAF)
    frame = page.get_by_role("group", name="VMs of this host")
    frame.focus()
    tab_to(page, page.get_by_role("checkbox", name="Choose build-agent"))
    page.keyboard.press("Space")
    status(page, "3 steps on sim:ws2022-intel.").to_be_visible()
    tab_to(page, button(page, "Apply"))
    page.keyboard.press("Enter")
    status(page, "Choose below: turn build-agent off, or leave it running.").to_be_visible(
        timeout=60_000
    )  # it is asked 60 times
    frame.focus()
    tab_to(page, button(page, "Turn off"))
    page.keyboard.press("Enter")
    status(page, "Applied. The table shows the new state of the host.").to_be_visible()
    expect(button(page, "Turn off")).to_be_hidden()


def test_vms_of_one_name_cannot_be_chosen_and_say_why(page, jupyter_server):
    shown(page, jupyter_server, "NestingPanel", "busy-host")
    twins = page.get_by_role(
        "checkbox", name=re.compile("^web .* cannot be chosen: 2 VMs are named web")
    )
    expect(twins).to_have_count(2)
    expect(twins.first).to_be_disabled()
    expect(page.get_by_role("checkbox", name="Choose db")).to_be_enabled()


def test_extensions_are_exposed_and_taken_back_by_keyboard(page, jupyter_server):
    shown(page, jupyter_server, "NestingPanel", "ws2022-intel")
    expect(button(page, "Apply")).to_be_disabled()
    page.get_by_role("group", name="VMs of this host").focus()
    tab_to(page, page.get_by_role("checkbox", name="Choose sql-test"))
    page.keyboard.press("Space")
    status(page, "2 steps on sim:ws2022-intel. Nothing has been changed yet.").to_be_visible()
    assert exposed(page).strip() == "[False]"
    page.get_by_role("group", name="VMs of this host").focus()
    tab_to(page, button(page, "Apply"))
    page.keyboard.press("Enter")
    status(page, "Applied. The table shows the new state of the host.").to_be_visible()
    assert exposed(page).strip() == "[True]"
    page.get_by_role("group", name="VMs of this host").focus()
    tab_to(page, button(page, "Undo"))
    page.keyboard.press("Enter")
    status(page, "Undone: the earlier values are restored.").to_be_visible()
    assert exposed(page).strip() == "[False]"


BUSY = "import time; time.sleep(4)"


def test_a_button_sees_the_whole_text_typed_while_the_kernel_was_busy(page, jupyter_server):
    """With a message at each key, the click arrived before all but the first character."""
    shown(page, jupyter_server, "CapabilityPanel", "no-role", after=BUSY)
    show_cell(page, 1)
    page.evaluate("() => void window.jupyterapp.commands.execute('notebook:run-cell')")
    show_cell(page, 0)
    page.get_by_role("combobox", name="Compare").press_sequentially("sim:ws2022-intel")
    button(page, "Compare").first.click()
    status(page, "Compared with sim:ws2022-intel").to_be_visible()
