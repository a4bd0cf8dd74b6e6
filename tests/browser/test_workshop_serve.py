"""`nestlab workshop serve` for real: links of two seats in a browser, each with its own notebook, and a clean stop."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.lab_page import NOTEBOOK, menu, wait_until_idle
from tests.workshop.classes import SMALL_CLASS, SMALL_LAB, written

ROOT = Path(__file__).parents[2]
MINUTE = 60_000
# A shell that starts the tests in the background has them ignore SIGINT.
PROGRAM = """\
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from nestlab.cli import main
raise SystemExit(main())
"""


@contextmanager
def served(folder, *words):
    """Serve a class from a folder; yields the process and what it said first."""
    text = SMALL_CLASS.replace(
        "[sim:ws2022-intel, sim:ws2025-amd]", "['sim:ws2022-intel?state=host.json']"
    )
    file = written(folder, text, SMALL_LAB)
    home = {name: str(folder / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
    environment = {
        **os.environ,
        **home,
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "NESTLAB_JOURNALS": "journals",
        "NESTLAB_PROGRESS": "progress",
        "PYTHONPATH": str(ROOT),
    }
    words = ["--json", "--no-browser", "--port", "0", "-o", "class", *words]
    group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if os.name == "nt" else {}
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "workshop", "serve", str(file), *words],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            **group,
        )
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()
            process.communicate()


def status(link, token):
    parts = urlsplit(link)
    address = f"{parts.scheme}://{parts.netloc}/api/contents?token={token}"
    return urllib.request.urlopen(address, timeout=30).status


def wait_until_up(link):
    for _ in range(240):
        try:
            return status(link, urlsplit(link).query.partition("=")[2])
        except urllib.error.HTTPError:
            raise
        except OSError:
            time.sleep(0.25)
    pytest.fail("the server did not come up")


def open_seat(context, link):
    page = context.new_page()
    page.goto(link, wait_until="domcontentloaded")
    page.locator(NOTEBOOK).wait_for(timeout=2 * MINUTE)
    wait_until_idle(page, 2 * MINUTE)
    return page


def test_each_link_opens_the_notebook_of_its_seat_and_the_server_stops(browser, tmp_path):
    with served(tmp_path) as (process, said):
        links = said["links"]
        assert list(links) == ["ada", "seat02", "seat03"]
        assert wait_until_up(links["ada"]) == 200
        with pytest.raises(urllib.error.HTTPError, match="403"):
            status(links["ada"], "guessed")
        for seat in ("ada", "seat02"):
            context = browser.new_context(viewport={"width": 1280, "height": 1000})
            page = open_seat(context, links[seat])
            menu(page, "Run", "Run All Cells")
            panel = page.locator(".nestlab-panel")
            expect(panel.get_by_role("combobox", name="Stage")).to_be_enabled(timeout=MINUTE)
            panel.get_by_role("button", name="Solve", exact=True).click()
            done = page.get_by_role("status").filter(has_text=f"{seat}: the stage switch is done.")
            expect(done.first).to_be_visible(timeout=2 * MINUTE)
            expect(
                page.locator(".jp-OutputArea-output img, .jp-OutputArea-output svg")
            ).to_have_count(1)
            context.close()
        handout = Path(said["handout"]).with_name("seat-ada.html").read_text(encoding="utf-8")
        assert links["ada"].replace("&", "&amp;") in handout
        process.send_signal(signal.CTRL_BREAK_EVENT if os.name == "nt" else signal.SIGINT)
        assert process.wait(30) == 0
    with pytest.raises(OSError, match="refused"):
        status(links["ada"], "stopped")
    state = (tmp_path / "host.json").read_text(encoding="utf-8")
    assert "ada-LabNet" in state
    assert "seat02-LabNet" in state
    for name in ("journals", "progress"):  # as the variables name them where serve was started
        assert any((tmp_path / name).iterdir())
        assert not list((tmp_path / "class").rglob(name))


def test_a_link_with_an_ipv6_address_has_brackets(tmp_path):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError as error:
        pytest.skip(f"no IPv6 here: {error}")
    with served(tmp_path, "--ip", "::1") as (_process, said):
        assert said["links"]["ada"].startswith("http://[::1]:")
        assert wait_until_up(said["links"]["ada"]) == 200
