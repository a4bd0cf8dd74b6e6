"""A real SSH server on loopback whose subsystem `powershell` is a simulated host, for tests.

Use the fixture ``ssh_server`` (one for a module's tests)::

    from tests.transport.ssh_server import ssh_server  # noqa: F401

    def test_a_session_over_ssh(ssh_server, monkeypatch):
        ssh_server.use(monkeypatch)                    # `ssh` on the PATH is the one that knows this server
        with nestlab.connect(ssh_server.address) as session: ...

or `running_ssh_server` for a server of one's own: with other words for ``nestlab simulate``, without the subsystem, or
to stop in the middle. Keys of host and user, known hosts and passwords are made for the run and stay in a folder of
the test; the user's own ``~/.ssh`` is neither read nor written. All sessions share one host, which `state` keeps.

Where there is no ``sshd`` the tests are skipped and say why; with ``NESTLAB_REQUIRE_SSHD`` set, they fail.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

NO_SSHD = "There is no SSH server on this machine (Debian: openssh-server and openssh-client)."
REPOSITORY = Path(__file__).parents[2]
_SECONDS = 30.0

_CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
StrictModes no
MaxStartups 200
MaxSessions 200
SetEnv PYTHONPATH={repository} NESTLAB_GUEST_PASSWORD={password}
{more}
"""

_CLIENT_CONFIG = """\
Host *
    IdentityFile {folder}/user_key
    IdentitiesOnly yes
    UserKnownHostsFile {folder}/known_hosts
    GlobalKnownHostsFile none
    StrictHostKeyChecking yes
    BatchMode yes
"""


@dataclass
class SshServer:
    """A running server, and what a client needs to come in."""

    folder: Path
    port: int
    state: Path
    """The state file of the simulated host behind it."""
    guest_password: str = field(repr=False)
    process: subprocess.Popen[bytes] = field(repr=False)
    user: str = field(default_factory=getpass.getuser)

    @property
    def address(self) -> str:
        """What `nestlab.connect` takes."""
        return f"ssh://{self.user}@127.0.0.1:{self.port}"

    @property
    def client(self) -> tuple[str, ...]:
        """The words that start an SSH client which knows this server; the host's name comes behind."""
        return ("ssh", "-F", str(self.folder / "ssh_config"), "-p", str(self.port))

    @property
    def path(self) -> str:
        """A PATH on which ``ssh`` is a client that knows this server and its user's key."""
        return f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"

    @property
    def log(self) -> str:
        """What the server has written so far."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def use(self, environment: pytest.MonkeyPatch) -> None:
        """Let `ssh` on the PATH know this server, and the credential ``lab-admin`` be the guests'."""
        environment.setenv("PATH", self.path)
        environment.setenv("NESTLAB_CREDENTIAL_LAB_ADMIN", f"Administrator:{self.guest_password}")

    def stop(self) -> None:
        """End the server and its sessions. May be called twice."""
        for pid in [self.process.pid, *_descendants(self.process.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        self.process.wait(_SECONDS)


def _descendants(pid: int) -> list[int]:
    """Return the processes below this one: sessions survive the end of the server that began them."""
    words = ["ps", "-e", "-o", "ppid=,pid="]
    shown = subprocess.run(words, capture_output=True, text=True, check=True)
    pairs = [[int(word) for word in line.split()] for line in shown.stdout.splitlines()]
    found = [pid]
    for above in found:
        found += [child for parent, child in pairs if parent == above]
    return found[1:]


def require_sshd() -> str:
    """Return the path of the server.

    Where there is none, skip the test, or fail it where one is required.
    """
    path = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
    if path is None or shutil.which("ssh") is None or shutil.which("ssh-keygen") is None:
        if os.environ.get("NESTLAB_REQUIRE_SSHD"):
            pytest.fail(NO_SSHD)
        pytest.skip(NO_SSHD)
    return path


@contextlib.contextmanager
def running_ssh_server(
    folder: Path, *simulate: str, subsystem: bool = True, config: str = ""
) -> Iterator[SshServer]:
    """Run a server until the block ends.

    Args:
        folder: for keys, configuration, log and state file; empty.
        simulate: further words for ``nestlab simulate --stdio``, such as ``--scenario``.
        subsystem: whether it has the subsystem ``powershell``.
        config: further lines for ``sshd_config``.
    """
    sshd, state, password = require_sshd(), folder / "state.json", secrets.token_hex(12)
    _make_keys(folder)
    _make_programs(folder, ["--state", str(state), *simulate])
    lines = [config] + [f"Subsystem powershell {folder}/powershell"] * subsystem
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # the server wants it where it runs as root
    for _ in range(5):
        port = _free_port()
        words = {"folder": folder, "port": port, "repository": REPOSITORY, "password": password}
        text = _CONFIG.format(**words, more="\n".join(lines))
        _write(folder / "sshd_config", text)
        process = _start(sshd, folder)
        server = SshServer(folder, port, state, password, process)
        if _answers(server):
            break
    else:
        pytest.fail(f"sshd does not start: {server.log}")
    key = (folder / "host_key.pub").read_text(encoding="utf-8")
    _write(folder / "known_hosts", f"[127.0.0.1]:{port} {key}")
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def ssh_server(tmp_path_factory):
    """A server whose simulated host is ws2022-intel."""
    with running_ssh_server(tmp_path_factory.mktemp("ssh")) as server:
        yield server


def _make_keys(folder: Path) -> None:
    for name in ("host_key", "user_key"):
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", folder / name]
        subprocess.run(words, check=True, timeout=_SECONDS)
    shutil.copy(folder / "user_key.pub", folder / "authorized_keys")


def _make_programs(folder: Path, words: list[str]) -> None:
    (folder / "bin").mkdir()
    config = _CLIENT_CONFIG.format(folder=folder)
    _write(folder / "ssh_config", config)
    ssh = [shutil.which("ssh"), "-F", str(folder / "ssh_config")]
    _script(folder / "bin" / "ssh", ssh)
    _script(folder / "powershell", [sys.executable, "-m", "nestlab", "simulate", "--stdio", *words])


def _script(path: Path, words: list[str]) -> None:
    _write(path, f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n', mode=0o700)


def _write(path: Path, text: str, mode: int = 0o600) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def _free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def _start(sshd: str, folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [sshd, "-D", "-e", "-f", folder / "sshd_config"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _answers(server: SshServer) -> bool:
    """Wait until the server takes connections; return False where it ended, as on a port that is taken."""
    deadline = time.monotonic() + _SECONDS
    while server.process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.port)):
            return True
        time.sleep(0.02)  # between two looks
    return False
