"""The differences between a topology and a host, as findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nestlab.dataclass import replace
from nestlab.lab import journal_folder
from nestlab.lab.drift_picture import Difference, DriftFindings
from nestlab.lab.lab_planner import LabPlanner
from nestlab.lab.observer import observer_of
from nestlab.lab.starting_guests import running_without_heartbeat
from nestlab.lab.undo_history import with_past_runs
from nestlab.model import Finding, MachinePath, Severity, path_text
from nestlab.model.repeated_texts import without_repetition
from nestlab.model.state import HostState, management_alias
from nestlab.model.topology import Topology
from nestlab.plan import (
    POWER_ACTIONS,
    Action,
    Deferred,
    Plan,
    Remainder,
    Step,
    TargetKind,
    UnmarkedObjects,
    no_heartbeat_reasons,
    not_started_text,
    without_heartbeat,
)
from nestlab.texts import mark, tr, translate
from nestlab.transport.session import Cancel, Session

_CREATED = {Action.CREATE_VM: TargetKind.VM, Action.CREATE_SWITCH: TargetKind.SWITCH}
_UNMARKED_HINT = mark(
    "nestlab did not create it, and does not change it: change the file to match the host, or change the object manually."
)
_UNKNOWN: Severity = "info"
_NO_ANSWER: Severity = "warning"
_NOT_SET_HINT = mark(
    "`nestlab apply` does not change it: set it by hand, or change the file to match."
)
_HINT = mark("Apply the topology with `nestlab apply`, or change the file to match the host.")


def drift(topology: Topology, host: Session, *, cancel: Cancel | None = None) -> DriftFindings:
    """Return how a host differs from a topology, a finding for each difference; nothing is changed.

    A difference (``drift``) is a setting that a plan would change, that would have to change in an
    object that nestlab did not create, or that was read and that nestlab does not set. An object
    that the topology owns and its file no longer names is ``left-over``, except disks that the undo
    of a run needs, which `--prune` keeps. Whatever could not be compared is ``drift-not-known``: a
    warning if a guest runs and does not answer, refuses its credential or has no heartbeat. If
    findings block a plan, those are returned. Notebooks show the result as a picture; `svg` and
    `save` draw it. Raises the errors of `Lab.plan`, except PlanRefused.
    """
    planner, states = observed_for_drift(topology, host, cancel)
    return DriftFindings(compared(planner, states)[1], topology, host.host)


def observed_for_drift(
    topology: Topology, host: Session, cancel: Cancel | None = None
) -> tuple[LabPlanner, dict[MachinePath, HostState]]:
    """Return what plans the changes of a topology on a host, and the states of its machines."""
    left = journal_folder.inner_vms_to_restore(topology.name, host, None)
    planner = with_past_runs(replace(LabPlanner(topology), inner_vms=left), host)
    with observer_of(
        topology,
        host,
        cancel,
        parent_cache=planner.parent_cache(),
        scope=planner.scope,
        refused=planner.refused,
    ) as observer:
        return planner, observer.observe_all_machines()


def compared(
    planner: LabPlanner, states: Mapping[MachinePath, HostState]
) -> tuple[Plan | None, list[Difference]]:
    """Return the plan that would make a topology of these states, and the differences.

    The plan is None if findings block it; these are the differences then.
    """
    plan, unmarked, findings = planner.compare(states)
    found = [Difference(item, "differs", _part_of(item)) for item in findings]
    found += _differences_of(unmarked)
    if plan is not None:
        found += _Comparison(planner.topology, plan).all()
    return plan, found


def _differences_of(unmarked: UnmarkedObjects) -> Iterator[Difference]:
    """Yield the differences of objects that nestlab did not create."""
    for each, texts in unmarked.differences.items():
        part, subject = _place((*each.machine, each.name), each.kind)
        for text in texts:
            yield Difference(
                Finding("drift", "warning", subject, text, translate(_UNMARKED_HINT)),
                "differs",
                part,
            )


def _part_of(finding: Finding) -> str:
    """Return the part of the picture that the subject of a finding names."""
    noun, _, name = finding.subject.partition(" ")
    if noun == "adapter":
        return name.rpartition("/")[0]
    if noun == "switch":
        return _switch_part(tuple(name.split("/")[:-1]), name.split("/")[-1])
    return name if noun == "VM" else finding.subject


def _switch_part(machine: MachinePath, name: str) -> str:
    return f"switch:{path_text(machine)}/{name}"


def _place(path: MachinePath, kind: TargetKind) -> tuple[str, str]:
    """Return the part of the picture that a VM or switch is, and its name in findings."""
    if kind is TargetKind.SWITCH:
        return _switch_part(path[:-1], path[-1]), f"switch {path_text(path)}"
    return path_text(path), path_text(path)


class _Comparison:
    """The differences that a plan shows."""

    def __init__(self, topology: Topology, plan: Plan) -> None:
        self.topology, self.plan = topology, plan
        self.missing = {
            (step.machine, kind, step.target.name.casefold())
            for step in plan.steps
            if (kind := _CREATED.get(step.action))
        }
        self.changed = {
            (step.machine, step.target) for step in plan.steps if step.action not in POWER_ACTIONS
        }

    def all(self) -> Iterator[Difference]:
        """Yield the differences, then what is left over, then what is not known."""
        for step in self.plan.steps:
            yield from self._of_step(step)
        for path, text in self._out_of_reach(differs=True):
            machine = path_text(path)
            finding = Finding("drift", "warning", machine, text, translate(_NOT_SET_HINT))
            yield Difference(finding, "differs", machine)
        yield from self._left_over()
        left = [item for item in self.plan.deferred if not self._is_in_missing(item.machine)]
        texts = [(path_text(item.machine), self._why_not_compared(item)) for item in left]
        for item, why in zip(left, without_repetition(texts), strict=True):
            yield _not_known(item.machine, why, answers=not item.is_running)
        yield from self._without_heartbeat()
        for path, text in self._out_of_reach(differs=False):
            yield _not_known(path, text)

    def _out_of_reach(self, *, differs: bool) -> Iterator[tuple[MachinePath, str]]:
        """Yield the machine and the text of each setting that nestlab does not set.

        These are the settings that were read and differ, or, with `differs` False, all others.
        """
        for item in self.plan.out_of_reach:
            if item.differs is differs and not self._is_in_missing(item.machine):
                yield item.machine, f"{'; '.join(item.values)}: {item.why}"

    def _without_heartbeat(self) -> Iterator[Difference]:
        """Yield the guests that can be judged only by their heartbeat, and that have none.

        It is a warning if the file names the operating system of the guest.
        """
        said = {item.machine for item in self.plan.deferred}
        for vm in running_without_heartbeat(self.topology, self.plan.states):
            if vm.path not in said and vm.path not in self.plan.states:
                why = tr(
                    "It runs and has no heartbeat: whether its system has started is not known. {reasons}",
                    reasons=no_heartbeat_reasons((vm.system,)),
                )
                yield _not_known(vm.path, why, answers=False)
                said.add(vm.path)
        for path, silent in without_heartbeat(self.topology, self.plan.states):
            if path not in said and path not in self.plan.states:
                yield _not_known(path, not_started_text(silent))

    def _is_in_missing(self, path: MachinePath) -> bool:
        """Whether a machine is a VM that does not exist, or inside one."""
        return any(
            (path[:depth], TargetKind.VM, path[depth].casefold()) in self.missing
            for depth in range(len(path))
        )

    def _why_not_compared(self, item: Deferred) -> str:
        """Return why a machine was not compared.

        A deferred machine that answers was not compared, because the plan first restarts it or its
        host.
        """
        deferred = {each.machine for each in self.plan.deferred}
        within = (item.machine[:depth] for depth in range(1, len(item.machine) + 1))
        waits = any(path in deferred and path in self.plan.states for path in within)
        return tr("Not compared: with `nestlab apply`, {why}", why=item.why) if waits else item.why

    def _of_step(self, step: Step) -> Iterator[Difference]:
        if step.action in POWER_ACTIONS and (step.machine, step.target) in self.changed:
            # Another change may need a VM off for a while; without one, its power state differs.
            return
        kind, name = self._object_of(step)
        if kind is None:
            path = step.machine
            yield self._difference(step, path_text(path), path_text(path))
            return
        part, subject = _place((*step.machine, name), kind)
        if step.action in _CREATED:
            is_switch = kind is TargetKind.SWITCH
            message = tr("The switch does not exist") if is_switch else tr("The VM does not exist")
            finding = Finding("drift", "warning", subject, message, translate(_HINT))
            yield Difference(finding, "missing", part, step)
        elif (step.machine, kind, name.casefold()) not in self.missing:
            yield self._difference(step, subject, part)

    def _difference(self, step: Step, subject: str, part: str) -> Difference:
        message = f"{step.title} ({step.why})"
        finding = Finding("drift", "warning", subject, message, translate(_HINT))
        return Difference(finding, "differs", part, step)

    def _object_of(self, step: Step) -> tuple[TargetKind | None, str]:
        """Return the VM or switch that a step is about; None if it is the machine itself."""
        target = step.target
        if target.kind in (TargetKind.VM, TargetKind.SWITCH):
            return target.kind, target.name
        if target.switch:
            return TargetKind.SWITCH, target.switch
        if target.kind is TargetKind.DISK:
            vms = self.topology.machine(step.machine).vms
            of_disk = (vm.name for vm in vms if f"{step.subject}/".startswith(f"{vm.name}/"))
            name = next(of_disk, "")
            return (TargetKind.VM, name) if name else (None, "")
        return self._switch_of_adapter(step.machine, target.name)

    def _switch_of_adapter(self, path: MachinePath, alias: str) -> tuple[TargetKind | None, str]:
        """Return the switch that an adapter of a machine's Windows is on; None if on none."""
        state: HostState | None = self.plan.states.get(path)
        for switch in self.topology.machine(path).switches:
            own = management_alias(state, switch.name) if state else None
            if alias in (own, switch.management_alias):
                return TargetKind.SWITCH, switch.name
        return None, ""

    def _texts_of(self, left: Remainder) -> tuple[str, str]:
        """Return the message and the hint about something that is left over."""
        subject, topology = left.subject, self.topology.name
        if left.of_others:
            return (
                tr(
                    "{subject} is not in the file of {topology}", subject=subject, topology=topology
                ),
                tr(
                    "Add it to the file, or remove it with `nestlab apply --disconnect-others` if its owner agrees."
                ),
            )
        return (
            tr(
                "{subject} belongs to {topology}, and its file does not name it",
                subject=subject,
                topology=topology,
            ),
            tr(
                "Remove it with `nestlab apply --prune`, which keeps what others use and says which option removes that too; or name it in the file again."
            ),
        )

    def _left_over(self) -> Iterator[Difference]:
        for left in self.plan.remainder:
            message, hint = self._texts_of(left)
            machine, holds = path_text(left.machine), ", ".join(left.holds)
            finding = Finding("left-over", "warning", machine, message, hint, evidence=holds)
            yield Difference(finding, "left-over", machine)


def _not_known(path: MachinePath, why: str, *, answers: bool = True) -> Difference:
    """Return the finding about a machine that was not compared, or not completely.

    With `answers` False, its guest runs and should have answered.
    """
    machine, severity = path_text(path), _UNKNOWN if answers else _NO_ANSWER
    return Difference(Finding("drift-not-known", severity, machine, why), "not-known", machine)
