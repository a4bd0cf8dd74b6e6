"""Switches, network adapters and physical networks of a topology.

Attribute names are those of Hyper-V, in snake case.
"""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any

from nestlab.dataclass import dataclass, field
from nestlab.model.plain import Declared
from nestlab.model.spelling import hyphenated_mac
from nestlab.model.vlan_ids import VlanIds
from nestlab.texts import mark, translate


class SwitchType(StrEnum):
    """Microsoft.HyperV.PowerShell.VMSwitchType."""

    PRIVATE = "Private"
    INTERNAL = "Internal"
    EXTERNAL = "External"


_KINDS = {
    "External": mark("External"),
    "Internal": mark("Internal"),
    "Private": mark("Private"),
    "Unknown": mark("Unknown"),
}


@dataclass(frozen=True, kw_only=True)
class Vlan(Declared):
    """VLAN of an adapter: access, or trunk with a native VLAN.

    `trunk` has numbers of VLANs, and ranges of them (`range(1, 11)` is 1 to 10). Hyper-V allows one
    mode at a time, which `validate` checks.
    """

    access: int | None = None
    trunk: VlanIds = ()
    native: int | None = None


@dataclass(frozen=True, kw_only=True)
class Route(Declared):
    """A static route of a machine, or one that an upstream gateway has."""

    to: IPv4Network
    via: IPv4Address


@dataclass(frozen=True, kw_only=True)
class PortForward(Declared):
    """A static mapping of the machine's NAT: Add-NetNatStaticMapping."""

    protocol: str  # tcp | udp
    external_port: int
    to_address: IPv4Address
    to_port: int

    def to_dict(self) -> dict[str, Any]:
        """Return the plain data of the topology file, internal address and port in one string."""
        return {
            "protocol": self.protocol,
            "external_port": self.external_port,
            "to": f"{self.to_address}:{self.to_port}",
        }


@dataclass(frozen=True, kw_only=True)
class DhcpReservation(Declared):
    """An address of a DHCP scope that only the adapter with this MAC address gets."""

    ip_address: IPv4Address
    mac_address: str = field(metadata={"write": hyphenated_mac})
    """12 hexadecimal digits, upper case, as Hyper-V shows them."""


