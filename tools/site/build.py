"""Build the documentation site: ``python tools/site/build.py [FOLDER]``, by default build/site.

Ends with exit code 1 where anything is to be warned of: a link or an anchor that leads nowhere, a
page that the navigation does not have, a docstring that cannot be read. Needs the extra ``docs``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import api
import assemble
import yaml

HERE = Path(__file__).parent


def configuration(pages: Path, site: Path) -> dict[str, Any]:
    """Return the configuration in mkdocs.yml, with the folders and the pages of the API."""
    config: dict[str, Any] = yaml.safe_load((HERE / "mkdocs.yml").read_text(encoding="utf-8"))
    config |= {"docs_dir": str(pages), "site_dir": str(site.resolve())}
    (mkdocstrings,) = (p["mkdocstrings"] for p in config["plugins"] if isinstance(p, dict))
    python = mkdocstrings["handlers"]["python"]
    python["paths"] = [str(assemble.ROOT)]
    extensions = ("doctests.py", "dataclasses_of_nestlab.py")
    python["options"]["extensions"] = [str(HERE / name) for name in extensions]
    (reference,) = (part["Reference"] for part in config["nav"] if "Reference" in part)
    (entry,) = (entry for entry in reference if isinstance(entry, dict) and "API" in entry)
    entry["API"] = [page.path for page in api.pages(assemble.ROOT)]
    named = set(_pages(config["nav"]))
    found = sorted(path.relative_to(pages).as_posix() for path in pages.rglob("*.md"))
    reference += [page for page in found if page not in named]  # until the navigation has a place
    return config


def _pages(nav: Any) -> Iterator[str]:
    """List the pages that a navigation names."""
    if isinstance(nav, str):
        yield nav
    else:
        for entry in nav.values() if isinstance(nav, dict) else nav:
            yield from _pages(entry)


def build(site: Path) -> int:
    """Build the site into a folder, and return the exit code of mkdocs."""
    os.environ["NESTLAB_LANGUAGE"] = "en"  # of the generated pages, and of the doctests
    with tempfile.TemporaryDirectory() as work:
        pages = Path(work).resolve() / "docs"
        assemble.assemble(pages)
        config = pages.parent / "mkdocs.yml"
        config.write_text(yaml.safe_dump(configuration(pages, site)), encoding="utf-8")
        # Not --quiet: it silences the warnings before --strict counts them.
        return subprocess.run(
            [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(config)],
            env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONUTF8": "1"},
            check=False,
        ).returncode


if __name__ == "__main__":
    sys.exit(build(Path(sys.argv[1]) if sys.argv[1:] else assemble.ROOT / "build" / "site"))
