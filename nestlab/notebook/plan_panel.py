"""The plan of a lab: inspect it, apply it step by step, cancel, verify, undo, reset, destroy."""

from __future__ import annotations

import threading
from collections.abc import Collection, Generator
from functools import partial
from typing import Any

import ipywidgets

from nestlab.apply import StepResult
from nestlab.errors import PlanRefused, StalePlan
from nestlab.lab import Lab, journal_folder
from nestlab.lab.expected_run import expected_run
from nestlab.lab.starting_guests import starting_guests
from nestlab.model import MachinePath
from nestlab.notebook import plan_status
from nestlab.notebook.applied import Applied
from nestlab.notebook.apply_session import ApplySession, RunState
from nestlab.notebook.arguments import require_lab
from nestlab.notebook.deletion_consent import DeletionConsent
from nestlab.notebook.job import Job, JobResult
from nestlab.notebook.panel import cell_styled
from nestlab.notebook.plan_controls import PlanActions, deletion_question_html
from nestlab.notebook.plan_status import StatusMessage
from nestlab.notebook.remaining_work import expected_total
from nestlab.notebook.reversing import ReversingPanel
from nestlab.notebook.undoable import undoable_journal
from nestlab.plan import Plan
from nestlab.texts import tr


class PlanPanel(ReversingPanel):
    """The steps that a lab still needs, with buttons to run one or all of them.

    The plan is made in the background. Everything that one panel applies goes into one journal, so
    that *Undo* restores it as a whole.
    """

    def __init__(self, lab: Lab) -> None:
        lab = require_lab(lab, type(self).__name__)
        journal = lab.journal or journal_folder.new_path(lab.topology.name, lab.host)
        self.lab = Lab(lab.topology, lab.host, journal)
        self._consent = DeletionConsent()
        self._session: ApplySession | None = None
        self._one_step = False
        self._still_starting: tuple[MachinePath, ...] = ()
        self._knows_run = False
        super().__init__(Plan(lab.topology.name, lab.host.host), self._actions())
        self.attempt(self.plan_again)

    def _actions(self) -> PlanActions:
        return PlanActions(
            button=self.button,
            next_step=partial(self._request, one=True),
            all_steps=partial(self._request, one=False),
            plan=self.plan_again,
            verify=self.verify,
            ask_undo=self._ask_undo,
            undo=self._undo_confirmed,
            ask_reset=self._ask_reset,
            reset=self._reset_confirmed,
            ask_destroy=self._ask_destroy,
            destroy=self._destroy_confirmed,
            delete=partial(self._run_requested, delete=True),
            forget_run=self._forget_run,
            replan=self._replan,
        )

    def unavailable(self) -> Collection[ipywidgets.Widget]:
        """Return the buttons and boxes that do not apply now."""
        nothing_left = self._session is None and self.plan.is_empty
        apply = (self.buttons.next_step, self.buttons.apply) if nothing_left else ()
        can_undo = undoable_journal(self.lab) is not None
        undo = () if can_undo else (self.buttons.undo,)
        destroy = () if can_undo or self.may_have_objects() else (self.buttons.destroy,)
        return (*apply, *self.choices.unavailable(), *undo, *destroy)

    def plan_again(self) -> Job:
        """Observe the host and plan again, in the background."""

        def work(cancel: threading.Event) -> Generator[str, None, Plan]:
            yield "planning"
            return self._make_new_plan(cancel)

        self._forget_questions()
        self.report.value, text = "", tr("Comparing the host with the topology …")
        return self.start(text, work, on_event=_ignore, on_end=self._planned)

    def apply_next(self, *, delete: bool = False) -> Job:
        """Apply the next step; `delete` confirms the steps of the plan that delete data.

        Raises UsageError if such steps were not confirmed.
        """
        return self._apply(tr("Applying the next step …"), one=True, delete=delete)

    def apply_all(self, *, delete: bool = False) -> Job:
        """Apply the remaining steps in order; `delete` as in `apply_next`."""
        return self._apply(tr("Applying …"), one=False, delete=delete)

    def run_to_end(self, timeout: float | None = None) -> Applied:
        """Apply all steps, as the button does, but wait for the end and return the applied steps.

        A failed step is in the returned value. Raises the errors that occur outside of steps, and
        UsageError where steps delete data and the user has not confirmed that in the panel.
        """
        if self.job is not None:
            self.job.join(timeout)
        if self._session is None:
            self.show_plan(self._make_plan())  # other cells may have changed the host since
        job = self.apply_all()
        job.join(timeout)
        if job.result is not None and job.result.error is not None:
            raise job.result.error
        return Applied(tuple(self.results), self.plan, self.steps.rows())

    def verify(self) -> Job:
        """Run the checks of the topology on the live VMs."""

        def work(cancel: threading.Event) -> Generator[str, None, Any]:
            yield "verifying"
            return self.lab.verify(cancel=cancel, on_event=self._progress.event)

        def end(result: JobResult) -> None:
            self._progress.stop()
            if result.state == "cancelled":
                self.show_status(StatusMessage("cancelled", tr("Stopped.")))
            elif result.state == "done":
                report = result.value
                self.report.value = cell_styled(report._repr_html_()) if len(report) else ""
                self.show_status(plan_status.verified(report))

        text = tr("Running the checks on the live VMs …")
        return self.start(text, work, on_event=_ignore, on_end=end)

    def cancel(self) -> None:
        """Stop after the current step."""
        if self.busy and self._session is not None:
            self._session.stop()
        super().cancel()

    # -- questions

    def _request(self, *, one: bool) -> None:
        self._one_step = one
        missing = self._consent.missing(self.plan)
        self.hide_questions()
        if missing:
            self.deletion_question.ask(deletion_question_html(missing))
        else:
            self._run_requested()

    def _run_requested(self, *, delete: bool = False) -> None:
        self.hide_questions()
        run = self.apply_next if self._one_step else self.apply_all
        run(delete=delete)

    def _forget_questions(self) -> None:
        self._consent.withdraw()
        self.hide_questions()

    # -- the plan

    def _make_plan(self, cancel: threading.Event | None = None) -> Plan:
        return self.choices.plan(self.lab, cancel)

    def _make_new_plan(self, cancel: threading.Event | None = None) -> Plan:
        """Return a plan, and remember which of its guests are still starting."""
        plan = self._make_plan(cancel)
        self._still_starting = starting_guests(plan, self.lab.host, cancel)
        if plan.deferred and not self._knows_run:
            self._expected, self._knows_run = expected_run(self.lab, cancel=cancel), True
        return plan

    def _planned(self, result: JobResult) -> None:
        if result.state == "done":
            self._show_new(result.value)
        elif isinstance(result.error, PlanRefused):
            self._session, self.results = None, []
            self.show_refusal(result.error)
        else:
            self.choices.restore(self.plan)
            if result.state == "cancelled":
                self.show_status(plan_status.STOPPED_PLANNING)

    def _show_new(self, plan: Plan) -> None:
        """Show a new plan, and forget what was applied before it."""
        self._session, self.results = None, []
        self.steps.show([])
        self.show_plan(plan)
        self.choices.offer_unreadable(plan, self._still_starting)
        self.show_status(plan_status.planned(plan, self._still_starting, self.work()))

    def _replan(self) -> bool:
        """Plan again at once; return whether there is a plan."""
        try:
            self._show_new(self._make_new_plan())
        except PlanRefused as refused:
            self.show_refusal(refused)
            return False
        return True

    # -- running

    def _apply(self, text: str, *, one: bool, delete: bool) -> Job:
        if delete:
            self._consent.give(self.plan)
        self._consent.require(self.plan)

        def work(cancel: threading.Event) -> Generator[StepResult, None, RunState]:
            if self._session is None:
                self._session = ApplySession(
                    self.lab,
                    self.plan,
                    self._make_plan,
                    on_event=self._progress.event,
                    confirm=self._consent.covers,
                )
            return (yield from self._session.advance(cancel, one=one))

        self.report.value = self.tree.value = ""  # the progress says what is left while it runs
        self._expect()
        return self.start(text, work, on_event=self._finished_step, on_end=self._applied)

    def _expect(self) -> None:
        """Tell the progress what the run is expected to do, where parts are planned later."""
        done, left = sum(result.ok for result in self.results), expected_total(self.work())
        has_later = bool(self.plan.deferred) or self._session is not None
        total = done + left if has_later and left is not None else None
        self._progress.expect(self._expected, done, total)

    def _applied(self, result: JobResult) -> None:
        if isinstance(result.error, StalePlan):
            if self._replan():
                text = str(result.error).splitlines()[0]
                hint = tr("Planned again: check the new steps, then apply.")
                self.show_status(StatusMessage("warning", text, hint))
            return
        self._progress.stop()
        run = result.value if isinstance(result.value, RunState) else None
        session = self._session
        if run is None or run.ended:
            self._session = None
        if run is None and session is not None:
            self.show_plan(session.remaining)
        elif run is not None and run.refused is not None:
            self.show_refusal(run.refused)
        elif run is not None and run.remaining is not None:
            self.show_plan(run.remaining)
            asks = bool(self._consent.missing(self.plan))
            ended = plan_status.applied(self.results, run, self.plan, self.work(), asks=asks)
            self.show_status(ended)
            if self.plan.is_empty:
                self._session = None

    def _forget_run(self) -> None:
        self._session, self.results = None, []
        self._forget_questions()
        self.steps.show([])


def _ignore(_event: Any) -> None:
    """Ignore the events of a short job; its status line says that it runs."""
