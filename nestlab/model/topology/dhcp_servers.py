"""The DHCP scopes that a machine serves: on its switches, and in a guest on adapters of its VM."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface
from typing import TYPE_CHECKING

from nestlab.dataclass import dataclass
from nestlab.model.topology.declared_network import DhcpRange, NetworkAdapter, Switch
from nestlab.model.topology.declared_vm import VM

if TYPE_CHECKING:
    from nestlab.model.topology.declared_topology import Topology


@dataclass(frozen=True)
class DhcpServer:
    """A DHCP scope of one machine, and what it is served on.

    On a switch, the machine serves it from its own adapter there; on an adapter of a VM, the guest
    does. `forwards`: the machine passes packets on between its adapters.
    """

    on: Switch | NetworkAdapter
    scope: DhcpRange
    forwards: bool = True

    @property
    def name(self) -> str:
        """The name of the switch or adapter."""
        return self.on.name

    @property
    def is_in_guest(self) -> bool:
        """Whether it is served on an adapter of a VM, and not on a switch of the machine."""
        return isinstance(self.on, NetworkAdapter)

    @property
    def key(self) -> str:
        """The key of the file that declares it."""
        return "dhcp_server" if self.is_in_guest else "dhcp"

    @property
    def ip_address(self) -> IPv4Interface | None:
        """The address that it is served from; without one, nothing is served."""
        return self.on.ip_address

    @property
    def router(self) -> IPv4Address | None:
        """The gateway that its clients get; None if they get none.

        Without one in the file it is the server's own address: on a switch always, and in a guest
        only if that forwards.
        """
        if self.scope.router is not None or self.ip_address is None:
            return self.scope.router
        return self.ip_address.ip if self.forwards or not self.is_in_guest else None


def dhcp_servers(machine: Topology | VM) -> Iterator[DhcpServer]:
    """Yield the DHCP scopes of a machine in the order of the file: switches, then adapters."""
    for switch in machine.switches:
        if switch.dhcp is not None:
            yield DhcpServer(switch, switch.dhcp, machine.forwards)
    yield from guest_dhcp_servers(machine)


def guest_dhcp_servers(machine: Topology | VM) -> Iterator[DhcpServer]:
    """Yield the DHCP scopes that a guest serves on adapters of its VM; none of the host."""
    for adapter in machine.network_adapters if isinstance(machine, VM) else ():
        if adapter.dhcp_server is not None:
            yield DhcpServer(adapter, adapter.dhcp_server, machine.forwards)
