"""Create the environment of a clone: ``.venv`` beside pyproject.toml, with all dependencies.

Standard library only.

`prepare` continues in this Python if everything is importable (a conda environment, ``uv run``,
an installed package). Otherwise it creates ``.venv``, installs into it with uv, or pip, or offline
from ``wheelhouse/``, and runs the same command line there. A stamp file in ``.venv`` records what
was installed, so that later starts skip this.
"""

from __future__ import annotations

import importlib.util
import io
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, redirect_stderr
from pathlib import Path
from typing import Any

from nestlab.bootstrap_installer import (
    SetupFailed,
    advice,
    install,
    install_command,
    installation_lock,
    python_of,
    say,
)
from nestlab.bootstrap_stamp import (
    TEST_EXTRAS,
    extras_for,
    installation_key,
    is_clone,
    is_current,
    is_inside,
    read_stamp,
    stamp_of,
)
from nestlab.texts import tr
from nestlab.texts.command_line import choose_language

RUN_MODULES = (
    "anywidget",
    "bcrypt",
    "cattrs",
    "cryptography",
    "filelock",
    "ipywidgets",
    "jupyterlab",
    "keyring",
    "matplotlib",
    "networkx",
    "platformdirs",
    "pypsrp",
    "rich",
    "spnego",
    "yaml",
)
TEST_MODULES = (
    "hatchling",
    "hypothesis",
    "importlinter",
    "mypy",
    "nbclient",
    "playwright",
    "psrpcore",
    "pytest",
    "pytest_timeout",
    "ruff",
    "xdist",
)


def prepare(arguments: Sequence[str]) -> int | None:
    """Return None to continue in this Python, or the exit code of the run in ``.venv``."""
    root = Path(__file__).resolve().parent.parent
    if not is_clone(root):
        return None
    choose_language(arguments)
    extras = extras_for(arguments)
    # The client of `simulate --stdio` waits for an answer, and treats output on standard error as
    # a failure: the server installs only what it cannot run without, and reports no progress.
    serving = "--stdio" in arguments
    environment = root / ".venv"
    try:
        has_stamp = is_inside(environment) and stamp_of(environment).exists()
        may_use_this_python = serving or not has_stamp
        if has_stamp and is_current(root, environment, extras):
            return None
        if may_use_this_python and not missing(
            RUN_MODULES + (TEST_MODULES if extras == TEST_EXTRAS else ())
        ):
            return None
        with installation_lock(environment), _silent() if serving else nullcontext():
            changed = _ensure_installed(root, environment, extras)
    except SetupFailed as failure:
        sys.stderr.write(f"nestlab: {failure}\n")
        return 2
    except OSError as error:
        sys.stderr.write(
            tr("nestlab: the environment cannot be created: {error}", error=error)
            + f"\n{advice(str(error))}\n"
        )
        return 2
    except KeyboardInterrupt:
        sys.stderr.write(tr("\nnestlab: interrupted. Start it again to continue.") + "\n")
        return 130
    if is_inside(environment) and not changed:
        return None
    return _run_in(environment, arguments)


def _silent() -> AbstractContextManager[Any]:
    return redirect_stderr(io.StringIO())


def missing(modules: Sequence[str]) -> list[str]:
    """Return the modules that cannot be found, without importing them.

    >>> missing(["json", "no_such_module", "no_such.module"])
    ['no_such_module', 'no_such.module']
    """
    return [name for name in modules if not _importable(name)]


def _importable(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # the parent package is missing
        return False


def _uv() -> str | None:
    """Return the path of uv if it is installed and runs."""
    uv = shutil.which("uv")
    try:
        return (
            uv
            if uv
            and subprocess.run([uv, "--version"], capture_output=True, check=False).returncode == 0
            else None
        )
    except OSError:
        return None


def _ensure_installed(root: Path, environment: Path, extras: Sequence[str]) -> bool:
    """Create or repair the environment; return whether anything was installed."""
    works = _works(environment)
    if works and is_current(root, environment, extras):
        return False
    uv, wheelhouse, stamp = _uv(), root / "wheelhouse", stamp_of(environment)
    if not works:
        _create(environment, with_pip=uv is None)
    key = installation_key(root, environment)
    done = read_stamp(stamp, key)
    wanted = sorted(done | set(extras))
    stamp.unlink(missing_ok=True)  # an interrupted installation must not look complete
    command = install_command(
        root, environment, wanted, uv=uv, wheelhouse=wheelhouse if wheelhouse.is_dir() else None
    )
    install(command, root, environment, _title(uv=uv is not None, offline=wheelhouse.is_dir()))
    stamp.write_text(json.dumps({"key": key, "extras": wanted}), encoding="utf-8")
    return True


def _title(*, uv: bool, offline: bool) -> str:
    """Return the message that is shown when the installation starts."""
    if offline:
        return tr("Installing nestlab and its dependencies into .venv (from wheelhouse/)")
    if uv:
        return tr("Installing nestlab and its dependencies into .venv (with uv)")
    return tr(
        "Installing nestlab and its dependencies into .venv (with pip, which takes a minute or two)"
    )


def _works(environment: Path) -> bool:
    """Whether the environment has an interpreter that runs and is new enough."""
    check = "import sys; sys.exit(sys.version_info < (3, 11))"  # not shown
    try:
        return (
            subprocess.run(
                [python_of(environment), "-c", check], capture_output=True, check=False
            ).returncode
            == 0
        )
    except OSError:
        return False


def _create(environment: Path, *, with_pip: bool) -> None:
    if (
        environment.exists()
        and any(environment.iterdir())
        and not (environment / "pyvenv.cfg").exists()
    ):
        message = tr(
            "{folder} exists and is not a virtual environment. Move it elsewhere and start again.",
            folder=environment,
        )
        raise SetupFailed(message)
    if with_pip and not _importable("ensurepip"):
        message = tr(
            "this Python cannot create virtual environments (its ensurepip is missing).\n  On Debian and Ubuntu: sudo apt install python3-venv      or install uv, which nestlab then uses."
        )
        raise SetupFailed(message)
    say(
        tr("Creating {folder}", folder=environment)
        if not environment.exists()
        else tr("Repairing {folder}, which was left incomplete", folder=environment)
    )
    command = [
        sys.executable,
        "-m",
        "venv",
        "--clear",
        *([] if with_pip else ["--without-pip"]),
        str(environment),
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        output = result.stdout + result.stderr
        message = tr(
            "the environment {folder} could not be created.\n{advice}",
            folder=environment,
            advice=advice(output),
        )
        raise SetupFailed(message)


def _run_in(environment: Path, arguments: Sequence[str]) -> int:
    command = [str(python_of(environment)), "-m", "nestlab", *arguments]
    if os.name != "nt":
        sys.stdout.flush()
        os.execv(command[0], command)  # noqa: S606  # one process: signals and the terminal reach it directly
    previous = signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C also reaches the child, which handles it
    try:
        return subprocess.run(command, check=False).returncode
    finally:
        signal.signal(signal.SIGINT, previous)
