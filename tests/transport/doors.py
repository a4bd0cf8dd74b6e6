"""The ways to one simulated host: in this process, and over sockets by every logon."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

import pytest

import nestlab
from nestlab.simulator.endpoint.winrm import Endpoint, serve
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.runspace import Runspace
from nestlab.transport import Session
from nestlab.transport.simulated import SimulatedSession

CREDENTIAL = "NESTLAB_CREDENTIAL_LAB_ADMIN"
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


@dataclass
class Door:
    """One way in: a session, the host behind it, and its endpoint where there is one."""

    session: Session
    host: SimulatedHost
    endpoint: Endpoint | None = None


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
    """Let the credential ``lab-admin`` be the one that the guests of this endpoint take."""
    environment.setenv(CREDENTIAL, f"{endpoint.guest_user}:{endpoint.guest_password}")


@contextlib.contextmanager
def opened(name: str, environment: pytest.MonkeyPatch):
    """Open the way of this name to a new host."""
    host = SimulatedHost.from_scenario("ws2022-intel")
    if name == "in-process":
        yield Door(SimulatedSession(Runspace(host), "sim:ws2022-intel"), host)
        return
    tls, auth = SOCKETS[name]
    with serve(host, tls=tls, clock_rate=CLOCK_RATE) as endpoint:
        guests_of(endpoint, environment)
        session = nestlab.connect(endpoint.address, **options(endpoint, auth))
        try:
            yield Door(session, host, endpoint)
        finally:
            session.close()
