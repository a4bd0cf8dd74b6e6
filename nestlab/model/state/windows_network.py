"""The network of a machine as the Windows on it sees it."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from nestlab.dataclass import dataclass, field

NEW_ROUTE_METRIC = 256
"""RouteMetric of a route that New-NetRoute adds without one, as nestlab does."""


@dataclass(frozen=True, kw_only=True)
class NetAdapterState:
    """Get-NetAdapter: an adapter as the Windows on the machine sees it."""

    name: str
    interface_description: str = ""
    interface_index: int = 0
    mac_address: str = ""
    status: str = "Up"
    device_id: str = ""
    virtual: bool = False
    ndis_physical_medium: int = 0  # 9 wireless (Native 802.11), 14 wired (802.3)

    @property
    def is_disabled(self) -> bool:
        """Whether the adapter is disabled: Windows does not use it, nor show its addresses."""
        return self.status == "Disabled"


@dataclass(frozen=True, kw_only=True)
class IPInterfaceState:
    """The IPv4 settings of one interface.

    From Get-NetIPInterface, Get-NetIPAddress, Get-NetRoute and Get-DnsClientServerAddress.
    """

    interface_alias: str
    interface_index: int = 0
    dhcp: bool = False
    forwarding: bool = False
    interface_metric: int | None = None
    automatic_metric: bool = True
    nl_mtu: int = 0
    ip_addresses: tuple[IPv4Interface, ...] = ()
    routes: tuple[
        tuple[IPv4Network, IPv4Address], ...
    ] = ()  # destination prefix, next hop; 0.0.0.0/0 is the gateway
    # RouteMetric of those of `routes`, except gateways, where it is not NEW_ROUTE_METRIC:
    # destination prefix, next hop, metric.
    route_metrics: tuple[tuple[IPv4Network, IPv4Address, int], ...] = ()
    dns_servers: tuple[IPv4Address, ...] = ()
    # AddressState of those of `ip_addresses` that are not Preferred: Duplicate, Tentative,
    # Deprecated or Invalid. It changes by itself, and a plan does not depend on it.
    address_states: tuple[tuple[IPv4Interface, str], ...] = field(default=(), compare=False)

    @property
    def duplicates(self) -> tuple[IPv4Interface, ...]:
        """The addresses that another machine on the network has, and that Windows does not use."""
        return tuple(address for address, state in self.address_states if state == "Duplicate")

    def route_metric(self, to: IPv4Network, via: IPv4Address) -> int:
        """Return the metric of a route that this interface has."""
        found = (metric for *route, metric in self.route_metrics if route == [to, via])
        return next(found, NEW_ROUTE_METRIC)

    @property
    def gateway(self) -> IPv4Address | None:
        """The next hop of the default route on this interface."""
        return next((via for to, via in self.routes if to.prefixlen == 0), None)


@dataclass(frozen=True, kw_only=True)
class NatState:
    """Get-NetNat and Get-NetNatStaticMapping.

    A static mapping is (protocol, external port, internal address, internal port).
    """

    name: str
    internal_prefix: IPv4Network
    static_mappings: tuple[tuple[str, int, IPv4Address, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class DhcpReservationState:
    """Get-DhcpServerv4Reservation; `mac_address` has 12 hexadecimal digits, upper case."""

    ip_address: IPv4Address
    mac_address: str
    name: str = field(default="", compare=False)


@dataclass(frozen=True, kw_only=True)
class DhcpScopeState:
    """Get-DhcpServerv4Scope, with options 3 and 6 (`routers`, `dns_servers`) and reservations.

    Those three are None where they were not requested. `state` is Active or Inactive; empty where
    it was not read. A plan does not depend on it.
    """

    scope_id: IPv4Address
    name: str
    start_range: IPv4Address
    end_range: IPv4Address
    subnet_mask: IPv4Address | None = None  # None: not read
    routers: tuple[IPv4Address, ...] | None = None
    dns_servers: tuple[IPv4Address, ...] | None = None
    reservations: tuple[DhcpReservationState, ...] | None = None
    state: str = field(default="", compare=False)

    @property
    def is_inactive(self) -> bool:
        """Whether the DHCP server gives no addresses of the scope."""
        return self.state.casefold() == "inactive"


ECHO_RULE = "nestlab.echo-request"
"""The Name of nestlab's own rule for echo requests in a guest.

A rule's Name is its identity; its DisplayName is translated.
"""

BUILT_IN_ECHO_RULE = "FPS-ICMP4-ERQ-In"
"""The Name of the built-in rule: File and Printer Sharing (Echo Request - ICMPv4-In)."""


@dataclass(frozen=True, kw_only=True)
class FirewallRuleState:
    """Get-NetFirewallRule."""

    name: str
    enabled: bool = True
    action: str = "Allow"  # Allow | Block
