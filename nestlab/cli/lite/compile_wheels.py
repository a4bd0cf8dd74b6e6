"""Compile the modules in wheels; run by Pyodide's own Python, whose byte code the site needs.

Started by ``compile_wheels.mjs``, with the wheels in the folder ``/wheels``; replaces each of them.
No browser then has to compile them. nestlab keeps its sources, some of which it reads; the other
packages have none, which is less to transfer.
"""

import importlib.util
import marshal
import warnings
import zipfile
from pathlib import Path

_FIXED_TIME = (2020, 1, 1, 0, 0, 0)


def compiled(path: str, source: bytes) -> bytes:
    """Return the byte code of a module as the content of a ``.pyc`` file (PEP 552).

    It is based on a hash that is not checked, since the source is not there.
    """
    code = compile(source, path, "exec", dont_inherit=True, optimize=0)
    digest = importlib.util.source_hash(source)
    return b"".join(
        (importlib.util.MAGIC_NUMBER, (0b01).to_bytes(4, "little"), digest, marshal.dumps(code))
    )


def written_for(name: str, content: bytes) -> list[tuple[str, bytes]]:
    """Return the files for one file of a wheel; what cannot be compiled stays a source."""
    if not name.endswith(".py"):
        return [(name, content)]
    try:
        code = compiled(f"/{name}", content)
    except (SyntaxError, ValueError):
        return [(name, content)]
    if name.startswith("nestlab/"):
        return [(name, content), (importlib.util.cache_from_source(name), code)]
    return [(f"{name}c", code)]


def compile_wheel(file: Path) -> None:
    """Replace the modules of a wheel by their byte code; what cannot be compiled stays a source."""
    with zipfile.ZipFile(file) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            for written, data in written_for(name, content):
                entry = zipfile.ZipInfo(written, _FIXED_TIME)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, data)


def main() -> None:
    """Compile all wheels."""
    warnings.simplefilter("ignore")  # invalid escapes in packages of others
    for file in sorted(Path("/wheels").glob("*.whl")):
        compile_wheel(file)


if __name__ == "__main__":
    main()
