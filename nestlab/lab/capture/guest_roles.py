"""The NAT and the features of a captured Windows guest."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network

from nestlab.constants import PRODUCT_WORKSTATION
from nestlab.dataclass import replace
from nestlab.lab.capture.machine import CapturedMachine
from nestlab.model.ownership import nat_name
from nestlab.model.topology import VM, GuestNat, NetworkAdapter
from nestlab.plan import WIN_NAT_FEATURE
from nestlab.texts import tr

INSTALLED_BY_DEFAULT = frozenset(
    name.casefold()
    for name in (
        "AzureArcSetup",
        "File-Services",
        "FileAndStorage-Services",
        "FS-SMB1",
        "NET-Framework-45-Core",
        "NET-Framework-45-Features",
        "NET-WCF-Services45",
        "NET-WCF-TCP-PortSharing45",
        "PowerShell",
        "PowerShell-ISE",
        "PowerShell-V2",
        "PowerShellRoot",
        "Server-Gui-Mgmt-Infra",
        "Server-Gui-Shell",
        "Storage-Services",
        "System-DataArchiver",
        "User-Interfaces-Infra",
        "Windows-Defender",
        "Windows-Defender-Features",
        "Windows-Defender-Gui",
        "WoW64-Support",
        "XPS-Viewer",
    )
)
"""Features that Windows Server 2012 R2 to 2025 installs by default: files do not name them.

Source: https://learn.microsoft.com/windows-server/administration/server-core/server-core-roles-and-services
"""

_HYPER_V_FEATURES = frozenset(
    {"hyper-v", "hyper-v-powershell", "hyper-v-tools", "rsat-hyper-v-tools"}
)

_DHCP_FEATURES = frozenset({"dhcp", "rsat-role-tools", "rsat-dhcp", "rsat"})


def guest_nat_of(vm: VM, inside: CapturedMachine) -> GuestNat | None:
    """Return the NAT of a guest that is a router: one for the network of an adapter of its VM.

    In a guest with Hyper-V, other NATs are those of its switches. WinNAT has no setting for the
    outside adapter: it is taken to be the one with a default gateway, or else with DHCP.
    """
    own = nat_name(inside.owner, vm.name).casefold() if inside.owner else ""
    is_host = inside.state.hyper_v is not None
    found = (nat for nat in inside.state.nats if nat.name.casefold() == own or not is_host)
    prefix = next((nat.internal_prefix for nat in found), None)
    if prefix is None:
        return None
    outside = _outside(vm, prefix)
    if outside is None:
        inside.record_loss(
            inside.subject,
            tr("its NAT for {prefix} leads to no adapter outside of it", prefix=prefix),
        )
        return None
    return GuestNat(inside=prefix, outside=outside.name)


def _outside(vm: VM, prefix: IPv4Network) -> NetworkAdapter | None:
    """Return the adapter outside of a NAT, the likeliest of several; None if there is none."""
    found = (
        each
        for each in vm.network_adapters
        if each.ip_address is None or each.ip_address.ip not in prefix
    )
    return next(iter(sorted(found, key=lambda each: (each.gateway is None, not each.dhcp))), None)


def with_dhcp_server(
    adapter: NetworkAdapter, inside: CapturedMachine, *, forwards: bool
) -> NetworkAdapter:
    """Return an adapter with the DHCP scope that its guest serves from its address.

    A switch of a nested host that has the address serves the scope: the adapter below has none.
    """
    address = adapter.ip_address
    scope = inside.scope_in(address, forwards=forwards) if address else None
    return adapter if scope is None else replace(adapter, dhcp_server=scope)


def features_of(
    inside: CapturedMachine, nat: GuestNat | None, adapters: Sequence[NetworkAdapter]
) -> tuple[str, ...]:
    """Return the features of a guest that neither Windows nor other keys of the file install.

    For a Windows client it is empty: `features` is for Windows Server.
    """
    state, implied = inside.state, set(INSTALLED_BY_DEFAULT)
    if state.computer.product_type == PRODUCT_WORKSTATION:
        return ()
    if state.hyper_v is not None:
        implied |= _HYPER_V_FEATURES
    if nat is not None:
        implied.add(WIN_NAT_FEATURE.casefold())
    if any(each.dhcp_server for each in adapters):
        implied |= _DHCP_FEATURES
    return tuple(sorted(name for name in state.features if name.casefold() not in implied))
