"""The environment of nestlab: browser, server port, credential store, proxy, folders, programs."""

from __future__ import annotations

import os
import shutil
import socket
import urllib.request
import webbrowser
from collections.abc import Iterator
from urllib.parse import urlsplit

from nestlab.cli.doctor.line import DoctorLine, DoctorState
from nestlab.lab import journal_folder
from nestlab.texts import tr
from nestlab.transport import credentials
from nestlab.transport.process.local import powershell

_LOCAL = "127.0.0.1"
_PREFIX = "NESTLAB_CREDENTIAL_"


def browser() -> Iterator[DoctorLine]:
    """Yield which browser opens the notebooks."""
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        yield DoctorLine(
            tr("browser"),
            DoctorState.NOTE,
            tr("No browser can be started from here."),
            tr(
                "`nestlab --no-browser` prints the address of the notebooks; open it in a browser of this computer. From another one, forward the port: ssh -L 8888:localhost:8888 USER@HOST"
            ),
        )
        return
    name = getattr(found, "name", "") or type(found).__name__
    yield DoctorLine(tr("browser"), DoctorState.OK, str(name))


def server_port() -> Iterator[DoctorLine]:
    """Yield whether a server can listen on this computer."""
    try:
        with socket.socket() as listener:
            listener.bind((_LOCAL, 0))
            listener.listen()
    except OSError as error:
        text = tr(
            "No server can listen on {address}: {reason}.",
            address=_LOCAL,
            reason=error.strerror or error,
        )
        fix = tr("Allow programs to listen on the loopback address: firewall, sandbox, container.")
        yield DoctorLine(tr("server"), DoctorState.FAILED, text, fix)
        return
    yield DoctorLine(
        tr("server"),
        DoctorState.OK,
        tr("the notebooks' server can listen on {address}", address=_LOCAL),
    )


def credential_store() -> Iterator[DoctorLine]:
    """Yield whether passwords can be stored, and environment variables with a malformed value."""
    topic = tr("credential store")
    name, problem = _keyring()
    if problem:
        fix = tr(
            "Passwords are asked for, or taken from variables {prefix}NAME=user:password. On Linux, a keyring needs a Secret Service (GNOME Keyring, KWallet) in this session.",
            prefix=_PREFIX,
        )
        yield DoctorLine(topic, DoctorState.NOTE, problem, fix)
    else:
        yield DoctorLine(topic, DoctorState.OK, name)
    for variable in sorted(os.environ):
        if variable.startswith(_PREFIX):
            wrong = credentials.environment_problem(variable.removeprefix(_PREFIX))
            if wrong:
                yield DoctorLine(topic, DoctorState.FAILED, wrong, tr("Set it to user:password."))


def _keyring() -> tuple[str, str]:
    """Return the name of the system's keyring, and why it cannot be used; empty if it can."""
    problem = credentials.keyring_problem()
    if problem:
        return "", problem
    import keyring  # noqa: PLC0415  # slow to import

    found = keyring.get_keyring()
    if found.priority <= 0:  # placeholder backends of keyring, which store nothing
        return "", tr("This session has no keyring that stores passwords.")
    return str(found.name), ""


def proxy() -> Iterator[DoctorLine]:
    """Yield the proxies that this user's programs use, without their passwords."""
    topic = tr("proxy")
    found = {
        kind: address
        for kind, address in urllib.request.getproxies().items()
        if kind in ("http", "https", "all")
    }
    if not found:
        yield DoctorLine(topic, DoctorState.OK, tr("none"))
        return
    shown = ", ".join(f"{kind} {_without_account(text)}" for kind, text in sorted(found.items()))
    fix = tr("nestlab uses none for WinRM; `--proxy URL` of a command sets one.")
    yield DoctorLine(topic, DoctorState.OK, shown, fix)
    if not urllib.request.proxy_bypass(_LOCAL):
        yield DoctorLine(
            topic,
            DoctorState.NOTE,
            tr(
                "Programs ask the proxy also for {address}, where the notebooks' server is.",
                address=_LOCAL,
            ),
            "NO_PROXY=localhost,127.0.0.1",
        )


def _without_account(address: str) -> str:
    """Return the address of a proxy without user name and password.

    >>> _without_account("http://ada:secret@proxy.contoso.com:8080/")
    'http://proxy.contoso.com:8080'
    """
    parts = urlsplit(address if "://" in address else f"//{address}")
    place = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{place}" if parts.scheme else place


def folders() -> Iterator[DoctorLine]:
    """Yield whether journals can be written."""
    folder = journal_folder.folder()
    existing = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if existing.is_dir() and os.access(existing, os.W_OK):
        yield DoctorLine(tr("journals"), DoctorState.OK, str(folder))
        return
    text = tr("{folder} cannot be written to, so that no run can be recorded.", folder=existing)
    fix = tr("Set NESTLAB_JOURNALS to a folder of yours.")
    yield DoctorLine(tr("journals"), DoctorState.FAILED, text, fix)


def programs() -> Iterator[DoctorLine]:
    """Yield the programs that connections to other hosts start."""
    ssh, own = shutil.which("ssh"), powershell()
    yield DoctorLine(
        "ssh",
        DoctorState.OK,
        ssh or tr("There is no ssh on this machine; only ssh:// needs it."),
        "" if ssh else tr("Install an OpenSSH client."),
    )
    text = own or tr("There is no powershell.exe on this machine; only local: needs it.")
    fix = (
        "" if own else tr("Name another host: winrms://NAME, ssh://USER@NAME or sim:ws2022-intel.")
    )
    yield DoctorLine("local", DoctorState.OK, text, fix)
