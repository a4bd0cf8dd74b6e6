"""Pyodide: Python for browsers, from the package of that name in the npm registry."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nestlab.dataclass import dataclass
from nestlab.errors import UsageError
from nestlab.texts import tr

VERSION = "314.0.7"
ARCHIVE = f"pyodide-{VERSION}.tgz"
ADDRESS = f"https://registry.npmjs.org/pyodide/-/{ARCHIVE}"
SHA512 = "0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A=="
"""The digest of the archive as npm states it (``dist.integrity``)."""

LOCK = "pyodide-lock.json"
LIBRARY = "python_stdlib.zip"
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", LIBRARY)
"""The files that a page loads, besides the list of packages."""

_DOWNLOAD_SECONDS = 600


@dataclass(frozen=True)
class Pyodide:
    """The files of Pyodide's core by name, and the ``info`` of its list of packages."""

    files: Mapping[str, bytes]
    info: Mapping[str, Any]

    @property
    def python(self) -> str:
        """The version of its Python, such as ``3.14.2``."""
        return str(self.info["python"])


def read(archive: Path) -> Pyodide:
    """Return Pyodide from its archive; raises UsageError if it is another file."""
    content = archive.read_bytes()
    if base64.b64encode(hashlib.sha512(content).digest()).decode("ascii") != SHA512:
        message = tr("{file} is not {name} as published on npm.", file=archive, name=ARCHIVE)
        raise UsageError(message, hint=tr("Download it again: {address}", address=ADDRESS))
    with tarfile.open(archive) as files:
        found = {name: _content(files, name) for name in (*CORE, LOCK)}
    return Pyodide({name: found[name] for name in CORE}, json.loads(found[LOCK])["info"])


def _content(files: tarfile.TarFile, name: str) -> bytes:
    member = files.extractfile(f"package/{name}")
    if member is None:
        msg = f"{ARCHIVE} has no file {name}"  # not shown
        raise ValueError(msg)
    return member.read()


def get_archive(cache: Path) -> Path:
    """Return the archive in a cache folder; npm downloads it to there if it is missing.

    Raises UsageError if there is no npm, or its registry does not answer.
    """
    archive = cache / ARCHIVE
    if archive.is_file():
        return archive
    npm = shutil.which("npm")
    if npm is None:
        message = tr(
            "Pyodide {version} is missing, and so is npm, which downloads it.",
            version=VERSION,
        )
        raise UsageError(message, hint=_by_hand())
    cache.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=cache) as folder:
        _download(npm, Path(folder))
        (Path(folder) / ARCHIVE).replace(archive)
    return archive


def _download(npm: str, folder: Path) -> None:
    try:
        done = subprocess.run(
            _command(npm),
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_DOWNLOAD_SECONDS,
            check=False,
        )
        problem = done.stderr.strip() or done.stdout.strip()
    except subprocess.TimeoutExpired:
        problem = tr("no answer in {seconds} seconds", seconds=_DOWNLOAD_SECONDS)
    if not (folder / ARCHIVE).is_file():
        message = tr(
            "npm could not download Pyodide {version}: {problem}", version=VERSION, problem=problem
        )
        raise UsageError(message, hint=_by_hand())


def _command(npm: str) -> list[str]:
    return [npm, "pack", f"pyodide@{VERSION}", "--silent"]


def _by_hand() -> str:
    return tr(
        "Download {address}, and name the file: nestlab lite -o DIR --pyodide FILE", address=ADDRESS
    )
