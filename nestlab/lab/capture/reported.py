r"""What running guests report about themselves to Hyper-V, without a sign-in.

Network settings are in Msvm_GuestNetworkAdapterConfiguration, one for each adapter, whose
InstanceID is ``Microsoft:GuestNetwork\`` and the end of the adapter's own Id; the name of the
computer is a pair of Msvm_KvpExchangeComponent (Hyper-V WMI provider V2). A Linux guest reports
both with its daemon, hypervkvpd, and DNS servers only where its distribution has the script
hypervkvpd asks (hv_get_dns_info).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv4Interface

from nestlab.apply import exchanged_value
from nestlab.dataclass import dataclass, field
from nestlab.errors import CmdletError
from nestlab.model import Cmdlet, Record
from nestlab.transport.session import Cancel, Session

_NAMESPACE = "root/virtualization/v2"
_OWN_ID, _REPORTED_ID = "microsoft:", "microsoft:guestnetwork\\"


@dataclass(frozen=True)
class ReportedAdapter:
    """The IPv4 settings that a guest reports for one adapter."""

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
        """Return what the guests of this one and of another machine report."""
        return ReportedGuests({**self.adapters, **other.adapters}, {**self.names, **other.names})


def reported_guests(session: Session, cancel: Cancel | None) -> ReportedGuests:
    """Return what the guests of one machine report; raises what `Session.run` raises.

    An account that may not read the classes gets nothing.
    """
    adapters = dict(_adapters(_instances(session, _CONFIGURATION, cancel)))
    return ReportedGuests(adapters, dict(_names(_instances(session, _EXCHANGE, cancel))))


_CONFIGURATION = "Msvm_GuestNetworkAdapterConfiguration"
_EXCHANGE = "Msvm_KvpExchangeComponent"


def _instances(session: Session, name: str, cancel: Cancel | None) -> tuple[Record, ...]:
    asked = Cmdlet("Get-CimInstance", {"Namespace": _NAMESPACE, "ClassName": name})
    try:
        return session.run(asked, cancel=cancel).records
    except CmdletError:
        return ()


def _adapters(records: tuple[Record, ...]) -> Iterator[tuple[str, ReportedAdapter]]:
    for record in records:
        identity = str(record.get("InstanceID") or "").lower()
        lengths = map(_prefix_length, _texts(record, "Subnets"))
        pairs = zip(_texts(record, "IPAddresses"), lengths, strict=False)
        found = (_interface(text, length) for text, length in pairs)
        gateways = _addresses(record, "DefaultGateways")
        yield (
            _OWN_ID + identity.removeprefix(_REPORTED_ID),
            ReportedAdapter(
                tuple(each for each in found if each is not None),
                gateways[0] if gateways else None,
                _addresses(record, "DNSServers"),
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
