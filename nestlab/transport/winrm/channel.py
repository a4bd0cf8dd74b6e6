"""Remoting over WS-Management: one WinRS shell; pypsrp writes and sends the requests."""

from __future__ import annotations

import base64
import contextlib
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar
from uuid import UUID
from xml.etree import ElementTree as ET

from pypsrp.exceptions import WSManFaultError
from pypsrp.shell import SignalCode, WinRS
from pypsrp.wsman import OptionSet, SelectorSet, WSMan

from nestlab.errors import HostError, NestlabError
from nestlab.transport.psrp.channel import ShellGone
from nestlab.transport.redaction import install
from nestlab.transport.winrm.connection import Connection
from nestlab.transport.winrm.failures import call
from nestlab.transport.winrm.library_errors import Attempt, session_error

TIMED_OUT = 2150858793
"""The fault that ends a Receive request while there is no output yet."""

_UNKNOWN_SHELL = 2150858843
_DELETE_TIMEOUT = 2
_PROTOCOL = "2.3"
_LARGE_ENVELOPE = 512_000
# Windows recognizes only this spelling as "stop". Any other code, that of pypsrp included, closes
# the command without stopping it.
_STOP_SIGNAL = "powershell/signal/crtl_c"
_LOG = logging.getLogger("nestlab.transport")
_Result = TypeVar("_Result")


class WsmanTarget(Protocol):
    """A host behind WinRM: where it is, and how to log on."""

    @property
    def address(self) -> str:
        """The address without secrets."""
        ...

    @property
    def server(self) -> str:
        """The name or address of the machine."""
        ...

    @property
    def auth(self) -> str:
        """How to log on."""
        ...

    @property
    def configuration_name(self) -> str:
        """The session configuration."""
        ...

    def wsman_options(self) -> dict[str, Any]:
        """Return the arguments of pypsrp's WSMan."""
        ...

    def attempt(self, running: str = "") -> Attempt:
        """Return the facts of this target for error messages."""
        ...


class WinrmChannel:
    """Carries fragments to one WinRS shell. See `nestlab.transport.psrp.channel.Channel`."""

    def __init__(self, target: WsmanTarget) -> None:
        self.running = ""
        self._target = target
        self._wsman: Any = None
        self._shell: Any = None
        self._connection: Connection | None = None
        self._id = ""

    @property
    def fragment_size(self) -> int:
        """Bytes that fit into one envelope."""
        return int(self._connected().max_payload_size)

    @property
    def opening_seconds(self) -> float:
        """Zero: WinRM reports within the time limit of one request that the pool is open."""
        return 0.0

    def open(self, pool: UUID, fragments: Sequence[bytes]) -> None:
        """Create the shell."""
        self._id = str(pool).upper()
        self._call(lambda: self._create(b"".join(fragments)))

    def _connected(self) -> Any:
        if self._wsman is None:
            self._call(self._connect)
        return self._wsman

    def _connect(self) -> None:
        wsman: Any = WSMan(self._target.server, **self._target.wsman_options())
        if self._target.auth == "certificate":
            wsman.transport.session = wsman.transport._build_session()  # noqa: SLF001  # before requests looks into .netrc
            # A .netrc entry for this host would replace the header that says "by certificate".
            wsman.transport.session.trust_env = False
        self._connection = wsman.transport = Connection(wsman.transport)
        self._wsman = wsman
        install()

    def _create(self, data: bytes) -> None:
        uri = f"http://schemas.microsoft.com/powershell/{self._target.configuration_name}"
        self._shell = WinRS(
            self._wsman,
            uri,
            id=self._id,
            input_streams="stdin pr",  # not shown
            output_streams="stdout",
        )
        content = ET.Element("creationXml", xmlns="http://schemas.microsoft.com/powershell")
        content.text = base64.b64encode(data).decode()
        options = OptionSet()
        options.add_option("protocolversion", _PROTOCOL, {"MustComply": "true"})
        self._shell.open(options, content)

    def use_protocol(self, version: str) -> None:
        """Send larger envelopes to a host that accepts them, which Windows 8 and newer do."""
        parts = tuple(int(part) for part in version.split(".") if part.isdigit())
        if parts >= (2, 2):
            self._wsman.update_max_payload_size(_LARGE_ENVELOPE)

    def begin(self, pipeline: UUID, fragments: Sequence[bytes]) -> None:
        """Begin a command; the first fragment is its argument."""
        command, (first, *rest) = str(pipeline).upper(), fragments
        arguments = [base64.b64encode(first).decode()]
        self._call_shell(lambda: self._shell.command("", arguments=arguments, command_id=command))
        for fragment in rest:
            self._call_shell(partial(self._shell.send, "stdin", fragment, command))

    def send(self, fragments: Sequence[bytes]) -> None:
        """Send fragments to the shell."""
        for fragment in fragments:
            self._call_shell(partial(self._shell.send, "stdin", fragment))

    def receive(self, pipeline: UUID | None, seconds: float | None) -> Sequence[bytes]:
        """Ask for the output of the command, or of the shell."""
        command = str(pipeline).upper() if pipeline is not None else None
        # A pool reports that it is open within one operation; a timeout fault is then an error.
        opening = pipeline is None and not self.running
        timeout = None if opening or seconds is None else max(1, round(seconds))

        def ask() -> Sequence[bytes]:
            try:
                answer = self._shell.receive("stdout", command_id=command, timeout=timeout)
            except WSManFaultError as error:
                if error.code != TIMED_OUT or opening:
                    raise
                return ()
            data = bytes(answer[2]["stdout"])
            return (b"", data) if data else ()

        return self._call(ask)

    def signal(self, pipeline: UUID) -> None:
        """Send the signal that stops a command."""
        self._call(lambda: self._shell.signal(_STOP_SIGNAL, str(pipeline).upper()))

    def end(self, pipeline: UUID) -> None:
        """Close the command."""
        self._call(lambda: self._shell.signal(SignalCode.TERMINATE, str(pipeline).upper()))

    def take_stray_text(self) -> list[str]:
        """Return nothing: WS-Management carries no other text."""
        return []

    def failure(self, cause: str) -> HostError:
        """Return the error that says that the session was lost, or could not be opened."""
        return session_error(cause, self._target.attempt(self.running))

    def close(self) -> None:
        """Delete the shell."""
        if self._shell is not None:
            try:
                self._call(self._shell.close)
            except NestlabError as error:
                name = type(error).__name__
                message = "The shell on %s could not be closed: %s"  # not shown
                _LOG.debug(message, self._target.address, name)
        if self._wsman is not None:
            self._wsman.close()

    def discard(self) -> None:
        """Delete the shell over a new connection, if the host is still reachable."""
        if self._connection is None:
            return
        with contextlib.suppress(Exception):
            if self._shell is not None and self._shell.opened:
                selectors = SelectorSet()
                selectors.add_option("ShellId", self._shell.id)
                self._connection.renew()
                self._wsman.delete(
                    self._shell.resource_uri, selector_set=selectors, timeout=_DELETE_TIMEOUT
                )
        with contextlib.suppress(Exception):
            self._wsman.close()

    def _call(self, function: Callable[[], _Result]) -> _Result:
        result: _Result = call(function, self._target.attempt(self.running))
        return result

    def _call_shell(self, function: Callable[[], Any]) -> None:
        """Call a function that sends to the shell; raises ShellGone if that no longer exists."""

        def send() -> bool:
            try:
                function()
            except WSManFaultError as error:
                if error.code != _UNKNOWN_SHELL:
                    raise
                return False
            return True

        if not self._call(send):
            raise ShellGone
