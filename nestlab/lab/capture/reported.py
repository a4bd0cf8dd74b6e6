r"""What running guests report about themselves to Hyper-V, without a sign-in.

Network settings are in Msvm_GuestNetworkAdapterConfiguration, one for each adapter, whose
InstanceID is ``Microsoft:GuestNetwork\`` and the end of the adapter's own Id,
https://learn.microsoft.com/windows/win32/hyperv_v2/msvm-guestnetworkadapterconfiguration; the names
of the computer and of its system are pairs of Msvm_KvpExchangeComponent. A Linux guest reports all
with its daemon, hypervkvpd. The daemon asks scripts of the distribution for the DNS servers and for
DHCP (hv_get_dns_info and hv_get_dhcp_info, tools/hv/hv_kvp_daemon.c of the kernel), and without the
second one it reports that there is no DHCP.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv4Interface

from nestlab.apply import exchanged_value, is_windows
from nestlab.dataclass import dataclass, field
from nestlab.errors import CmdletError
from nestlab.model import Cmdlet, Record
from nestlab.transport.session import Cancel, Session

_NAMESPACE = "root/virtualization/v2"
_OWN_ID, _REPORTED_ID = "microsoft:", "microsoft:guestnetwork\\"


@dataclass(frozen=True)
class ReportedAdapter:
    """The IPv4 settings that a guest reports for one adapter.

    `is_known` is False for an adapter that it does not report; `dhcp` is None if that is not known.
    """

    is_known: bool = False
    dhcp: bool | None = None
    addresses: tuple[IPv4Interface, ...] = ()
    gateway: IPv4Address | None = None
    dns_servers: tuple[IPv4Address, ...] = ()


@dataclass(frozen=True)
class ReportedGuests:
    """What the guests of machines report; keys are Ids of adapters and of VMs, in lower case."""

    adapters: Mapping[str, ReportedAdapter] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def of_adapter(self, identity: str) -> ReportedAdapter:
        """Return what is reported for the adapter of a VM with this Id; empty if nothing is."""
        return self.adapters.get(identity.lower(), ReportedAdapter())

    def name_of(self, vm_id: str) -> str:
        """Return the name of the computer in a VM, without its domain; empty if not reported."""
        return self.names.get(vm_id.lower(), "").partition(".")[0]

    def joined(self, other: ReportedGuests) -> ReportedGuests:
        """Return what the guests of this and another machine report, in one value."""
        return ReportedGuests({**self.adapters, **other.adapters}, {**self.names, **other.names})


def reported_guests(session: Session, cancel: Cancel | None) -> ReportedGuests:
    """Return what the guests of one machine report; raises the errors of `Session.run`.

    An account that may not read the classes gets nothing.
    """
    settings = _instances(session, _CONFIGURATION, cancel)
    components = _instances(session, _EXCHANGE, cancel)
    return ReportedGuests(
        dict(_adapters(settings, set(_windows_guests(components)))), dict(_names(components))
    )


_CONFIGURATION = "Msvm_GuestNetworkAdapterConfiguration"
_EXCHANGE = "Msvm_KvpExchangeComponent"


def _instances(session: Session, name: str, cancel: Cancel | None) -> tuple[Record, ...]:
    asked = Cmdlet("Get-CimInstance", {"Namespace": _NAMESPACE, "ClassName": name})
    try:
        return session.run(asked, cancel=cancel).records
    except CmdletError:
        return ()


def _windows_guests(components: tuple[Record, ...]) -> Iterator[str]:
    """Yield the Ids of the VMs whose guests are known to be Windows, in lower case."""
    for each in components:
        if is_windows(exchanged_value(each, "OSName")):
            yield str(each.get("SystemName") or "").lower()


def _adapters(
    records: tuple[Record, ...], windows: set[str]
) -> Iterator[tuple[str, ReportedAdapter]]:
    for record in records:
        identity = str(record.get("InstanceID") or "").lower()
        lengths = map(_prefix_length, _texts(record, "Subnets"))
        pairs = zip(_texts(record, "IPAddresses"), lengths, strict=False)
        found = (_interface(text, length) for text, length in pairs)
        gateways = _addresses(record, "DefaultGateways")
        own = identity.removeprefix(_REPORTED_ID)
        dhcp = bool(record.get("DHCPEnabled"))
        yield (
            _OWN_ID + own,
            ReportedAdapter(
                is_known=True,
                dhcp=True if dhcp else False if own.partition("\\")[0] in windows else None,
                addresses=tuple(each for each in found if each is not None),
                gateway=gateways[0] if gateways else None,
                dns_servers=_addresses(record, "DNSServers"),
            ),
        )


def _texts(record: Record, name: str) -> tuple[str, ...]:
    value = record.get(name)
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()


def _prefix_length(mask: str) -> int | None:
    try:
        return IPv4Interface(f"0.0.0.0/{mask}").network.prefixlen
    except ValueError:
        return None  # that of an IPv6 address


def _interface(address: str, length: int | None) -> IPv4Interface | None:
    try:
        return IPv4Interface((address, length)) if length is not None else None
    except ValueError:
        return None


def _addresses(record: Record, name: str) -> tuple[IPv4Address, ...]:
    found = []
    for text in _texts(record, name):
        try:
            found.append(IPv4Address(text))
        except ValueError:
            continue  # IPv6
    return tuple(found)


def _names(records: tuple[Record, ...]) -> Iterator[tuple[str, str]]:
    for record in records:
        name = exchanged_value(record, "FullyQualifiedDomainName")
        if name:
            yield str(record.get("SystemName") or "").lower(), name
