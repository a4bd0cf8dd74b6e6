"""Exposing virtualization extensions to a VM that is there already, and hiding them again."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from nestlab.apply import Journal, OnEvent, Run, StepResult, run_plan
from nestlab.errors import PlanRefused
from nestlab.lab import journal_folder
from nestlab.lab.nesting_history import DISABLING, ENABLING, TOPOLOGY_PREFIX, NestingHistory
from nestlab.lab.shutdown_retry import SHUTDOWN_SECONDS, ShutdownRetry
from nestlab.lab.undoing import undo_nesting
from nestlab.model import HOST, Findings, MachinePath, Size
from nestlab.model.state import HostState
from nestlab.observe import identify, observe
from nestlab.plan import Action, NestingOptions, Plan, PreviousState, Step, plan_nesting
from nestlab.plan.nesting_steps import distinct_names, find_vm
from nestlab.plan.site import same_name
from nestlab.rules import host_findings, obstacles
from nestlab.rules.evidence import vms_of
from nestlab.rules.host.memory import memory_to_start_again
from nestlab.transport.session import Cancel, Session
from nestlab.visible import visible


@dataclass(frozen=True)
class NestingReport:
    """What became of a change of a VM's virtualization extensions, step by step."""

    vm: str
    enabled: bool
    results: tuple[StepResult, ...]
    journal: Path | None = None
    notes: tuple[
        str, ...
    ] = ()  # what stays as it is although somebody may want it changed, and what is not known

    @property
    def ok(self) -> bool:
        """Whether no step failed."""
        return all(result.ok for result in self.results)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        steps = [result.to_dict() for result in self.results]
        return {
            "vm": self.vm,
            "enabled": self.enabled,
            "ok": self.ok,
            "journal": str(self.journal or ""),
            "steps": steps,
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        verb = "exposed" if self.enabled else "hidden"
        return visible(
            f"<NestingReport {self.vm}: {verb if self.ok else 'failed'}, {len(self.results)} steps>"
        )

    def __str__(self) -> str:
        nothing = f"{self.vm}: nothing to do, virtualization extensions are {'exposed' if self.enabled else 'hidden'} already"
        return visible(
            "\n".join(
                [
                    *map(str, self.results),
                    *(() if self.results else (nothing,)),
                    *(f"! {note}" for note in self.notes),
                ]
            )
        )

    def _repr_html_(self) -> str:
        from nestlab.html import preformatted  # noqa: PLC0415  # only notebooks need it

        return preformatted(self)


class NestingChange:
    """Virtualization extensions of one VM or several, exposed or hidden: plan it, apply it step by step, undo it.

    The VMs need not be nestlab's: whoever names them asks for them to be changed. Interrupted at
    any point, the same change made again goes on, and gives each VM the power state that it had at
    first: the journals remember.

    Args:
        host: The host of the VMs.
        vm_names: One name, or several; names are not patterns.
        enable: Expose the extensions; false hides them and brings back the values that enabling had
            changed.
        journal: The file that remembers. Without one each change begins a new file in the folder of
            the journals.
        shutdown_seconds: How long a guest is asked to shut down before the change stops, or with
            `turn_off` cuts its power.
        force: Change the VM even where its host would refuse to start it then.
        options: The other fields of `NestingOptions`, by name.
    """

    def __init__(
        self,
        host: Session,
        vm_names: str | Sequence[str],
        *,
        enable: bool,
        journal: str | Path | None = None,
        shutdown_seconds: float = SHUTDOWN_SECONDS,
        force: bool = False,
        **options: Any,
    ) -> None:
        self.host = host
        self.vm_names = distinct_names(vm_names)
        self.options = NestingOptions(enable=enable, **options)
        self.journal = Path(journal) if journal is not None else None
        self.shutdown_seconds = shutdown_seconds
        self.force = force
        self._asked_for = self.journal
        self._previous: Mapping[str, PreviousState] = {}
        self.notes: tuple[
            str, ...
        ] = ()  # of the last plan: what stays as it is, and what is not known
        self.timed_out_vm = (
            ""  # the VM that did not shut down in time, and nobody agreed to turn it off
        )

    @property
    def enable(self) -> bool:
        """Whether the extensions are to be exposed."""
        return self.options.enable

    def __repr__(self) -> str:
        return visible(
            f"<NestingChange: {'enable' if self.enable else 'disable'} nesting of {', '.join(self.vm_names)} on {self.host.host}>"
        )

    def plan(self, *, cancel: Cancel | None = None) -> Plan:
        """Return the steps.

        Raises:
            UsageError: A name is not exactly one VM's; a VM is saved and nobody agreed to discard
                that.
            PlanRefused: This host would not start the VM then; `force` does it all the same.
        """
        states = self._observe(cancel)
        state = states[HOST]
        names = [find_vm(state, name).name for name in self.vm_names]
        if self.enable and not self.force:
            findings = nesting_findings(state, names, self.options.memory_startup)
            if not findings.ok:
                raise PlanRefused(findings)
        self._previous = _with_power_of_now(
            NestingHistory.of(self.host, self._asked_for).previous(names, state), state
        )
        plan = self._plan(states)
        self.notes = (
            tuple(f"{item.subject}: {item.why}" for item in plan.unchanged) if plan.steps else ()
        )
        return plan

    def _observe(self, cancel: Cancel | None) -> dict[MachinePath, HostState]:
        return {HOST: observe(self.host, machine=HOST, cancel=cancel)}

    def with_turn_off(self) -> NestingChange:
        """Return this change to go on with, now that somebody agreed to turn the VM off that did not shut down."""
        options = replace(
            self.options, turn_off_now=(*self.options.turn_off_now, self.timed_out_vm)
        )
        change = NestingChange(
            self.host,
            self.vm_names,
            enable=options.enable,
            journal=self.journal,
            shutdown_seconds=self.shutdown_seconds,
            force=self.force,
        )
        change.options = options
        return change

    def _plan(
        self, states: Mapping[MachinePath, HostState], turn_off_now: Sequence[str] = ()
    ) -> Plan:
        options = replace(self.options, turn_off_now=(*self.options.turn_off_now, *turn_off_now))
        return plan_nesting(states[HOST], self.vm_names, options=options, previous=self._previous)

    def apply(
        self,
        plan: Plan | None = None,
        *,
        cancel: Cancel | None = None,
        on_event: OnEvent | None = None,
        confirm: Callable[[Step], bool] | None = None,
    ) -> Iterator[StepResult]:
        """Apply the plan; yield one result a step, and stop after the first that failed.

        A guest that does not shut down is asked again until the time is over. Then the change
        stops, with nothing cut off, unless `turn_off` was agreed to. Raises StalePlan, Cancelled,
        and what `plan` raises.
        """
        plan = plan or self.plan(cancel=cancel)
        history = NestingHistory.of(self.host, self._asked_for)
        self._forget_outdated(history, plan)
        if self.journal is None:
            self.journal = journal_folder.new_path(plan.topology[:80], self.host)
        journal = Journal(self.journal)
        shutdown = ShutdownRetry(
            self.host, self.shutdown_seconds, cancel, on_event or (lambda _event: None)
        )
        consent = _ask_once_a_step(confirm)

        def run(turn_off_now: Sequence[str]) -> Run:
            return Run(
                session=self.host,
                observe=lambda: self._observe(cancel),
                replan=lambda states: self._plan(states, turn_off_now),
                identify=partial(identify, topology=plan.topology, cancel=cancel),
                journal=journal,
                cancel=shutdown,
                on_event=shutdown.on_event,
                confirm=consent,
            )

        with journal.locked():
            where = {"host": self.host.host, "identity": journal_folder.identity(self.host)}
            Journal.begin(journal.path, topology=plan.topology, credentials={}, **where)
            if (yield from self._attempts(plan, run, shutdown)):
                history.forget(self.vm_names, DISABLING if self.enable else ENABLING)
            shutdown.finish()

    def _attempts(
        self, plan: Plan, run: Callable[..., Run], shutdown: ShutdownRetry
    ) -> Generator[StepResult, None, bool]:
        """Yield the results of one attempt after another, until nothing is left to do or nothing helps; return whether all is done."""
        unresponsive: list[
            str
        ] = []  # they had their time, and it was agreed that they are turned off then
        while plan.steps:
            failed = yield from shutdown.attempt(run_plan(plan, run(unresponsive)), plan)
            if failed is None:
                break
            if failed.step.action != Action.SHUT_DOWN_VM:
                yield shutdown.give_up(failed)
                return False
            vm = failed.step.thing.name
            if not shutdown.is_over(vm):
                shutdown.wait_a_little()
            elif self.options.turn_off:
                unresponsive.append(vm)
            else:
                self.timed_out_vm = vm
                yield shutdown.give_up(failed)
                return False
            plan = self._plan(self._observe(shutdown), unresponsive)
        return True

    def _forget_outdated(self, history: NestingHistory, plan: Plan) -> None:
        hyper_v = plan.states[HOST].hyper_v
        hidden = [
            vm.name
            for vm in (hyper_v.vms if hyper_v else ())
            if not vm.expose_virtualization_extensions
        ]
        if self.enable:
            history.forget(
                [
                    name
                    for name in self.vm_names
                    if any(same_name(name, vm) for vm in hidden) and history.is_outdated(name)
                ],
                ENABLING,
            )

    def undo(
        self, *, cancel: Cancel | None = None, on_event: OnEvent | None = None
    ) -> Iterator[StepResult]:
        """Give the VMs back the values of before; raises JournalError where nothing was applied.

        A guest that is still starting is waited for, as long as one that shuts down.
        """
        path = self.journal or journal_folder.latest(
            f"{TOPOLOGY_PREFIX}{', '.join(self.vm_names)}", self.host
        )
        yield from undo_nesting(
            self.host, path, seconds=self.shutdown_seconds, cancel=cancel, on_event=on_event
        )


def nesting_findings(
    state: HostState, vm_names: Sequence[str], memory_startup: Size | None = None
) -> Findings:
    """Return what would keep these VMs from starting once the extensions are exposed: all of it errors."""
    chosen = [find_vm(state, name) for name in vm_names]
    found = [
        finding
        for vm in chosen
        if not vm.expose_virtualization_extensions
        for finding in obstacles(state, vm)
    ]
    versions = [
        replace(finding, severity="error")
        for finding in found
        if finding.code == "vm-version-too-old"
    ]
    hidden = any(not vm.expose_virtualization_extensions for vm in chosen)
    wanted = {
        vm.name: memory_startup or vm.memory_startup
        for vm in chosen
        if vm.state in ("Running", "Starting", "Paused")
    }
    same = {
        vm.name
        for vm in chosen
        if vm.expose_virtualization_extensions and wanted.get(vm.name) == vm.memory_startup
    }
    restarted = {name: memory for name, memory in wanted.items() if name not in same}
    return Findings(
        [
            *(platform_findings(state) if hidden else ()),
            *versions,
            *memory_to_start_again(state, restarted),
        ]
    )


def platform_findings(state: HostState) -> Findings:
    """Return why this machine starts no VM at all that has the extensions; empty where it does."""
    return Findings(
        [
            finding
            for finding in host_findings(state)
            if finding.code in _PLATFORM and finding.severity == "error"
        ]
    )


def _ask_once_a_step(confirm: Callable[[Step], bool] | None) -> Callable[[Step], bool]:
    """Return `confirm` with a memory for each yes: a guest that is asked again to shut down is nothing new to agree to."""
    agreed: set[str] = set()

    def ask(step: Step) -> bool:
        if step.id not in agreed and (confirm is None or confirm(step)):
            agreed.add(step.id)
        return step.id in agreed

    return ask


_PLATFORM = ("processor-not-supported", "build-too-old", "version-not-supported")


def _with_power_of_now(
    previous: Mapping[str, PreviousState], state: HostState
) -> dict[str, PreviousState]:
    """Return what was remembered, with the power states of now where nothing is owed: the plan is recreated on the way."""
    now = {
        vm.name: {"Running": "Running", "Starting": "Running", "Paused": "Paused"}.get(vm.state, "")
        for vm in vms_of(state)
    }
    return {
        name: value if value.state else replace(value, state=now[name])
        for name, value in previous.items()
    }


def enable_nesting(
    host: Session,
    vm_name: str | Sequence[str],
    *,
    journal: str | Path | None = None,
    **options: Any,
) -> NestingReport:
    """Expose virtualization extensions to VMs: shut down what runs, give static memory, set the flag, start again what ran.

    Takes the options of `NestingChange`. Raises UsageError where a name is not exactly one VM's, or
    a VM is saved; PlanRefused where the host would not start the VM then.
    """
    return _change(NestingChange(host, vm_name, enable=True, journal=journal, **options))


def disable_nesting(
    host: Session,
    vm_name: str | Sequence[str],
    *,
    journal: str | Path | None = None,
    **options: Any,
) -> NestingReport:
    """Hide virtualization extensions from VMs, and bring back the memory, processors and adapter settings that enabling changed.

    Raises UsageError where a name is not exactly one VM's, or a VM is saved.
    """
    return _change(NestingChange(host, vm_name, enable=False, journal=journal, **options))


def _change(change: NestingChange) -> NestingReport:
    plan = change.plan()
    results = tuple(change.apply(plan)) if plan.steps else ()
    return NestingReport(
        ", ".join(change.vm_names),
        change.enable,
        results,
        change.journal if plan.steps else None,
        change.notes,
    )
