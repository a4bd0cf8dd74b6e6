"""The session key of a runspace pool, which its server creates (MS-PSRP 2.2.2.3, 2.2.5.1.24)."""

from __future__ import annotations

import base64
import os
import struct
from typing import Any

_BLOB = struct.Struct("<8s4sII")
"""PUBLICKEYSTRUC and RSAPUBKEY of CryptoAPI: header, magic, bits, exponent."""

_SIMPLE_BLOB = b"\x01\x02\x00\x00\x10\x66\x00\x00\x00\xa4\x00\x00"
_NO_IV = bytes(16)
_BLOCK_BITS = 128


class ServerKey:
    """Encrypts the session key with the client's public key, and decrypts its secure strings."""

    def __init__(self) -> None:
        self._key = os.urandom(32)
        self._sent = False

    def encrypted_for(self, public_key: str) -> str:
        """Return the session key, encrypted with the public key of a client, as Base64.

        Raises ValueError if `public_key` is not a public key.
        """
        from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415  # slow to import, and only secrets need it

        blob = base64.b64decode(public_key)
        if len(blob) <= _BLOB.size:
            msg = "A public key is too short."
            raise ValueError(msg)
        _, _, _, exponent = _BLOB.unpack_from(blob)
        modulus = int.from_bytes(blob[_BLOB.size :], "little")
        key = rsa.RSAPublicNumbers(exponent, modulus).public_key()
        encrypted = key.encrypt(self._key, padding.PKCS1v15())[::-1]
        self._sent = True
        return base64.b64encode(_SIMPLE_BLOB + encrypted).decode()

    def decrypt(self, text: str) -> str:
        """Return the plain text of a secure string. Raises ValueError."""
        from cryptography.hazmat.primitives.padding import PKCS7  # noqa: PLC0415  # as above

        if not self._sent:
            msg = "A secure string arrived before the session key was requested."
            raise ValueError(msg)
        decryptor = self._cipher().decryptor()
        unpadder = PKCS7(_BLOCK_BITS).unpadder()
        padded = decryptor.update(base64.b64decode(text)) + decryptor.finalize()
        return (unpadder.update(padded) + unpadder.finalize()).decode("utf-16-le")

    def _cipher(self) -> Any:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: PLC0415  # as above

        # The initialization vector of the protocol is zero.
        return Cipher(algorithms.AES(self._key), modes.CBC(_NO_IV))
