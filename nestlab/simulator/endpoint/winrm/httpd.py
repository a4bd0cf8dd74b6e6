"""The HTTP server: connections, authentication, encrypted bodies, injected faults."""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from nestlab.simulator.endpoint.winrm import soap
from nestlab.simulator.endpoint.winrm.admission import (
    DRAIN_SIZE,
    Admission,
    BoundedHeaders,
    LogonThrottle,
)
from nestlab.simulator.endpoint.winrm.auth import SCHEMES, Account, ConnectionAuth
from nestlab.simulator.endpoint.winrm.request_faults import (
    FaultPlan,
    RequestFault,
    RequestFaultKind,
)
from nestlab.simulator.endpoint.winrm.service import Service

_LOG = logging.getLogger("nestlab.simulator.endpoint")
_SOAP_TYPE = "application/soap+xml;charset=UTF-8"
_HANDSHAKE_SECONDS = 10.0
_DIGITS = 20  # of Content-Length: int() is slow for many more
_TOO_MANY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
LOOPBACK = "127.0.0.1"
"""Where an endpoint listens: on this computer only."""


class Listener(ThreadingHTTPServer):
    """The HTTP server on loopback, with one thread for each connection."""

    daemon_threads = True
    # Thirty sessions may connect at one instant; the default backlog of five would refuse some.
    request_queue_size = 128

    def __init__(
        self,
        service: Service,
        account: Account,
        *,
        port: int,
        tls: ssl.SSLContext | None,
        schemes: tuple[str, ...] = SCHEMES,
        faults: FaultPlan,
        keep_alive: float,
        admission: Admission | None = None,
    ) -> None:
        self.service = service
        self.account = account
        self.tls = tls
        self.schemes = schemes
        self.faults = faults
        self.keep_alive = keep_alive
        self.admission = admission or Admission()
        self.throttle = LogonThrottle()
        super().__init__((LOOPBACK, port), _Handler)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Accept a connection unless too many are open."""
        if self.admission.admit(request):
            return True
        _LOG.info("Refused the connection from %s: too many connections are open.", client_address)
        with contextlib.suppress(OSError):
            request.settimeout(0)
            request.sendall(b"" if self.tls is not None else _TOO_MANY)
        return False

    def shutdown_request(self, request: Any) -> None:
        """Close a connection, including one that never got a thread."""
        self.admission.remove(request)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Close the connections that have not signed in within the time limit."""
        for sock in self.admission.overdue():
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Do the TLS handshake in the connection's thread, so that slow clients delay no others."""
        try:
            if self.tls is not None:
                request.settimeout(_HANDSHAKE_SECONDS)
                try:
                    secure = self.tls.wrap_socket(request, server_side=True)
                except (OSError, ssl.SSLError) as error:
                    _LOG.info("The TLS handshake with %s failed: %s", client_address, error)
                    return
                self.admission.replace(request, secure)
                request = secure
            super().finish_request(request, client_address)
        finally:
            self.admission.remove(request)
            with contextlib.suppress(OSError):
                request.close()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002  # the base class's signature
        """Log a failed connection at level INFO, because clients may disconnect at any time."""
        _LOG.info("The connection from %s failed.", client_address, exc_info=True)

    def drop_connections(self) -> int:
        """Close every open connection, as an idle timeout does; return their number."""
        dropped = self.admission.sockets()
        for connection in dropped:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        return len(dropped)


