"""Spellings that mean the same to Windows and Hyper-V."""

from __future__ import annotations

import ntpath
from functools import lru_cache
from pathlib import PureWindowsPath


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same to Windows and Hyper-V, which ignore case.

    >>> same_name("HV1", "hv1")
    True
    """
    return one.casefold() == other.casefold()


@lru_cache(maxsize=4096)
def windows_path(path: str) -> str:
    r"""Return a path as Windows writes it: with backslashes, without `.` and `..`.

    >>> windows_path("D:/vms/../images/a.vhdx")
    'D:\\images\\a.vhdx'
    """
    return ntpath.normpath(path) if path else path


@lru_cache(maxsize=4096)
def path_key(path: str) -> str:
    r"""Return a key that is equal for all spellings of a path: normalized, in lower case.

    >>> path_key("d:/Images/a.VHDX")
    'd:\\images\\a.vhdx'
    """
    return windows_path(path).lower()


def same_path(one: str, other: str) -> bool:
    r"""Whether two paths name the same file to Windows, which ignores case.

    >>> same_path(r"D:\images\a.vhdx", "d:/images/A.vhdx")
    True
    """
    return path_key(one) == path_key(other)


@lru_cache(maxsize=4096)
def is_absolute(path: str) -> bool:
    r"""Whether a path starts at the root of a drive or share.

    >>> is_absolute(r"D:\images\a.vhdx"), is_absolute(r"D:a.vhdx"), is_absolute(r"\images")
    (True, False, False)
    """
    return PureWindowsPath(path).is_absolute()


@lru_cache(maxsize=4096)
def extension(path: str) -> str:
    r"""Return the extension of the file that a path names, with its dot, in lower case.

    >>> extension(r"D:\images\a.b.VHDX"), extension(r"D:\images.old\a")
    ('.vhdx', '')
    """
    return PureWindowsPath(path).suffix.lower()


def plain_mac(mac: str) -> str:
    """Return the 12 hexadecimal digits of a MAC address, upper case, without separators.

    >>> plain_mac("00-15-5d-0a-01-02")
    '00155D0A0102'
    """
    return mac.translate(_SEPARATORS).upper()


def hyphenated_mac(mac: str) -> str:
    """Return a MAC address of 12 hexadecimal digits as files and messages show it.

    >>> hyphenated_mac("00155D0A0102")
    '00-15-5D-0A-01-02'
    """
    return "-".join(mac[start : start + 2] for start in range(0, len(mac), 2))


_SEPARATORS = str.maketrans("", "", "-:. ")
