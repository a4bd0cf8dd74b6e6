"""``nestlab`` without a subcommand: open the notebooks in JupyterLab."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from nestlab.cli.console import Console
from nestlab.cli.copy_notebooks import FOLDER, copy_missing, shipped, user_folder
from nestlab.cli.free_port import free_port
from nestlab.cli.notebook_copy import NotebookCopy
from nestlab.cli.notebook_options import LOOPBACK
from nestlab.cli.shipped_files import START
from nestlab.errors import UsageError
from nestlab.texts import VARIABLE, language, tr
from nestlab.version import __version__

ROOT = Path(__file__).resolve().parents[2]


def run(options: argparse.Namespace, console: Console) -> int:
    """Start JupyterLab and wait until it ends."""
    folder = notebook_folder(ROOT, Path.cwd())
    if folder is None:
        folder = _own_copy(console)
    _tell_if_older(folder, console)
    arguments = lab_arguments(
        folder, port=options.port, app=options.app, browser=not options.no_browser, ip=options.ip
    )
    app = lab_application()
    # Without a port, JupyterLab looks for one itself: 0 checks the address alone.
    free_port(options.ip, options.port or 0)
    if chosen := getattr(options, "language", ""):
        os.environ[VARIABLE] = chosen  # for the kernels of the notebooks
    console.error_line(
        tr("nestlab: opening the notebooks in {folder}; stop with Ctrl-C", folder=folder)
    )
    return launch(app, arguments)


def lab_application() -> type:
    """Return the application of JupyterLab; raises UsageError where it is not installed."""
    try:
        from jupyterlab.labapp import LabApp  # noqa: PLC0415  # takes seconds to import
    except ImportError as error:
        message = tr("JupyterLab is not installed here.")
        raise UsageError(
            message,
            hint=tr(
                "Install nestlab again, with all that it needs: pip install --force-reinstall nestlab. In a clone, `python -m nestlab` installs what is missing."
            ),
        ) from error
    found: type = LabApp
    return found


def launch(app: type, arguments: list[str]) -> int:
    """Run an application of Jupyter until it ends; return its exit code."""
    sys.argv[1:] = []  # the server's sub-applications read it
    if sys.platform == "win32":  # Ctrl-Break is to stop the server as Ctrl-C does
        signal.signal(signal.SIGBREAK, signal.default_int_handler)
    try:
        app.launch_instance(arguments)  # type: ignore[attr-defined]  # jupyter_core is untyped
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def notebook_folder(root: Path, here: Path) -> Path | None:
    """Return the folder of the notebooks: the clone's, or one in the current folder; else None."""
    folders = (root / "notebooks", here / "notebooks", here, here / FOLDER)
    return next((folder for folder in folders if (folder / START).is_file()), None)


def _own_copy(console: Console) -> Path:
    """Return the user's copy of the notebooks, which the first start creates.

    Raises UsageError if it cannot be made.
    """
    folder = user_folder(Path.cwd())
    if (folder / START).is_file():
        return folder
    try:
        copy_missing(folder, shipped())
    except OSError as error:
        message = tr(
            "The notebooks cannot be copied to {folder}: {reason}.",
            folder=folder,
            reason=error.strerror or error,
        )
        raise UsageError(
            message,
            hint=tr("`nestlab notebooks --to DIR` copies them elsewhere; start `nestlab` there."),
        ) from error
    console.error_line(
        tr(
            "nestlab: the notebooks were copied to {folder}; they are yours to change",
            folder=folder,
        )
    )
    return folder


def _tell_if_older(folder: Path, console: Console) -> None:
    version = NotebookCopy.at(folder).version
    if version not in ("", __version__):
        console.error_line(
            tr(
                "nestlab: these notebooks are from nestlab {version}, this is {current}; `nestlab notebooks --update` shows what differs",
                version=version,
                current=__version__,
            )
        )


def _first(folder: Path) -> str:
    """Return the path of the first notebook in a folder of notebooks, in the chosen language."""
    translated = f"{language()}/{START}"
    return translated if (folder / translated).is_file() else START


def lab_arguments(
    folder: Path,
    *,
    port: int | None = None,
    app: bool = False,
    browser: bool = True,
    ip: str = LOOPBACK,
    start: str | None = None,
) -> list[str]:
    """Return JupyterLab's arguments: no news, no update checks, no outside connections.

    `start` is the path that is opened, by default the first notebook.
    """
    settings = Path(__file__).parent / "jupyter"
    view = "doc" if app else "lab"
    arguments = [
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url={start or f'/{view}/tree/{_first(folder)}'}",
        f"--LabApp.app_settings_dir={settings}",
        "--LabApp.extension_manager=readonly",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        f"--ServerApp.ip={ip}",
    ]
    if port is not None:
        arguments += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    if not browser:
        arguments.append("--ServerApp.open_browser=False")
    if os.name == "posix" and os.geteuid() == 0:
        arguments.append("--ServerApp.allow_root=True")  # a container's only user
    return arguments
