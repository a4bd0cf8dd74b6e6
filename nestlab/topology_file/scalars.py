# ruff: noqa: EM101, EM102, TRY003  # the sentence is what each of these functions is for
"""The scalars of a topology file: names, numbers, sizes, addresses, words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache, partial
from ipaddress import (
    AddressValueError,
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    NetmaskValueError,
)
from typing import Any

from nestlab.model.ownership import is_topology_name
from nestlab.model.size import Size
from nestlab.model.vlan_ids import vlan_range
from nestlab.topology_file.key_types import InvalidValue, Scalar

NAME_LENGTH = 100  # Hyper-V's own limit for the name of a VM
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CONTROL_BUT_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_DIGITS = re.compile(r"[+-]?\d{1,18}")
_VERSION = re.compile(r"\d{1,3}\.\d{1,3}")
_MAC = re.compile(r"[0-9A-F]{12}")
_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_LARGEST = 1 << 63  # sizes travel as Int64
_RESERVED = ("host", "internet")  # endpoints of checks, and the machine path of the host itself


def _name(text: str, forbidden: str) -> str:
    if not text.strip():
        raise InvalidValue("must not be empty")
    if text != text.strip():
        raise InvalidValue(f"must not begin or end with a space: {text!r}")
    if len(text) > NAME_LENGTH:
        raise InvalidValue(f"has {len(text)} characters; a name has at most {NAME_LENGTH}")
    if _CONTROL.search(text):
        raise InvalidValue(f"must not contain control characters: {text!r}")
    found = "".join(sign for sign in forbidden if sign in text)
    if found:
        why = (
            "'/' separates the names of a machine path"
            if found == "/"
            else "PowerShell reads * ? [ ] and ` in a -Name as a pattern"
        )
        raise InvalidValue(
            f"must not contain {' '.join(found)}: {text!r}", hint=f"{why}; choose another name."
        )
    return text


def _vm_name(text: str) -> str:
    name = _name(text, "/*?[]`")
    if name.casefold() in _RESERVED:
        raise InvalidValue(
            f"must not be {name!r}",
            hint="'host' and 'internet' are endpoints of checks; choose another name.",
        )
    return name


def _topology_name(text: str) -> str:
    if not is_topology_name(text):
        raise InvalidValue(
            f"must be 1 to 40 letters, digits or '-', not {text!r}",
            hint="The name becomes part of the ownership mark in the Notes of VMs and switches.",
        )
    return text


def _text(text: str) -> str:
    if _CONTROL_BUT_LINES.search(text):
        raise InvalidValue("must not contain control characters")
    return text


def _some_text(text: str) -> str:
    if not text.strip():
        raise InvalidValue("must not be empty")
    if _CONTROL.search(text):
        raise InvalidValue("must not contain control characters or line breaks")
    return text


def _boolean(text: str) -> bool:
    try:
        return _TRUTH[text.casefold()]
    except KeyError:
        raise InvalidValue(f"must be true or false, not {text!r}", code="wrong-type") from None


def integer(least: int, most: int) -> Scalar:
    """Return the kind of whole numbers from `least` to `most`."""
    noun = f"a whole number from {least} to {most}"

    def parse(text: str) -> int:
        if not _DIGITS.fullmatch(text):
            raise InvalidValue(f"must be {noun}, not {text!r}", code="wrong-type")
        if not least <= int(text) <= most:
            raise InvalidValue(f"must be {noun}, not {text}")
        return int(text)

    return Scalar(noun, parse, {"type": "integer", "minimum": least, "maximum": most})


def vlans(most: int) -> Scalar:
    """Return the kind of a VLAN, or a range of them, up to `most`."""
    noun = "a VLAN like 10 or a range like 1-10"
    number = integer(0, most)

    def parse(text: str) -> int | range:
        first, dash, last = (part.strip() for part in text.partition("-"))
        try:
            low = number.parse(first)
            high = number.parse(last) if dash else low
        except InvalidValue as refused:
            raise InvalidValue(f"must be {noun}, not {text!r}", code=refused.code) from None
        if low > high:
            raise InvalidValue(
                f"must begin with its lower VLAN, not {text!r}", hint=f"Write {high}-{low}."
            )
        return vlan_range(low, high)

    pattern = {"type": "string", "pattern": r"^\s*\d+\s*(-\s*\d+\s*)?$"}
    return Scalar(noun, parse, {"anyOf": [{"type": "integer", "minimum": 0}, pattern]})


def word(words: Mapping[str, Any]) -> Scalar:
    """Return the kind of a few known words; case does not matter, as in PowerShell."""
    by_folded = {known.casefold(): value for known, value in words.items()}
    noun = ", ".join(list(words)[:-1]) + f" or {list(words)[-1]}"

    def parse(text: str) -> Any:
        if text.casefold() not in by_folded:
            off = text.casefold() == "false" and "off" in by_folded
            raise InvalidValue(
                f"must be {noun}, not {text!r}",
                hint="YAML tools read Off as false: write 'Off' in quotes." if off else "",
            )
        return by_folded[text.casefold()]

    return Scalar(noun, parse, {"enum": list(words)})


def words_of(enumeration: type[StrEnum]) -> Scalar:
    """Return the kind of an enumeration's names."""
    return word({member.value: member for member in enumeration})


