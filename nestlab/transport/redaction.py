"""Keeps secrets out of the logs of libraries, which print whole messages at DEBUG."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging

_LIBRARIES = ("pypsrp", "spnego", "urllib3", "requests", "requests_credssp")
# Below WARNING these print logon tokens, which allow an offline attack on the password.
_TOKEN_PRINTERS = ("spnego", "requests_credssp")
MASK = "<secret>"
# A password of one or two letters occurs in every word: masking those would make the log useless
# and reveal the password.
_SHORTEST = 4


class Redaction:
    """Replaces known secrets in log records, in all encodings in which they may appear.

    It is a filter for loggers, which are imported when it is installed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: set[str] = set()

    def add(self, secrets: Iterable[str]) -> None:
        """Add secrets, which stay masked for the life of the process."""
        with self._lock:
            self._known.update(form for secret in secrets for form in _forms(secret))

    def clean(self, text: str) -> str:
        """Return the text without any known secret."""
        with self._lock:
            forms = sorted(self._known, key=len, reverse=True)
        for form in forms:
            text = text.replace(form, MASK)
        return text

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask secrets in a record; drop a record with logon tokens."""
        import logging  # noqa: PLC0415  # as above

        if record.levelno < logging.WARNING and record.name.split(".")[0] in _TOKEN_PRINTERS:
            return False
        record.msg, record.args = self.clean(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            # A formatter uses this text, if set, instead of the exception, whose frames cannot be
            # cleaned.
            record.exc_text, record.exc_info = self.clean(record.exc_text), None
        return True


def _forms(secret: str) -> set[str]:
    if len(secret) < _SHORTEST:
        return set()
    from html import escape  # noqa: PLC0415  # its table of entities is long

    utf8, utf16 = secret.encode(), secret.encode("utf-16-le", "surrogatepass")
    return {
        secret,
        escape(secret, quote=False),
        repr(secret)[1:-1],
        base64.b64encode(utf8).decode(),
        base64.b64encode(utf16).decode(),
    }


redaction = Redaction()


def install() -> None:
    """Add the filter to every logger of the libraries.

    A filter on a parent logger does not see the records of its children.
    """
    import logging  # noqa: PLC0415  # as above

    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] in _LIBRARIES]
    for name in {*names, *_LIBRARIES}:
        logging.getLogger(name).addFilter(redaction)
