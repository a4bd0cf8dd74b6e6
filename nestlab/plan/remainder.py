"""What a topology owns on a machine and its file no longer names: listed, or removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from ipaddress import IPv4Address

from nestlab.model import Cmdlet, MachinePath
from nestlab.model.ownership import (
    is_left_behind,
    is_marked,
    is_our_disk,
    is_ours_by_name,
    nat_name,
    owner_mark,
    without_mark,
)
from nestlab.model.state import (
    DhcpScopeState,
    HostState,
    NatState,
    SwitchState,
    VirtualMachineState,
)
from nestlab.model.topology import VM, Topology
from nestlab.plan.cmdlet_targets import on_vm, vm_target
from nestlab.plan.destroying import (
    going_of,
    remove_nat,
    remove_scope,
    remove_switch,
    remove_vm,
)
from nestlab.plan.disk_names import disk_path, scope_name
from nestlab.plan.disk_removal import remove_disks
from nestlab.plan.in_use import base_of, disk_uses
from nestlab.plan.kinds import Action
from nestlab.plan.planned_machine import Site, own_alias
from nestlab.plan.step import Hazard, Planned, Remainder, Step

Given = Mapping[IPv4Address, str]
"""Whom the file gives an address to, in words."""


def given_addresses(topology: Topology) -> dict[IPv4Address, str]:
    """Return whom the file gives each address to, at every level."""
    given: dict[IPv4Address, str] = {}
    for path, machine in topology.machines():
        own = machine.network_adapters if isinstance(machine, VM) else ()
        given |= {adapter.ip_address.ip: "/".join(path) for adapter in own if adapter.ip_address}
        given |= {
            s.ip_address.ip: "/".join((*path, f"switch {s.name}"))
            for s in machine.switches
            if s.ip_address
        }
    return given


@dataclass(frozen=True)
class Leftovers:
    """The things of a topology on one machine that its file does not name there any more."""

    site: Site
    given: Given

    @cached_property
    def vms(self) -> tuple[VirtualMachineState, ...]:
        """VMs with the mark."""
        named = {vm.name.casefold() for vm in self.site.wanted.vms}
        ours = self.site.topology
        return tuple(
            vm
            for vm in self.site.hyper_v.vms
            if (is_marked(vm.notes, ours) or is_left_behind(vm, ours))
            and vm.name.casefold() not in named
        )

    @cached_property
    def switches(self) -> tuple[SwitchState, ...]:
        """Switches with the mark."""
        named = {switch.name.casefold() for switch in self.site.wanted.switches}
        there = self.site.hyper_v.switches
        return tuple(
            s
            for s in there
            if s.name.casefold() not in named and is_marked(s.notes, self.site.topology)
        )

    @cached_property
    def nats(self) -> tuple[NatState, ...]:
        """NATs of the topology's naming, behind no switch of the file."""
        named = {
            nat_name(self.site.topology, switch.name).casefold()
            for switch in self.site.wanted.switches
        }
        there = self.site.state.nats
        return tuple(
            n
            for n in there
            if n.name.casefold() not in named and is_ours_by_name(n.name, self.site.topology)
        )

    @cached_property
    def scopes(self) -> tuple[DhcpScopeState, ...]:
        """DHCP scopes of the topology's naming, on no switch of the file."""
        named = {
            scope_name(self.site.topology, switch.name).casefold()
            for switch in self.site.wanted.switches
        }
        there = self.site.state.dhcp_scopes
        return tuple(
            s
            for s in there
            if s.name.casefold() not in named and is_ours_by_name(s.name, self.site.topology)
        )

    @cached_property
    def disks(self) -> tuple[str, ...]:
        """Disks of the topology's naming that no VM has and none of the file's VMs wants."""
        there = {
            file.path.lower(): file.path
            for file in self.site.hyper_v.disk_files
            if is_our_disk(file.path, self.site.topology)
        }
        left = there.keys() - self._wanted_disks
        if left:
            vms = self.site.hyper_v.vms
            left -= {disk.path.lower() for vm in vms for disk in vm.hard_disks}
        return tuple(sorted(there[key] for key in left))

    @cached_property
    def _wanted_disks(self) -> frozenset[str]:
        folder = self.site.hyper_v.vm_host.virtual_hard_disk_path
        paths = (disk_path(folder, self.site.topology, vm) for vm in self.site.wanted.vms)
        return frozenset(path.lower() for path in paths if path)

    @cached_property
    def notes(self) -> tuple[tuple[VirtualMachineState, str], ...]:
        """VMs whose notes say more than the mark although the file gives them none; the notes."""
        plain = {vm.name.casefold() for vm in self.site.wanted.vms if not vm.notes}
        ours = self.site.topology
        return tuple(
            (vm, text)
            for vm in self.site.hyper_v.vms
            if is_marked(vm.notes, ours)
            and vm.name.casefold() in plain
            and (text := without_mark(vm.notes))
        )

    def listed(self) -> Iterator[Remainder]:
        """Yield each with what it still holds."""
        path = self.site.path
        yield from (
            Remainder(path, f"VM {vm.name}", tuple(self._holds_of_vm(vm))) for vm in self.vms
        )
        yield from (Remainder(path, f"disk {disk}") for disk in self.disks)
        yield from (
            Remainder(path, f"NAT {nat.name}", (str(nat.internal_prefix),)) for nat in self.nats
        )
        yield from (
            Remainder(path, f"DHCP scope {s.name}", (f"{s.start_range} to {s.end_range}",))
            for s in self.scopes
        )
        yield from (
            Remainder(path, f"switch {switch.name}", tuple(self._holds_of_switch(switch)))
            for switch in self.switches
        )

        yield from (
            Remainder(path, f"notes of VM {vm.name}", (repr(text),)) for vm, text in self.notes
        )

    def _holds_of_vm(self, vm: VirtualMachineState) -> Iterator[str]:
        if vm.state != "Off":
            yield f"is {vm.state}"
        for adapter in vm.network_adapters:
            yield from (self._address(text) for text in adapter.ip_addresses if ":" not in text)
            if adapter.switch_name:
                yield f"on switch {adapter.switch_name}"
        yield from (f"disk {disk.path}" for disk in vm.hard_disks)

    def _holds_of_switch(self, switch: SwitchState) -> Iterator[str]:
        interface = self.site.interface(own_alias(self.site.state, switch.name))
        for address in interface.ip_addresses if interface else ():
            if not address.is_link_local:
                yield self._address(str(address))
        if switch.switch_type == "External":
            yield from (
                f"adapter {description}"
                for description in switch.net_adapter_interface_descriptions
            )
        users = [
            vm.name
            for vm in self.site.hyper_v.vms
            if any(a.switch_id == switch.id for a in vm.network_adapters)
        ]
        yield from (f"VM {name} is on it" for name in users)

    def _address(self, text: str) -> str:
        taker = self.given.get(IPv4Address(text.partition("/")[0]))
        return f"{text}, which the file gives to {taker}" if taker else text

    @cached_property
    def _going(self) -> frozenset[str]:
        return going_of(self.site, self.vms)

    def removed_first(self) -> Iterator[Planned]:
        """Yield the removal of what could conflict with what is created.

        That is VMs, disks, NATs, scopes, addresses, and adapters that switches have taken.
        """
        for vm in self.vms:
            yield from remove_vm(self.site, vm, self._going)
        yield from remove_disks(self.site, self._going, self._disks_to_go())
        yield from (self._without_notes(vm) for vm, _ in self.notes)
        yield from (remove_nat(self.site, nat.name) for nat in self.nats)
        yield from (remove_scope(self.site, scope) for scope in self.scopes)
        yield from (item for item in self._switch_removals() if not _can_wait(item))

    def _without_notes(self, vm: VirtualMachineState) -> Step:
        return self.site.step(
            Action.SET_NOTES,
            vm.name,
            f"Remove the notes of {vm.name}, but for its mark",
            "the file gives it none",
            on_vm(vm, Cmdlet("Set-VM", {"Notes": owner_mark(self.site.topology)})),
            target=vm_target(vm),
            undo=(on_vm(vm, Cmdlet("Set-VM", {"Notes": vm.notes})),),
        )

    def removed_last(self) -> Iterator[Planned]:
        """Yield the removal of switches that VMs use until they are connected to others."""
        yield from filter(_can_wait, self._switch_removals())

    def _switch_removals(self) -> Iterator[Planned]:
        return (
            item
            for switch in self.switches
            for item in remove_switch(self.site, switch, self._going)
        )

    def _disks_to_go(self) -> frozenset[str]:
        of_vms = {
            base_of(use).lower() for use in disk_uses(self.site.hyper_v) if use.vm_id in self._going
        }
        return frozenset(path.lower() for path in self.disks) | (of_vms - self._wanted_disks)

    def addresses_on(self, switch: str) -> Iterator[IPv4Address]:
        """Return the addresses that the machine has on a switch."""
        interface = self.site.interface(own_alias(self.site.state, switch))
        return (address.ip for address in (interface.ip_addresses if interface else ()))


