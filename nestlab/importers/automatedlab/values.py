"""Values in AutomatedLab's XML: addresses, numbers, Booleans and dictionaries."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface

from nestlab.dataclass import dataclass
from nestlab.errors import DefinitionFileError
from nestlab.importers.addresses import is_ipv6, prefix_length
from nestlab.importers.source import Source
from nestlab.importers.xml_text import Element
from nestlab.pattern import pattern
from nestlab.texts import tr

_NUMBER = pattern(r"[0-9]{1,18}")
_TRUE = ("true", "1", "yes")


@dataclass(frozen=True)
class Values:
    """Reads values of elements; `where` names their owner in errors."""

    source: Source
    where: str

    def wrong(self, element: Element, what: str, value: str) -> DefinitionFileError:
        """Return the error for a value that is not what it must be."""
        return self.source.refused(
            tr(
                "{where}: {key} must be {what}, not {value!r}",
                where=self.where,
                key=element.tag,
                what=what,
                value=value[:80],
            ),
            line=element.line,
            hint=tr("Correct the value, and import the file again."),
        )

    def whole(self, element: Element, tag: str, *, highest: int = 1 << 62) -> int:
        """Return the whole number of a child; 0 if there is none."""
        found = element.child(tag)
        text = found.text.strip() if found is not None else ""
        if found is None or not text:
            return 0
        if not _NUMBER.fullmatch(text) or int(text) > highest:
            raise self.wrong(
                found, tr("a whole number of at most {maximum}", maximum=highest), text
            )
        return int(text)

    def interfaces(self, element: Element, tag: str) -> list[IPv4Interface]:
        """Return the IPv4 addresses, with prefix lengths, of a list of IPNetwork."""
        return [
            found for item in element.within(tag) if (found := self.interface(item)) is not None
        ]

    def interface(self, network: Element) -> IPv4Interface | None:
        """Return the address and prefix length of an IPNetwork; None if it is not IPv4."""
        if network.attributes.get("SerializationAddressFamily", "InterNetwork") != "InterNetwork":
            return None
        length = network.attributes.get("SerializationCidr", "")
        inner = network.child("IpAddress")
        text = inner.attributes.get("AddressAsString", "") if inner is not None else ""
        number = network.attributes.get("SerializationNetworkAddress", "")
        try:
            address = IPv4Address(text) if text else IPv4Address(int(number))
            return IPv4Interface((address, prefix_length(length)))
        except ValueError:
            value = f"{text or number}/{length}"
            raise self.wrong(network, tr("an address with a prefix length"), value) from None

    def addresses(self, element: Element, tag: str) -> list[IPv4Address]:
        """Return the IPv4 addresses of a list of IPAddress; 0.0.0.0 stands for none."""
        found = []
        for item in element.within(tag):
            text = item.attributes.get("AddressAsString", "")
            if not text or is_ipv6(text):
                continue
            try:
                address = IPv4Address(text)
            except ValueError:
                raise self.wrong(item, tr("an IPv4 address"), text) from None
            if not address.is_unspecified:
                found.append(address)
        return found


def is_true(text: str) -> bool:
    """Whether a text is true as a Boolean of .NET, or a word that AutomatedLab accepts as true.

    >>> is_true("true"), is_true("Yes"), is_true("false"), is_true("")
    (True, True, False, False)
    """
    return text.strip().casefold() in _TRUE


def dictionary(element: Element, tag: str) -> dict[str, str]:
    """Return a serialized dictionary, with case-folded keys."""
    found: dict[str, str] = {}
    for item in element.within(tag):
        key, value = item.child("key"), item.child("value")
        if item.tag == "item" and key is not None and value is not None:
            found[key.value("string").casefold()] = value.value("string")
    return found
