"""Objects with names of the file that nestlab did not create: they are left unchanged.

They carry no mark of any topology. A plan is made as if they carried this topology's: if it would
change such an object, the object differs from the file, and the plan is refused; otherwise the
object counts as unchanged. No step of a plan acts on such an object, or connects anything to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from nestlab.dataclass import dataclass, field
from nestlab.model import Finding, MachinePath, path_text
from nestlab.model.ownership import is_left_behind, nat_name, owners_of
from nestlab.model.spelling import same_name
from nestlab.model.state import HostState, HyperVState, management_alias
from nestlab.model.topology import VM, Topology
from nestlab.plan.assumed_marks import as_if_marked, foreign_services
from nestlab.plan.cmdlet_targets import named_switches
from nestlab.plan.disk_names import scope_name
from nestlab.plan.inner_power import InnerVMs
from nestlab.plan.kinds import POWER_ACTIONS, Action, TargetKind
from nestlab.plan.step import Deferred, Planned, Remainder, Step
from nestlab.plan.unmarked_object import NOUNS, Unmarked, clash_text, difference_text, hint_for
from nestlab.texts import mark, tr

NOT_CREATED = mark("nestlab did not create it, and it is as the file says; it is kept as it is")
"""Why nothing is done about an object without a mark that equals what the file says."""

States = Mapping[MachinePath, HostState]


def unmarked_objects(topology: Topology, states: States) -> tuple[Unmarked, ...]:
    """Return the VMs and switches without a mark whose names are in the file, outermost first."""
    found = (
        each
        for path, wanted in topology.machines()
        if path in states and (hyper_v := states[path].hyper_v) is not None
        for each in _on_machine(topology.name, path, wanted, hyper_v)
    )
    return tuple(found)


def _on_machine(
    topology: str, path: MachinePath, wanted: Topology | VM, hyper_v: HyperVState
) -> Iterator[Unmarked]:
    for switch in wanted.switches:
        same = [each for each in hyper_v.switches if same_name(each.name, switch.name)]
        if switch.existing or any(each.is_default_switch for each in same):
            continue
        if same and not any(owners_of(each.notes) for each in same):
            first, count = same[0], len(same)
            yield Unmarked(path, TargetKind.SWITCH, switch.name, first.id, first.notes, count)
    for vm in wanted.vms:
        found = hyper_v.vms_named(vm.name)
        if found and not any(
            owners_of(each.notes) or is_left_behind(each, topology) for each in found
        ):
            one, count = found[0], len(found)
            yield Unmarked(path, TargetKind.VM, vm.name, one.id, one.notes, count)


@dataclass
class UnmarkedObjects:
    """The unmarked objects of a topology, and how each differs from the file.

    `assumed` are the states as if the objects carried the mark. `served` has, for each switch, its
    name and those of its NAT, its DHCP scope and the machine's adapters on it, case-folded.
    `started_again` stopped with their nested host, and are started again.
    `differences` are found while a plan is made from the assumed states. `needs` are those of them
    that come from other objects of the topology, such as a VM that the file connects to a switch.
    """

    topology: Topology
    objects: tuple[Unmarked, ...]
    assumed: Mapping[MachinePath, HostState]
    served: Mapping[Unmarked, frozenset[str]]
    started_again: frozenset[Unmarked] = frozenset()
    differences: dict[Unmarked, list[str]] = field(default_factory=dict)
    needs: set[str] = field(default_factory=set)
    waiting: set[MachinePath] = field(default_factory=set)  # machines that are deferred
    real_names: dict[str, str] = field(default_factory=dict)  # of NATs and scopes, by the assumed

    @classmethod
    def of(
        cls, topology: Topology, states: States, inner_vms: InnerVMs | None = None
    ) -> UnmarkedObjects:
        """Return those of a topology in the observed states.

        `inner_vms` were on before a step turned their nested host off, and are started again: they
        are compared as they were.
        """
        objects = unmarked_objects(topology, states)
        was = {vm.id: vm.state for vms in (inner_vms or {}).values() for vm in vms}
        switches = (each for each in objects if each.kind is TargetKind.SWITCH)
        served = {each: _served(topology.name, each, states[each.machine]) for each in switches}
        assumed = as_if_marked(topology.name, states, _ids(objects), was)
        started = frozenset(each for each in objects if each.id in was)
        found = cls(topology, objects, assumed, served, started)
        for each in served:
            found.real_names.update(_real_names(topology.name, each, states[each.machine]))
        return found

    @property
    def ids(self) -> frozenset[str]:
        """The Ids of the objects in Hyper-V."""
        return frozenset(each.id for each in self.objects)

    @property
    def equal(self) -> tuple[Unmarked, ...]:
        """The objects that match the file, as far as has been planned."""
        return tuple(each for each in self.objects if each not in self.differences)

    def as_if_owned_in(self, states: States) -> States:
        """Return states as if all these objects carried the mark, also those that differ."""
        return as_if_marked(self.topology.name, states, _ids(self.objects), {})

    @property
    def texts(self) -> dict[str, str]:
        """How each object differs, by its label; empty if it does not."""
        return {
            each.label: difference_text(self.differences.get(each, ())) for each in self.objects
        }

    def vm(self, path: MachinePath) -> Unmarked | None:
        """Return the unmarked VM at a machine path."""
        return self._found(path[:-1], TargetKind.VM, path[-1]) if path else None

    def record_difference(self, found: Unmarked, *texts: str) -> None:
        """Record how an object differs from the file, or what of it is not known."""
        for text in texts:
            for assumed, real in self.real_names.items():
                text = text.replace(assumed, real)  # noqa: PLW2901  # each name in turn
            self.differences.setdefault(found, []).append(text)

    def own_differences(self, found: Unmarked) -> tuple[str, ...]:
        """Return how an object itself differs, without the needs of other objects."""
        return tuple(text for text in self.differences.get(found, ()) if text not in self.needs)

    def excluding_unmarked(self, planned: Iterable[Planned]) -> Iterator[Planned]:
        """Yield the planned items, without those that would change or wait for an unmarked object.

        Those are recorded as differences.
        """
        power: dict[tuple[Unmarked, str], list[Step]] = {}
        try:
            for item in planned:
                found, text = self._concerned(item) if self.objects else (None, "")
                if found is None:
                    if isinstance(item, Deferred):
                        self.waiting.add(item.machine)
                    yield item
                elif isinstance(item, Step) and item.action in POWER_ACTIONS:
                    power.setdefault((found, item.target.name.casefold()), []).append(item)
                else:
                    self.record_difference(found, *filter(None, (text,)))
        finally:
            for (found, _), steps in power.items():
                if found not in self.differences or not self._runs_again(steps):
                    self.record_difference(found, *(f"{step.title} ({step.why})" for step in steps))

    def _runs_again(self, steps: list[Step]) -> bool:
        """Whether a VM runs before and after these steps, which stop it only for other changes."""
        first, last = steps[0], steps[-1]
        state = self.assumed.get(first.machine)
        vm = state.hyper_v.vm(first.target.name) if state and state.hyper_v else None
        ends_running = last.action in (Action.START_VM, Action.RESTART)
        return vm is not None and vm.state == "Running" and ends_running

    def findings(self) -> tuple[Finding, ...]:
        """Return the refusal of the plan for each object that differs."""
        return tuple(
            Finding(
                "name-clash",
                "error",
                f"{path_text(each.machine)}: {NOUNS[each.kind]} {each.name}",
                clash_text(each, difference_text(texts)),
                hint_for(each),
            )
            for each, texts in self.differences.items()
        )

    def _concerned(self, item: Planned) -> tuple[Unmarked | None, str]:
        """Return the unmarked object that an item is about, and the difference that it shows."""
        if isinstance(item, Step):
            if item.by_request:  # starts a VM again that stopped with its nested host
                return None, ""
            found = self._above(item.machine) or self._target(item)
            if found is not None:
                return found, f"{item.title} ({item.why})"
            joined = (
                self._found(item.machine, TargetKind.SWITCH, name) for name in named_switches(item)
            )
            used = next(filter(None, joined), None)
            text = tr("{title}, which needs it", title=item.title)
            if used is not None:
                self.needs.add(text)
            return used, text
        if isinstance(item, Deferred):
            found = self._above(item.machine)
            return (found, item.why) if found and not self._is_awaited(found) else (None, "")
        return (self._above(item.machine) if isinstance(item, Remainder) else None), ""

    def _is_awaited(self, found: Unmarked) -> bool:
        """Whether an object cannot be compared yet: a machine of the topology is waited for."""
        above = {found.machine[:depth] for depth in range(1, len(found.machine) + 1)}
        return found in self.started_again or bool(above & self.waiting)

    def _above(self, path: MachinePath) -> Unmarked | None:
        """Return the outermost unmarked VM that a machine is, or is inside of."""
        machines = (path[:depth] for depth in range(1, len(path) + 1))
        return next(filter(None, map(self.vm, machines)), None)

    def _target(self, step: Step) -> Unmarked | None:
        target = step.target
        for each in self.objects:
            if each.machine != step.machine:
                continue
            if each.kind is TargetKind.SWITCH:
                names = self.served[each]
                if {target.name.casefold(), target.switch.casefold()} & names:
                    return each
            elif target.kind is TargetKind.DISK:
                if step.subject == each.name or step.subject.startswith(f"{each.name}/"):
                    return each
            elif target.kind is TargetKind.VM and same_name(target.name, each.name):
                return each
        return None

    def _found(self, machine: MachinePath, kind: TargetKind, name: str) -> Unmarked | None:
        same = (each for each in self.objects if each.kind is kind and each.machine == machine)
        return next((each for each in same if same_name(each.name, name)), None)


def _ids(objects: Iterable[Unmarked]) -> dict[MachinePath, set[str]]:
    ids: dict[MachinePath, set[str]] = {}
    for each in objects:
        ids.setdefault(each.machine, set()).add(each.id)
    return ids


def _real_names(topology: str, found: Unmarked, state: HostState) -> Iterator[tuple[str, str]]:
    """Yield nestlab's name for the NAT and the DHCP scope of a switch, each with the real name."""
    switches = state.hyper_v.switches if state.hyper_v else ()
    for switch in switches:
        if switch.id == found.id:
            nat, scope = foreign_services(state, switch)
            if nat is not None:
                yield nat_name(topology, found.name), nat.name
            if scope is not None:
                yield scope_name(topology, found.name), scope.name


def _served(topology: str, found: Unmarked, state: HostState) -> frozenset[str]:
    adapters = state.hyper_v.management_adapters if state.hyper_v else ()
    own = [each.name for each in adapters if each.switch_id == found.id]
    names = [found.name, nat_name(topology, found.name), scope_name(topology, found.name)]
    names += [f"vEthernet ({found.name})", management_alias(state, found.name) or ""]
    names += [management_alias(state, found.name, each) or "" for each in own]
    return frozenset(name.casefold() for name in names if name)
