"""A JupyterLab server and a browser for the tests in this folder.

`page` is a fresh page on the shared server; `lab_page.py` has the ways to open and run a notebook
on it.
"""

from __future__ import annotations

import os

import pytest

from tests.browser.find_browser import find_browser
from tests.browser.jupyter_server import running_server

BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
EXPECT_TIMEOUT = 60_000  # milliseconds; a slow computer, not a slow page
NO_BROWSER = "no Chromium, Chrome or Edge found; name one in NESTLAB_BROWSER"


@pytest.fixture(scope="session")
def browser():
    """The browser of this machine, headless."""
    path = find_browser()
    if path is None:
        if os.environ.get("NESTLAB_REQUIRE_BROWSER"):
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=EXPECT_TIMEOUT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(path), args=BROWSER_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def browser_context(browser):
    """One context for all pages: JupyterLab's files stay in its cache."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture(scope="session")
def jupyter_server(tmp_path_factory):
    """A server with an own configuration, and an empty folder."""
    home, folder = tmp_path_factory.mktemp("jupyter"), tmp_path_factory.mktemp("notebooks")
    with running_server(home, folder) as server:
        yield server


@pytest.fixture
def page(browser_context, jupyter_server):
    """A fresh page; afterwards its kernels end, and whatever it asked for beyond this computer fails the test."""
    page = browser_context.new_page()
    outside = []
    page.on(
        "request",
        lambda request: (
            outside.append(request.url) if _leaves(request.url, jupyter_server.url) else None
        ),
    )
    yield page
    page.close()
    _end_kernels(jupyter_server)
    assert not outside, f"the page asked for {outside}"


def _leaves(url, home):
    return (
        url.startswith(("http:", "https:", "ws:", "wss:"))
        and home.removeprefix("http://") not in url.split("/")[2]
    )


def _end_kernels(server):
    import json

    for session in json.loads(server.request("/api/sessions")):
        server.request(f"/api/sessions/{session['id']}", "DELETE")
