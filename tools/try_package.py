"""Use a built package as its users do: ``python tools/try_package.py dist [PYTHON ...]``.

For the wheel and the source distribution in a folder, with each Python (by default this one): an
environment of its own, an empty current folder and an empty home folder. Then nestlab is installed,
``nestlab --no-browser`` serves its notebooks, each notebook runs from top to bottom, and ``nestlab
doctor`` ends with exit code 0. Each step is printed with its seconds; the first failure ends it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

EXECUTE = """
import sys, pathlib, nbformat
from nbclient import NotebookClient
for path in sorted(pathlib.Path(sys.argv[1]).glob("**/[0-9][0-9]-*.ipynb")):
    notebook = nbformat.read(path, as_version=4)
    place = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=600, resources=place).execute()
    print(path.name, flush=True)
"""
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\S*\?token=\w+")
PATIENCE = 300
"""Seconds for the server to start on a slow machine."""


class Trial:
    """One package in one environment."""

    def __init__(self, package: Path, python: str, folder: Path) -> None:
        self.package, self.python, self.folder = package, python, folder
        for name in ("here", "home"):
            (folder / name).mkdir()
        self.programs = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
        left_out = ("PYTHON", "JUPYTER", "NESTLAB", "XDG", "VIRTUAL_ENV", "IPYTHON")
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(left_out)},
            "HOME": str(folder / "home"),
            "USERPROFILE": str(folder / "home"),
            "PATH": os.pathsep.join([str(self.programs), os.environ["PATH"]]),
            "PYTHONUTF8": "1",
        }

    def run(self, *words: str | Path) -> str:
        """Run a program of the environment in the empty folder, and return what it prints."""
        run = subprocess.run(
            words,
            cwd=self.folder / "here",
            env=self.environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        if run.returncode:
            message = f"exit code {run.returncode}: {words}\n{run.stdout}\n{run.stderr}"
            raise SystemExit(message)
        return run.stdout

    def install(self) -> str:
        """Install the package, with uv where it is installed."""
        subprocess.run([self.python, "-m", "venv", self.folder / "venv"], check=True)
        python = self.programs / "python"
        uv = shutil.which("uv")
        pip = [uv, "pip", "install", "--python", python] if uv else [python, "-m", "pip", "install"]
        self.run(*pip, "-q", self.package)
        return self.run(self.programs / "nestlab", "--version").strip()

    def serve(self) -> str:
        """Start the notebooks' server, ask it for the notebooks, and stop it."""
        with subprocess.Popen(
            [self.programs / "nestlab", "--no-browser"],
            cwd=self.folder / "here",
            env=self.environment,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        ) as server:
            watch = threading.Timer(PATIENCE, server.kill)
            watch.start()
            try:
                address = self._address(server)
                contents = address.replace("/lab/tree/00-start-here.ipynb", "/api/contents")
                found = len(set(re.findall(rb"\d\d-[a-z-]+\.ipynb", self._get(contents))))
            finally:
                watch.cancel()
                server.kill()
        return f"{address.partition('?')[0]}, {found} notebooks"

    @staticmethod
    def _get(address: str) -> bytes:
        """Get a page; the server prints its address before it listens."""
        ends = time.monotonic() + PATIENCE
        while True:
            try:
                with urllib.request.urlopen(address) as answer:  # noqa: S310  # of this computer
                    return bytes(answer.read())
            except urllib.error.URLError:
                if time.monotonic() > ends:
                    raise
                time.sleep(0.5)

    @staticmethod
    def _address(server: subprocess.Popen[str]) -> str:
        lines = []
        for line in server.stderr or ():
            lines.append(line)
            if match := ADDRESS.search(line):
                return match[0]
        message = f"the server gave no address:\n{''.join(lines)}"
        raise SystemExit(message)

    def notebooks(self) -> str:
        """Run the notebooks of the user's copy from top to bottom."""
        folder = self.folder / "home" / "nestlab-notebooks"
        done = self.run(self.programs / "python", "-c", EXECUTE, folder).split()
        if not done:
            message = f"there are no notebooks in {folder}"
            raise SystemExit(message)
        return f"{len(done)} run"

    def doctor(self) -> str:
        """Run the doctor."""
        return self.run(self.programs / "nestlab", "doctor").strip().splitlines()[-1]


def main(folder: Path, pythons: list[str]) -> None:
    """Try each package with each Python."""
    packages = [next(folder.resolve().glob(f"nestlab-*{end}")) for end in (".whl", ".tar.gz")]
    for python in pythons:
        for package in packages:
            version = subprocess.run([python, "-V"], capture_output=True, text=True, check=True)
            sys.stdout.write(f"{package.name} on {version.stdout}")
            with tempfile.TemporaryDirectory() as work:
                trial = Trial(package, python, Path(work))
                for step in (trial.install, trial.serve, trial.notebooks, trial.doctor):
                    started = time.monotonic()
                    text = step()
                    seconds = time.monotonic() - started
                    sys.stdout.write(f"  {step.__name__:9} {seconds:6.1f} s  {text}\n")
                    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or [sys.executable])
