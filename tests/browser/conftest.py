"""A JupyterLab server and a browser for the tests in this folder.

`page` is a fresh page on the shared server; `lab_page.py` has the ways to open and run a notebook
on it.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

from nestlab.cli.notebooks import lab_arguments
from tests.browser.find_browser import find_browser

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
NO_BROWSER = "no Chromium, Chrome or Edge found; name one in NESTLAB_BROWSER"


@dataclass(frozen=True)
class JupyterServer:
    """A running server: where it is, how to get in, and the folder it shows."""

    url: str
    token: str
    folder: Path

    def address(self, notebook: str, view: str = "lab") -> str:
        return f"{self.url}/{view}/tree/{notebook}?token={self.token}&reset"

    def request(self, path: str, method: str = "GET") -> bytes:
        request = urllib.request.Request(
            f"{self.url}{path}", method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()


@pytest.fixture(scope="session")
def browser():
    """The browser of this machine, headless."""
    path = find_browser()
    if path is None:
        if os.environ.get("NESTLAB_REQUIRE_BROWSER"):
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    from playwright.sync_api import sync_playwright

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
    """A server with the flags that `nestlab` starts with, an own configuration, and an empty folder."""
    home, folder = tmp_path_factory.mktemp("jupyter"), tmp_path_factory.mktemp("notebooks")
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    token, port = secrets.token_hex(16), _free_port()
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        *lab_arguments(folder, port=port, browser=False),
        "--LabApp.expose_app_in_browser=True",
        f"--IdentityProvider.token={token}",
    ]
    environment = {
        **os.environ,
        **{name: str(home / name.lower()) for name in names},
        "JUPYTER_PLATFORM_DIRS": "1",
    }
    log = home / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=environment, cwd=folder, stdout=output, stderr=subprocess.STDOUT
        )
    server = JupyterServer(f"http://127.0.0.1:{port}", token, folder)
    try:
        _wait_until_up(server, process, log)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


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


def _free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _wait_until_up(server, process, log):
    for _ in range(480):
        if process.poll() is not None:
            break
        try:
            server.request("/api/status")
        except OSError:
            time.sleep(0.25)
        else:
            return
    pytest.fail(
        f"JupyterLab did not come up:\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}"
    )
