"""``nestlab lite``: build a static site with nestlab in it."""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from nestlab.cli.command import Subcommand
from nestlab.cli.console import Console
from nestlab.cli.copy_notebooks import shipped
from nestlab.texts import language, mark, tr


def _run(options: argparse.Namespace, console: Console) -> int:
    from platformdirs import user_cache_path  # noqa: PLC0415  # keeps --help quick

    from nestlab.cli.lite import pyodide, site  # noqa: PLC0415  # as above
    from nestlab.cli.lite.wheels import installed_wheels  # noqa: PLC0415  # as above

    target = options.output.expanduser()
    site.require_replaceable(target)
    site.require_builder()
    contents = shipped()
    archive = options.pyodide or pyodide.get_archive(user_cache_path("nestlab", appauthor=False))
    core = pyodide.read(archive)
    with TemporaryDirectory(prefix="nestlab-") as work:
        wheels = installed_wheels(core.python).values()
        built = site.build(core, wheels, contents, Path(work), language())
        site.replace_site(built, target)
    size = site.size(target)
    if console.as_json:
        console.document({"folder": str(target), "bytes": size, "pyodide": pyodide.VERSION})
    console.line(tr("The site is in {folder}: {size} MB.", folder=target, size=round(size / 1e6)))
    console.line(tr("Try it: {command}", command=f"python -m http.server --directory {target}"))
    console.line(tr("Then open {address}", address=f"http://localhost:8000/{site.START_PAGE}"))
    return 0


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o", "--output", metavar="DIR", type=Path, required=True,
        help=tr("the folder to write: a new or an empty one, or a site from before, which is replaced"),
    )  # fmt: skip
    parser.add_argument(
        "--pyodide", metavar="FILE", type=Path,
        help=tr("the archive of Pyodide from npm; without it, npm downloads it once"),
    )  # fmt: skip


COMMAND = Subcommand(
    name="lite",
    summary="build a static site with the notebooks, where Python runs in the browser",
    description=(
        "Build a static site: JupyterLab, the notebooks and nestlab with its simulated host, all in the browser.\n"
        "Any web server can serve the folder, over https or on localhost. The site makes no request to anywhere else."
    ),
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab lite -o site",
        mark("nestlab --language es lite -o sitio      a site in Spanish"),
    ),
)
