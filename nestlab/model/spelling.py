"""Spellings that mean the same to Windows and Hyper-V."""

from __future__ import annotations


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same to Windows and Hyper-V, which ignore case.

    >>> same_name("HV1", "hv1")
    True
    """
    return one.casefold() == other.casefold()


def plain_mac(mac: str) -> str:
    """Return the 12 hexadecimal digits of a MAC address, upper case, without separators.

    >>> plain_mac("00-15-5d-0a-01-02")
    '00155D0A0102'
    """
    return mac.translate(_SEPARATORS).upper()


_SEPARATORS = str.maketrans("", "", "-:. ")
