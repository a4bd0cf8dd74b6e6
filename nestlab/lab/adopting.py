"""Adoption: objects of a host that match the file of a lab become part of that lab."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nestlab.model.topology import Topology
from nestlab.plan import Plan, Step
from nestlab.transport.session import Cancel, Session

if TYPE_CHECKING:
    from nestlab.apply import OnEvent, StepResult
    from nestlab.lab.adopt_run import AdoptRun


class AdoptionMixin:
    """The methods of `Lab` that adopt objects which nestlab did not create."""

    topology: Topology
    host: Session
    journal: Path | None

    def plan_adopt(self, *, only: Collection[str] = (), cancel: Cancel | None = None) -> Plan:
        """Return the plan that marks objects that match the file as owned by this topology.

        They are marked at every level. From then on, `apply` changes them, and `destroy` removes
        them, except for disks that nestlab did not create. `only` lists the names or machine paths
        of the VMs and switches to mark, by default all in the file; in a lab that nestlab built,
        only those in `only` are added. The plan's `warnings` say what cannot be adopted, and why.
        Raises UsageError if the file has no such name.
        """
        return self._adopt_run(only, cancel).plan()

    def adopt(
        self,
        plan: Plan | None = None,
        *,
        only: Collection[str] = (),
        cancel: Cancel | None = None,
        on_event: OnEvent | None = None,
        confirm: Callable[[Step], bool] | None = None,
    ) -> Iterator[StepResult]:
        """Mark objects that match the file as owned by this topology; yield one result per step.

        The mark is added to the Notes, and `undo` restores them. Pass the `only` of the plan.
        Raises the errors of `apply`.
        """
        yield from self._adopt_run(only, cancel).run(plan, on_event, confirm)

    def _adopt_run(self, only: Collection[str], cancel: Cancel | None) -> AdoptRun:
        from nestlab.lab.adopt_run import AdoptRun  # noqa: PLC0415  # only an adoption needs it

        return AdoptRun(self.topology, self.host, self.journal, only, cancel)
