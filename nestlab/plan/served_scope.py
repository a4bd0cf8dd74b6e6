"""A DHCP scope that the file has for a machine: on a switch, or on an adapter of a VM."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface

from nestlab.dataclass import dataclass
from nestlab.model.topology import VM, DhcpRange, DhcpReservation, DhcpServer, Switch
from nestlab.plan.disk_names import guest_scope_name, scope_name
from nestlab.plan.entries_of_others import SwitchEntries
from nestlab.plan.guest_entries import entries_of_guest
from nestlab.plan.kinds import Action
from nestlab.plan.planned_machine import PlannedMachine


@dataclass(frozen=True, kw_only=True)
class ServedScope:
    """A DHCP scope of a machine, with the names that its steps need.

    `scope_name` is its name in Windows, `name` that of the switch or adapter in sentences, and
    `subject` the same in step ids. `switch` is the switch of the machine that it serves; empty in a
    guest, whose clients are on a switch of its host. `address_step` is the id of the step that sets
    its address. Without a `server`, the file has no scope there.
    """

    machine: PlannedMachine
    scope_name: str
    name: str
    subject: str
    switch: str
    address_step: str
    is_unmarked: bool
    server: DhcpServer | None

    @property
    def scope(self) -> DhcpRange | None:
        """The scope in the file; None if it has none, or no address to serve it from."""
        return self.server.scope if self.server and self.server.ip_address else None

    @property
    def is_in_guest(self) -> bool:
        """Whether it is served on an adapter of a VM, in its guest."""
        return self.server is not None and self.server.is_in_guest

    @property
    def ip_address(self) -> IPv4Interface | None:
        """The address that it is served from."""
        return self.server.ip_address if self.server else None

    @property
    def router(self) -> IPv4Address | None:
        """The gateway that its clients get; None if they get none."""
        return self.server.router if self.server else None

    @property
    def reservations(self) -> tuple[DhcpReservation, ...]:
        """The reservations in the file."""
        return self.scope.reservations if self.scope else ()

    @property
    def entries(self) -> SwitchEntries:
        """Its entries: on its switch, or on that of the adapter of the VM."""
        if self.switch:
            return SwitchEntries(self.machine, self.switch)
        return entries_of_guest(self.machine, self.name) or SwitchEntries(self.machine, "")


def scope_of_switch(machine: PlannedMachine, switch: Switch) -> ServedScope:
    """Return the scope of a switch."""
    server = DhcpServer(switch, switch.dhcp, machine.wanted.forwards) if switch.dhcp else None
    return ServedScope(
        machine=machine,
        scope_name=scope_name(machine.topology, switch.name),
        name=switch.name,
        subject=switch.name,
        switch=switch.name,
        address_step=machine.address_step(switch),
        is_unmarked=machine.is_unmarked_switch(switch),
        server=server,
    )


def scope_of_guest(machine: PlannedMachine, vm: VM, server: DhcpServer) -> ServedScope:
    """Return the scope that a guest serves on an adapter of its VM."""
    net_adapter = machine.net_adapter(server.name)
    alias = net_adapter.name if net_adapter is not None else server.name
    return ServedScope(
        machine=machine,
        scope_name=guest_scope_name(machine.topology, vm.name, server.name),
        name=server.name,
        subject=f"{vm.name}/{server.name}",
        switch="",
        address_step=machine.step_id(Action.SET_ADDRESS, alias),
        is_unmarked=False,
        server=server,
    )
