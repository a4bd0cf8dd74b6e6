"""IP addresses in all notations of .NET's IPAddress.Parse.

``10.1`` is 10.0.0.1, and a part with a leading zero is octal.
"""

from __future__ import annotations

import ipaddress
import re

from nestlab.model.parameter_values import Value
from nestlab.simulator.powershell.values.dotnet_values import cannot_convert
from nestlab.simulator.powershell.values.numbers import text_to_parse

_PART = r"0x[0-9a-f]+|0[0-7]*|[1-9]\d*"
_V6 = r"\[?([0-9a-fA-F:.]+?)(%[^\]/\s]+)?(?:\](?::(?:\d+|0x[0-9a-f]+))?)?"
_BYTES = 4
_WORD = 1 << 32


def to_ip_address(value: Value, dotnet_type: str) -> Value:
    """Convert to the string of an address; a number is an address in network byte order.

    Raises InvalidCastError.

    >>> to_ip_address("10.0.0", "IPAddress")
    '10.0.0.0'
    >>> to_ip_address("010.0.0.1", "IPAddress")
    '8.0.0.1'
    >>> to_ip_address(5, "IPAddress")
    '5.0.0.0'
    """
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _WORD:
        return str(ipaddress.IPv4Address(int(value).to_bytes(_BYTES, "little")))
    text = text_to_parse(value, dotnet_type)
    address = _v6(text) if ":" in text else _v4(text)
    if address is None:
        raise cannot_convert(value, dotnet_type, "An invalid IP address was specified.")
    return address


def _v4(text: str) -> str | None:
    parts = text.split(".")
    if len(parts) > _BYTES or not all(
        re.fullmatch(_PART, part, re.IGNORECASE | re.ASCII) for part in parts
    ):
        return None
    numbers = [
        int(part, 16) if part[:2].lower() == "0x" else int(part, 8 if part.startswith("0") else 10)
        for part in parts
    ]
    *first, last = numbers
    room = _BYTES - len(first)
    if any(number >= 1 << 8 for number in first) or last >= 1 << 8 * room:
        return None
    return str(ipaddress.IPv4Address(bytes(first) + last.to_bytes(room, "big")))


def _v6(text: str) -> str | None:
    match = re.fullmatch(_V6, text, re.ASCII)
    if match is None or ("[" in text) != ("]" in text):
        return None
    try:
        address = ipaddress.IPv6Address(match[1])
    except ValueError:
        return None
    scope = match[2] or ""
    shown = f"::ffff:{address.ipv4_mapped}" if address.ipv4_mapped else str(address)
    return f"{shown}{'' if scope == '%0' else scope}"
