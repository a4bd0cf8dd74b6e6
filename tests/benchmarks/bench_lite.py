"""How soon a page of ``nestlab lite`` is ready, beside a plain build: ``python -m tests.benchmarks.bench_lite [RUNS]``.

The plain build is the same pages with the same packages, as JupyterLite arranges them without
nestlab's command: Pyodide as it is published, each package a wheel with its sources, and the kernel
started by the notebook, with its installer and an index of wheels. Both are opened turn about in a
new browser each, so that what else the machine does meets both. The page is there when the notebook
is drawn, the kernel when it is idle, and the import is ``import nestlab, nestlab.notebook``.

It needs the extra ``lite``, the extra ``test`` with a Chromium, and the registries of npm and PyPI (for
micropip, with which the plain build installs its kernel). NESTLAB_LITE_PYODIDE names Pyodide's
archive where it is not to be downloaded.
"""

from __future__ import annotations

import functools
import hashlib
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from statistics import median

from playwright.sync_api import Playwright, sync_playwright

from nestlab.cli import main as nestlab
from nestlab.cli.lite import pyodide, site
from nestlab.cli.lite.wheels import Wheel, installed_wheels
from tests.browser.conftest import BROWSER_ARGUMENTS
from tests.browser.find_browser import find_browser

MICROPIP = "0.11.1"
NOTEBOOK = "00-start-here.ipynb"
KERNEL = "@jupyterlite/pyodide-kernel-extension"
PARTS = ("page", "kernel", "import")
PATIENCE = 600_000
"""Milliseconds for each part, on a slow machine."""

IMPORT = """() => {
    const shown = [...window.jupyterapp.shell.widgets('main')].find(each => each.sessionContext);
    const {kernel} = shown.sessionContext.session;
    return kernel.requestExecute({code: 'import nestlab, nestlab.notebook'}).done.then(
        reply => reply.content.status);
}"""


class Files(http.server.SimpleHTTPRequestHandler):
    """Any static server, but for the setting that gives the benchmark JupyterLab's own objects."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *given: object) -> None:
        pass

    def do_GET(self) -> None:
        if not self.path.split("?")[0].endswith("/jupyter-lite.json"):
            super().do_GET()
            return
        settings = json.loads(Path(self.translate_path(self.path)).read_bytes())
        settings.setdefault("jupyter-config-data", {})["exposeAppInBrowser"] = True
        content = json.dumps(settings).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def micropip(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "-q", "-d", str(folder)]
    browser = ["--only-binary", ":all:", "--python-version", "3.14"]
    subprocess.run([*command, *browser, f"micropip=={MICROPIP}"], check=True)
    (wheel,) = folder.glob("micropip-*.whl")
    return wheel


@contextmanager
def served(folder: Path) -> Iterator[str]:
    handler = functools.partial(Files, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def plain(built: Path, target: Path, archive: Path, installer: Path) -> None:
    """Copy a site, and arrange its packages and its kernel as JupyterLite does by itself."""
    shutil.copytree(built, target)
    folder = target / "static" / "pyodide"
    for file in folder.glob("*.whl"):
        file.unlink()
    core = pyodide.read(archive)
    for name, content in core.files.items():
        (folder / name).write_bytes(content)
    wheels = [*installed_wheels(core.python, ("nestlab", "comm", "ipython", "packaging")).values()]
    listed = {wheel.name: _listed(wheel, wheel.content(), folder) for wheel in wheels}
    own = Wheel("micropip", MICROPIP, ("packaging",), {"micropip/__init__.py": b""})
    listed["micropip"] = _listed(own, installer.read_bytes(), folder)
    lock = {"info": dict(core.info), "packages": listed}
    (folder / pyodide.LOCK).write_text(json.dumps(lock), encoding="utf-8")
    index = target / "extensions" / KERNEL / "static" / "pypi"
    shutil.copytree(
        site.extension_folder("jupyterlite-pyodide-kernel") / "static" / "pypi",
        index,
        dirs_exist_ok=True,
    )
    _start_plainly(target / "jupyter-lite.json")


def _listed(wheel: Wheel, content: bytes, folder: Path) -> dict[str, object]:
    (folder / wheel.file_name).write_bytes(content)
    return {
        "depends": list(wheel.requires),
        "file_name": wheel.file_name,
        "imports": list(wheel.imports),
        "install_dir": "site",
        "name": wheel.name,
        "package_type": "package",
        "sha256": hashlib.sha256(content).hexdigest(),
        "unvendored_tests": False,
        "version": wheel.version,
    }


def _start_plainly(file: Path) -> None:
    settings = json.loads(file.read_bytes())
    data = settings["jupyter-config-data"]
    data.pop("disabledExtensions", None)
    extensions = data["federated_extensions"]
    data["federated_extensions"] = [
        each for each in extensions if each["name"] != "nestlab-early-kernel"
    ]
    kernel = data["litePluginSettings"][f"{KERNEL}:kernel"]
    kernel.pop("loadPyodideOptions")
    kernel["pipliteUrls"] = [f"./extensions/{KERNEL}/static/pypi/all.json"]
    file.write_text(json.dumps(settings), encoding="utf-8")


def ready(playwright: Playwright, folder: Path) -> list[float]:
    """Return the seconds until the page, the kernel and the first import are there, each from the one before."""
    with served(folder) as address:
        browser = playwright.chromium.launch(
            executable_path=str(find_browser()), args=BROWSER_ARGUMENTS
        )
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(PATIENCE)
        times = [time.perf_counter()]
        page.goto(f"{address}/lab/index.html?path={NOTEBOOK}", wait_until="domcontentloaded")
        page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)").wait_for()
        times.append(time.perf_counter())
        page.get_by_role("button", name=re.compile(r"Python.*\| Idle")).wait_for()
        times.append(time.perf_counter())
        status = page.evaluate(IMPORT)
        times.append(time.perf_counter())
        browser.close()
    assert status == "ok", status
    return [after - before for before, after in pairwise(times)]


def row(what: str, seconds: list[float]) -> None:
    parts = "".join(f"{part:>9.1f} s" for part in (*seconds, sum(seconds)))
    print(f"{what:<14}{parts}", flush=True)


def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as work, sync_playwright() as playwright:
        built, beside = Path(work) / "site", Path(work) / "plain"
        archive = Path(os.environ.get("NESTLAB_LITE_PYODIDE") or pyodide.get_archive(Path(work)))
        assert nestlab(["lite", "-o", str(built), "--pyodide", str(archive)]) == 0
        plain(built, beside, archive, micropip(Path(work)))
        print(f"{'':<14}{''.join(f'{part:>11}' for part in (*PARTS, 'all'))}")
        found: dict[str, list[list[float]]] = {"plain": [], "nestlab lite": []}
        for _ in range(runs):
            for name, folder in (("plain", beside), ("nestlab lite", built)):
                found[name].append(ready(playwright, folder))
                row(name, found[name][-1])
        halves = [median(map(sum, each)) for each in found.values()]
        for name, each in found.items():
            row(f"{name}, median", [median(part) for part in zip(*each, strict=True)])
        print(f"median of all: {halves[1]:.1f} s of {halves[0]:.1f} s, {halves[1] / halves[0]:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 3)
