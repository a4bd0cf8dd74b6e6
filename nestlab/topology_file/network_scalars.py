"""The scalars of networks in a topology file: addresses, networks, ranges, MAC addresses, VLANs."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import (
    AddressValueError,
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    NetmaskValueError,
)

from nestlab.model.spelling import plain_mac
from nestlab.model.vlan_ids import vlan_range
from nestlab.pattern import pattern
from nestlab.texts import tr
from nestlab.topology_file.key_types import InvalidValue, Scalar
from nestlab.topology_file.scalars import any_case, integer, text_schema

_MAC = pattern(r"[0-9A-F]{12}")


def _mac(text: str) -> str:
    digits = plain_mac(text)
    if not _MAC.fullmatch(digits):
        raise InvalidValue(
            tr("must be a MAC address like 00-15-5D-00-00-01, not {value!r}", value=text),
            hint=tr("Write 12 hexadecimal digits, with '-', ':', '.' or nothing between them."),
        )
    if int(digits[1], 16) & 1 or digits == "0" * 12:
        raise InvalidValue(
            tr("must be a unicast MAC address; {value!r} is multicast or zero", value=text),
            hint=tr("Write one that begins with 00-15-5D, or remove the key for a dynamic one."),
        )
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
        tr("is an IPv6 address: {value!r}; nestlab supports IPv4 only", value=text),
        hint=tr("Write an IPv4 address like {example}.", example=example),
    )


def _address_hint(text: str) -> str:
    if text.casefold() == "auto":
        return tr("auto is for network adapters of VMs; write the address here.")
    if text.casefold() == "dhcp":
        return tr("Write dhcp: true in the network adapter instead of ip_address.")
    if "/" in text:
        return tr("Write {address}, without the prefix length.", address=text.partition("/")[0])
    return tr("Write four numbers from 0 to 255 with dots between them.")


@lru_cache(maxsize=4096)
def _address(text: str) -> IPv4Address:
    _no_ipv6(text, "10.0.0.1")
    try:
        return IPv4Address(text)
    except ValueError as error:
        raise InvalidValue(
            tr("must be an IPv4 address like 10.0.0.1, not {value!r}", value=text),
            hint=_address_hint(text),
        ) from error


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
            tr(
                "must be an IPv4 address with its prefix length like 10.0.0.11/24, not {value!r}",
                value=text,
            ),
            hint=_address_hint(address),
        ) from error
    raise InvalidValue(
        tr("must have a prefix length: {value!r}", value=text),
        hint=tr("Write {address}/24 where the mask is 255.255.255.0.", address=address),
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
        raise InvalidValue(
            tr("must be an IPv4 network like 10.0.0.0/24, not {value!r}", value=text),
            hint=tr("Write the network address and its prefix length."),
        )
    if str(network.network_address) != text.partition("/")[0]:
        raise InvalidValue(
            tr("must be a network address; {value!r} is a host address", value=text),
            hint=tr("Write {value}.", value=network),
        )
    return network


def _address_and_port(text: str) -> tuple[IPv4Address, int]:
    address, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or not 0 < int(port[:6]) < 1 << 16:
        raise InvalidValue(
            tr("must be an address and a port like 192.168.100.11:80, not {value!r}", value=text),
            hint=tr("Write the IPv4 address, a colon, and a port from 1 to 65535."),
        )
    return _address(address), int(port)


def _range(text: str) -> tuple[IPv4Address, IPv4Address]:
    first, dash, last = (part.strip() for part in text.partition("-"))
    if not dash:
        raise InvalidValue(
            tr("must be a range like 10.0.0.100-10.0.0.200, not {value!r}", value=text),
            hint=tr("Write the first address, a dash, and the last address."),
        )
    low, high = _address(first), _address(last)
    if low > high:
        raise InvalidValue(
            tr("must begin with its lower address, not {value!r}", value=text),
            hint=tr("Write {value}.", value=f"{high}-{low}"),
        )
    return low, high


def vlan_id(maximum: int, *, lowest: int = 1) -> Scalar:
    """Return the kind of a VLAN; 0 and numbers above 4094, up to `maximum`, are left to rules."""
    scalar: Scalar
    number = integer(0, maximum)

    def parse(text: str) -> int:
        try:
            return int(number.parse(text))
        except InvalidValue as refused:
            raise InvalidValue(
                tr("must be {noun}, not {value!r}", noun=scalar.noun, value=text),
                code=refused.code,
                hint=tr(
                    "Write the number of the VLAN, such as 20; without vlan, frames are untagged."
                ),
            ) from None

    scalar = Scalar("a number from {lowest} to 4094", parse, number.schema, {"lowest": lowest})
    return scalar


def vlan_or_range(maximum: int) -> Scalar:
    """Return the kind of a VLAN, or a range of them, up to `maximum`."""
    scalar: Scalar
    number = integer(0, maximum)

    def parse(text: str) -> int | range:
        first, dash, last = (part.strip() for part in text.partition("-"))
        try:
            low = number.parse(first)
            high = number.parse(last) if dash else low
        except InvalidValue as refused:
            raise InvalidValue(
                tr("must be {noun}, not {value!r}", noun=scalar.noun, value=text),
                code=refused.code,
                hint=tr("Write numbers and ranges: [1-10, 30]."),
            ) from None
        if low > high:
            raise InvalidValue(
                tr("must begin with its lower VLAN, not {value!r}", value=text),
                hint=tr("Write {value}.", value=f"{high}-{low}"),
            )
        return vlan_range(low, high)

    text = {"type": "string", "pattern": r"^\s*\d+\s*(-\s*\d+\s*)?$"}
    scalar = Scalar(
        "a number from 1 to 4094, or a range like 1-10",
        parse,
        {"anyOf": [{"type": "integer", "minimum": 0}, text]},
    )
    return scalar


_V4 = r"\d{1,3}(\.\d{1,3}){3}"
MAC = Scalar(
    "a MAC address like 00-15-5D-00-00-01",
    _mac,
    text_schema(r"^([0-9A-Fa-f]{2}[-:. ]?){5}[0-9A-Fa-f]{2}$"),
)
AUTO = IPv4Interface("0.0.0.0/32")
"""The address of an adapter with `ip_address: auto`, until it gets one (compare with `is`)."""
ADDRESS = Scalar("an IPv4 address like 10.0.0.1", _address, text_schema(f"^{_V4}$"))
INTERFACE = Scalar(
    "an IPv4 address with its prefix length like 10.0.0.11/24",
    _interface,
    text_schema(rf"^{_V4}/\d{{1,2}}$"),
)
INTERFACE_OR_AUTO = Scalar(
    "an IPv4 address with its prefix length like 10.0.0.11/24, or auto",
    lambda text: AUTO if text.casefold() == "auto" else _interface(text),
    {"anyOf": [INTERFACE.schema, any_case(["auto"])]},
)
NETWORK = Scalar("an IPv4 network like 10.0.0.0/24", _network, text_schema(rf"^{_V4}/\d{{1,2}}$"))
ADDRESS_AND_PORT = Scalar(
    "an address and a port like 192.168.100.11:80",
    _address_and_port,
    text_schema(rf"^{_V4}:\d{{1,5}}$"),
)
RANGE = Scalar(
    "a range like 10.0.0.100-10.0.0.200",
    _range,
    text_schema(rf"^{_V4}\s*-\s*{_V4}$"),
)
