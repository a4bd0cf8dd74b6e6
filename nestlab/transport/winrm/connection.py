"""The HTTP connection to a host: replaced before the host closes it as idle.

Requests that can be repeated safely are repeated.
"""

from __future__ import annotations

import time
from typing import Any

from pypsrp.exceptions import WinRMTransportError
from requests.exceptions import ConnectionError as ConnectionLost
from requests.exceptions import ConnectTimeout, ProxyError, SSLError

from nestlab.pattern import pattern

IDLE_SECONDS = 60.0
"""Windows closes idle connections after two minutes.

An encrypted session cannot continue over another connection.
"""

_ACTION = pattern(rb"Action[^>]*>[^<]*/(\w+)<")
# A Receive with the same MessageID gets the same response again. The others only read, or end
# something that may be ended twice.
_REPEATABLE = frozenset({b"Receive", b"Get", b"Enumerate", b"Signal", b"Delete"})
_BAD_REQUEST = 400


class Connection:
    """Replaces the transport of one WSMan object of pypsrp; used by one thread."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._used = time.monotonic()

    @property
    def endpoint(self) -> str:
        """The URL of the endpoint."""
        return str(self._transport.endpoint)

    def send(
        self, message: bytes, *, retries_on_read_timeout: int = 0, timeout: Any = None
    ) -> bytes:
        """Send one message and return the response; raises the errors of pypsrp's transport."""
        if time.monotonic() - self._used > IDLE_SECONDS:
            self.renew()
        try:
            answer = self._send_once(message, retries_on_read_timeout, timeout)
        except WinRMTransportError as error:
            # A 400 means that the host could not decrypt the message, so it was not processed.
            if error.code != _BAD_REQUEST or not self._transport.wrap_required:
                raise
            answer = self._send_again(message, retries_on_read_timeout, timeout)
        except (ConnectTimeout, ProxyError, SSLError):
            raise
        except ConnectionLost:
            if not _is_repeatable(message):
                raise
            answer = self._send_again(message, retries_on_read_timeout, timeout)
        self._used = time.monotonic()
        return answer

    def renew(self) -> None:
        """Drop the connection; the next message opens one and logs on again."""
        if self._transport.session is not None:
            self._transport.session.close()
        self._transport.encryption = None

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _send_again(self, message: bytes, retries: int, timeout: Any) -> bytes:
        self.renew()
        return self._send_once(message, retries, timeout)

    def _send_once(self, message: bytes, retries: int, timeout: Any) -> bytes:
        answer: bytes = self._transport.send(
            message, retries_on_read_timeout=retries, timeout=timeout
        )
        return answer


def _is_repeatable(message: bytes) -> bool:
    action = _ACTION.search(message)
    return action is not None and action[1] in _REPEATABLE
