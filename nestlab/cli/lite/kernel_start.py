"""What a site of ``nestlab lite`` changes in Python before the kernel starts.

The kernel first imports its installer, ``piplite.piplite``; in the site, that is this module.
"""

import importlib
import sys
import zipfile
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path

ON_DEMAND = ("jedi", "parso")
"""Packages that only completion in a cell needs, and that read files of their own."""

FOLDER = "on_demand/"
"""The folder with them, in the archive of the standard library."""


class UnpackOnImport:
    """A finder that unpacks packages from an archive when the first of them is imported.

    Args:
        archive: a zip file with the packages in its folder ``on_demand``.
        target: a folder in which Python looks for modules.
    """

    def __init__(self, archive: Path, target: Path) -> None:
        self._archive, self._target = archive, target

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: object = None
    ) -> ModuleSpec | None:
        """Unpack the packages if a module is one of them; the other finders then find it."""
        if name in ON_DEMAND:
            sys.meta_path.remove(self)
            self._unpack()
            importlib.invalidate_caches()
        return None

    def _unpack(self) -> None:
        with zipfile.ZipFile(self._archive) as file:
            for name in file.namelist():
                if name.startswith(FOLDER):
                    path = self._target / name.removeprefix(FOLDER)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(file.read(name))


def look_in_own_folder_last(path: list[str]) -> None:
    """Move the current folder to the end of the places where Python looks for modules.

    It is the notebook's folder, and each look at it is a request to the page: at the front, one or
    more for each module that is imported. Modules beside a notebook are imported as before.
    """
    if "" in path:
        path.remove("")
        path.append("")


def main() -> None:
    """Change this Python."""
    look_in_own_folder_last(sys.path)
    archive = next(path for path in sys.path if path.endswith(".zip"))
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    sys.meta_path.insert(0, UnpackOnImport(Path(archive), Path(packages)))


if __name__ == "piplite.piplite":
    main()