def _can_wait(item: Planned) -> bool:
    # An External switch holds an adapter that another may need.
    return (
        isinstance(item, Step)
        and item.action == Action.REMOVE_SWITCH
        and item.hazard is Hazard.NONE
    )


def without_leftovers(
    topology: Topology, states: Mapping[MachinePath, HostState]
) -> dict[MachinePath, HostState]:
    """Return the states without what the topology owns and does not name."""
    return {path: _without_leftovers(topology, path, state) for path, state in states.items()}


def _without_leftovers(topology: Topology, path: MachinePath, state: HostState) -> HostState:
    if state.hyper_v is None:
        return state
    left = Leftovers(
        Site(topology=topology.name, path=path, wanted=topology.machine(path), state=state), {}
    )
    aliases = {
        own_alias(state, switch.name)
        for switch in left.switches
        if switch.switch_type == "Internal"
    }
    hyper_v = replace(
        state.hyper_v,
        vms=tuple(vm for vm in state.hyper_v.vms if vm not in left.vms),
        switches=tuple(switch for switch in state.hyper_v.switches if switch not in left.switches),
    )
    return replace(
        state,
        hyper_v=hyper_v,
        nats=tuple(nat for nat in state.nats if nat not in left.nats),
        dhcp_scopes=tuple(scope for scope in state.dhcp_scopes if scope not in left.scopes),
        ip_interfaces=tuple(
            interface
            for interface in state.ip_interfaces
            if interface.interface_alias not in aliases
        ),
    )
