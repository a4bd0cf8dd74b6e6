"""Compile the modules in wheels and in the standard library, with Pyodide's own Python.

Started by ``compile_wheels.mjs``, with Pyodide and the wheels in the folder ``/wheels``; replaces
each of them. Browsers then need not compile them: Pyodide's archive of the standard library has
sources only, and compiling what Python imports took more than half of its start. Sources are left
out, to transfer and unpack less, except those of the simulated host's cmdlets, which it reads to
find a handler.
"""

import importlib.util
import marshal
import sys
import sysconfig
import warnings
import zipfile
from pathlib import Path

_FIXED_TIME = (2020, 1, 1, 0, 0, 0)
_READ_AS_SOURCE = "nestlab/simulator/cmdlets/"
# The docstrings of networkx are half of its size.
_WITHOUT_DOCSTRINGS = "networkx/"


def compiled(path: str, source: bytes) -> bytes:
    """Return the byte code of a module as the content of a ``.pyc`` file (PEP 552).

    It has an unchecked hash, since the source is left out.
    """
    level = 2 if f"/{_WITHOUT_DOCSTRINGS}" in path else 0
    code = compile(source, path, "exec", dont_inherit=True, optimize=level)
    digest = importlib.util.source_hash(source)
    return b"".join(
        (importlib.util.MAGIC_NUMBER, (0b01).to_bytes(4, "little"), digest, marshal.dumps(code))
    )


def written_for(name: str, content: bytes, folder: str) -> list[tuple[str, bytes]]:
    """Return the files for one file of an archive, which is in that folder or unpacked there."""
    if not name.endswith(".py"):
        return [(name, content)]
    try:
        code = compiled(f"{folder}/{name}", content)
    except (SyntaxError, ValueError):
        return [(name, content)]
    if name.startswith(_READ_AS_SOURCE):
        return [(name, content), (importlib.util.cache_from_source(name), code)]
    return [(f"{name}c", code)]


def compile_archive(file: Path, folder: str) -> None:
    """Replace the modules of an archive by byte code; what cannot be compiled stays a source."""
    with zipfile.ZipFile(file) as archive:
        files = {name: archive.read(name) for name in archive.namelist() if name[-1] != "/"}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in files.items():
            for written, data in written_for(name, content, folder):
                entry = zipfile.ZipInfo(written, _FIXED_TIME)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, data)


def main() -> None:
    """Compile all wheels and the standard library."""
    warnings.simplefilter("ignore")  # invalid escapes in third-party packages
    wheels = Path("/wheels")
    (library,) = (path for path in sys.path if path.endswith(".zip"))
    compile_archive(wheels / "python_stdlib.zip", library)
    for file in sorted(wheels.glob("*.whl")):
        compile_archive(file, sysconfig.get_path("purelib"))


if __name__ == "__main__":
    main()
