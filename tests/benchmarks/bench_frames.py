"""The frames of pan and zoom in a designer of 300 VMs, beside those of the idle page: ``python tests/benchmarks/bench_frames.py [VMS]``.

It needs the clone on the import path, and a browser. The target is the frame rate of the idle page.
The pointer and the wheel are moved by the browser's own input, once in each frame.
"""

from __future__ import annotations

import sys
from statistics import median, quantiles

from beside import ROOT
from redraw import lab_page, shown

FRAMES = 120
RECORD = """(count) => new Promise((done) => {
    const times = [];
    const frame = (now) => {
        times.push(now);
        if (times.length <= count) requestAnimationFrame(frame);
        else done(times.slice(1).map((time, n) => time - times[n]));
    };
    requestAnimationFrame(frame);
})"""
START = f"(count) => {{ window.nestlabFrames = ({RECORD})(count); }}"
PARTS = "() => document.querySelectorAll('.nd-canvas [data-id]').length"
SCROLLED = "() => document.querySelector('.nd-canvas').scrollLeft"
SCALE = "() => document.querySelector('.nd-canvas svg > g').getAttribute('transform')"


def main(vms: int = 300) -> None:
    """Print the median and the 95th percentile of the time between frames, in milliseconds."""
    with lab_page() as (page, server):
        shown(page, server, "now", ROOT, vms)
        print(f"{vms} VMs, {page.evaluate(PARTS)} parts; milliseconds from frame to frame")
        row("idle", recorded(page, lambda _: None))
        host = page.locator('.nd-canvas [data-id="host"] .box').bounding_box()
        canvas = page.locator(".nd-canvas").bounding_box()
        x, y = canvas["x"] + 200, max(host["y"], canvas["y"]) + 6
        page.mouse.click(x, y)  # the wheel zooms where the canvas has the focus
        page.mouse.move(x, y)
        page.mouse.down()
        at = page.evaluate(SCROLLED)
        row("pan", recorded(page, lambda n: page.mouse.move(x - 60 - 100 * (n % 2), y)))
        assert page.evaluate(SCROLLED) != at, "nothing was scrolled"
        page.mouse.up()
        scale = page.evaluate(SCALE)
        row("zoom", recorded(page, lambda n: page.mouse.wheel(0, -40 if n % 30 < 15 else 40)))
        page.mouse.wheel(0, -120)
        page.wait_for_timeout(500)
        assert page.evaluate(SCALE) != scale, "nothing was zoomed"
        row("idle again", recorded(page, lambda _: None))


def recorded(page, act) -> list[float]:
    """Return the times between frames while something is done again and again."""
    page.wait_for_timeout(1000)
    page.evaluate(START, FRAMES)
    for number in range(FRAMES):
        act(number)
        page.wait_for_timeout(16)
    return page.evaluate("() => window.nestlabFrames")


def row(what: str, frames: list[float]) -> None:
    """Print one figure."""
    print(f"{what:<12} median {median(frames):6.1f}   p95 {quantiles(frames, n=20)[-1]:6.1f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
