"""Six seats in a real JupyterHub, with a real spawner and its proxy, in a browser.

Asked for with NESTLAB_TEST_HUB=1. The Python that has `nestlab[hub]` is this one, or the one in
NESTLAB_HUB_PYTHON. configurable-http-proxy is found on the path. Prints the memory and the seconds
of a seat.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from nestlab import connect, workshop
from nestlab.workshop import WorkshopRun
from tests.browser.lab_page import NOTEBOOK, menu, wait_until_idle
from tests.workshop.classes import SMALL_CLASS, SMALL_LAB, written

pytestmark = [
    pytest.mark.skipif(
        not os.environ.get("NESTLAB_TEST_HUB"), reason="asked for with NESTLAB_TEST_HUB=1"
    ),
    pytest.mark.skipif(os.name != "posix", reason="JupyterHub does not run on Windows"),
]
ROOT = Path(__file__).parents[2]
PYTHON = os.environ.get("NESTLAB_HUB_PYTHON", sys.executable)
MINUTE = 60_000
PASSWORD = "of-this-run-only"  # of a hub on this computer that lives for minutes
CONFIGURATION = """\
import os
import sys
from nestlab.hub import configure

c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy}"
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "{password}"
c.Authenticator.allow_all = True
c.Authenticator.admin_users = {{"trainer"}}
c.JupyterHub.spawner_class = "simple"
c.Spawner.environment = {{"PYTHONPATH": os.environ["PYTHONPATH"]}}
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser", "--allow-root"]
c.Spawner.start_timeout = c.Spawner.http_timeout = 180
configure(c, "class.yml", "class", port={service})
"""


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@contextmanager
def hub(folder):
    """Run a hub with a class of six seats; yields its address and its process."""
    text = SMALL_CLASS.replace(
        "[sim:ws2022-intel, sim:ws2025-amd]", f"['sim:ws2022-intel?state={folder}/host.json']"
    ).replace("count: 3, names: [ada]", "count: 6, names: [ada, grace, alan, edsger, barbara, kay]")
    written(
        folder, text.replace("\nstages:", "\nlimits: {processor_ratio: 64}\nstages:"), SMALL_LAB
    )
    port, hub_port, proxy, service = free_ports(4)
    (folder / "config.py").write_text(
        CONFIGURATION.format(
            port=port, hub=hub_port, proxy=proxy, service=service, password=PASSWORD
        ),
        encoding="utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder)}
    environment["NESTLAB_JOURNALS"] = str(folder / "journals")
    with (folder / "hub.log").open("wb") as log:
        process = subprocess.Popen(
            [PYTHON, "-m", "jupyterhub", "-f", "config.py"],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until_up(f"{address}/hub/health", process, folder / "hub.log")
            yield address, process
        finally:
            process.terminate()
            process.wait(60)


def wait_until_up(address, process, log):
    for _ in range(480):
        try:
            return urllib.request.urlopen(address, timeout=10).close()
        except OSError:
            assert process.poll() is None, log.read_text(encoding="utf-8")[-3000:]
            time.sleep(0.25)
    pytest.fail(log.read_text(encoding="utf-8")[-3000:])


def signed_in(browser, address, user):
    page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
    page.goto(f"{address}/hub/login", wait_until="domcontentloaded")
    page.get_by_label("Username").fill(user)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    return page


def open_seat(browser, address, user):
    """Sign in, wait for the notebook of the seat, and run it; return the page and the seconds of its server."""
    began = time.monotonic()
    page = signed_in(browser, address, user)
    page.locator(NOTEBOOK).wait_for(timeout=2 * MINUTE)
    seconds = time.monotonic() - began
    wait_until_idle(page, 3 * MINUTE)
    menu(page, "Run", "Run All Cells")
    expect(page.get_by_role("combobox", name="Stage")).to_be_enabled(timeout=3 * MINUTE)
    return page, seconds


def press(page, name):
    button = page.get_by_role("button", name=name, exact=True)
    expect(button).to_be_enabled(timeout=2 * MINUTE)
    button.click()


def solve_side_by_side(pages, seats, index, stage):
    """Press *Solve* for a stage at each seat before any of them is done; then wait for all."""
    for seat in seats:
        pages[seat].get_by_role("combobox", name="Stage").select_option(index=index)
    for seat in seats:
        press(pages[seat], "Solve")
    for seat in seats:
        is_done(pages[seat], seat, stage)


def progress_files(folder, seat):
    """Return the content of each file of a seat's progress, by its name."""
    return {
        file.name: file.read_bytes() for file in (folder / "class" / "progress" / seat).iterdir()
    }