def _size(text: str) -> Size:
    try:
        size = Size.parse(text)
    except ValueError as error:
        raise InvalidValue(
            f"must be a size, not {text!r}", hint="Write 512MB, 8GB, 1.5TB or a number of bytes."
        ) from error
    if not 0 < size < _LARGEST:
        raise InvalidValue(f"must be more than 0 and less than 8 EB, not {text!r}")
    return size


def _version(text: str) -> str:
    if not _VERSION.fullmatch(text):
        raise InvalidValue(f"must be a configuration version like 9.0 or 10.0, not {text!r}")
    return text


def _mac(text: str) -> str:
    digits = re.sub(r"[-:. ]", "", text).upper()
    if not _MAC.fullmatch(digits):
        raise InvalidValue(
            f"must be a MAC address like 00-15-5D-00-00-01, not {text!r}",
            hint="12 hexadecimal digits, with - : . or nothing between them.",
        )
    if int(digits[1], 16) & 1 or digits == "0" * 12:
        raise InvalidValue(f"must be a unicast MAC address; {text!r} is multicast or zero")
    return digits


def _no_ipv6(text: str, example: str) -> None:
    address = text.split("/", maxsplit=1)[0].strip("[]")
    if ":" not in address:
        return
    try:
        IPv6Address(address)
    except ValueError:
        return
    raise InvalidValue(
        f"is an IPv6 address: {text!r}; nestlab supports IPv4 only",
        hint=f"Write an IPv4 address like {example}.",
    )


@lru_cache(maxsize=4096)
def _address(text: str) -> IPv4Address:
    _no_ipv6(text, "10.0.0.1")
    try:
        return IPv4Address(text)
    except ValueError as error:
        raise InvalidValue(f"must be an IPv4 address like 10.0.0.1, not {text!r}") from error


@lru_cache(maxsize=4096)
def _interface(text: str) -> IPv4Interface:
    _no_ipv6(text, "10.0.0.1/24")
    address, slash, prefix = text.partition("/")
    try:
        if slash and prefix.isdecimal():
            return IPv4Interface(text)
        IPv4Address(address)
    except (AddressValueError, NetmaskValueError) as error:
        raise InvalidValue(
            f"must be an IPv4 address with its prefix length like 10.0.0.11/24, not {text!r}"
        ) from error
    raise InvalidValue(
        f"must have a prefix length: {text!r}",
        hint=f"Write {address}/24 where the mask is 255.255.255.0.",
    )


