"""The session key of a runspace pool, for secure strings (MS-PSRP 2.2.2.3, 2.2.5.1.24)."""

from __future__ import annotations

import base64
import struct
from typing import Any

from nestlab.texts import tr

_KEY_BITS = 2048
# PUBLICKEYSTRUC and RSAPUBKEY of a 2048-bit RSA key, as CryptoAPI exports it.
_BLOB_HEADER = b"\x06\x02\x00\x00\x00\xa4\x00\x00RSA1" + struct.pack("<I", _KEY_BITS)
_SIMPLE_BLOB_HEADER = 12
_NO_IV = bytes(16)


class SessionKey:
    """Requests the session key with a new public key, and encrypts with it."""

    def __init__(self) -> None:
        self._private: Any = None
        self._cipher: Any = None

    @property
    def is_known(self) -> bool:
        """Whether the host has sent the key."""
        return self._cipher is not None

    def public_key(self) -> str:
        """Return the text of a new public key, which the host encrypts the session key with."""
        from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415  # slow to import, and only secrets need it

        self._private = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
        numbers = self._private.public_key().public_numbers()
        blob = _BLOB_HEADER + struct.pack("<I", numbers.e) + numbers.n.to_bytes(256, "little")
        return base64.b64encode(blob).decode()

    def take(self, text: str) -> None:
        """Read the session key. Raises ValueError if it is not encrypted for the public key."""
        from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415  # as above
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: PLC0415  # as above

        encrypted = base64.b64decode(text)[_SIMPLE_BLOB_HEADER:][::-1]
        if self._private is None:
            msg = tr("The session key arrived without a request.")
            raise ValueError(msg)
        key = self._private.decrypt(encrypted, padding.PKCS1v15())
        self._private = None
        # The protocol uses no initialization vector.
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(_NO_IV))

    def encrypt(self, text: str) -> str:
        """Return the text of a secure string.

        Raises UnicodeEncodeError for half a surrogate pair.
        """
        from cryptography.hazmat.primitives.padding import PKCS7  # noqa: PLC0415  # as above

        padder = PKCS7(128).padder()
        padded = padder.update(text.encode("utf-16-le")) + padder.finalize()
        encryptor = self._cipher.encryptor()
        return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()
