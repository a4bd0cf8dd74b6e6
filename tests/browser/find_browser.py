"""Find a Chromium, Chrome or Edge that is installed already."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
)
MAC_APPLICATIONS = (
    "Chromium.app/Contents/MacOS/Chromium",
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
WINDOWS_PROGRAMS = (
    r"Google\Chrome\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
    r"Chromium\Application\chrome.exe",
)


def candidates() -> Iterator[Path]:
    """Yield the places to look at, in order of preference."""
    if named := os.environ.get("NESTLAB_BROWSER"):
        yield Path(named)
    for command in COMMANDS:
        if found := shutil.which(command):
            yield Path(found)
    if sys.platform == "darwin":
        yield from (
            folder / name
            for folder in (Path("/Applications"), Path.home() / "Applications")
            for name in MAC_APPLICATIONS
        )
    if sys.platform == "win32":
        roots = [
            os.environ.get(name) for name in ("ProgramFiles", "ProgramFiles(x86)", "LocalAppData")
        ]
        yield from (Path(root) / program for root in roots if root for program in WINDOWS_PROGRAMS)


def find_browser() -> Path | None:
    """Return the first browser that is there."""
    return next((path for path in candidates() if path.is_file()), None)
