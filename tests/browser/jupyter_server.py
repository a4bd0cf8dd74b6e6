"""A JupyterLab server with the flags that `nestlab` starts with."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nestlab.cli.notebooks import lab_arguments


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


@contextmanager
def running_server(home: Path, folder: Path) -> Iterator[JupyterServer]:
    """Run a server that shows a folder, with its configuration in another one."""
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


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _wait_until_up(server: JupyterServer, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(480):
        if process.poll() is not None:
            break
        try:
            server.request("/api/status")
        except OSError:
            time.sleep(0.25)
        else:
            return
    said = log.read_text(encoding="utf-8", errors="replace")[-3000:]
    raise RuntimeError(f"JupyterLab did not come up:\n{said}")
