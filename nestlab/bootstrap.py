"""Make the environment of a clone: ``.venv`` beside pyproject.toml, with everything installed.

Standard library only.

`prepare` goes straight on where everything is already importable (a conda environment, ``uv run``,
an installed package). Otherwise it makes ``.venv``, installs into it with uv, or pip, or offline
from ``wheelhouse/``, and runs the same command line there. A stamp in ``.venv`` remembers what was
installed, so the second start costs nothing.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

RUN_MODULES = (
    "anywidget",
    "ipywidgets",
    "jupyterlab",
    "keyring",
    "matplotlib",
    "networkx",
    "pypsrp",
    "rich",
    "ruamel.yaml",
    "yaml",
)
TEST_MODULES = (
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
RUN_EXTRAS = ("simulate", "credssp")
TEST_EXTRAS = ("test",)

_DIAGNOSES = (
    (
        r"name resolution|getaddrinfo|dns error|NewConnectionError|ConnectTimeout|error sending request|Failed to fetch|Network is unreachable",
        "The package index cannot be reached. Check the network or the proxy (HTTPS_PROXY), or install offline from wheels in a folder named wheelhouse here.",
    ),
    (
        r"CERTIFICATE_VERIFY|certificate verify|UnknownIssuer",
        "A certificate is not trusted. Behind a proxy that inspects traffic, set SSL_CERT_FILE and PIP_CERT to its root.",
    ),
    (
        r"No space left|disk full|WinError 112",
        "The disk is full. The environment takes about 500 MB.",
    ),
    (
        r"Permission denied|Access is denied|WinError 5\b|Read-only",
        "The folder cannot be written to. Copy the clone to a folder of your own.",
    ),
)


class SetupFailed(Exception):
    """The environment cannot be created; the message says why and what to do."""


def prepare(arguments: Sequence[str]) -> int | None:
    """Return None to continue in this Python, or the exit code of the run in ``.venv``."""
    root = Path(__file__).resolve().parent.parent
    if not (root / "pyproject.toml").is_file():
        return None  # an installed package: its installer saw to the dependencies
    testing = next((word for word in arguments if not word.startswith("-")), "") == "test"
    environment = root / ".venv"
    try:
        kept_by_us = _inside(environment) and _stamp_of(environment).exists()
        if not kept_by_us and not missing(RUN_MODULES + (TEST_MODULES if testing else ())):
            return None
        changed = _make_ready(root, environment, TEST_EXTRAS if testing else RUN_EXTRAS)
    except SetupFailed as failure:
        sys.stderr.write(f"nestlab: {failure}\n")
        return 2
    except OSError as error:
        sys.stderr.write(
            f"nestlab: the environment cannot be made: {error}\n{_advice(str(error))}\n"
        )
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("\nnestlab: stopped. Start it again to go on.\n")
        return 130
    if _inside(environment) and not changed:
        return None
    return _run_in(environment, arguments)


def missing(modules: Sequence[str]) -> list[str]:
    """Return those of the modules that cannot be imported here; imports none of them.

    >>> missing(["json", "no_such_module", "no_such.module"])
    ['no_such_module', 'no_such.module']
    """
    return [name for name in modules if not _importable(name)]


def _importable(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # the parent package is missing
        return False


def _inside(environment: Path) -> bool:
    return environment.exists() and Path(sys.prefix).resolve() == environment.resolve()


def python_of(environment: Path) -> Path:
    """Return the interpreter of a virtual environment."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _stamp_of(environment: Path) -> Path:
    return environment / "nestlab-stamp.json"


def _uv() -> str | None:
    """Return uv where it is found and runs."""
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


def _make_ready(root: Path, environment: Path, extras: Sequence[str]) -> bool:
    """Create or repair the environment; return whether anything was installed."""
    uv = _uv()
    wheelhouse = root / "wheelhouse"
    if not _works(environment):
        _create(environment, with_pip=uv is None)
    stamp = _stamp_of(environment)
    key = _key(root, environment)
    done = _read_stamp(stamp, key)
    if set(extras) <= done:
        return False
    wanted = sorted(done | set(extras))
    stamp.unlink(missing_ok=True)  # a half-done installation must not look finished
    command = _install_command(
        root, environment, wanted, uv=uv, wheelhouse=wheelhouse if wheelhouse.is_dir() else None
    )
    source = (
        "from wheelhouse/"
        if wheelhouse.is_dir()
        else "with uv"
        if uv
        else "with pip, which takes a minute or two"
    )
    _install(
        command, root, environment, f"Installing nestlab and what it needs into .venv ({source})"
    )
    stamp.write_text(json.dumps({"key": key, "extras": wanted}), encoding="utf-8")
    return True


