"""Adoption: marking objects that match the file of a topology and that nestlab did not create."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from nestlab.errors import PlanRefused
from nestlab.model import HOST, Cmdlet, Finding, Findings, MachinePath, path_text
from nestlab.model.ownership import is_marked, marked_notes, owner_of, why_not_owned
from nestlab.model.state import HostState, SwitchState, VirtualMachineState
from nestlab.model.topology import VM, Switch, Topology
from nestlab.plan.assumed_marks import foreign_services
from nestlab.plan.cmdlet_targets import on_switch, on_vm, switch_target, vm_target
from nestlab.plan.declared_objects import (
    DeclaredObject,
    Existing,
    chosen_objects,
    existing_objects,
    objects_of,
)
from nestlab.plan.disk_names import scope_name
from nestlab.plan.guest_credentials import windows_credential_names
from nestlab.plan.kinds import Action
from nestlab.plan.plan import Plan
from nestlab.plan.plan_refusals import no_hyper_v
from nestlab.plan.planned_machine import ObservedMachine
from nestlab.plan.refused_credentials import RefusedCredentials
from nestlab.plan.step import Step, Unchanged
from nestlab.plan.topology_plan import compare_unmarked
from nestlab.plan.unmarked import UnmarkedObjects
from nestlab.plan.unmarked_object import difference_text
from nestlab.texts import mark, tr, translate

States = Mapping[MachinePath, HostState]
_WHY = mark(
    "nestlab did not create it, and it is as the file says; marked, `nestlab apply` changes it and `nestlab destroy` removes it"
)
_SHOWN = 3  # objects of a lab in a message
_EQUAL = mark(
    "Write into the file what the host has (`nestlab capture`), or change the object by hand."
)


def plan_adopt(
    topology: Topology,
    states: States,
    *,
    only: Collection[str] = (),
    refused: RefusedCredentials | None = None,
    adopted: Collection[str] = (),
) -> Plan:
    """Return the plan that marks the objects of the file that nestlab did not create.

    VMs and switches that match the file are marked, at every level that answers; `only` lists the
    names or machine paths of those to mark, by default all. `refused` are the guests that refused
    their credential. The mark is added to the Notes, and undo restores the Notes. If the topology
    owns objects that no adoption marked (`adopted` has the Ids of adopted ones), nestlab built this
    lab: then only the objects in `only` are marked. The `warnings` of the plan say what exists, has
    no mark and is not marked, and why (``not-adopted``).

    Raises:
        PlanRefused: The host has no Hyper-V.
        UsageError: `only` has a name that the file does not have.
    """
    if HOST not in states or states[HOST].hyper_v is None:
        raise PlanRefused(Findings([no_hyper_v(states.get(HOST))]))
    objects = [*objects_of(topology)]
    chosen = chosen_objects(topology, objects, only)
    unmarked = compare_unmarked(topology, states)
    built = () if only else tuple(_built(topology, objects, states, adopted))
    adoption = _Adoption(topology, states, unmarked, refused or {}, built)
    planned = [item for each in chosen for item in adoption.plan_object(each)]
    items = [item for item in planned if not isinstance(item, Finding)]
    found = tuple(item for item in planned if isinstance(item, Finding))
    return Plan.of(
        topology.name,
        states[HOST].host,
        items,
        states=dict(states),
        credentials=windows_credential_names(topology),
        warnings=found,
    )


def _built(
    topology: Topology, objects: list[DeclaredObject], states: States, adopted: Collection[str]
) -> Iterator[str]:
    """Yield the objects of the file that have the topology's mark and were not adopted."""
    for each in objects:
        state = states.get(each.machine)
        for found in existing_objects(each, state) if state else ():
            if is_marked(found.notes, topology.name) and found.id not in adopted:
                yield each.text


