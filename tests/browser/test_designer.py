"""The topology designer in a real browser: everything by mouse alone, and by keyboard alone."""

import re
import textwrap

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from nestlab.reachability import trace
from nestlab.rules import validate
from nestlab.topology_file import load
from tests.browser.lab_page import error_texts, open_notebook, run_all, show_cell

SHOWN = """
from pathlib import Path
from nestlab.notebook import TopologyDesigner
path = Path({file!r})
path.write_text({text!r}, encoding="utf-8")
TopologyDesigner(path)
"""
NOTHING = "# made in the designer\nname: lab\n"
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


@pytest.fixture
def shown(page, jupyter_server, request):
    """Show a designer on a file with this text; return a function that loads the file."""
    file = f"{re.sub(r'[^a-z]+', '-', request.node.name)}.yml"
    path = jupyter_server.folder / file

    def show(text=NOTHING):
        code = textwrap.dedent(SHOWN).format(file=file, text=text)
        notebook = new_notebook(
            cells=[new_code_cell(code, id="designer")], metadata={"kernelspec": KERNEL}
        )
        nbformat.write(notebook, path.with_suffix(".ipynb"))
        open_notebook(page, jupyter_server, path.with_suffix(".ipynb").name)
        run_all(page)
        assert error_texts(page) == []
        show_cell(page, 0)
        part(page, "host").wait_for()
        return path

    return show


def part(page, identifier):
    return page.locator(f'.nd-canvas [data-id="{identifier}"]')


def press_button(page, name):
    page.locator(".nestlab-designer").get_by_role("button", name=name, exact=True).click()


def says(page, text):
    """Wait until the designer has said a text."""
    expect(page.locator(".nd-live")).to_contain_text(text)


def click(page, identifier, **options):
    """Click a box or a bar near its corner, where nothing else is."""
    part(page, identifier).locator(".box, .switch-bar").first.click(
        position={"x": 6, "y": 4}, **options
    )
    is_current(page, identifier)


def is_current(page, identifier):
    """Check that a part is the current one for the canvas, the form and the next key."""
    expect(page.locator(".nd-canvas .part.selected")).to_have_attribute("data-id", identifier)
    expect(page.locator(".nd-form")).to_have_attribute("data-id", identifier)
    expect(page.locator(".nd-form :is(input, select)").first).to_be_enabled()


def focused(page):
    return page.evaluate("() => document.activeElement?.dataset.id ?? ''")


def keys(page, *pressed):
    for key in pressed:
        page.keyboard.press(key)


def test_the_focus_follows_an_edit_that_changes_no_picture(page, shown):
    shown()
    part(page, "host").focus()
    keys(page, "s")
    says(page, "Added switch Switch1")
    keys(page, "v")
    says(page, "Added vm1")
    keys(page, "ArrowUp")
    is_current(page, "adapter:vm1/0")
    keys(page, "l", "Enter")
    says(page, "vm1 to Switch1")
    is_current(page, "adapter:vm1/0")
    assert focused(page) == "adapter:vm1/0"
    keys(page, "Delete")
    says(page, "Deleted adapter Network Adapter of vm1.")
    is_current(page, "vm1")
    assert focused(page) == "vm1"


def test_two_parts_with_equal_properties_have_each_its_own_form(page, shown):
    path = shown(
        "name: lab\nvms: [{name: a, network_adapters: [{}]}, {name: b, network_adapters: [{}]}]\n"
    )
    for identifier in ("adapter:a/0", "adapter:b/0"):
        part(page, identifier).focus()
        is_current(page, identifier)
    page.locator(".nd-form input[name=ip_address]").fill("10.0.0.9/24")
    page.keyboard.press("Tab")
    says(page, "10.0.0.9/24")
    addresses = [str(vm.network_adapters[0].ip_address) for vm in load(path).vms]
    assert addresses == ["None", "10.0.0.9/24"]


def test_a_lab_of_two_levels_is_made_by_mouse_alone(page, shown):
    path = shown()
    click(page, "host")
    press_button(page, "Put behind NAT")
    says(page, "has a NAT of 192.168.100.0/24")
    click(page, "host")
    press_button(page, "Add VM")
    says(page, "Added vm1")
    press_button(page, "Make nested host")
    says(page, "vm1 is a nested host now")
    is_current(page, "vm1")
    expect(page.get_by_role("button", name="Make nested host")).to_be_disabled()
    press_button(page, "Bridge")
    says(page, "VMs inside vm1 can be bridged now")
    press_button(page, "Add VM")
    says(page, "Added vm2 to vm1")
    press_button(page, "Duplicate")
    says(page, "Added VM vm1/vm3, a copy of VM vm1/vm2.")
    assert_two_levels(path, ["vm1", "vm1/vm2", "vm1/vm3"])
    click(page, "switch:host/NAT")
    press_button(page, "Delete")
    says(page, "Deleted switch NAT of host. Also removed: the link of 1 adapter.")
    press_button(page, "Undo")
    says(page, "Edit undone.")
    is_current(page, "switch:host/NAT")
    assert_two_levels(path, ["vm1", "vm1/vm2", "vm1/vm3"])
    for _ in range(6):
        press_button(page, "Undo")
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_disabled()
    assert path.read_text(encoding="utf-8") == NOTHING


def test_a_lab_of_two_levels_is_made_by_keyboard_alone(page, shown):
    path = shown()
    part(page, "host").focus()
    keys(page, "t")
    says(page, "has a NAT of 192.168.100.0/24")
    keys(page, "v")
    says(page, "Added vm1")
    keys(page, "i")
    says(page, "Added vm2 to vm1")
    keys(page, "Control+d")
    says(page, "Added VM vm1/vm3, a copy")
    is_current(page, "vm1/vm3")
    assert focused(page) == "vm1/vm3"
    assert_two_levels(path, ["vm1", "vm1/vm2", "vm1/vm3"])
    keys(page, "Enter")
    expect(page.locator(".nd-form :is(input, select)").first).to_be_focused()
    keys(page, "Escape")
    assert focused(page) == "vm1/vm3"
    keys(page, "Delete")
    says(page, "Deleted VM vm1/vm3.")
    assert focused(page) == "vm1"


def assert_two_levels(path, vms):
    """Check that a file has these VMs, validates, and that each of them reaches the internet."""
    topology = load(path)
    assert ["/".join(machine) for machine, _ in topology.machines() if machine] == vms
    assert [f.code for f in validate(topology) if f.severity == "error"] == []
    assert all(trace(topology, vm, "internet").reachable for vm in vms)
