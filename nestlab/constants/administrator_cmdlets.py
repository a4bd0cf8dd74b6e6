"""Which cmdlets need a local Administrator: membership in Hyper-V Administrators is not enough.

Measured on Windows Server 2022 by the maintainer of a Terraform provider (windsorcli/
terraform-provider-hyperv): VMs, disks, Private and Internal switches need only Hyper-V
Administrators; NATs and External switches need a local Administrator. The documentation of the
other modules asks for elevated rights. Accounts in Network Configuration Operators and DHCP
Administrators may do some of it; which groups an account is in is not read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

_READING_VERBS = ("Find", "Get", "Test")

_NOUNS: Mapping[str, str] = MappingProxyType(
    {
        "DhcpServer": "DhcpServerInDC DhcpServerv4OptionValue DhcpServerv4Reservation DhcpServerv4Scope",
        "Dism": "WindowsOptionalFeature",
        "DnsClient": "DnsClientServerAddress",
        "Microsoft.PowerShell.Management": "Computer Service",
        "NetAdapter": "NetAdapter",
        "NetNat": "NetNat NetNatStaticMapping",
        "NetSecurity": "NetFirewallRule",
        "NetTCPIP": "NetIPAddress NetIPInterface NetRoute",
        "ServerManager": "WindowsFeature",
        "Storage": "Disk Partition PartitionAccessPath Volume",
    }
)
"""The nouns of cmdlets with which only Administrators can change something, by module."""

_ADMINISTRATOR_NOUNS = frozenset(noun for nouns in _NOUNS.values() for noun in nouns.split())

_UPLINK_PARAMETERS = frozenset({"NetAdapterName", "NetAdapterInterfaceDescription"})
"""Parameters of New-VMSwitch and Set-VMSwitch that bind a network adapter of the host.

For Set-VMSwitch, this is inferred from New-VMSwitch.
"""


def needs_administrator(name: str, parameters: Collection[str] = ()) -> bool:
    """Whether a cmdlet with these parameters needs a local Administrator.

    >>> needs_administrator("New-NetRoute"), needs_administrator("Get-NetRoute")
    (True, False)
    >>> needs_administrator("New-VMSwitch", {"Name", "NetAdapterName"})
    True
    >>> needs_administrator("New-VMSwitch", {"Name", "SwitchType"})
    False
    """
    verb, _, noun = name.partition("-")
    if noun == "VMSwitch":
        return not _UPLINK_PARAMETERS.isdisjoint(parameters)
    return noun in _ADMINISTRATOR_NOUNS and verb not in _READING_VERBS
