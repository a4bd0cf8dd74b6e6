"""Planning of one topology, machine by machine; machines that do not answer are deferred."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from nestlab.dataclass import replace
from nestlab.model import HOST, Finding, MachinePath, path_text
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.model.topology import VM, Topology, is_generalized
from nestlab.plan.adapter_names import with_adapter_names, with_names
from nestlab.plan.adapters_of_others import respecting_adapters_of_others
from nestlab.plan.address_holders import address_holders
from nestlab.plan.checkpoints import checkpoint_steps
from nestlab.plan.data_disks import unwanted_disk_is_not_known
from nestlab.plan.disk_moves import ordered_by_disk_moves
from nestlab.plan.disks_in_use import image_copies, refusing_disks_in_use, uses_that_remain
from nestlab.plan.guest_credentials import windows_credential_names
from nestlab.plan.inner_power import InnerVMs, inner_vm_steps, with_inner_vms
from nestlab.plan.network_steps import network_steps
from nestlab.plan.out_of_reach import (
    deferred_guest,
    is_set_while_running,
    not_configured,
    why_not_configured,
)
from nestlab.plan.past_runs import PastRuns
from nestlab.plan.plan import Plan
from nestlab.plan.plan_refusals import cannot_change, cannot_recreate
from nestlab.plan.planned_machine import PlannedMachine, planned_machine
from nestlab.plan.power_steps import POWER_CHANGES, RECREATED_FIRST
from nestlab.plan.recreating import (
    GUEST_NOT_READ,
    NOT_RECREATED,
    in_place_blockers,
    is_set_up_by_nestlab,
    recreate_steps,
    why_not_recreated,
)
from nestlab.plan.remainder import MachineRemainder
from nestlab.plan.remainder_conflicts import conflicts
from nestlab.plan.respecting_users import respecting_users
from nestlab.plan.routing_steps import routing_steps
from nestlab.plan.settings import unread_settings
from nestlab.plan.step import Deferred, OutOfReach, Planned, Step, Unchanged
from nestlab.plan.unmarked import UnmarkedObjects
from nestlab.plan.vm_steps import vm_steps
from nestlab.texts import tr, translate


class TopologyPlanner:
    """The planning of one topology: its options, and its findings so far.

    `consents` are `delete_others` and `disconnect_others` of `make_plan`, by name.
    """

    def __init__(
        self,
        topology: Topology,
        states: Mapping[MachinePath, HostState],
        *,
        prune: bool,
        recreate: Collection[MachinePath],
        consents: Mapping[str, bool],
        recreate_ids: Collection[str],
        inner_vms: InnerVMs,
        past_runs: PastRuns,
        in_run: bool = False,
    ) -> None:
        self.topology, self.states, self.inner_vms = topology, states, inner_vms
        self.unmarked = UnmarkedObjects.of(topology, states, inner_vms)
        self.consents, self.past_runs, self.in_run = consents, past_runs, in_run
        self.prune, self.recreate, self.recreate_ids = prune, recreate, recreate_ids
        self.refused: list[Finding] = []
        self._holders, self._waiting = address_holders(topology), set[MachinePath]()
        self._adapter_names: dict[str, str] = {}  # names in the file of renamed adapters, by Id
        self._not_configured: dict[MachinePath, OutOfReach] = {}  # machines, and why
        # Case-folded paths of VMs that earlier steps stop, start or recreate, and the reason.
        self._power_changed: dict[MachinePath, str] = {}

    def plan(self, planned: Iterable[Planned], recreate: Collection[str]) -> Plan:
        """Return the plan of these items, with the options that it was made with."""
        return Plan.of(
            self.topology.name,
            self.states[HOST].host,
            planned,
            prune=self.prune,
            recreate=tuple(recreate),
            **self.consents,
            recreate_ids=tuple(sorted(self.recreate_ids)),
            states=dict(self.states),
            credentials=windows_credential_names(self.topology),
            topology=self.topology,
            **self.past_runs.what_was_read,
        )

    def planned_items(self) -> Iterator[Planned]:
        """Yield the items of each machine; refusals that do not end planning are collected."""
        yield from self._machine_items()
        yield from self._checkpoints()

    def _checkpoints(self) -> Iterator[Planned]:
        """Yield the checkpoints to take at the end, on the machines whose VMs are known."""
        for path, wanted in self.topology.machines():
            known = path in self.states and self.states[path].hyper_v is not None
            if known and any(vm.checkpoints for vm in wanted.vms):
                machine = self._planned(path, wanted)
                for vm in wanted.vms:
                    for step in checkpoint_steps(machine, vm):
                        yield with_inner_vms(step, self.topology, self.states)

    def _machine_items(self) -> Iterator[Planned]:
        for path, wanted in self.topology.machines():
            planned = self._plan_machine_or_defer(path, wanted)
            for item in self.unmarked.excluding_unmarked(planned):
                if isinstance(item, Deferred):
                    self._waiting.add(path)
                elif isinstance(item, Step) and item.action in POWER_CHANGES:
                    inside = (*path, item.target.name)
                    self._power_changed.setdefault(_folded(inside), POWER_CHANGES[item.action])
                if isinstance(item, Step):
                    yield with_inner_vms(item, self.topology, self.states)
                else:
                    yield item

    def _plan_machine_or_defer(self, path: MachinePath, wanted: Topology | VM) -> Iterator[Planned]:
        above = [path[:depth] for depth in range(1, len(path))]
        unconfigured = next((outer for outer in above if outer in self._not_configured), None)
        reason = why_not_configured(path, wanted) if isinstance(wanted, VM) else ""
        if unconfigured is not None:
            values = (tr("VM {vm}, with everything in it", vm=path[-1]),)
            yield replace(self._not_configured[unconfigured], machine=path, values=values)
        elif any(outer in self._waiting for outer in above):
            why = tr(
                "{machine} needs {outer} first", machine=path_text(path), outer=path_text(path[:-1])
            )
            yield Deferred(path, why, first_boot=self._has_first_boot(wanted))
        elif reason and isinstance(wanted, VM):
            is_off = is_set_while_running(wanted)
            self._not_configured[path] = OutOfReach(path, (), reason, is_off=is_off)
            yield from not_configured(path, wanted, reason)
        elif _folded(path) in self._power_changed and path in self.states:
            yield from self._remainder_inside(path, wanted)
            # A guest that an earlier step stops and starts does not answer at once.
            change = self._power_changed[_folded(path)]
            why = translate(change, vm=path_text(path))
            first_boot = change == RECREATED_FIRST and self._has_first_boot(wanted)
            booted_at = self.states[path].computer.last_boot_up_time
            yield Deferred(path, why, booted_at, first_boot=first_boot)
        else:
            yield from self._machine(path, wanted)

    def _machine(self, path: MachinePath, wanted: Topology | VM) -> Iterator[Planned]:
        if not isinstance(wanted, VM):
            yield from self._hyper_v(self._planned(path, wanted))
            return
        as_vm = self._as_vm(path)
        if as_vm is None or path not in self.states:
            is_recreated = as_vm is not None and as_vm.id in self.recreate_ids
            yield deferred_guest(self.topology, path, wanted, None if is_recreated else as_vm)
        else:
            yield from self._guest(self._planned(path, wanted, as_vm), wanted)

    def _has_first_boot(self, wanted: Topology | VM) -> bool:
        return isinstance(wanted, VM) and is_generalized(self.topology.images, wanted)

    def _planned(
        self, path: MachinePath, wanted: Topology | VM, as_vm: VirtualMachineState | None = None
    ) -> PlannedMachine:
        machine = planned_machine(
            self.topology,
            path,
            wanted,
            self.unmarked.assumed[path],
            with_names(as_vm, self._adapter_names) if as_vm else None,
            host_computer_name=self.states[HOST].computer.name,
            states=self.states,
            in_run=self.in_run,
            unmarked=self.unmarked.ids,
            read_new_disks=self.past_runs.new_disks,
            read_made_routes=self.past_runs.made_routes,
            read_made_entries=self.past_runs.made_entries,
            **self.consents,
        )
        return with_adapter_names(machine, self._adapter_names)

    def _remainder_inside(self, path: MachinePath, wanted: Topology | VM) -> Iterator[Planned]:
        """Yield the remainder on a machine that is deferred and still answers."""
        if self.states[path].hyper_v is not None and not self.prune:
            yield from self._remainder(self._planned(path, wanted)).listed()

    def _remainder(self, machine: PlannedMachine) -> MachineRemainder:
        observed = machine.with_state(self.states[machine.path])
        return MachineRemainder(observed, self._holders, self.past_runs.undo_needs)

    def _as_vm(self, path: MachinePath) -> VirtualMachineState | None:
        above = self.states.get(path[:-1])
        return above.hyper_v.vm(path[-1]) if above and above.hyper_v else None

    def _guest(self, machine: PlannedMachine, vm: VM) -> Iterator[Planned]:
        # Imported here: hosts are planned more often than guests, and need none of it.
        from nestlab.plan.guest_steps import guest_steps  # noqa: PLC0415

        is_restarted = yield from guest_steps(machine, vm)
        if machine.state.hyper_v is not None and not is_restarted:
            about = self.topology, machine, vm, self.states[machine.path[:-1]]
            yield from image_copies(*about, refused=self.refused)
            yield from self._hyper_v(machine)

    def _hyper_v(self, machine: PlannedMachine) -> Iterator[Planned]:
        remainder = self._remainder(machine)
        yield from remainder.kept()
        if self.prune:
            yield from remainder.early_removals()
        else:
            yield from remainder.listed()
        self.refused += conflicts(remainder, prune=self.prune)
        if isinstance(machine.wanted, VM) and machine.wanted.nested is None:
            if machine.state.hyper_v is not None:
                yield Unchanged(
                    tr("{machine}: Hyper-V role", machine=machine.name),
                    tr("it is installed although the file has no `nested` here; it is kept"),
                )
        else:
            networks = (*network_steps(machine), *routing_steps(machine))
            yield from respecting_users(machine, respecting_adapters_of_others(machine, networks))
            uses = uses_that_remain(remainder, prune=self.prune)
            for vm in ordered_by_disk_moves(machine):
                to = [] if self.unmarked.vm((*machine.path, vm.name)) else self.refused
                about = self.topology, machine, vm, self._vm(machine, vm)
                items = refusing_disks_in_use(*about, uses, refused=to)
                yield from respecting_users(machine, items)
        if self.prune:
            yield from remainder.late_removals()
        removed = remainder.vms if self.prune else ()
        yield from inner_vm_steps(remainder.machine, self.inner_vms, removed)

    def _vm(self, machine: PlannedMachine, vm: VM) -> Iterator[Planned]:
        path = (*machine.path, vm.name)
        current, recreate = machine.vm(vm.name), path in self.recreate
        found = in_place_blockers(machine, vm, self.states.get(path))
        if unmarked := self.unmarked.vm(path):
            self.unmarked.record_difference(
                unmarked, *found, *unread_settings(machine.images, vm, current)
            )
            yield from vm_steps(machine, vm)
            return
        if current is not None and current.id in self.recreate_ids:
            found = (*found, translate(GUEST_NOT_READ))
        dependents = why_not_recreated(machine, vm) if found and recreate else ""
        if dependents:
            self.refused.append(cannot_recreate(self.topology, path, found, dependents))
        elif found and recreate:
            yield from recreate_steps(machine, vm, "; ".join(found))
        else:
            if found:
                two_plans = (
                    len(found) == 1
                    and current is not None
                    and unwanted_disk_is_not_known(machine, vm, current)
                )
                self.refused.append(
                    cannot_change(self.topology, path, found, needs_two_plans=two_plans)
                )
            elif current and recreate and (path in self.states or not is_set_up_by_nestlab(vm)):
                yield Unchanged(
                    f"{machine.name}: --recreate {path_text(path)}", translate(NOT_RECREATED)
                )
            yield from vm_steps(machine, vm)


def _folded(path: MachinePath) -> MachinePath:
    return tuple(name.casefold() for name in path)
