"""The WinRM endpoint of a simulated host, on loopback."""

from __future__ import annotations

import contextlib
import secrets
import string
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nestlab.dataclass import dataclass, field
from nestlab.simulator.behaviour.powershell_direct import guest_user
from nestlab.simulator.endpoint.psrp.pipelines import Pipelines, clock_rate_of
from nestlab.simulator.endpoint.psrp.statements import CONFIGURATIONS
from nestlab.simulator.endpoint.winrm.auth import SCHEMES, Account, accounts
from nestlab.simulator.endpoint.winrm.httpd import LOOPBACK, Listener
from nestlab.simulator.endpoint.winrm.request_faults import FaultPlan
from nestlab.simulator.endpoint.winrm.service import Limits, Service
from nestlab.simulator.endpoint.winrm.tls import Certificates, make_certificates
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.powershell.session_state import Configuration

KEEP_ALIVE = 120.0
"""Seconds after which an idle connection is closed, as Windows does."""

_ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Endpoint:
    """A running endpoint: its address and its account. The passwords are generated for each run."""

    url: str
    address: str
    port: int
    user: str
    password: str = field(repr=False)
    guest_user: str
    guest_password: str = field(repr=False)
    certificates: Certificates | None
    faults: FaultPlan = field(repr=False)
    listener: Listener = field(repr=False)

    @property
    def certificate(self) -> str:
        """The path of the endpoint's CA certificate (PEM); empty without TLS."""
        return str(self.certificates.ca) if self.certificates else ""

    @property
    def trusted_address(self) -> str:
        """The address for `--host`, over TLS with the file of the CA certificate."""
        return f"{self.address}?ca={quote(self.certificate)}" if self.certificate else self.address

    def drop_connections(self) -> int:
        """Close every open connection, as an idle timeout does; return their number."""
        return self.listener.drop_connections()

    @property
    def shells(self) -> int:
        """The number of open shells."""
        return self.listener.service.shells

    def to_dict(self) -> dict[str, Any]:
        """Return what a client needs to connect, including the passwords."""
        return {
            "address": self.trusted_address,
            "url": self.url,
            "user": self.user,
            "password": self.password,
            "certificate": self.certificate,
            "guest_user": self.guest_user,
            "guest_password": self.guest_password,
        }


@contextlib.contextmanager
def serve(
    host: SimulatedHost,
    *,
    port: int = 0,
    tls: bool = False,
    schemes: tuple[str, ...] = SCHEMES,
    clock_rate: float | None = None,
    keep_alive: float = KEEP_ALIVE,
    max_shells: int = Limits.shells,
    max_commands: int = Limits.commands,
    names: tuple[str, ...] = ("localhost", "127.0.0.1"),
    configurations: tuple[Configuration, ...] = (),
    guest_password: str | None = None,
) -> Iterator[Endpoint]:
    """Serve a simulated host on 127.0.0.1 until the block ends. Raises OSError for a used port.

    Args:
        host: the host; in-process sessions to it continue to work.
        port: 0 takes any free one.
        tls: HTTPS with a certificate generated for this run; else messages must be encrypted.
        schemes: the logon schemes to offer, see `auth.SCHEMES`; Basic and certificates need TLS.
        clock_rate: virtual seconds for each real one while no client is busy; see `clock_rate_of`.
        keep_alive: seconds after which an idle connection is closed.
        max_shells: shells that the user may have open at a time.
        max_commands: commands that may be open in one shell.
        names: host names and addresses that the certificate is valid for.
        configurations: session configurations of the host, in addition to its own.
        guest_password: of the guests' administrator; by default one made for this run.
    """
    with tempfile.TemporaryDirectory(prefix="nestlab-endpoint-") as folder:
        user = f"nestlab-{secrets.token_hex(3)}"
        certificates = make_certificates(Path(folder), names=names, user=user) if tls else None
        client = certificates.client_der if certificates else b""
        account = Account(user, new_password(), client, host.machine.name)
        guest = (guest_user(host.machine), guest_password or new_password())
        rate, passwords = clock_rate or clock_rate_of(host), dict([guest])
        pipelines = Pipelines(host, clock_rate=rate, guest_passwords=passwords)
        known = {item.name: item for item in CONFIGURATIONS + configurations}
        service = Service(pipelines, known, limits=Limits(max_shells, max_commands))
        listener = Listener(
            service,
            account,
            port=port,
            tls=certificates.server_context() if certificates else None,
            schemes=schemes,
            faults=FaultPlan(),
            keep_alive=keep_alive,
        )
        with _listening(listener):
            yield _describe(listener, certificates, *guest)


@contextlib.contextmanager
def _listening(listener: Listener) -> Iterator[None]:
    accounts.add(listener.account)
    thread = threading.Thread(
        target=listener.serve_forever,
        kwargs={"poll_interval": 0.05},
        name="nestlab endpoint",
        daemon=True,
    )
    thread.start()
    try:
        yield
    finally:
        listener.shutdown()
        listener.throttle.end()
        listener.service.stop()
        listener.drop_connections()
        listener.server_close()
        thread.join(5)
        accounts.remove(listener.account)


def _describe(
    listener: Listener, certificates: Certificates | None, guest_name: str, guest_password: str
) -> Endpoint:
    port, secure = int(listener.server_address[1]), "s" if certificates else ""
    # An IP address: "localhost" may resolve to ::1 first, and Windows takes two seconds to find out
    # that nothing listens there.
    return Endpoint(
        url=f"http{secure}://{LOOPBACK}:{port}/wsman",
        address=f"winrm{secure}://{LOOPBACK}:{port}",
        port=port,
        user=listener.account.user,
        password=listener.account.password,
        guest_user=guest_name,
        guest_password=guest_password,
        certificates=certificates,
        faults=listener.faults,
        listener=listener,
    )


def new_password() -> str:
    """Return a password of 24 letters and digits, which needs no quoting in shells and URLs.

    It has a digit and letters of both cases, as the password policy of Windows Server requires.
    """
    kinds = (string.ascii_uppercase, string.ascii_lowercase, string.digits)
    return "".join(secrets.choice(kind) for kind in (*kinds, *(21 * (_ALPHABET,))))
