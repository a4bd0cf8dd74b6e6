r"""The DNS servers that were set by hand, on interfaces that use DHCP.

Get-DnsClientServerAddress shows the servers that Windows uses, but not where they come from. In the
registry, under ``Tcpip\Parameters\Interfaces\{GUID}``, NameServer has those set by hand and
DhcpNameServer those of the lease; NameServer takes precedence. Any account may read both. Source:
https://learn.microsoft.com/previous-versions/windows/it-pro/windows-2000-server/cc978468(v=technet.10)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address

from nestlab.errors import CmdletError
from nestlab.model import Cmdlet, Record
from nestlab.model.state import HostState
from nestlab.transport.session import Cancel, Session

_KEYS = r"HKLM:\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces\*"
_VALUE = "NameServer"


def manual_dns_servers(
    session: Session, state: HostState, cancel: Cancel | None
) -> Mapping[str, tuple[IPv4Address, ...]]:
    """Return the DNS servers set by hand on a machine's interfaces, by their GUID in lower case.

    Empty if no interface with DHCP has DNS servers, or if the registry does not answer; else an
    interface without servers of its own has an empty tuple. Raises the errors of `Session.run` for
    a broken session.
    """
    if not any(each.dhcp and each.dns_servers for each in state.ip_interfaces):
        return {}
    # An interface without the value gives an error, which must not lose the others.
    quiet = {"Name": _VALUE, "ErrorAction": "SilentlyContinue"}
    try:
        records = session.run(Cmdlet("Get-ItemProperty", {"Path": _KEYS, **quiet}), cancel=cancel)
    except CmdletError:
        return {}
    return {guid: tuple(_addresses(record)) for record in records if (guid := _guid(record))}


def _guid(record: Record) -> str:
    return str(record.get("PSChildName") or "").lower()


def _addresses(record: Record) -> Iterator[IPv4Address]:
    """Yield the addresses of a value, which are separated by commas or spaces."""
    for text in str(record.get(_VALUE) or "").replace(",", " ").split():
        try:
            yield IPv4Address(text)
        except ValueError:
            continue  # Windows does not use it either
