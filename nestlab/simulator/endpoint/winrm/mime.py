"""Message encryption of WinRM over HTTP: multipart bodies (MS-WSMV 2.2.9.1)."""

from __future__ import annotations

import struct
from typing import Protocol

from nestlab.dataclass import dataclass
from nestlab.pattern import pattern
from nestlab.simulator.endpoint.winrm.soap import BadRequest

_BOUNDARY = b"--Encrypted Boundary"
_CREDSSP_CHUNK = 16_384
_LENGTH = pattern(rb"Length=(\d+)")
_OCTETS = b"\tContent-Type: application/octet-stream\r\n"


class Sealer(Protocol):
    """The part of a security context that encrypts messages."""

    def wrap_winrm(self, data: bytes) -> tuple[bytes, bytes, int]:
        """Return the header, the encrypted data and the padding length."""
        ...

    def unwrap_winrm(self, header: bytes, data: bytes) -> bytes:
        """Return the decrypted data; raises an error of the library if it cannot be decrypted."""
        ...


@dataclass(frozen=True)
class Encryption:
    """Encrypts and decrypts the bodies of one connection; `scheme` is Negotiate or CredSSP."""

    sealer: Sealer
    scheme: str

    @property
    def protocol(self) -> str:
        """The media type that names the scheme."""
        return f"application/HTTP-{'CredSSP' if self.scheme == 'CredSSP' else 'SPNEGO'}-session-encrypted"

    def unseal(self, body: bytes) -> bytes:
        """Return the decrypted message of a multipart body. Raises BadRequest."""
        parts = [part for part in body.split(_BOUNDARY + b"\r\n") if part]
        if len(parts) < 2 or len(parts) % 2:  # noqa: PLR2004  # a header part and a data part each
            msg = "the encrypted body has no parts"
            raise BadRequest(msg)
        pairs = zip(parts[::2], parts[1::2], strict=True)
        return b"".join(self._unseal_part(header, data) for header, data in pairs)

    def _unseal_part(self, header: bytes, part: bytes) -> bytes:
        length = _LENGTH.search(header)
        data = part.removesuffix(_BOUNDARY + b"--\r\n").removeprefix(_OCTETS)
        if length is None or len(data) < 4:  # noqa: PLR2004  # the length of the signature comes first, in four bytes
            msg = "the encrypted part is not complete"
            raise BadRequest(msg)
        (signature_length,) = struct.unpack_from("<i", data)
        try:
            plain = self.sealer.unwrap_winrm(
                data[4 : 4 + signature_length], data[4 + signature_length :]
            )
        except Exception:  # noqa: BLE001  # the library raises errors of many types, all for a message not sealed here
            msg = "the encrypted part was not sealed for this connection"
            raise BadRequest(msg) from None
        if len(plain) != int(length[1]):
            msg = "the encrypted part does not have the length that its header gives"
            raise BadRequest(msg)
        return plain

    def seal(self, message: bytes) -> tuple[str, bytes]:
        """Return the content type and the multipart body of a message."""
        size = _CREDSSP_CHUNK if self.scheme == "CredSSP" else max(len(message), 1)
        chunks = [message[start : start + size] for start in range(0, len(message), size)]
        kind = "multipart/x-multi-encrypted" if len(chunks) > 1 else "multipart/encrypted"
        body = b"".join(self._seal_part(chunk) for chunk in chunks) + _BOUNDARY + b"--\r\n"
        return f'{kind};protocol="{self.protocol}";boundary="Encrypted Boundary"', body

    def _seal_part(self, chunk: bytes) -> bytes:
        header, data, padding = self.sealer.wrap_winrm(chunk)
        original = f"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length={len(chunk) + padding}\r\n".encode()
        content_type = f"\tContent-Type: {self.protocol}\r\n".encode()
        first = _BOUNDARY + b"\r\n" + content_type + original
        return (
            first + _BOUNDARY + b"\r\n" + _OCTETS + struct.pack("<i", len(header)) + header + data
        )
