"""A file of an npm package, fetched by npm once and kept in the user's cache folder.

The packages are programs that read exported documents. They are megabytes, so the repository has
only their version and the hash that the registry publishes for it.
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import platformdirs

from tests.readers import not_available, program

CACHE = platformdirs.user_cache_path("nestlab-tests")


@dataclass(frozen=True)
class NpmPackage:
    """A version of a package, and the SHA-512 of its archive as `npm view NAME dist.integrity` says it."""

    name: str
    version: str
    integrity: str

    @property
    def spec(self) -> str:
        return f"{self.name}@{self.version}"

    def text(self, member: str) -> str:
        """Return a text file of the package; skips the test where the package cannot be had."""
        with tarfile.open(fileobj=BytesIO(self._archive())) as archive:
            file = archive.extractfile(f"package/{member}")
            assert file, f"{self.spec} has no file {member}"
            return file.read().decode("utf-8")

    def _archive(self) -> bytes:
        kept = CACHE / f"{self.name}-{self.version}.tgz"
        if not kept.is_file() or not self._is_whole(kept.read_bytes()):
            self._fetch(kept)
        content = kept.read_bytes()
        assert self._is_whole(content), f"{self.spec} is not the archive that was pinned"
        return content

    def _is_whole(self, content: bytes) -> bool:
        digest = base64.b64encode(hashlib.sha512(content).digest()).decode()
        return self.integrity == f"sha512-{digest}"

    def _fetch(self, kept: Path) -> None:
        npm = program("npm", "npm")
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
            command = [npm, "pack", self.spec, "--pack-destination", folder, "--ignore-scripts"]
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, check=False, timeout=300
            )
            packed = list(Path(folder).glob("*.tgz"))
            if done.returncode or len(packed) != 1:
                not_available(f"npm cannot fetch {self.spec}: {done.stderr.strip()[-300:]}")
            packed[0].replace(kept)
