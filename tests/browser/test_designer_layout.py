"""What of the designer is seen at once: at the widths of a large, a middle and a narrow window."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_contrast import NAT_LAB
from tests.browser.test_designer import click, press_button, shown

__all__ = ["shown"]
LAB = NAT_LAB.read_text(encoding="utf-8")
CUT = "(canvas) => Math.max(0, canvas.scrollWidth - canvas.clientWidth)"
ROWS = """(bar) => Object.fromEntries([...bar.querySelectorAll('button')].map(
    (button) => [button.textContent, Math.round(button.getBoundingClientRect().top)]))"""
PAIRS = [("Duplicate", "Delete"), ("Undo", "Redo"), ("Make nested host", "Put behind NAT")]


def narrow(page, width):
    page.set_viewport_size({"width": width, "height": 1000})
    page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
    page.wait_for_timeout(500)


@pytest.mark.parametrize("width", [1400, 1000, 700])
def test_the_whole_width_of_a_small_lab_is_seen_with_the_form_and_the_file(page, shown, width):
    shown(LAB)
    narrow(page, width)
    canvas = page.locator(".nd-canvas")
    assert canvas.evaluate(CUT) == 0
    press_button(page, "File")
    expect(page.locator(".nd-file-text textarea")).to_be_visible()
    assert canvas.evaluate(CUT) == 0


@pytest.mark.parametrize("width", [1400, 1000])
def test_buttons_that_belong_together_stay_in_one_row(page, shown, width):
    shown(LAB)
    narrow(page, width)
    rows = page.locator(".nd-bar").evaluate(ROWS)
    assert [rows[first] == rows[last] for first, last in PAIRS] == [True, True, True]


@pytest.mark.parametrize("width", [1400, 1000])
def test_findings_stay_near_the_picture_however_long_the_form_is(page, shown, width):
    shown(LAB)
    narrow(page, width)
    click(page, "HV1")
    expect(page.locator(".nd-form").get_by_label("Notes")).to_have_count(1)
    canvas, findings = page.locator(".nd-canvas"), page.locator(".nd-findings")
    bottom = canvas.bounding_box()["y"] + canvas.bounding_box()["height"]
    assert findings.bounding_box()["y"] - bottom < 250