def _works(environment: Path) -> bool:
    """Whether the environment has an interpreter that runs and is new enough."""
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
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
        message = f"{environment} exists and is not a virtual environment. Move it elsewhere and start again."
        raise SetupFailed(message)
    if with_pip and not _importable("ensurepip"):
        message = (
            "this Python cannot make virtual environments (its ensurepip is missing).\n"
            "  On Debian and Ubuntu: sudo apt install python3-venv      or install uv, which nestlab then uses."
        )
        raise SetupFailed(message)
    _say(
        f"Creating {environment}"
        if not environment.exists()
        else f"Repairing {environment}, which was left incomplete"
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
        message = f"no environment could be made in {environment}.\n{_advice(output)}"
        raise SetupFailed(message)


def _key(root: Path, environment: Path) -> str:
    """Return a hash of what decides the installation: project, pins, Python and place."""
    digest = hashlib.sha256()
    for path in (root / "pyproject.toml", root / "constraints.txt", environment / "pyvenv.cfg"):
        digest.update(path.read_bytes() if path.is_file() else b"")
    digest.update(str(root).encode())  # the installation is editable: a moved clone needs another
    return digest.hexdigest()


def _read_stamp(stamp: Path, key: str) -> set[str]:
    try:
        data = json.loads(stamp.read_text(encoding="utf-8"))
        return set(data["extras"]) if data["key"] == key else set()
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _install_command(
    root: Path, environment: Path, extras: Sequence[str], *, uv: str | None, wheelhouse: Path | None
) -> list[str]:
    python = str(python_of(environment))
    if uv:
        command = [uv, "pip", "install", "--quiet", "--python", python]
    else:
        if not _has_pip(environment):
            subprocess.run(
                [python, "-m", "ensurepip", "--default-pip"], capture_output=True, check=False
            )
        command = [
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-input",
        ]
    if wheelhouse:
        command += ["--no-index", "--find-links", str(wheelhouse)]
    return [*command, "-c", str(root / "constraints.txt"), "-e", f"{root}[{','.join(extras)}]"]


def _has_pip(environment: Path) -> bool:
    return (
        subprocess.run(
            [python_of(environment), "-c", "import pip"], capture_output=True, check=False
        ).returncode
        == 0
    )


def _install(command: Sequence[str], root: Path, environment: Path, title: str) -> None:
    _say(title)
    log = environment / "nestlab-install.log"
    started = time.monotonic()
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            command, cwd=root, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
        try:
            while process.poll() is None:
                _heartbeat(process, started)
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            raise
    if process.returncode:
        message = f"the installation failed.\n{_advice(log.read_text(encoding='utf-8', errors='replace'))}\n  All of its output is in {log}"
        raise SetupFailed(message)
    _say(f"Installed in {time.monotonic() - started:.0f} s")


def _heartbeat(process: subprocess.Popen[bytes], started: float) -> None:
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        _say(f"  ... {time.monotonic() - started:.0f} s")


def _advice(output: str) -> str:
    """Return the advice for an installer's output, and the end of the output itself."""
    tail = "\n".join(f"    {line}" for line in output.strip().splitlines()[-12:])
    known = [advice for pattern, advice in _DIAGNOSES if re.search(pattern, output, re.IGNORECASE)]
    return "\n".join([*(f"  {advice}" for advice in known[:1]), "  The installer's output:", tail])


def _say(text: str) -> None:
    sys.stderr.write(f"nestlab: {text}\n" if not text.startswith(" ") else f"{text}\n")
    sys.stderr.flush()


def _run_in(environment: Path, arguments: Sequence[str]) -> int:
    command = [str(python_of(environment)), "-m", "nestlab", *arguments]
    if os.name != "nt":
        sys.stdout.flush()
        os.execv(command[0], command)  # noqa: S606  # one process: signals and the terminal reach it directly
    previous = signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C reaches the child too, and the child answers it
    try:
        return subprocess.run(command, check=False).returncode
    finally:
        signal.signal(signal.SIGINT, previous)