class _Handler(BaseHTTPRequestHandler):
    server: Listener
    protocol_version = "HTTP/1.1"
    server_version = "Microsoft-HTTPAPI/2.0"
    sys_version = ""
    # Headers and body are sent in one segment: unbuffered writes with Nagle's algorithm cost 100 ms
    # per request.
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self) -> None:
        self.timeout = self.server.keep_alive  # type: ignore[misc]  # the base class declares it for classes only
        super().setup()
        tls = isinstance(self.request, ssl.SSLSocket)
        certificate = self.request.getpeercert(binary_form=True) if tls else None
        self.auth = ConnectionAuth(self.server.account, self.server.schemes, certificate, tls=tls)
        self.tls = tls
        self.tracked = self.server.admission.connection(self.request)
        self.rfile: Any = BoundedHeaders(self.rfile)

    def parse_request(self) -> bool:
        with self.rfile.headers():
            return super().parse_request()

    def do_POST(self) -> None:
        length = self._length()
        if length is None:
            return
        if self.headers.get("WSMANIDENTIFY", "").lower() == "unauthenticated":
            self._drain(length)
            self._respond(
                200, soap.identify_response(self.server.service.product_version), _SOAP_TYPE
            )
            return
        result = self.auth.check(self.headers.get("Authorization"))
        if not result.granted:
            # The body of an unauthenticated request is discarded.
            self._drain(length)
            if result.wrong:
                self.server.throttle.wait_after_failure()
            self._respond(401, b"", headers=result.headers)
            return
        self.tracked.signed_in = True
        body = self.rfile.read(length)
        if not body:
            # The client establishes the security context with an empty request before it encrypts
            # the first message.
            self._respond(200, b"", headers=result.headers)
        else:
            self._handle(body, result.user, result.headers)

    def _length(self) -> int | None:
        """Return the length of the body in bytes; None if the request was refused because of it."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdecimal()):
            self._refuse(411)
            return None
        if len(length) > _DIGITS or int(length) > soap.MAX_BODY:
            self._refuse(413)
            return None
        return int(length)

    def _drain(self, length: int) -> None:
        while length > 0 and (part := self.rfile.read(min(length, DRAIN_SIZE))):
            length -= len(part)

    def _handle(self, body: bytes, user: str, headers: tuple[str, ...]) -> None:
        sealed = self.headers.get("Content-Type", "").startswith("multipart/")
        try:
            request = soap.parse(self._decrypted(body, sealed=sealed))
        except soap.BadRequest as problem:
            _LOG.info("Answered a bad request with HTTP 400: %s.", problem)
            self._respond(400, b"")
            return
        if not self.server.service.responds_to(request):
            self._drop()
            return
        injected = self.server.faults.next_fault(request.action)
        if injected and self._apply_before_serving(injected, request):
            return
        status, response = self._serve(request, user, injected)
        if injected and injected.kind is RequestFaultKind.DROP_AFTER:
            self._drop()
            return
        if injected and injected.kind is RequestFaultKind.DELAY:
            time.sleep(injected.value)
        content_type = _SOAP_TYPE
        if sealed and self.auth.encryption:
            content_type, response = self.auth.encryption.seal(response)
        self._respond(status, response, content_type, headers)

    def _decrypted(self, body: bytes, *, sealed: bool) -> bytes:
        if sealed and self.auth.encryption is not None:
            return self.auth.encryption.unseal(body)
        if sealed:
            msg = "an encrypted body on a connection that has no security context"
            raise soap.BadRequest(msg)
        if not self.tls:
            msg = "unencrypted traffic is not allowed by the service"
            raise soap.BadRequest(msg)
        return body

    def _apply_before_serving(self, injected: RequestFault, request: soap.Request) -> bool:
        """Apply a fault that occurs before the service; return whether it ends the request."""
        match injected.kind:
            case RequestFaultKind.DROP_BEFORE:
                self._drop()
                return True
            case RequestFaultKind.STATUS:
                self.auth.reset()
                challenges = self.auth.check(None).headers if injected.value == 401 else ()  # noqa: PLR2004  # HTTP's own number
                self._respond(int(injected.value), b"", headers=challenges)
                return True
            case RequestFaultKind.KILL_SHELL:
                self.server.service.kill(request.shell_id)
        return False

    def _serve(
        self, request: soap.Request, user: str, injected: RequestFault | None
    ) -> tuple[int, bytes]:
        service = self.server.service
        if injected and injected.kind is RequestFaultKind.TIMED_OUT:
            return 500, soap.fault(soap.timed_out(), request.message_id, service.machine)
        try:
            body = service.serve(request, user)
            return 200, soap.envelope(f"{request.action}Response", request.message_id, body)
        except soap.WsmanFault as problem:
            return 500, soap.fault(problem, request.message_id, service.machine)
        except Exception:  # noqa: BLE001  # see below
            # An internal error must reach the client as a fault: a dropped connection would look
            # like a network problem.
            _LOG.exception("The action %s failed with an internal error.", request.action)
            internal = soap.WsmanFault(
                1359, "w:InternalError", "An internal error occurred.", sender=False
            )
            return 500, soap.fault(internal, request.message_id, service.machine)

    def _respond(
        self, status: int, body: bytes, content_type: str = "", headers: tuple[str, ...] = ()
    ) -> None:
        self.send_response(status)
        for value in headers:
            self.send_header("WWW-Authenticate", value)
        if content_type:
            self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _refuse(self, status: int) -> None:
        self.close_connection = True
        self._respond(status, b"")

    def _drop(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
        _LOG.debug(format, *args)
