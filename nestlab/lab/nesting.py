"""Exposing virtualization extensions to a VM that is there already, and hiding them again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nestlab.apply import Journal, OnEvent, Run, StepResult, run_plan
from nestlab.lab import journals
from nestlab.lab.lab import undo
from nestlab.model import HOST, MachinePath
from nestlab.model.state import HostState
from nestlab.observe import observe
from nestlab.plan import Plan, Step, plan_nesting
from nestlab.transport.session import Cancel, Session


@dataclass(frozen=True)
class NestingReport:
    """What became of a change of a VM's virtualization extensions, step by step."""

    vm: str
    enabled: bool
    results: tuple[StepResult, ...]
    journal: Path | None = None

    @property
    def ok(self) -> bool:
        """Whether no step failed."""
        return all(result.ok for result in self.results)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        steps = [result.to_dict() for result in self.results]
        return {"vm": self.vm, "enabled": self.enabled, "ok": self.ok, "journal": str(self.journal or ""), "steps": steps}

    def __repr__(self) -> str:
        verb = "exposed" if self.enabled else "hidden"
        return f"<NestingReport {self.vm}: {verb if self.ok else 'failed'}, {len(self.results)} steps>"

    def __str__(self) -> str:
        nothing = f"{self.vm}: nothing to do, virtualization extensions are {'exposed' if self.enabled else 'hidden'} already"
        return "\n".join(str(result) for result in self.results) or nothing

    def _repr_html_(self) -> str:
        from nestlab.model.html import escape  # noqa: PLC0415  # only notebooks need it

        return f"<pre>{escape(str(self))}</pre>"


class NestingChange:
    """Virtualization extensions of one VM, exposed or hidden: plan it, apply it step by step, undo it.

    The VM need not be nestlab's: whoever names it asks for it to be changed.
    """

    def __init__(self, host: Session, vm_name: str, *, enable: bool, journal: str | Path | None = None) -> None:
        self.host = host
        self.vm_name = vm_name
        self.enable = enable
        self.journal = Path(journal) if journal is not None else None

    def __repr__(self) -> str:
        return f"<NestingChange: {'enable' if self.enable else 'disable'} nesting of {self.vm_name} on {self.host.host}>"

    def plan(self, *, cancel: Cancel | None = None) -> Plan:
        """Return the steps; raises UsageError where there is no such VM, or more than one."""
        return self._plan(self._observe(cancel))

    def _observe(self, cancel: Cancel | None) -> dict[MachinePath, HostState]:
        return {HOST: observe(self.host, machine=HOST, cancel=cancel)}

    def _plan(self, states: dict[MachinePath, HostState] | Any) -> Plan:
        return plan_nesting(states[HOST], self.vm_name, enable=self.enable)

    def apply(
        self,
        plan: Plan | None = None,
        *,
        cancel: Cancel | None = None,
        on_event: OnEvent | None = None,
        confirm: Callable[[Step], bool] | None = None,
    ) -> Iterator[StepResult]:
        """Apply the plan; yield one result a step, and stop after the first that failed."""
        plan = plan or self.plan(cancel=cancel)
        if self.journal is None:
            self.journal = journals.new_path(plan.topology)
        run = Run(
            session=self.host,
            observe=lambda: self._observe(cancel),
            replan=self._plan,
            journal=Journal.begin(self.journal, topology=plan.topology, host=self.host.host, credentials={}),
            cancel=cancel,
            on_event=on_event or (lambda _event: None),
            confirm=confirm,
        )
        yield from run_plan(plan, run)

    def undo(self, *, cancel: Cancel | None = None, on_event: OnEvent | None = None) -> Iterator[StepResult]:
        """Give the VM back the values of before; raises JournalError where nothing was applied."""
        path = self.journal or journals.latest(f"nesting of {self.vm_name}", self.host.host)
        yield from undo(self.host, path, cancel=cancel, on_event=on_event)


def enable_nesting(host: Session, vm_name: str, *, journal: str | Path | None = None) -> NestingReport:
    """Expose virtualization extensions to a VM: stop it where it runs, give it static memory, set the flag, start it again.

    Raises UsageError where there is no such VM, or more than one.
    """
    return _change(host, vm_name, enable=True, journal=journal)


def disable_nesting(host: Session, vm_name: str, *, journal: str | Path | None = None) -> NestingReport:
    """Hide virtualization extensions from a VM. Raises UsageError where there is no such VM, or more than one."""
    return _change(host, vm_name, enable=False, journal=journal)


def _change(host: Session, vm_name: str, *, enable: bool, journal: str | Path | None) -> NestingReport:
    change = NestingChange(host, vm_name, enable=enable, journal=journal)
    plan = change.plan()
    results = tuple(change.apply(plan)) if plan.steps else ()
    return NestingReport(vm_name, enable, results, change.journal if plan.steps else None)