@lru_cache(maxsize=4096)
def _network(text: str) -> IPv4Network:
    _no_ipv6(text, "10.0.0.0/24")
    network = None
    if "/" in text and text.rpartition("/")[2].isdecimal():
        try:
            network = IPv4Interface(text).network
        except ValueError:
            network = None
    if network is None:
        raise InvalidValue(f"must be an IPv4 network like 10.0.0.0/24, not {text!r}")
    if str(network.network_address) != text.partition("/")[0]:
        raise InvalidValue(
            f"must be a network address; {text!r} is a host address", hint=f"Write {network}."
        )
    return network


def _endpoint(text: str) -> tuple[IPv4Address, int]:
    address, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or not 0 < int(port[:6]) < 1 << 16:
        raise InvalidValue(f"must be an address and a port like 192.168.100.11:80, not {text!r}")
    return _address(address), int(port)


def _range(text: str) -> tuple[IPv4Address, IPv4Address]:
    first, dash, last = (part.strip() for part in text.partition("-"))
    if not dash:
        raise InvalidValue(f"must be a range like 10.0.0.100-10.0.0.200, not {text!r}")
    low, high = _address(first), _address(last)
    if low > high:
        raise InvalidValue(
            f"must begin with its lower address, not {text!r}", hint=f"Write {high}-{low}."
        )
    return low, high


def _text_schema(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": pattern}


_V4 = r"\d{1,3}(\.\d{1,3}){3}"
_NAME_SCHEMA = {
    "type": "string",
    "minLength": 1,
    "maxLength": NAME_LENGTH,
    "pattern": r"^[^`*?\[\]\x00-\x1f]+$",
}

TOPOLOGY_NAME = Scalar(
    "1 to 40 letters, digits or '-'", _topology_name, _text_schema("^[A-Za-z0-9-]{1,40}$")
)
VM_NAME = Scalar(
    "the name of a VM", _vm_name, {**_NAME_SCHEMA, "pattern": r"^[^`*?\[\]/\x00-\x1f]+$"}
)
NAME = Scalar("a name", partial(_name, forbidden="*?[]`"), _NAME_SCHEMA)
TEXT = Scalar("a text", _text, {"type": "string"})
SOME_TEXT = Scalar("a text", _some_text, {"type": "string", "minLength": 1})
BOOLEAN = Scalar("true or false", _boolean, {"type": "boolean"})
SIZE = Scalar(
    "a size like 8GB",
    _size,
    {
        "type": ["string", "integer"],
        "pattern": r"^\s*\d+(\.\d+)?\s*([KMGTPkmgtp]?[Bb])?\s*$",
        "minimum": 1,
    },
)
VERSION = Scalar(
    "a configuration version like 9.0",
    _version,
    {"type": ["string", "number"], "pattern": r"^\d+\.\d+$"},
)
MAC = Scalar(
    "a MAC address like 00-15-5D-00-00-01",
    _mac,
    _text_schema(r"^([0-9A-Fa-f]{2}[-:. ]?){5}[0-9A-Fa-f]{2}$"),
)
ADDRESS = Scalar("an IPv4 address like 10.0.0.1", _address, _text_schema(f"^{_V4}$"))
INTERFACE = Scalar(
    "an IPv4 address with its prefix length like 10.0.0.11/24",
    _interface,
    _text_schema(rf"^{_V4}/\d{{1,2}}$"),
)
NETWORK = Scalar("an IPv4 network like 10.0.0.0/24", _network, _text_schema(rf"^{_V4}/\d{{1,2}}$"))
ENDPOINT = Scalar(
    "an address and a port like 192.168.100.11:80",
    _endpoint,
    _text_schema(rf"^{_V4}:\d{{1,5}}$"),
)
RANGE = Scalar(
    "a range like 10.0.0.100-10.0.0.200",
    _range,
    _text_schema(rf"^{_V4}\s*-\s*{_V4}$"),
)
