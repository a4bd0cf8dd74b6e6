"""Objects that a topology owns on a machine and its file no longer names: listed or removed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from ipaddress import IPv4Address

from nestlab.dataclass import dataclass, replace
from nestlab.model import Cmdlet
from nestlab.model.first_boot_note import first_boot_of, with_first_boot
from nestlab.model.ownership import (
    is_marked,
    is_owned_by_name,
    is_owned_disk,
    nat_name,
    owner_mark,
    without_mark,
)
from nestlab.model.state import (
    DhcpScopeState,
    NatState,
    SwitchState,
    VirtualMachineState,
    expected_management_alias,
)
from nestlab.model.topology import VM
from nestlab.plan.address_holders import AddressHolders
from nestlab.plan.cmdlet_targets import on_vm, vm_target
from nestlab.plan.data_disks import disks_of
from nestlab.plan.destroying import removable_vm_ids, remove_vm, why_vm_is_not_removed, without_vms
from nestlab.plan.disk_names import disk_path, is_guest_scope, scope_name
from nestlab.plan.in_use import base_of, disk_uses
from nestlab.plan.kinds import Action
from nestlab.plan.leftover_holds import holds_of_switch, holds_of_vm, range_text
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.route_removals import left_over_routes
from nestlab.plan.seed_disks import seed_path, with_static_macs
from nestlab.plan.step import Planned, Remainder, Step, Unchanged
from nestlab.plan.switch_removal import KeptSwitches, remove_nat, remove_scope, remove_switch
from nestlab.plan.undeclared_adapters import adapter_removals, listed_adapters
from nestlab.plan.undeclared_disks import listed_disks, remove_leftover_disks
from nestlab.plan.undo_limit import with_undo_limit
from nestlab.plan.undo_needs import ReadUndoNeeds
from nestlab.texts import tr


@dataclass(frozen=True)
class MachineRemainder:
    """The objects that a topology owns on one machine and its file no longer names there."""

    machine: PlannedMachine
    holders: AddressHolders
    read_undo_needs: ReadUndoNeeds = tuple

    @cached_property
    def vms(self) -> tuple[VirtualMachineState, ...]:
        """VMs that the file does not name: with the mark, or left without it by a stopped run."""
        named = {vm.name.casefold() for vm in self.machine.wanted.vms}
        ours = self.machine.hyper_v.vms_of(self.machine.topology)
        return tuple(vm for vm in ours if vm.name.casefold() not in named)

    @cached_property
    def switches(self) -> tuple[SwitchState, ...]:
        """Switches with the mark that the file does not name."""
        named = {switch.name.casefold() for switch in self.machine.wanted.switches}
        observed = self.machine.hyper_v.switches
        return tuple(
            s
            for s in observed
            if s.name.casefold() not in named and is_marked(s.notes, self.machine.topology)
        )

    @cached_property
    def nats(self) -> tuple[NatState, ...]:
        """NATs with a name of the topology that belong to no switch of the file."""
        named = {
            nat_name(self.machine.topology, switch.name).casefold()
            for switch in self.machine.own_switches
        }
        if isinstance(wanted := self.machine.wanted, VM) and wanted.nat is not None:
            named.add(nat_name(self.machine.topology, wanted.name).casefold())
        observed = self.machine.state.nats
        return tuple(
            n
            for n in observed
            if n.name.casefold() not in named and is_owned_by_name(n.name, self.machine.topology)
        )

    @cached_property
    def scopes(self) -> tuple[DhcpScopeState, ...]:
        """DHCP scopes with a name of the topology that belong to no switch of the file.

        Those that the machine serves as the guest of a VM are removed with the steps of the guest.
        """
        named = {
            scope_name(self.machine.topology, switch.name).casefold()
            for switch in self.machine.own_switches
        }
        observed = self.machine.state.dhcp_scopes
        return tuple(
            s
            for s in observed
            if s.name.casefold() not in named
            and is_owned_by_name(s.name, self.machine.topology)
            and not is_guest_scope(s.name, self.machine.topology, self.machine.path)
        )

    @cached_property
    def disks(self) -> tuple[str, ...]:
        """Disks with a name of the topology that belong to no VM, on the host or in the file.

        Those that the undo of a run needs are left out (`kept_disks`).
        """
        kept = {path.lower() for path in self.kept_disks}
        return tuple(path for path in self._unattached_disks if path.lower() not in kept)

    @cached_property
    def kept_disks(self) -> dict[str, str]:
        """Why disks that no VM has are kept, by path: the undo of a run attaches them again."""
        if not self._unattached_disks:
            return {}
        removed_ids = {vm.id for vm in self.vms}
        vms = [vm for vm in self.machine.hyper_v.vms if vm.id not in removed_ids]
        needed = {
            need.path.lower(): need.why
            for need in self.read_undo_needs()
            if need.machine == self.machine.path and any(map(need.is_for, vms))
        }
        found = {path: needed.get(path.lower(), "") for path in self._unattached_disks}
        return {path: why for path, why in found.items() if why}

    @cached_property
    def _unattached_disks(self) -> tuple[str, ...]:
        observed = {
            file.path.lower(): file.path
            for file in self.machine.hyper_v.disk_files
            if is_owned_disk(file.path, self.machine.topology)
        }
        left = observed.keys() - self._wanted_disks
        if left:
            vms = self.machine.hyper_v.vms
            left -= {disk.path.lower() for vm in vms for disk in vm.hard_disks}
        return tuple(sorted(observed[key] for key in left))

    @cached_property
    def _wanted_disks(self) -> frozenset[str]:
        folder, vms = self.machine.hyper_v.vm_host.virtual_hard_disk_path, self.machine.wanted.vms
        paths = [disk_path(folder, self.machine.topology, vm) for vm in vms]
        paths += [placed.path for vm in vms for placed in disks_of(self.machine, vm)]
        paths += [
            seed_path(self.machine, with_static_macs(self.machine, vm)) for vm in vms if vm.has_seed
        ]
        return frozenset(path.lower() for path in paths if path)

    @cached_property
    def notes(self) -> tuple[tuple[VirtualMachineState, str], ...]:
        """VMs with notes besides the mark for which the file has none; each with those notes."""
        plain = {vm.name.casefold() for vm in self.machine.wanted.vms if not vm.notes}
        topology = self.machine.topology
        return tuple(
            (vm, text)
            for vm in self.machine.hyper_v.vms_of(topology)
            if is_marked(vm.notes, topology)
            and vm.name.casefold() in plain
            and (text := without_mark(vm.notes))
        )

    def kept(self) -> Iterator[Unchanged]:
        """Yield the disks that are kept for undo, and why."""
        yield from (
            Unchanged(tr("disk {path}", path=path), why) for path, why in self.kept_disks.items()
        )

    def listed(self) -> Iterator[Remainder]:
        """Yield each object that is left over, with what it still holds."""
        path = self.machine.path
        yield from map(self._listed_vm, self.vms)
        yield from (Remainder(path, tr("disk {path}", path=disk)) for disk in self.disks)
        yield from listed_disks(self.machine)
        yield from (
            Remainder(path, f"NAT {nat.name}", (str(nat.internal_prefix),)) for nat in self.nats
        )
        yield from (
            Remainder(path, tr("DHCP scope {scope}", scope=scope.name), (range_text(scope),))
            for scope in self.scopes
        )
        yield from (
            Remainder(
                path,
                tr("switch {switch}", switch=switch.name),
                tuple(holds_of_switch(self.machine, switch, self.holders)),
            )
            for switch in self.switches
        )
        yield from map(self._listed_route, left_over_routes(self.machine, self.kept_switches()))
        yield from listed_adapters(self.machine)
        yield from (
            Remainder(path, tr("notes of VM {vm}", vm=vm.name), (repr(text),))
            for vm, text in self.notes
        )

    def _listed_vm(self, vm: VirtualMachineState) -> Remainder:
        return Remainder(self.machine.path, f"VM {vm.name}", tuple(holds_of_vm(vm, self.holders)))

    def _listed_route(self, removal: Step) -> Remainder:
        where = removal.cmdlets[0].parameters
        subject = tr(
            "route to {destination} via {next_hop}",
            destination=where["DestinationPrefix"],
            next_hop=where["NextHop"],
        )
        return Remainder(self.machine.path, subject, (str(where["InterfaceAlias"]),))

    def _listed_kept_vm(self, vm: VirtualMachineState) -> Remainder:
        listed, why = (
            self._listed_vm(vm),
            why_vm_is_not_removed(self.machine, vm, self.removed_ids),
        )
        return replace(listed, holds=(*listed.holds, why))

    @cached_property
    def removed_ids(self) -> frozenset[str]:
        """The Ids of the VMs left over that can be removed."""
        return removable_vm_ids(self.machine, self.vms)

    @cached_property
    def _kept_vms(self) -> tuple[VirtualMachineState, ...]:
        """VMs that are not removed, because others would be harmed."""
        return tuple(vm for vm in self.vms if vm.id not in self.removed_ids)

    def kept_switches(self, *, disconnect_others: bool = False) -> KeptSwitches:
        """Return the switches that `--prune` keeps, with the consent of the plan or this call."""
        agreed = disconnect_others or self.machine.disconnect_others
        return KeptSwitches(without_vms(self.machine, self.removed_ids), self._kept_vms, agreed)

    def early_removals(self) -> Iterator[Planned]:
        """Yield the removals that come before anything is created, since they could conflict.

        These are all except the removals of `late_removals`.
        """
        yield from map(with_undo_limit, self._early_removals())

    def _early_removals(self) -> Iterator[Planned]:
        for vm in self.vms:
            yield from remove_vm(self.machine, vm, self.removed_ids)
        yield from map(self._listed_kept_vm, self._kept_vms)
        yield from remove_leftover_disks(self.machine, self.removed_ids, self._disks_to_delete())
        yield from (self._without_notes(vm) for vm, _ in self.notes)
        yield from (remove_nat(nat, self.kept_switches()) for nat in self.nats)
        yield from (remove_scope(scope, self.kept_switches()) for scope in self.scopes)
        yield from left_over_routes(self.machine, self.kept_switches())
        yield from adapter_removals(self.machine)
        yield from (item for switch, item in self._switch_removals() if not _can_wait(switch, item))

    def _without_notes(self, vm: VirtualMachineState) -> Step:
        notes = with_first_boot(owner_mark(self.machine.topology), first_boot_of(vm.notes))
        return self.machine.step(
            Action.SET_NOTES,
            vm.name,
            tr("Remove the notes of {vm} except its mark", vm=vm.name),
            tr("the file sets none for it"),
            on_vm(vm, Cmdlet("Set-VM", {"Notes": notes})),
            target=vm_target(vm),
            undo=(on_vm(vm, Cmdlet("Set-VM", {"Notes": vm.notes})),),
        )

    def late_removals(self) -> Iterator[Planned]:
        """Yield removals of switches that VMs use until they are connected to other switches."""
        waiting = (item for switch, item in self._switch_removals() if _can_wait(switch, item))
        yield from map(with_undo_limit, waiting)

    def _switch_removals(self) -> Iterator[tuple[SwitchState, Planned]]:
        return (
            (switch, item)
            for switch in self.switches
            for item in remove_switch(switch, self.removed_ids, self.kept_switches())
        )

    def _disks_to_delete(self) -> frozenset[str]:
        of_vms = {
            base_of(use).lower()
            for use in disk_uses(self.machine.hyper_v)
            if use.vm_id in self.removed_ids
        }
        return frozenset(path.lower() for path in self.disks) | (of_vms - self._wanted_disks)

    def addresses_on(self, switch: str) -> Iterator[IPv4Address]:
        """Yield the addresses that the machine has on a switch."""
        interface = self.machine.interface(expected_management_alias(self.machine.state, switch))
        yield from (address.ip for address in (interface.ip_addresses if interface else ()))


def _can_wait(switch: SwitchState, item: Planned) -> bool:
    # An External switch uses a network adapter that another switch may need.
    return (
        isinstance(item, Step)
        and item.action == Action.REMOVE_SWITCH
        and switch.switch_type != "External"
    )