def is_done(page, seat, stage):
    done = page.get_by_role("status").filter(has_text=f"{seat}: the stage {stage} is done.")
    expect(done.first).to_be_visible(timeout=4 * MINUTE)


def memory_of(user):
    """Return the proportional memory of a user's server with its kernels, in MB; None without /proc."""
    total = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"JUPYTERHUB_USER={user}\0" in (process / "environ").read_text():
                rollup = (process / "smaps_rollup").read_text()
                total += int(re.search(r"Pss:\s+(\d+) kB", rollup)[1])
        except (OSError, UnicodeDecodeError):
            continue
    return total / 1024


def board(page, address):
    page.goto(f"{address}/services/nestlab/board.json", wait_until="domcontentloaded")
    return json.loads(page.locator("body").inner_text())


def said(text):
    """Show a figure, with `pytest -s`."""
    sys.stdout.write(f"{text}\n")


def test_six_seats_work_in_a_hub_and_the_board_shows_it(browser, tmp_path):
    assert shutil.which("configurable-http-proxy"), "npm install configurable-http-proxy"
    with hub(tmp_path) as (address, _process):
        course = workshop.load(tmp_path / "class.yml")
        stranger = signed_in(browser, address, "mallory")
        expect(stranger.get_by_text("has no seat for mallory").first).to_be_visible(timeout=MINUTE)
        pages, seconds = {}, {}
        for seat in course.seat_names:
            pages[seat], seconds[seat] = open_seat(browser, address, seat)
        for stage in course.stages:
            solve_side_by_side(pages, ("ada", "grace"), course.stages.index(stage), stage.name)
        memory = {seat: memory_of(seat) for seat in course.seat_names}
        for seat in course.seat_names:
            said(f"{seat}: {seconds[seat]:.1f} s until the notebook, {memory[seat]:.0f} MB")
        trainer = signed_in(browser, address, "trainer")
        shown = board(trainer, address)
        done = {
            seat["seat"]: [stage["state"] for stage in seat["stages"]] for seat in shown["seats"]
        }
        assert done["ada"] == done["grace"] == ["done", "done"]
        assert "done" not in done["kay"]
        trainer.goto(f"{address}/services/nestlab/", wait_until="domcontentloaded")
        expect(trainer.get_by_text("grace").first).to_be_visible()
        kept = progress_files(tmp_path, "ada")
        assert kept
        (ended,) = WorkshopRun(course, connect, seats=["grace"]).down()
        assert ended.ok
        press(pages["grace"], "Check")
        undone = pages["grace"].get_by_role("status").filter(has_text="is not done yet.")
        expect(undone.first).to_be_visible(timeout=2 * MINUTE)
        with ThreadPoolExecutor(1) as pool:
            press(pages["alan"], "Solve")
            reset = pool.submit(list, WorkshopRun(course, connect, seats=["grace"]).reset())
            is_done(pages["alan"], "alan", course.stages[0].name)
            (ended,) = reset.result(4 * MINUTE / 1000)
        assert ended.ok
        assert progress_files(tmp_path, "ada") == kept
        for seat in ("grace", "ada"):
            press(pages[seat], "Check")
        for seat in ("grace", "ada"):
            is_done(pages[seat], seat, course.stages[-1].name)
        learner = pages["kay"].context.new_page()
        refused = learner.goto(f"{address}/services/nestlab/", wait_until="domcontentloaded")
        assert refused.status == 403
