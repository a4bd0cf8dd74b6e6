"""Resetting: restoring VMs of a lab to checkpoints that an apply created."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nestlab.lab.lab_planner import require_matching
from nestlab.model.topology import Topology
from nestlab.plan import Plan, Step
from nestlab.transport.session import Cancel, Session

if TYPE_CHECKING:
    from nestlab.apply import OnEvent, StepResult
    from nestlab.lab.reset_run import ResetRun


class ResetMixin:
    """The methods of `Lab` that restore VMs to checkpoints."""

    topology: Topology
    host: Session
    journal: Path | None

    def plan_reset(
        self,
        vms: Collection[str] = (),
        *,
        checkpoint: str | None = None,
        delete_others: bool = False,
        cancel: Cancel | None = None,
    ) -> Plan:
        """Return the plan that restores VMs to a checkpoint of the file.

        `vms` are names or machine paths, by default of all VMs with a checkpoint in the file.
        `checkpoint` selects one if a VM has several. VMs that were on are started again. VMs inside
        a nested host are restored with it, which needs `delete_others` if some are of others.
        Checkpoints of others are kept. Raises UsageError if the file has no such VM or checkpoint,
        PlanRefused with a finding for each VM that cannot be restored.
        """
        run = self._reset_run(vms, checkpoint, delete_others, cancel)
        with run.observer() as observer:
            return run.planned(observer.observe_all_machines())

    def reset(
        self,
        plan: Plan | None = None,
        *,
        vms: Collection[str] = (),
        checkpoint: str | None = None,
        delete_others: bool = False,
        cancel: Cancel | None = None,
        on_event: OnEvent | None = None,
        confirm: Callable[[Step], bool] | None = None,
    ) -> Iterator[StepResult]:
        """Restore VMs to a checkpoint; yield one result per step. Pass the options of the plan.

        The same call completes an interrupted reset: VMs that were on before the first call are
        started. Raises the errors of `plan_reset` and `apply`.
        """
        require_matching(plan, self.topology, self.host)
        run = self._reset_run(vms, checkpoint, delete_others, cancel)
        yield from run.run(plan, on_event, confirm)

    def _reset_run(
        self,
        vms: Collection[str],
        checkpoint: str | None,
        delete_others: bool,  # noqa: FBT001  # a consent, passed on
        cancel: Cancel | None,
    ) -> ResetRun:
        from nestlab.lab.reset_run import ResetRun, on_before  # noqa: PLC0415  # only a reset needs it
        from nestlab.plan.reset_refusals import reset_targets  # noqa: PLC0415  # as above

        names = (vms,) if isinstance(vms, str) else vms
        targets = reset_targets(self.topology, names, checkpoint)
        known = on_before(self.topology.name, self.host)
        return ResetRun(
            self.topology, self.host, targets, known, delete_others=delete_others, cancel=cancel
        )
