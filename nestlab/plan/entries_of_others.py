"""Entries of a switch's DHCP scope, NAT and adapters that the file does not have.

They are reservations, port forwards, addresses and routes, and carry no mark. Those that a run of
the topology made are its own. While VMs of others are on the switch, the rest may be theirs, and is
kept until the user consents to disconnect others.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from nestlab.dataclass import dataclass, replace
from nestlab.model.spelling import hyphenated_mac, same_name
from nestlab.model.state import DhcpReservationState, HostState, SwitchState
from nestlab.plan.in_use import kept_text
from nestlab.plan.made_entries import MadeEntry, management_adapter_entry
from nestlab.plan.nat_users import network_with
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.scope_users import scope_users
from nestlab.plan.step import Hazard, Remainder
from nestlab.plan.undeclared_adapters import DISCONNECT_OTHERS_OPTION
from nestlab.texts import tr


@dataclass(frozen=True)
class SwitchEntries:
    """The entries of the DHCP scope, NAT and adapters of one switch of the topology.

    `to` is the address that a port forward leads to. A NAT translates for every switch with a
    network in its prefix: one that leads to a network of others serves their switch.
    """

    machine: PlannedMachine
    switch: str
    to: IPv4Address | None = None

    @cached_property
    def _network_of_others(self) -> tuple[IPv4Network, SwitchState] | None:
        """The network of others that a port forward leads to, and its switch."""
        machine = self.machine
        return network_with(machine.state, self.to, machine.topology) if self.to else None

    @property
    def _used_on(self) -> str:
        """The name of the switch with the `users`."""
        return self._network_of_others[1].name if self._network_of_others else self.switch

    @cached_property
    def users(self) -> str:
        """The VMs of others on the switch, or a network of others, as text; empty without any.

        Empty as well for a service of a guest whose adapter is not connected (no switch).
        """
        if not self.switch:
            return ""
        hyper_v = self.state.hyper_v or self.machine.hyper_v
        vms = scope_users(hyper_v, self.machine.topology, self._used_on)
        if vms or not self._network_of_others:
            return vms
        return tr("the network {network}", network=self._network_of_others[0])

    @cached_property
    def state(self) -> HostState:
        """The state in which VMs that the file has on the switch lack a mark that they do not have.

        A plan is made as if they had it. They stay as they are, and count as VMs of others; one
        that the file does not have on the switch differs from it, and the plan is refused for that.
        """
        machine = self.machine
        state, observed = machine.state, machine.states.get(machine.path)
        if state.hyper_v is None or observed is None or observed.hyper_v is None:
            return state
        stay = {
            vm.name.casefold()
            for vm in machine.wanted.vms
            if any(same_name(each.switch or "", self.switch) for each in vm.network_adapters)
        }
        real = {vm.id: vm for vm in observed.hyper_v.vms if vm.name.casefold() in stay}
        if self.is_unmarked or not real.keys() & machine.unmarked:
            return state
        vms = tuple(real.get(vm.id, vm) for vm in state.hyper_v.vms)
        return replace(state, hyper_v=replace(state.hyper_v, vms=vms))

    @cached_property
    def is_unmarked(self) -> bool:
        """Whether the switch, or the VM that it is in, is in the file and lacks the mark.

        Such an object has to match the file, so no entry is kept on it.
        """
        machine, current = self.machine, self.machine.switch(self.switch)
        ids = {current.id if current else "", machine.as_vm.id if machine.as_vm else ""}
        return bool(ids & machine.unmarked)

    def is_of_no_run(self, entry: MadeEntry) -> bool:
        """Whether the journals show no run of the topology that made an entry."""
        return not self.is_unmarked and entry not in self.machine.read_made_entries()

    def keeps(self, entry: MadeEntry, *, replaced: bool = False) -> bool:
        """Whether an entry is kept: no run made it, and others did, or VMs of others may use it.

        Without journals, every entry may be of others. All that is on an adopted switch is the
        topology's. `replaced`: the file has another entry in its place, and it is kept for VMs of
        others only.
        """
        if self.machine.disconnect_others or not self.is_of_no_run(entry):
            return False
        return bool(self.users) or not (replaced or self._is_adopted)

    @property
    def _is_adopted(self) -> bool:
        adopted = management_adapter_entry(self.machine.path, self.switch, "")
        return adopted in self.machine.read_made_entries()

    @property
    def why_kept(self) -> str:
        """Why an entry is kept."""
        if not (self.users or self.machine.read_made_entries()):
            return kept_text(
                tr(
                    "no journal here shows that a run of {topology} made it; {option} removes it anyway",
                    topology=self.machine.topology,
                    option=DISCONNECT_OTHERS_OPTION,
                )
            )
        return why_entry_is_kept(self.machine.topology, self._used_on, self.users)

    def kept(self, subject: str) -> Remainder:
        """Return the item of a plan about an entry that is kept."""
        return Remainder(self.machine.path, subject, (self.why_kept,), of_others=True)

    def of_no_run(self, entry: MadeEntry) -> str:
        """Return a clause about an entry that is removed; empty where a run made it."""
        if not self.is_of_no_run(entry):
            return ""
        topology = self.machine.topology
        if not (self.users or self.machine.read_made_entries()):
            return tr("; no journal here shows that a run of {topology} made it", topology=topology)
        if not self.users:
            return tr(
                "; no run of {topology} made it, as the journals here show", topology=topology
            )
        return tr(
            "; no run of {topology} made it, as the journals here show, and {vms} on switch {switch} may use it",
            topology=topology,
            vms=self.users,
            switch=self._used_on,
        )

    def removal(self, *entries: MadeEntry, hazard: Hazard = Hazard.NONE) -> dict[str, Any]:
        """Return fields of a step that removes entries: its hazard, and whether it is `of_no_run`.

        `hazard` applies if runs made all of the entries.
        """
        if not any(map(self.is_of_no_run, entries)):
            return {"hazard": hazard}
        return {
            "hazard": Hazard.MAY_CUT_CONNECTION if self.users else hazard,
            "of_no_run": not self.users,
        }


def why_entry_is_kept(topology: str, switch: str, users: str) -> str:
    """Return why an entry is kept that no run made; `users`, if any, are those that may use it."""
    if not users:
        return kept_text(
            tr(
                "no run of {topology} made it, as the journals here show; {option} removes it anyway",
                topology=topology,
                option=DISCONNECT_OTHERS_OPTION,
            )
        )
    return kept_text(
        tr(
            "no run of {topology} made it, as the journals here show, and {vms} on switch {switch} may use it; {option} removes it anyway",
            topology=topology,
            vms=users,
            switch=switch,
            option=DISCONNECT_OTHERS_OPTION,
        )
    )


def goes_with_it(topology: str, lost: Collection[str], *, is_sure: bool = True) -> str:
    """Return a clause about entries that no run made and that are lost; empty without any.

    Without `is_sure`, they may be.
    """
    if not lost:
        return ""
    if not is_sure:
        return tr(
            "; with it may go what no run of {topology} made, as the journals here show: {entries}",
            topology=topology,
            entries=", ".join(lost),
        )
    return tr(
        "; with it goes what no run of {topology} made, as the journals here show: {entries}",
        topology=topology,
        entries=", ".join(lost),
    )


def reservation_text(reserved: DhcpReservationState) -> str:
    """Return a reservation as a phrase."""
    address, mac = reserved.ip_address, hyphenated_mac(reserved.mac_address)
    if not reserved.name:
        return tr("reservation of {address} for {mac}", address=address, mac=mac)
    return tr(
        "reservation of {address} for {name} ({mac})", address=address, name=reserved.name, mac=mac
    )


def forward_text(protocol: str, port: object, address: object, to_port: object) -> str:
    """Return a port forward as a phrase."""
    return tr(
        "forward of {protocol} port {port} to {address}:{to_port}",
        protocol=protocol.lower(),
        port=port,
        address=address,
        to_port=to_port,
    )


def on_switch_text(entry: str, switch: str) -> str:
    """Return an entry with the switch that it serves."""
    return tr("{entry} on switch {switch}", entry=entry, switch=switch)
