"""Dragging from the toolbar onto the canvas, downloads of the page, and VMs of a host on the picture."""

import re
import struct

import pytest
from playwright.sync_api import expect

from nestlab.topology_file import load
from tests.browser.lab_page import wait_until_drawn
from tests.browser.test_designer import (
    HOSTS,
    box,
    click,
    is_current,
    middle,
    part,
    says,
    shown,
)

__all__ = ["shown"]
WHOLE = {"width": 1700, "height": 1400}
"""A window that shows toolbar and picture without scrolling."""


def drag_button(page, name, to):
    """Drag a button of the toolbar to a point of the page, and release it there.

    `to` returns the point: it is asked for once what was done before is drawn.
    """
    wait_until_drawn(page)
    at = to()
    found = page.locator(".nestlab-designer").get_by_role("button", name=name, exact=True)
    button = found.bounding_box()
    page.mouse.move(button["x"] + button["width"] / 2, button["y"] + button["height"] / 2)
    page.mouse.down()
    page.mouse.move(at[0] - 30, at[1] - 20)
    page.mouse.move(*at, steps=4)
    expect(page.locator(".nd-held")).to_have_text(name)
    page.mouse.up()
    expect(page.locator(".nd-held")).to_have_count(0)


def below(page, identifier):
    """Return a point below a VM, inside its host."""
    found = box(page, identifier)
    return found["x"] + found["width"] / 2, found["y"] + found["height"] + 8


def test_what_buttons_add_is_dragged_onto_the_host_the_switch_or_the_vm(page, shown):
    page.set_viewport_size(WHOLE)
    path = shown(HOSTS)
    click(page, "host")
    drag_button(page, "Add VM", lambda: below(page, "HV1/web1"))
    says(page, "Added vm1 to HV1.")
    is_current(page, "HV1/vm1")
    drag_button(page, "Add nested host", lambda: middle(page, "switch:host/Net"))
    says(page, "Added HV2 to host.")
    is_current(page, "HV2")
    assert load(path).machine(("HV2",)).network_adapters[0].switch == "Net"
    drag_button(page, "Add adapter", lambda: middle(page, "b"))
    says(page, "to b.")
    is_current(page, "adapter:b/1")
    drag_button(page, "Add switch", lambda: below(page, "HV1/web1"))
    says(page, "Added switch Switch1 to HV1.")
    is_current(page, "switch:HV1/Switch1")
    before = path.read_bytes()
    drag_button(page, "Add VM", lambda: (box(page, "host")["x"] + 60, 10))  # above the designer
    says(page, "Nothing was added")
    assert path.read_bytes() == before
    assert [vm.name for vm in load(path).vms] == ["HV1", "a", "b", "HV2"]


def test_a_vm_that_is_dragged_onto_the_canvas_is_drawn_where_it_was_dropped(page, shown):
    page.set_viewport_size(WHOLE)
    shown(HOSTS)

    def right_of_the_last():
        last, host = box(page, "b"), box(page, "host")
        return host["x"] + host["width"] - 60, last["y"] + last["height"] / 2

    drag_button(page, "Add VM", right_of_the_last)
    says(page, "Added vm1 to host.")
    is_current(page, "vm1")
    new, first = box(page, "vm1"), box(page, "a")
    assert new["x"] > first["x"], "right of the VM that was there"
    assert abs(new["y"] - box(page, "b")["y"]) < 2, "in the row in which it was dropped"


def test_a_click_on_a_button_still_adds_to_what_is_selected(page, shown):
    shown(HOSTS)
    click(page, "HV1")
    page.get_by_role("button", name="Add VM", exact=True).click()
    says(page, "Added vm1 to HV1.")
    click(page, "host")
    page.get_by_role("button", name="Add adapter", exact=True).click()
    says(page, "choose a VM")


def downloaded(page, form):
    with page.expect_download() as waiting:
        page.get_by_label("Download the picture or the file").select_option(form)
    says(page, "Downloaded lab.")
    assert waiting.value.suggested_filename == f"lab.{form}"
    return waiting.value.path().read_bytes()


def test_picture_and_file_are_downloaded_from_the_page(page, shown):
    path = shown(HOSTS)
    assert downloaded(page, "yml") == path.read_bytes()
    svg = downloaded(page, "svg").decode()
    assert svg.startswith("<svg")
    assert ">web1<" in svg
    png = downloaded(page, "png")
    assert png.startswith(b"\x89PNG\r\n")
    width, height = struct.unpack(">II", png[16:24])
    drawn = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert (width, height) == pytest.approx([2 * float(side) for side in drawn.groups()], abs=2)


WARNED = HOSTS.replace("gateway: 10.1.0.1}]}]", "gateway: 10.1.0.1}], memory_startup: 16MB}]")


def test_findings_are_at_their_lines_in_the_file(page, shown):
    shown(WARNED)
    page.locator(".nestlab-designer").get_by_role("button", name="File", exact=True).click()
    area = page.get_by_label("Text of the file")
    expect(area).to_have_value(WARNED)
    line = 1 + WARNED[: WARNED.index("name: web1")].count("\n")
    expect(page.locator(".nd-lines .error")).to_have_text(f"{line}\n")
    page.locator(".nd-file-said .error button").first.click()
    expect(area).to_be_focused()
    chosen = area.evaluate("(el) => el.value.slice(el.selectionStart, el.selectionEnd)")
    assert "name: web1" in chosen


def test_a_text_that_cannot_be_saved_is_said_not_to_be_in_the_file(page, shown):
    path = shown(HOSTS)
    page.locator(".nestlab-designer").get_by_role("button", name="File", exact=True).click()
    area = page.get_by_label("Text of the file")
    expect(area).to_have_value(HOSTS)
    path.write_text(HOSTS + "# by another program\n", encoding="utf-8")
    area.fill(HOSTS.replace("name: a,", "name: web9,"))
    expect(page.locator(".nd-file-said")).to_contain_text("This text is not in the file")
    says(page, "was changed by another program")


LIVE = """
import nestlab
host = nestlab.connect("sim:ws2022-intel")
lab = nestlab.Lab(designer.topology, host)
for result in lab.apply(): assert result.ok, result
designer.show_host(lab, seconds=0.5)
"""
SMALL = """name: live
switches: [{name: Net, switch_type: Private}]
vms: [{name: web1, network_adapters: [{switch: Net}]}, {name: web2, state: 'Off', network_adapters: [{switch: Net}]}]
"""


def test_the_picture_shows_whether_vms_run_and_follows_the_host(page, shown):
    shown(SMALL, LIVE)
    expect(part(page, "web1").locator(".nd-vm-state")).to_have_text("Running")
    expect(part(page, "web2").locator(".nd-vm-state")).to_have_text("Off")
    expect(part(page, "web1")).to_have_attribute("aria-label", re.compile("Running"))
    expect(page.locator(".nd-host-line")).to_have_text(
        "VMs on sim:ws2022-intel: Off: 1, Running: 1"
    )
    page.evaluate(
        """() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute(
            {code: "_ = host.run(nestlab.Cmdlet('Start-VM', {'Name': 'web2'}), nestlab.Cmdlet('Suspend-VM', {'Name': 'web1'}))"}
        ).done"""
    )
    expect(part(page, "web2").locator(".nd-vm-state")).to_have_text("Running")
    expect(part(page, "web1").locator(".nd-vm-state")).to_have_text("Paused")
