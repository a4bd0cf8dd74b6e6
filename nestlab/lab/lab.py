"""The lab: a topology on a host, with its cycle: observe, check, plan, apply, verify, undo."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager as ContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from nestlab.dataclass import replace
from nestlab.lab import journal_folder
from nestlab.lab.adopting import AdoptionMixin
from nestlab.lab.lab_observation import observe_lab
from nestlab.lab.lab_planner import LabPlanner, require_matching
from nestlab.lab.observer import Observer, observer_of
from nestlab.lab.resetting import ResetMixin
from nestlab.lab.undo_history import with_past_runs
from nestlab.model import MachinePath
from nestlab.model.state import HostState
from nestlab.model.topology import Topology
from nestlab.observe import ParentCache
from nestlab.plan import InnerVM, Plan, Step, refuse_missing_rights
from nestlab.transport.session import Cancel, Session
from nestlab.visible import visible

if TYPE_CHECKING:
    from nestlab.apply import OnEvent, StepResult
    from nestlab.lab.destroy_run import DestroyRun
    from nestlab.lab.host_check import CheckFindings
    from nestlab.lab.verify_report import VerifyReport

WORKERS = 12
"""The number of machines on which an apply runs steps in parallel. Each worker uses a shell of the
host, and WinRM allows 30 shells per user."""


class Lab(AdoptionMixin, ResetMixin):
    """A topology on a host.

    Args:
        topology: The desired state.
        host: A session, from `nestlab.connect`.
        journal: The file for the journal of runs. Without it, each apply begins a new file in the
            folder of the journals (see `nestlab.lab.journal_folder`), and undo takes the newest
            journal of this topology on this host.
    """

    def __init__(
        self, topology: Topology, host: Session, journal: str | Path | None = None
    ) -> None:
        self.topology = topology
        self.host = host
        self.journal = Path(journal) if journal is not None else None

    def __repr__(self) -> str:
        return visible(f"<Lab {self.topology.name} on {self.host.host}>")

    def _repr_html_(self) -> str:
        from nestlab.html import rich_html  # noqa: PLC0415  # only notebooks need it

        return rich_html(__name__, self)

    def observe(self, *, cancel: Cancel | None = None) -> dict[MachinePath, HostState]:
        """Return the states of the host and of each Windows guest of the topology that answers."""
        return observe_lab(self.host, self.topology, cancel=cancel)

    def check(self, *, cancel: Cancel | None = None) -> CheckFindings:
        """Return the findings on whether this topology fits on this host.

        The findings are about the topology, the host with its guests, and how the two fit.
        Everything is observed once; the `states` of the findings have what was observed.
        """
        from nestlab.lab.topology_check import check_on_host  # noqa: PLC0415  # a plan needs none

        return check_on_host(self.topology, self.host, cancel)

    def plan(
        self,
        *,
        prune: bool = False,
        recreate: Collection[str] = (),
        disconnect_others: bool = False,
        delete_others: bool = False,
        cancel: Cancel | None = None,
    ) -> Plan:
        """Return the plan of the changes on the host.

        Objects that the topology owns there and its file no longer names are in the plan's
        `remainder`; `prune` removes them. `recreate` names VMs, also by path, that may be deleted
        with their disks and created again: those with a setting that cannot change in place, and
        those whose guests nestlab sets up and cannot read, as after a first boot that failed.
        Removing a nested host with others' VMs inside needs `delete_others`, removing switches that
        others use or adapters that may be theirs, `disconnect_others`. Raises PlanRefused if
        findings of severity error block the plan, UsageError for a VM that is not in the file.
        """
        planner = self._with_history(LabPlanner(self.topology, prune=prune, recreate=recreate))
        others = {"disconnect_others": disconnect_others, "delete_others": delete_others}
        planner = replace(planner, **others)  # type: ignore[arg-type]  # mypy takes bool for every field
        with self._observer(planner, planner.parent_cache(), cancel) as observer:
            return planner.check_and_plan(observer.observe_all_machines())

    def _observer(
        self, planner: LabPlanner, cache: ParentCache | None, cancel: Cancel | None
    ) -> ContextManager[Observer]:
        return observer_of(
            self.topology,
            self.host,
            cancel,
            parent_cache=cache,
            scope=planner.scope,
            refused=planner.refused,
            with_removed=planner.prune,
            credentials=planner.credentials or None,
        )

    def apply(
        self,
        plan: Plan | None = None,
        *,
        cancel: Cancel | None = None,
        on_event: OnEvent | None = None,
        confirm: Callable[[Step], bool] | None = None,
        workers: int = WORKERS,
    ) -> Iterator[StepResult]:
        """Apply a plan (by default a new one); yield one result per step, as they end.

        Deferred machines are planned and applied as well. The steps of a machine run in order; up
        to `workers` machines run steps in parallel: 1 runs one step at a time. After a failed step
        none is started, and the failure is yielded last. A guest that does not answer is left out:
        the others go on. `confirm` is called before each step.

        Raises:
            PlanRefused: Findings of severity error block the plan.
            StalePlan: The host has changed since the plan was made, in a way that affects it.
            PlanFileError: The plan is for another host, or for another topology than this lab's.
            Cancelled: `cancel` was set, or `confirm` returned false.
            CredentialNotUsable: Credentials are missing, or unusable for accounts of new guests.
            GuestCredentialRefused: Guests refuse their credential. The other machines are done.
            GuestUnreachable: Guests did not answer in time. The other machines are done.
        """
        from nestlab.apply import FRESH_SECONDS, ignore_event, require_other_work  # noqa: PLC0415  # a plan needs none
        from nestlab.lab.apply_context import apply_context, run_with_journal  # noqa: PLC0415

        require_matching(plan, self.topology, self.host)
        planner = self._with_history(LabPlanner.for_plan(self.topology, plan))
        cache = planner.parent_cache()
        with (
            journal_folder.topology_lock(self.topology.name, self.host),
            self._observer(planner, cache, cancel) as observer,
        ):
            states = observer.observe_all_machines(within=FRESH_SECONDS)
            if plan is not None:
                refuse_missing_rights(plan.steps, states)
            plan = plan or planner.check_and_plan(states)
            context = replace(
                apply_context(self.host, planner, observer, cache, cancel),
                on_event=on_event or ignore_event,
                confirm=confirm,
                workers=workers,
            )
            require_other_work(plan, context.refusals(plan))
            yield from run_with_journal(self.topology, plan, context, self.journal)

    def _with_history(self, planner: LabPlanner) -> LabPlanner:
        planner = with_past_runs(planner, self.host, self.journal)
        known = self._credentials() if planner.prune else {}
        return replace(planner, inner_vms=self._inner_vms_to_restore(), credentials=known)

    def _inner_vms_to_restore(self) -> dict[MachinePath, tuple[InnerVM, ...]]:
        return journal_folder.inner_vms_to_restore(self.topology.name, self.host, self.journal)

    def verify(
        self, *, cancel: Cancel | None = None, on_event: OnEvent | None = None
    ) -> VerifyReport:
        """Return the results of the topology's checks on the live machines.

        It waits for guests that have just been started, see `verify_when_up`.
        """
        from nestlab.lab.starting_guests import verify_when_up  # noqa: PLC0415  # imports traces

        return verify_when_up(self.topology, self.host, cancel, on_event)

    def export(
        self,
        path: str | Path,
        *,
        to: str,
        journal: str | Path | None = None,
        force: bool = False,
        cancel: Cancel | None = None,
    ) -> Path:
        """Write a document of this lab, for its host, and return its path: `export_topology`."""
        from nestlab.lab.lab_document import write_lab_document  # noqa: PLC0415  # imports the writers of all documents

        return write_lab_document(self, path, to=to, journal=journal, force=force, cancel=cancel)

    def with_observed_switches(self, *, cancel: Cancel | None = None) -> Topology:
        """Return the topology with its existing switches as observed on the host, for tracing.

        Each has the type, address, NAT and DHCP scope that was observed.
        """
        from nestlab.reachability import with_observed_switches  # noqa: PLC0415  # imports traces

        states = observe_lab(self.host, self.topology, cancel=cancel, scope="own")
        return with_observed_switches(self.topology, states)

    def undo(
        self,
        journal: str | Path | None = None,
        *,
        disconnect_others: bool = False,
        delete_others: bool = False,
        cancel: Cancel | None = None,
        on_event: OnEvent | None = None,
    ) -> Iterator[StepResult]:
        """Undo a journal, last step first, with its recorded values; yield one result per step.

        Like `nestlab.undo`; by default the journal that `latest_to_undo` returns.
        """
        from nestlab.lab import undoable_journals, undoing  # noqa: PLC0415  # a plan needs none

        find = undoable_journals.latest_to_undo
        path = journal or self.journal or find(self.topology.name, self.host)
        yield from undoing.undo(
            self.host,
            path,
            disconnect_others=disconnect_others,
            delete_others=delete_others,
            cancel=cancel,
            on_event=on_event,
        )

    def plan_destroy(
        self,
        *,
        disconnect_others: bool = False,
        delete_others: bool = False,
        cancel: Cancel | None = None,
    ) -> Plan:
        """Return the plan that removes everything that this topology created on the host.

        It keeps parents of other disks; without `disconnect_others`, switches that other VMs are
        connected to; without `delete_others`, nested hosts with others' VMs inside. It names the
        guests that cannot be read. Raises PlanRefused if the host cannot be read in full.
        """
        return self._destroy_run(disconnect_others, delete_others, cancel).plan()

    def destroy(
        self,
        plan: Plan | None = None,
        *,
        disconnect_others: bool = False,
        delete_others: bool = False,
        cancel: Cancel | None = None,
        on_event: OnEvent | None = None,
        confirm: Callable[[Step], bool] | None = None,
    ) -> Iterator[StepResult]:
        """Remove what this topology created on the host, and nothing else; yield a result per step.

        It keeps what `plan_destroy` keeps; pass the same consents as for the plan.
        """
        destroy_run = self._destroy_run(disconnect_others, delete_others, cancel)
        yield from destroy_run.run(plan, on_event, confirm)

    def _destroy_run(
        self,
        disconnect_others: bool,  # noqa: FBT001  # a consent that is passed on
        delete_others: bool,  # noqa: FBT001  # as above
        cancel: Cancel | None,
    ) -> DestroyRun:
        from nestlab.lab.destroy_run import DestroyRun  # noqa: PLC0415  # a plan needs none

        planner = LabPlanner(
            self.topology,
            disconnect_others=disconnect_others,
            delete_others=delete_others,
            credentials=self._credentials(),
        )
        planner = with_past_runs(planner, self.host, self.journal)
        return DestroyRun(planner, self.host, cancel, self.journal)

    def _credentials(self) -> dict[MachinePath, str]:
        """Return the credentials of guests, including those that only journals name."""
        return journal_folder.guest_credentials(self.topology, self.host, self.journal)
