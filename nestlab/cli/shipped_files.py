"""The notebooks, topologies and pages that come with nestlab, as they are copied for a user.

In a clone they are in ``notebooks/`` and ``docs/``; a package has both in ``nestlab/shipped``. A
copy has the notebooks at its top, with ``topologies/``, ``workshops/`` and ``docs/`` beside them,
and those in another language in a folder each; links that cross these folders are changed
accordingly. What a user has written in a clone is not part of them.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from nestlab.pattern import pattern

START = "00-start-here.ipynb"
PACKAGE = Path(__file__).resolve().parents[1]
_PATTERNS = (
    "docs/**/*.*",
    "notebooks/[a-z][a-z]/[0-9][0-9]-*.ipynb",
    "notebooks/[a-z][a-z]/topologies/**/*.yml",
    "notebooks/[a-z][a-z]/workshops/*.*",
    "notebooks/topologies/**/*.yml",
    "notebooks/workshops/*.*",
    "notebooks/[0-9][0-9]-*.ipynb",
)
_LINK = pattern(
    r"(?P<image>!?)\[(?P<text>[^\[\]]*)\]"  # not shown
    r"\((?P<target>[\w./-]+\.\w+)(?P<anchor>#[^)\s]*)?\)"  # not shown
)
_WITH_LINKS = (".ipynb", ".md")


def source_folder(package: Path = PACKAGE) -> Path | None:
    """Return the folder that has ``notebooks/`` and ``docs/``; None if there is none."""
    folders = (package / "shipped", package.parent)
    return next((each for each in folders if (each / "notebooks" / START).is_file()), None)


def shipped_files(source: Path) -> Mapping[str, bytes]:
    """Return the content of each file of a copy by its path there, with ``/``.

    The first notebook is the last file: if it exists, the copy is complete.
    """
    names = sorted(_names(source), key=lambda name: (name == f"notebooks/{START}", name))
    there = frozenset(names)
    return {_place(name): _content(source, name, there) for name in names}


def _names(source: Path) -> Iterator[str]:
    for each in _PATTERNS:
        for path in source.glob(each):
            name = path.relative_to(source).as_posix()
            if path.is_file() and not any(part.startswith(".") for part in name.split("/")):
                yield name


def _place(name: str) -> str:
    """Return the path in a copy of a file with this path in the repository.

    >>> _place("notebooks/es/00-start-here.ipynb"), _place("docs/index.md")
    ('es/00-start-here.ipynb', 'docs/index.md')
    """
    return name.removeprefix("notebooks/")


def _content(source: Path, name: str, there: frozenset[str]) -> bytes:
    content = (source / name).read_bytes()
    if not name.endswith(_WITH_LINKS):
        return content
    return _with_links(content.decode("utf-8"), name, there).encode("utf-8")


def _with_links(text: str, name: str, there: frozenset[str]) -> str:
    """Return a text with the links between the folders adapted to a copy.

    A link to a file that is only in the source is replaced by its text; an image is left out.

    >>> _with_links("[P](../docs/plan.md#steps)", "notebooks/1.ipynb", frozenset({"docs/plan.md"}))
    '[P](docs/plan.md#steps)'
    >>> _with_links("A![P](a.png)B", "docs/index.md", frozenset())
    'AB'
    """

    def in_copy(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), link["target"]))
        if target not in there:
            return "" if link["image"] else link["text"]
        start = posixpath.dirname(_place(name)) or "."
        place = posixpath.relpath(_place(target), start)
        return f"{link['image']}[{link['text']}]({place}{link['anchor'] or ''})"

    return _LINK.sub(in_copy, text)