class _Adoption:
    """The marking of the objects of one topology."""

    def __init__(
        self,
        topology: Topology,
        states: States,
        unmarked: UnmarkedObjects,
        refused: RefusedCredentials,
        built: tuple[str, ...],
    ) -> None:
        self.topology, self.states, self.unmarked = topology, states, unmarked
        self.refused, self.built = refused, built
        self._by_label = {each.label.casefold(): each for each in unmarked.objects}
        # The machines that the topology owns, or will own after the adoption: only objects in them
        # can be adopted.
        marked = (path for path, _ in topology.machines() if path and self._is_marked(path))
        self._own: set[MachinePath] = {HOST, *marked}

    def _is_marked(self, path: MachinePath) -> bool:
        outer = self.states.get(path[:-1])
        vm = outer.hyper_v.vm(path[-1]) if outer and outer.hyper_v else None
        return vm is not None and is_marked(vm.notes, self.topology.name)

    def plan_object(self, named: DeclaredObject) -> Iterator[Step | Unchanged | Finding]:
        """Yield the step that marks an object of the file, or why it is not marked."""
        state = self.states.get(named.machine)
        if state is None and (refused := self.refused.get(named.machine)):
            error = refused.error
            yield Finding("not-adopted", "warning", named.label, error.message, error.hint or "")
            return
        if state is None or state.hyper_v is None:
            why = tr(
                "{machine} does not answer as a host, so what is in it is not known",
                machine=path_text(named.machine),
            )
            yield Unchanged(named.text, why)
            return
        found = existing_objects(named, state)
        if isinstance(named.wanted, Switch) and named.wanted.existing:
            why = tr("the file uses it as an existing switch, which stays with its owner")
            yield Unchanged(named.text, why)
        elif not found:
            yield Unchanged(named.text, tr("it does not exist; `nestlab apply` creates it"))
        elif len(found) == 1 and is_marked(found[0].notes, self.topology.name):
            yield Unchanged(
                named.text, tr("it has the mark of {topology}", topology=self.topology.name)
            )
        elif reason := self._why_not(named, found, state):
            yield Finding("not-adopted", "warning", named.label, *reason)
        else:
            if isinstance(named.wanted, VM):
                self._own.add(named.path)
            yield self._step(named, found[0], state)

    def _why_not(
        self, named: DeclaredObject, found: Existing, state: HostState
    ) -> tuple[str, str] | None:
        """Return why an object is not marked, and what to do; None if it is marked."""
        if len(found) > 1:
            message = (
                tr(
                    "{count} VMs have this name, and a mark would not say which is meant",
                    count=len(found),
                )
                if isinstance(named.wanted, VM)
                else tr(
                    "{count} switches have this name, and a mark would not say which is meant",
                    count=len(found),
                )
            )
            return message, tr("Rename all but one.")
        unmarked = self._by_label.get(named.label.casefold())
        if unmarked is None:
            owner = owner_of(found[0].notes)
            why = (
                tr("belongs to the topology {owner}", owner=owner)
                if owner
                else why_not_owned(found[0].notes, self.topology.name)
            )
            return tr("it {why}", why=why), tr("Only what has no mark at all can be adopted.")
        if named.machine not in self._own:
            outer = path_text(named.machine)
            return tr("{outer}, which it is in, is not this topology's", outer=outer), tr(
                "Adopt {outer} as well.", outer=outer
            )
        if named.path in self.refused:
            error = self.refused[named.path].error
            return tr(
                "what is inside cannot be compared: {error}", error=error.message
            ), error.hint or ""
        if texts := self.unmarked.own_differences(unmarked):
            return tr(
                "it differs from the file: {differences}",
                differences=difference_text(texts),
            ), translate(_EQUAL)
        return self._why_services_prevent(found[0], state) or self._becomes_part_of_lab(named)

    def _becomes_part_of_lab(self, named: DeclaredObject) -> tuple[str, str] | None:
        """Return why an object would become part of a lab that nestlab built, else None."""
        if not self.built:
            return None
        name, more = self.topology.name, len(self.built) - _SHOWN
        others = ", ".join(self.built[:_SHOWN])
        if more > 0:
            others = tr("{names} and {count} more", names=others, count=more)
        return (
            tr(
                "it would become part of {topology}, which nestlab built here ({others}): `nestlab apply` would change it, and `nestlab destroy` remove it",
                topology=name,
                others=others,
            ),
            tr(
                "To make it part of {topology}, name it: `--only {path}`. For a topology of its own, capture it with `--only` and `--name`.",
                topology=name,
                path=path_text(named.path),
            ),
        )

    def _why_services_prevent(
        self, found: VirtualMachineState | SwitchState, state: HostState
    ) -> tuple[str, str] | None:
        """Return why the NAT or DHCP scope of a switch prevents its adoption, and what to do.

        None if it does not.
        """
        if not isinstance(found, SwitchState):
            return None
        nat, scope = foreign_services(state, found)
        if nat is not None:
            return (
                tr(
                    "its NAT {nat} has no Notes for a mark, and WinNAT cannot rename it",
                    nat=nat.name,
                ),
                tr(
                    "Remove it (Remove-NetNat -Name '{nat}') and `nat` from the file, adopt the switch, then write `nat` again and apply.",
                    nat=nat.name,
                ),
            )
        if scope is not None:
            return (
                tr("its DHCP scope {scope} has no Notes for a mark", scope=scope.name),
                tr(
                    "Rename it (Set-DhcpServerv4Scope -ScopeId {scope_id} -Name '{scope_name}'), then adopt the switch.",
                    scope_id=scope.scope_id,
                    scope_name=scope_name(self.topology.name, found.name),
                ),
            )
        return None

    def _step(
        self, named: DeclaredObject, found: VirtualMachineState | SwitchState, state: HostState
    ) -> Step:
        old, new = found.notes, marked_notes(found.notes, self.topology.name)
        if isinstance(found, SwitchState):
            action, target = Action.ADOPT_SWITCH, switch_target(found)
            do = on_switch(found, Cmdlet("Set-VMSwitch", {"Notes": new}))
            undo = on_switch(found, Cmdlet("Set-VMSwitch", {"Notes": old}))
        else:
            action, target = Action.ADOPT_VM, vm_target(found)
            do = on_vm(found, Cmdlet("Set-VM", {"Notes": new}))
            undo = on_vm(found, Cmdlet("Set-VM", {"Notes": old}))
        machine = ObservedMachine(path=named.machine, state=state)
        title = (
            tr("Mark the VM {vm} as one of {topology}", vm=found.name, topology=self.topology.name)
            if isinstance(found, VirtualMachineState)
            else tr(
                "Mark the switch {switch} as one of {topology}",
                switch=found.name,
                topology=self.topology.name,
            )
        )
        why = translate(_WHY)
        if isinstance(found, VirtualMachineState) and self._may_have_vms(named.path, found):
            why = tr("{why}; it can be a nested host, and what is inside is not known", why=why)
        return machine.step(action, found.name, title, why, do, target=target, undo=(undo,))

    def _may_have_vms(self, path: MachinePath, found: VirtualMachineState) -> bool:
        return found.expose_virtualization_extensions and path not in self.states
