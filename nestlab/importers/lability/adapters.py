"""The network adapters of a Lability node.

Lability itself creates the adapters but sets no addresses: the DSC configuration of the lab does,
from keys of the node. The names of these keys are a convention of Lability's examples and of
published labs; they are in `_ADDRESSES` and the other constants.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Interface

from nestlab.importers.addresses import interface, is_ipv6, prefix_length
from nestlab.importers.draft import LabDraft
from nestlab.importers.lability.nodes import Node
from nestlab.importers.names import UniqueNames, valid_name
from nestlab.model.plain import Plain
from nestlab.model.spelling import plain_mac
from nestlab.pattern import pattern
from nestlab.texts import tr

_ADDRESSES = ("IPAddress", "IPv4Address")
_PREFIXES = ("PrefixLength", "SubnetMask")
_GATEWAYS = ("DefaultGateway", "GatewayAddress", "DefaultGatewayAddress")
_DNS_SERVERS = ("DnsServerAddress", "DnsServer", "DnsServers", "DnsServerAddresses")
_ASSUMED_PREFIX_LENGTH = 24  # the prefix length of the examples
_MAC = pattern(r"[0-9A-F]{12}")
_DESCRIBED = ("InterfaceAlias", "AddressFamily", "NetworkAdapterName")
DEFAULT_SWITCH = "Default Switch"  # not shown: the name in VMDefaults.json


class NodeAdapters:
    """The adapters of one node, as data of the topology file."""

    def __init__(self, node: Node, vm: str, draft: LabDraft, switches: dict[str, str]) -> None:
        self._node, self._vm, self._draft = node, vm, draft
        self._switches = switches  # the name of a switch in the file, by that in Lability

    def adapters(self, os: str) -> list[dict[str, Plain]]:
        """Return an adapter for each switch of the node."""
        node = self._node
        names = node.fields.texts(node.key("SwitchName")) or [DEFAULT_SWITCH]
        labels = node.fields.texts(node.key("NICName")) or node.fields.texts("NetworkAdapterName")
        addresses = node.fields.texts(node.key("MACAddress"))
        unique = UniqueNames()
        found = []
        for index, switch in enumerate(names):
            label = labels[index] if len(labels) == len(names) else switch
            adapter: dict[str, Plain] = {}
            if len(names) > 1 or labels:
                adapter["name"] = unique.take(valid_name(label, f"Adapter {index + 1}"))
            adapter["switch"] = self._switches[switch.casefold()]
            adapter |= self._address(index, os)
            if index < len(addresses):
                adapter |= self._mac(addresses[index])
            found.append(adapter)
        for key in _ADDRESSES:
            for text in node.fields.texts(key)[len(names) :]:
                self._draft.leave_out(
                    self._vm,
                    tr("{key} {value}: an adapter has one IPv4 address", key=key, value=text),
                )
        return found

    def _mac(self, text: str) -> dict[str, Plain]:
        digits = plain_mac(text)
        if not _MAC.fullmatch(digits):
            raise self._node.fields.wrong(
                self._node.key("MACAddress"), tr("MAC addresses such as 00-15-5D-00-00-01")
            )
        return {"mac_address": "-".join(digits[at : at + 2] for at in range(0, 12, 2))}

    def _address(self, index: int, os: str) -> dict[str, Plain]:
        self._node.fields.use(*_DESCRIBED)
        key, text = self._value(_ADDRESSES, index)
        if not text or is_ipv6(text):
            if text:
                self._draft.leave_out(
                    self._vm, tr("{key} {value}: nestlab supports IPv4 only", key=key, value=text)
                )
            return {} if os == "none" else {"dhcp": True}
        interface = self._interface(key, text, index)
        return {
            "ip_address": str(interface),
            **self._gateway(interface, index),
            **self._dns_servers(index),
        }

    def _interface(self, key: str, text: str, index: int) -> IPv4Interface:
        length_key, length = self._value(_PREFIXES, index)
        if not length:
            length_key, length = self._value(_PREFIXES, 0)
        if not length and "/" not in text:
            self._draft.leave_out(
                self._vm,
                tr(
                    "no prefix length is stated: /{length} is assumed",
                    length=_ASSUMED_PREFIX_LENGTH,
                ),
            )
        try:
            default = prefix_length(length) if length else _ASSUMED_PREFIX_LENGTH
        except ValueError:
            raise self._node.fields.wrong(length_key, tr("a prefix length or a mask")) from None
        try:
            return interface(text, default)
        except ValueError:
            raise self._node.fields.wrong(key, tr("an IPv4 address such as 10.0.0.1")) from None

    def _gateway(self, interface: IPv4Interface, index: int) -> dict[str, Plain]:
        key, text = self._value(_GATEWAYS, index)
        if not text or is_ipv6(text):
            return {}
        address = self._ipv4(key, text)
        if address not in interface.network or address == interface.ip:
            self._draft.leave_out(
                self._vm,
                tr(
                    "{key} {value}: not another address of {network}",
                    key=key,
                    value=text,
                    network=interface.network,
                ),
            )
            return {}
        return {"gateway": text.strip()}

    def _dns_servers(self, index: int) -> dict[str, Plain]:
        for key in _with_suffix(_DNS_SERVERS, index):
            texts = [text for text in self._node.fields.texts(key) if text.strip()]
            servers = [str(self._ipv4(key, text)) for text in texts if not is_ipv6(text)]
            if servers:
                return {"dns_servers": list(dict.fromkeys(servers))}
        return {}

    def _ipv4(self, key: str, text: str) -> IPv4Address:
        try:
            return IPv4Address(text.strip())
        except ValueError:
            raise self._node.fields.wrong(key, tr("an IPv4 address such as 10.0.0.1")) from None

    def _value(self, keys: Sequence[str], index: int) -> tuple[str, str]:
        """Return the key and the text for an adapter; the text is empty if there is none."""
        for key in keys:
            texts = self._node.fields.texts(key)
            if index < len(texts):
                return key, texts[index]
        for key in _with_suffix(keys, index) if index else ():
            texts = self._node.fields.texts(key)
            if texts:
                return key, texts[0]
        return keys[0], ""


def _with_suffix(keys: Sequence[str], index: int) -> list[str]:
    """Return the keys for the adapter with an index: `Secondary...`, or with its number."""
    if not index:
        return list(keys)
    second = [f"Secondary{key}" for key in keys] if index == 1 else []
    return [*second, *(f"{key}{index + 1}" for key in keys)]
