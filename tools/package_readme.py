"""The text of the package's page: README.md without what only the source has.

A hook of hatchling, which builds the package; it runs wherever nestlab is built or installed from
its source, so it needs nothing but hatchling. On a page outside the source, a link to a file leads
nowhere, and a picture from a file is not shown: the first becomes its text with the name of the
file, the second is left out.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_ELSEWHERE = r"(?:https?|mailto):|#"
_PICTURE = re.compile(rf"!\[[^\]]*\]\((?!{_ELSEWHERE})[^)]*\)\n*")
_LINK = re.compile(rf"\[([^\]]*)\]\((?!{_ELSEWHERE})([^)#]*)(?:#[^)]*)?\)")


def package_readme(text: str) -> str:
    """Return README.md for a page outside the source: no pictures and no links of files.

    >>> package_readme("More: [Images](docs/images.md), [LICENSE](LICENSE).")
    'More: Images (`docs/images.md`), `LICENSE`.'
    """
    return _LINK.sub(_named, _PICTURE.sub("", text))


def _named(link: re.Match[str]) -> str:
    text, path = link[1], link[2]
    if text == path:
        return f"`{path}`"
    plain = text.strip("`")
    return f"`{path}`" if plain == path else f"{text} (`{path}`)"


class CustomMetadataHook(MetadataHookInterface):
    """Gives the package its long description."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the readme, in the form of a project table (PEP 621)."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": package_readme(text)}