@dataclass(frozen=True, kw_only=True)
class DhcpRange(Declared):
    """A DHCP scope that a machine serves on a switch, or a guest on an adapter of its VM.

    `router` is the gateway that clients get; `DhcpServer.router` says what None means.
    """

    first: IPv4Address
    last: IPv4Address
    router: IPv4Address | None = None
    dns_servers: tuple[IPv4Address, ...] = ()
    reservations: tuple[DhcpReservation, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the plain data of the topology file, first and last address in one string."""
        found = super().to_dict()
        return {"range": f"{found.pop('first')}-{found.pop('last')}", **found}


def _one_or_more(names: tuple[str, ...]) -> str | list[str]:
    return names[0] if len(names) == 1 else list(names)


DEFAULT_SWITCH = "Default Switch"  # not shown
"""The name of the Default Switch of Windows clients in a file; Windows localizes the name.

The switch is found by its Id, which is the same on every computer.
"""


def management_alias_of(name: str) -> str:
    """Return the Windows name of a machine's own adapter on a switch."""
    return f"vEthernet ({name})"


@dataclass(frozen=True, kw_only=True)
class ManagementAdapter(Declared):
    """An adapter of the machine itself on a switch: ``vEthernet (name)`` in its Windows."""

    name: str
    ip_address: IPv4Interface | None = None
    gateway: IPv4Address | None = None
    dns_servers: tuple[IPv4Address, ...] = ()
    interface_metric: int | None = None
    vlan: Vlan | None = None

    @property
    def alias(self) -> str:
        """Its Windows name."""
        return management_alias_of(self.name)


@dataclass(frozen=True, kw_only=True)
class Switch(Declared):
    """A virtual switch of one machine, with the machine's own adapter ``vEthernet (name)``.

    With `existing` the topology does not own it: it is used, and never created, changed or
    removed. Its other attributes describe it; `switch_type` may be None then.
    """

    name: str
    switch_type: SwitchType | None = None
    existing: bool = False
    # External: physical adapters, or adapters of the nested host; several are one team (SET).
    net_adapters: tuple[str, ...] = field(
        default=(), metadata={"key": "net_adapter", "write": _one_or_more}
    )
    allow_management_os: bool = (
        True  # External only; Internal always has the machine's own adapter, Private never
    )
    ip_address: IPv4Interface | None = None
    gateway: IPv4Address | None = None
    dns_servers: tuple[IPv4Address, ...] = ()
    interface_metric: int | None = None
    vlan: Vlan | None = None  # of the machine's own adapter
    management_adapters: tuple[ManagementAdapter, ...] = ()  # in addition to the one with its name
    nat: IPv4Network | None = None
    port_forwards: tuple[PortForward, ...] = ()
    dhcp: DhcpRange | None = None

    @property
    def net_adapter(self) -> str | None:
        """The adapter that the switch is bound to; the first one of a team."""
        return next(iter(self.net_adapters), None)

    @property
    def is_team(self) -> bool:
        """Whether it is bound to several adapters, by Switch Embedded Teaming."""
        return len(self.net_adapters) > 1

    @property
    def is_default_switch(self) -> bool:
        """Whether this is the Default Switch of a Windows client, whatever its name is there."""
        return self.existing and self.name.casefold() == DEFAULT_SWITCH.casefold()

    @property
    def kind(self) -> str:
        """Its type as text; ``Unknown`` for an existing switch without a type."""
        if self.switch_type is None:
            return SwitchType.INTERNAL.value if self.is_default_switch else "Unknown"
        return self.switch_type.value

    @property
    def kind_text(self) -> str:
        """Its type as it is shown: an adjective, in the chosen language."""
        return translate(_KINDS[self.kind])

    @property
    def has_management_adapter(self) -> bool:
        """Whether the machine itself has an adapter on this switch, or may have one."""
        return self.switch_type in (SwitchType.INTERNAL, None) or (
            self.switch_type is SwitchType.EXTERNAL and self.allow_management_os
        )

    @property
    def management_alias(self) -> str:
        """The Windows name of the machine's own adapter on this switch."""
        return management_alias_of(self.name)

    @property
    def additional_adapters(self) -> tuple[ManagementAdapter, ...]:
        """The adapters that nestlab creates in addition to the one with the switch's name."""
        can_be_changed = self.switch_type in (SwitchType.INTERNAL, SwitchType.EXTERNAL)
        return self.management_adapters if can_be_changed and not self.existing else ()

    @property
    def all_management_adapters(self) -> tuple[ManagementAdapter, ...]:
        """All adapters of the machine on the switch, the one with its name first."""
        first = ManagementAdapter(
            name=self.name,
            ip_address=self.ip_address,
            gateway=self.gateway,
            dns_servers=self.dns_servers,
            interface_metric=self.interface_metric,
            vlan=self.vlan,
        )
        return ((first,) if self.has_management_adapter else ()) + self.additional_adapters


@dataclass(frozen=True, kw_only=True)
class NetworkAdapter(Declared):
    """A network adapter of a VM, and its settings in the guest."""

    name: str = "Network Adapter"  # not shown
    switch: str | None = None
    ip_address: IPv4Interface | None = None
    gateway: IPv4Address | None = None
    dns_servers: tuple[IPv4Address, ...] = ()
    interface_metric: int | None = None
    dhcp: bool = False
    dhcp_server: DhcpRange | None = None  # served in the guest
    mac_address: str | None = field(default=None, metadata={"write": hyphenated_mac})
    """12 hexadecimal digits, upper case, as Hyper-V shows them."""
    mac_address_spoofing: bool = False
    allow_teaming: bool | None = None  # None: on if the adapter is in a team of the nested host
    router_guard: bool | None = None  # None: not changed
    vlan: Vlan | None = None
    connected: bool = True


@dataclass(frozen=True, kw_only=True)
class GuestNat(Declared):
    """The NAT of a router VM: packets from `inside` leave through `outside`, translated.

    `outside` is the name of an adapter of the VM, or of the switch that one of them is on.
    """

    inside: IPv4Network
    outside: str


@dataclass(frozen=True, kw_only=True)
class Uplink(Declared):
    """The physical network behind one of the host's adapters."""

    net_adapter: str
    network: IPv4Network | None = None
    gateway: IPv4Address | None = None
    ip_address: IPv4Interface | None = (
        None  # the host's address, if no External switch is bound to the adapter
    )
    routes: tuple[Route, ...] = ()  # the routes that the gateway of that network has
