"""Run the installer of an environment, and say why it failed. Standard library only."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from nestlab.texts import mark, tr, translate

_NO_NETWORK = (
    r"name resolution|getaddrinfo|dns error|NewConnectionError|ConnectTimeout"  # not shown
    r"|error sending request|Failed to fetch|Network is unreachable"
)
_DIAGNOSES = (
    (
        _NO_NETWORK,
        mark(
            "The package index cannot be reached. Check the network or the proxy (HTTPS_PROXY), or install offline from wheels in a folder named wheelhouse here."
        ),
    ),
    (
        r"CERTIFICATE_VERIFY|certificate verify|UnknownIssuer",  # not shown
        mark(
            "A certificate is not trusted. Behind a proxy that inspects traffic, set SSL_CERT_FILE and PIP_CERT to its root."
        ),
    ),
    (
        r"No space left|disk full|WinError 112",  # not shown
        mark("The disk is full. The environment takes about 500 MB."),
    ),
    (
        r"Permission denied|Access is denied|WinError 5\b|Read-only",  # not shown
        mark("The folder cannot be written to. Copy the clone to a folder of your own."),
    ),
)
_IMPORT_PIP = "import pip"  # not shown


class SetupFailed(Exception):
    """The environment cannot be created; the message says why and what to do."""


def python_of(environment: Path) -> Path:
    """Return the interpreter of a virtual environment."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


@contextmanager
def installation_lock(environment: Path) -> Iterator[None]:
    """Hold the lock on this environment, after waiting for others that create or change it.

    The operating system releases the lock when the process ends, however it ends.
    """
    import tempfile  # noqa: PLC0415  # slow to import, and most starts install nothing

    name = hashlib.sha256(str(environment).encode()).hexdigest()[:16]
    path = Path(tempfile.gettempdir(), f"nestlab-setup-{name}.lock")
    with path.open("a", encoding="utf-8") as file:
        _lock(file.fileno())
        yield


if sys.platform == "win32":
    import msvcrt

    def _lock(number: int) -> None:
        while True:
            try:
                msvcrt.locking(number, msvcrt.LK_LOCK, 1)
            except OSError as error:
                # LK_LOCK gives up after ten seconds, with one of these errors.
                if error.errno not in {errno.EACCES, errno.EDEADLK}:
                    raise
            else:
                return

else:
    import fcntl

    def _lock(number: int) -> None:
        fcntl.flock(number, fcntl.LOCK_EX)


def install_command(
    root: Path, environment: Path, extras: Sequence[str], *, uv: str | None, wheelhouse: Path | None
) -> list[str]:
    """Return the command that installs the clone with these extras, by uv or else by pip."""
    python = str(python_of(environment))
    if uv:
        command = [uv, "pip", "install", "--quiet", "--python", python]
    else:
        if not has_pip(environment):
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


def has_pip(environment: Path) -> bool:
    """Whether pip is installed in the environment."""
    return (
        subprocess.run(
            [python_of(environment), "-c", _IMPORT_PIP], capture_output=True, check=False
        ).returncode
        == 0
    )


def install(command: Sequence[str], root: Path, environment: Path, title: str) -> None:
    """Run an installer, and report the elapsed time every ten seconds.

    Raises SetupFailed, with advice.
    """
    say(title)
    log = environment / "nestlab-install.log"
    started = time.monotonic()
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            command, cwd=root, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
        try:
            while process.poll() is None:
                _wait_and_report(process, started)
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            raise
    if process.returncode:
        message = tr(
            "the installation failed.\n{advice}\n  All of its output is in {file}",
            advice=advice(log.read_text(encoding="utf-8", errors="replace")),
            file=log,
        )
        raise SetupFailed(message)
    say(tr("Installed in {seconds} s", seconds=f"{time.monotonic() - started:.0f}"))


def _wait_and_report(process: subprocess.Popen[bytes], started: float) -> None:
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        say(f"  ... {time.monotonic() - started:.0f} s")


def advice(output: str) -> str:
    """Return advice for a failed installer's output, followed by its last 12 lines."""
    tail = "\n".join(f"    {line}" for line in output.strip().splitlines()[-12:])
    known = [
        translate(text) for pattern, text in _DIAGNOSES if re.search(pattern, output, re.IGNORECASE)
    ]
    return "\n".join([*(f"  {text}" for text in known[:1]), tr("  The installer's output:"), tail])


def say(text: str) -> None:
    """Write one line of progress to standard error."""
    sys.stderr.write(f"nestlab: {text}\n" if not text.startswith(" ") else f"{text}\n")
    sys.stderr.flush()
