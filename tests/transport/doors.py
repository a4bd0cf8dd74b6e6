"""The ways to one simulated host: in this process, over WinRM by every logon, as a child, and over ssh."""

from __future__ import annotations

import base64
import contextlib
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

import nestlab
from nestlab.simulator.endpoint.winrm import Endpoint, serve
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.runspace import Runspace
from nestlab.transport.simulated import SimulatedSession
from tests.transport.ssh_server import running_ssh_server

CREDENTIAL = "NESTLAB_CREDENTIAL_LAB_ADMIN"
LINUX_CREDENTIAL = "NESTLAB_CREDENTIAL_LAB_LINUX"
LINUX_ACCOUNT = "ada:Geheim-der-Gaeste-7"
CLOCK_RATE = 1200.0

SOCKETS = {
    "basic-tls": (True, "basic"),
    "ntlm-http": (False, "ntlm"),
    "ntlm-tls": (True, "ntlm"),
    "negotiate-http": (False, "negotiate"),
    "negotiate-tls": (True, "negotiate"),
    "credssp-http": (False, "credssp"),
    "certificate-tls": (True, "certificate"),
}
STREAMS = ("local", "ssh")
"""Ways over the standard streams of a child."""


def simulated(*words: str) -> list[str]:
    """Return the command line of a simulated host on standard streams."""
    return [sys.executable, "-m", "nestlab", "simulate", "--stdio", *words]


@contextlib.contextmanager
def streams(
    name: str, environment: pytest.MonkeyPatch, *words: str, scenario: str = "ws2022-intel"
):
    """Yield a function that opens a session to one new host over standard streams, and its state file."""
    environment.setenv(LINUX_CREDENTIAL, LINUX_ACCOUNT)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        if name == "local":
            environment.setenv("NESTLAB_GUEST_PASSWORD", "Pass-of-guests-1")
            environment.setenv(CREDENTIAL, "Administrator:Pass-of-guests-1")
            state = path / "state.json"
            command = simulated("--state", str(state), "--scenario", scenario, *words)
            yield lambda: nestlab.connect("local:", command=command), state
            return
        if os.name == "nt":
            pytest.skip("The SSH server of the tests is a POSIX one.")
        with running_ssh_server(path, "--scenario", scenario, *words) as server:
            server.use(environment)
            yield lambda: nestlab.connect(server.address), server.state


def carried(log: str) -> str:
    """Return the text that the base64 in a log carries: PowerShell's messages."""
    found = re.findall(r"[A-Za-z0-9+/]{40,}={0,2}", log)
    parts = [base64.b64decode(text) for text in found if len(text) % 4 == 0]
    return b"".join(parts).decode("utf-8", "replace")


def options(endpoint: Endpoint, auth: str = "negotiate") -> dict[str, Any]:
    """Return what `connect` needs for this endpoint."""
    given: dict[str, Any] = {"username": endpoint.user, "password": endpoint.password, "auth": auth}
    if endpoint.certificates:
        given["ca"] = endpoint.certificate
        if auth == "certificate":
            given |= {
                "certificate": str(endpoint.certificates.client),
                "certificate_key": str(endpoint.certificates.client_key),
            }
            given |= {"username": None, "password": None}
    return given


def guests_of(endpoint: Endpoint, environment: pytest.MonkeyPatch) -> None:
    """Let ``lab-admin`` be the credential that the Windows guests of this endpoint take."""
    environment.setenv(CREDENTIAL, f"{endpoint.guest_user}:{endpoint.guest_password}")
    environment.setenv(LINUX_CREDENTIAL, LINUX_ACCOUNT)


@contextlib.contextmanager
def opened(name: str, environment: pytest.MonkeyPatch):
    """Open the way of this name to a new host; yields the session."""
    if name in STREAMS:
        with streams(name, environment) as (connect, _), contextlib.closing(connect()) as session:
            yield session
        return
    host = SimulatedHost.from_scenario("ws2022-intel")
    if name == "in-process":
        yield SimulatedSession(Runspace(host), "sim:ws2022-intel")
        return
    tls, auth = SOCKETS[name]
    with serve(host, tls=tls, clock_rate=CLOCK_RATE) as endpoint:
        guests_of(endpoint, environment)
        session = nestlab.connect(endpoint.address, **options(endpoint, auth))
        with contextlib.closing(session):
            yield session
