"""Addresses as text, including addresses in a network that is not known."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from nestlab.texts import tr

UNKNOWN_NETWORK = IPv4Network("192.0.0.0/29")
"""For an unknown physical network: a prefix that IANA reserves (RFC 7335). It is not shown."""

_GATEWAY = int(next(UNKNOWN_NETWORK.hosts()))
_FIRST, _LAST = int(UNKNOWN_NETWORK.network_address), int(UNKNOWN_NETWORK.broadcast_address)


def ip(number: int) -> str:
    """Return an address as text; an address in `UNKNOWN_NETWORK` as a description of its owner.

    >>> ip(int(IPv4Address("10.0.0.1"))), ip(int(IPv4Address("192.0.0.1")))
    ('10.0.0.1', 'the gateway there')
    """
    if _FIRST <= number <= _LAST:
        return tr("the gateway there") if number == _GATEWAY else tr("the host's address there")
    return str(IPv4Address(number))
