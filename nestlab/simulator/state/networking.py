"""The network settings of a simulated machine."""

from __future__ import annotations

from typing import ClassVar

from nestlab.dataclass import dataclass, field


@dataclass(slots=True)
class NetIPAddress:
    """One IPv4 address of an interface."""

    address: str
    prefix_length: int
    origin: str = "Manual"  # Manual | Dhcp | WellKnown (169.254.0.0/16, automatic)
    found_in_use: bool = False  # another machine had it when it was set


@dataclass(slots=True)
class NetRoute:
    """One route of an interface."""

    destination: str
    next_hop: str
    metric: int = 256
    dhcp: bool = False  # assigned by a DHCP lease


@dataclass(slots=True)
class IPInterface:
    """The IPv4 settings of an adapter.

    An External switch transfers them to its host adapter as a whole.
    """

    dhcp: bool = True
    sends_duid: bool = False  # to DHCP servers, instead of its MAC address
    addresses: list[NetIPAddress] = field(default_factory=list)
    routes: list[NetRoute] = field(default_factory=list)
    dns_servers: list[str] = field(default_factory=list)  # set by hand
    leased_dns_servers: list[str] = field(default_factory=list)  # assigned by a DHCP lease
    forwarding: bool = False
    interface_metric: int | None = None
    mtu: int = 1500

    @property
    def used_dns_servers(self) -> list[str]:
        """The DNS servers that Windows uses: those set by hand take precedence over a lease's.

        Source: NameServer and DhcpNameServer in the registry,
        https://learn.microsoft.com/previous-versions/windows/it-pro/windows-2000-server/cc978468(v=technet.10)
        """
        return self.dns_servers or self.leased_dns_servers

    def release(self) -> None:
        """Release what was obtained by DHCP."""
        self.addresses = [address for address in self.addresses if address.origin != "Dhcp"]
        self.routes = [route for route in self.routes if not route.dhcp]
        self.leased_dns_servers = []


@dataclass(slots=True)
class NetAdapter:
    """A network adapter as the operating system of the machine sees it.

    `kind` is ``physical`` (`port`: name of the wire), ``synthetic`` (`port`: Id of the VM's adapter
    on the host above) or ``management`` (`port`: Id of the host adapter on a switch of this
    machine).
    """

    name: str
    interface_description: str
    interface_index: int
    mac_address: str
    device_id: str
    kind: str = "physical"
    port: str = ""
    enabled: bool = True
    link: bool = True  # whether the media is connected
    wireless: bool = False
    bound_switch: str = ""  # Id of the External switch that uses the adapter
    ip: IPInterface = field(default_factory=IPInterface)
    # IP settings that a created or removed External switch transfers to this adapter, and when.
    pending_ip: IPInterface | None = None
    pending_ip_at: float = 0.0

    # In states that earlier versions saved.
    FORMER_FIELDS: ClassVar = {"coming": "pending_ip", "comes_at": "pending_ip_at"}


@dataclass(slots=True)
class NatStaticMapping:
    """A static mapping of WinNAT: a forwarded port."""

    id: int
    protocol: str
    external_address: str
    external_port: int
    internal_address: str
    internal_port: int


@dataclass(slots=True)
class NetNat:
    """A NAT of WinNAT; with `outside`, an adapter, a masquerade rule of nftables in Linux."""

    name: str
    internal_prefix: str
    external_prefix: str = ""
    timeouts: dict[str, int] = field(default_factory=dict)
    mappings: list[NatStaticMapping] = field(default_factory=list)
    tcp_filtering: str = "AddressDependentFiltering"
    udp_filtering: str = "AddressDependentFiltering"
    udp_inbound_refresh: bool = False
    mappings_created: int = 0  # number of mappings created so far, for new Ids
    outside: str = ""

    # In states that earlier versions saved.
    FORMER_FIELDS: ClassVar = {"mappings_made": "mappings_created"}


@dataclass(slots=True)
class ScopeReservation:
    """An address of a scope for one client."""

    address: str
    client_id: str  # the MAC address of a Windows client, in lower case with hyphens
    name: str = ""


@dataclass(slots=True)
class DhcpScope:
    """A scope of the DHCP server role."""

    scope_id: str
    name: str
    start: str
    end: str
    subnet_mask: str
    state: str = "Active"
    router: list[str] = field(default_factory=list)
    dns_servers: list[str] = field(default_factory=list)
    reservations: list[ScopeReservation] = field(default_factory=list)
    # Addresses that a client declined -> time until which none is offered again.
    declined: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class FirewallRule:
    """A rule of Windows Defender Firewall."""

    name: str
    display_name: str = ""
    enabled: bool = True
    direction: str = "Inbound"
    action: str = "Allow"  # Allow | Block
    protocol: str = "Any"
    icmp_types: list[str] = field(default_factory=list)
