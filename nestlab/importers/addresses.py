"""IPv4 addresses in definitions: text, prefix lengths and masks."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

ALL_BITS = 32


def is_ipv6(text: str) -> bool:
    """Whether a text is an IPv6 address, which a topology file has no key for.

    >>> is_ipv6("fd00::1/64"), is_ipv6("10.0.0.1")
    (True, False)
    """
    return ":" in text


def prefix_length(text: str) -> int:
    """Return the prefix length of a mask or a number; raises ValueError.

    >>> prefix_length("255.255.255.0"), prefix_length("24"), prefix_length("/16")
    (24, 24, 16)
    """
    text = text.strip().removeprefix("/")
    if text.isdecimal() and int(text) <= ALL_BITS:
        return int(text)
    mask = IPv4Address(text)
    length = IPv4Network(f"0.0.0.0/{mask}").prefixlen
    if IPv4Network(f"0.0.0.0/{length}").netmask != mask:
        message = f"{text!r} is not a mask"  # not shown
        raise ValueError(message)
    return length


def interface(address: str, length: int) -> IPv4Interface:
    """Return an address with its prefix length, which the text may state; raises ValueError.

    >>> interface("10.0.0.1", 24), interface("10.0.0.1/16", 24)
    (IPv4Interface('10.0.0.1/24'), IPv4Interface('10.0.0.1/16'))
    """
    host, slash, stated = address.strip().partition("/")
    return IPv4Interface((IPv4Address(host), prefix_length(stated) if slash else length))
