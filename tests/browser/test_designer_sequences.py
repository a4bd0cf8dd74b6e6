"""Random edits, undos and redos in a real browser: page, Python and file agree, and all can be undone."""

import os
import time

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from playwright.sync_api import expect

from nestlab.drawing import layout
from nestlab.drawing.positions import positions_path, read_positions
from nestlab.topology_file import load
from tests.browser.lab_page import error_texts, run_all, show_cell, wait_until_handled
from tests.browser.test_designer import HOSTS, is_current, keys, part, shown

__all__ = ["shown"]
STEPS = 200
EDITS = ("v", "h", "s", "a", "n", "i", "b", "t", "Control+d", "Delete", "Shift+ArrowRight")
MOVES = ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown")
BACK = ("Control+z", "Control+z", "Control+y")
KEYS = (*MOVES * 11, *EDITS * 5, *BACK * 8)
"""Of 11 keys about 5 edit, 4 move and 2 undo or redo."""
LONG_RUN = os.environ.get("NESTLAB_DESIGNER_SEQUENCES")
"""How many sequences a long run draws, anew each time; without it the same three are drawn."""
SEQUENCES = int(LONG_RUN or 3)
"""The first one that hypothesis draws is the simplest, with moves only."""
DRAWN = """() => Object.fromEntries([...document.querySelectorAll('.nd-canvas .part')].map((group) => {
    const [x, y] = (group.getAttribute('transform') ?? '').match(/-?[\\d.]+/g).map(Number);
    const shape = group.querySelector('.box, .switch-bar, .line:not(.solid)');
    const number = (name) => Number(shape.getAttribute(name) ?? 0);
    if (shape.tagName === 'rect')
        return [group.dataset.id, [x + number('x'), y + number('y'), number('width'), number('height')]];
    if (shape.tagName !== 'polyline') return [group.dataset.id, [x, y]];
    return [group.dataset.id, shape.getAttribute('points').split(' ').flatMap((point) => {
        const [px, py] = point.split(',').map(Number);
        return [x + px, y + py];
    })];
}))"""


def expected(path):
    """Return where each part is that can be chosen, as the file says."""
    drawn = layout(load(path), read_positions(path))
    places = {
        box.id: [box.x, box.y, *((box.width, box.height) if box.kind != "internet" else ())]
        for box in drawn.boxes
    }
    places |= {
        bar.id: [bar.x, bar.y, bar.width, bar.height] for bar in drawn.bars if not bar.repeated
    }
    places |= {
        line.id: [number for point in line.points for number in point]
        for line in drawn.lines
        if line.kind in ("adapter", "disconnected")
    }
    return {identifier: pytest.approx(place, abs=0.1) for identifier, place in places.items()}


def agree(page, path):
    """Wait until the page draws what the file says after all keys; fail if it does not."""
    wait_until_handled(page)
    end = time.monotonic() + 120
    while page.evaluate(DRAWN) != expected(path) and time.monotonic() < end:
        page.wait_for_timeout(250)
    assert page.evaluate(DRAWN) == expected(path)


def begin_again(page, path):
    """Write the file anew, without places of parts, and show a new designer on it."""
    positions_path(path).unlink(missing_ok=True)
    run_all(page)
    assert error_texts(page) == []
    show_cell(page, 0)
    part(page, "host").wait_for()


def undo_all(page):
    undo = page.get_by_role("button", name="Undo", exact=True)
    for _ in range(STEPS):
        page.wait_for_timeout(100)
        if undo.is_disabled():
            break
        keys(page, "Control+z")
    expect(undo).to_be_disabled(timeout=120_000)
    wait_until_handled(page)


def test_page_and_file_agree_over_random_edits_which_can_all_be_undone(page, shown):
    """Each sequence begins with the same file: hypothesis runs one that failed a second time."""
    path = shown(HOSTS)
    first = path.read_bytes()

    @settings(
        max_examples=SEQUENCES,
        deadline=None,
        phases=[Phase.generate],
        database=None,
        derandomize=LONG_RUN is None,
    )
    @given(st.lists(st.sampled_from(KEYS), min_size=STEPS, max_size=STEPS))
    def law(pressed):
        begin_again(page, path)
        assert path.read_bytes() == first
        part(page, "host").focus()
        is_current(page, "host")
        agree(page, path)
        for step, key in enumerate(pressed):
            keys(page, key)
            page.wait_for_timeout(30)
            if page.locator(".nd-canvas .part").count() > 120:
                keys(page, *["Control+z"] * 10)
                agree(page, path)
            if step % 25 == 24:
                agree(page, path)
        undo_all(page)
        assert path.read_bytes() == first
        agree(page, path)

    law()
