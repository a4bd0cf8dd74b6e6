"""Put the Markdown of the site together: ``docs/`` and the pages that are generated.

A page is generated from the code or from a file outside ``docs/``, so nothing is written twice.
Links in Markdown are those of the repository (they work on a code host); here each becomes a link
to the page made from that file, or to a copy of the file in the site.
"""

from __future__ import annotations

import posixpath
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import api
import architecture
import command_line
import diagrams
import errors
import file_keys
import tutorial

ROOT = Path(__file__).parents[2]
COPIES = "source"
LINK = re.compile(r"(?<!\\)(\]\()([^)\s#:]+)(#[^)\s]*)?\)")

# Pages made from a file of the repository: page in the site -> that file.
FROM_FILES = {
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
    **{
        f"tutorial/{tutorial.page(path)}": path.relative_to(ROOT).as_posix()
        for path in tutorial.paths(ROOT)
    },
}
# Pages made from the code.
FROM_CODE: dict[str, Callable[[], str]] = {
    "reference/command-line.md": command_line.page,
    "reference/scenario-file.md": file_keys.scenario_page,
    "reference/errors.md": errors.page,
    **{page.path: page.text for page in api.pages(ROOT)},
}
PAGE_OF = {source: page for page, source in FROM_FILES.items()}


def assemble(folder: Path) -> None:
    """Write every page, picture and linked file of the site into an empty folder."""
    shutil.copytree(ROOT / "docs", folder)
    texts = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*.md")
    }
    texts |= {page: _from_file(ROOT / source) for page, source in FROM_FILES.items()}
    texts |= {page: make() for page, make in FROM_CODE.items()}
    for page, text in texts.items():
        path = folder / page
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = diagrams.with_tables(architecture.with_layers(text, ROOT))
        linked = with_site_links(page, whole)
        path.write_text(linked, encoding="utf-8", newline="\n")
        for copied in _copies(page, text):
            (folder / copied).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / source_of(copied), folder / copied)


def _from_file(path: Path) -> str:
    return tutorial.markdown(path) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")


def with_site_links(page: str, text: str) -> str:
    """Return the text of a page with links of the repository turned into links of the site."""

    def site_link(match: re.Match[str]) -> str:
        target = site_target(page, match[2])
        link = posixpath.relpath(target, posixpath.dirname(page) or ".") if target else match[2]
        return f"{match[1]}{link}{match[3] or ''})"

    return LINK.sub(site_link, text)


def site_target(page: str, link: str) -> str | None:
    """Return the path in the site that a link leads to; None where it is right as it is."""
    source = FROM_FILES.get(page, f"docs/{page}")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(source), link))
    if target in PAGE_OF:
        return PAGE_OF[target]
    if target.startswith("docs/"):
        return target.removeprefix("docs/")
    if not (ROOT / target).is_file():
        return None
    # Markdown would become a page of its own, with links that lead nowhere in the site.
    return f"{COPIES}/{target}{'.txt' if target.endswith('.md') else ''}"


def source_of(copied: str) -> str:
    """Return the file of the repository that a copy in the site was made from."""
    return copied.removeprefix(f"{COPIES}/").removesuffix(".txt")


def _copies(page: str, text: str) -> set[str]:
    targets = {site_target(page, match[2]) or "" for match in LINK.finditer(text)}
    return {target for target in targets if target.startswith(f"{COPIES}/")}
