"""The archive of Python's standard library in the site, with packages in it.

Pyodide unpacks each package, file by file, before the kernel starts, whether it is needed or not:
more than two thousand files of which the first cells of a notebook import a few hundred. What is in
the archive of the standard library is imported from there, by :mod:`zipimport`, and costs nothing
until then.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator

from nestlab.cli.lite.kernel_start import FOLDER, ON_DEMAND
from nestlab.cli.lite.wheels import Wheel

UNPACKED = ("micropip", "piplite", "pyodide-kernel", "ipython", "nestlab")
"""The packages that stay files of their own, which Pyodide unpacks before the kernel starts.

The kernel asks for the first two by name; the next is imported as a whole, and would show a warning
of ``strptime`` if it was in the same archive as that; the last two read files of their own by path.
"""

_FIXED_TIME = (2020, 1, 1, 0, 0, 0)


def with_packages(library: bytes, wheels: Iterable[Wheel]) -> bytes:
    """Return the archive of the standard library with these packages in it.

    The same input gives the same bytes.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in _files(library, wheels):
            entry = zipfile.ZipInfo(path, _FIXED_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


def _files(library: bytes, wheels: Iterable[Wheel]) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(library)) as archive:
        for path in archive.namelist():
            if not path.endswith("/"):
                yield path, archive.read(path)
    for wheel in wheels:
        folder = FOLDER if wheel.name in ON_DEMAND else ""
        for path, content in sorted(wheel.files.items()):
            yield f"{folder}{path}", content
