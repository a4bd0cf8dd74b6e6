"""The plan of a lab in the page: look, apply step by step, cancel, verify, undo, destroy."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Generator, Iterator
from typing import Any

import ipywidgets

from nestlab.apply import Journal, StepResult
from nestlab.apply.undoing import undo_steps
from nestlab.errors import JournalError, PlanRefused, StalePlan, UsageError
from nestlab.html import Html, escape
from nestlab.lab import Lab, journals
from nestlab.model.machine import path_text
from nestlab.notebook.applied import Applied
from nestlab.notebook.confirm import Confirm
from nestlab.notebook.findings_view import findings_html
from nestlab.notebook.job import Ending, Job
from nestlab.notebook.panel import Panel, prose, row
from nestlab.notebook.plan_choices import (
    CUT_OFF,
    PlanChoices,
    deleting,
    in_the_page,
    kept_html,
    open_html,
    question,
)
from nestlab.notebook.progress import AT_THE_STEP, Progress, counted
from nestlab.notebook.steps import StepList, steps_html
from nestlab.plan import Plan, Step


class PlanPanel(Panel):
    """The steps that a lab still needs, with buttons to take them one at a time or to the end.

    All that one panel applies goes into one journal, so that *Undo* takes it back as a whole.
    """

    def __init__(self, lab: Lab) -> None:
        self.lab = Lab(
            lab.topology, lab.host, lab.journal or journals.new_path(lab.topology.name, lab.host)
        )
        self.plan = Plan(lab.topology.name, lab.host.host)
        self.results: list[StepResult] = []
        self.steps = StepList()
        self.left_open = ipywidgets.HTML()
        self.answer = ipywidgets.HTML()
        self.choices = PlanChoices(lambda: self.attempt(self.plan_again))
        self.next_button = self.button(
            "Next step", "Apply one step", lambda: self._ask_first(one=True), style="primary"
        )
        self.apply_button = self.button(
            "Apply all",
            "Apply all steps, one after the other",
            lambda: self._ask_first(one=False),
            style="success",
        )
        self.plan_button = self.button(
            "Plan again", "Look at the host and compare it with the topology", self.plan_again
        )
        self.verify_button = self.button(
            "Verify", "Ask the checks of the topology on the live VMs", self.verify
        )
        self.undo_button = self.button(
            "Undo",
            "Take back what was applied, with the remembered values",
            self.undo,
            style="warning",
        )
        self.destroy_button = self.button(
            "Destroy",
            "Remove what this topology created, and nothing else",
            self.ask_destroy,
            style="danger",
        )
        yes = self.button(
            "Yes, remove them",
            "Remove what this topology created",
            self._destroy_confirmed,
            style="danger",
        )
        self.cut_off = ipywidgets.Checkbox(
            description=CUT_OFF, indent=False, layout=ipywidgets.Layout(width="auto")
        )
        self.confirm = Confirm(
            "This removes every VM, disk, switch and NAT of this topology, but what others stand on.",
            yes,
            "No, keep them",
        )
        self.confirm.children = (self.confirm.question, self.cut_off, yes, self.confirm.no_button)
        delete = self.button(
            "Yes, delete them", "Go on, and run these steps", self._delete_confirmed, style="danger"
        )
        self.confirm_delete = Confirm("", delete, "No, change nothing")
        buttons = [
            self.next_button,
            self.apply_button,
            self.plan_button,
            self.verify_button,
            self.undo_button,
            self.destroy_button,
        ]
        self._refused = Html("")
        self._agreed: frozenset[str] = frozenset()
        self._one = False
        self._kept = Html("")
        self._walk: Iterator[StepResult] | None = None
        self._walk_cancel = threading.Event()
        super().__init__(
            [self.steps],
            resting=[
                *buttons,
                yes,
                delete,
                self.cut_off,
                self.choices.prune,
                self.choices.recreate,
            ],
        )
        self._progress = Progress(self.steps, self.status)
        shown = (
            self.choices,
            self.confirm,
            self.confirm_delete,
            self.status,
            self.steps,
            self.left_open,
            self.answer,
        )
        self.children = (row(*buttons[:2], self.cancel_button, *buttons[2:]), *shown)
        self.attempt(self._plan_anew)
        self.settle()

    def snapshot(self) -> Html:
        """Return the steps as they stand; those of a plan that nobody has begun with are folded."""
        rows = self.steps.rows()
        steps = steps_html(rows)
        if steps and not rows.states:
            steps = Html(
                f"<details><summary>{escape(self.status.text)} {escape(self.status.hint)}</summary>{steps}</details>"
            )
        return self._refused or Html(
            steps + open_html(self.plan) if steps else self.plan._repr_html_()
        )

    def useless(self) -> Collection[ipywidgets.Widget]:
        """Return the buttons with nothing to apply, or nothing to undo."""
        apply = (
            ()
            if self._walk is not None or not self.plan.complete
            else (self.next_button, self.apply_button)
        )
        return (*apply, *self.choices.useless(), *(() if self._undoable() else (self.undo_button,)))

    def plan_again(self) -> Job:
        """Observe the host and plan anew, beside the page."""

        def work(cancel: threading.Event) -> Generator[str, None, Plan]:
            yield "planning"
            return self._look(cancel)

        self._forget_questions()
        self.answer.value = ""
        return self.start(
            "Comparing the host with the topology …", work, on_event=_ignore, on_end=self._planned
        )

    def apply_next(self, *, delete: bool = False) -> Job:
        """Apply the next step; `delete` agrees to the steps of the plan that delete data.

        Raises UsageError where nobody has.
        """
        self._agree(delete=delete)
        return self._apply("Applying the next step …", one=True)

    def apply_all(self, *, delete: bool = False) -> Job:
        """Apply what is left, step after step; `delete` as in `apply_next`."""
        self._agree(delete=delete)
        return self._apply("Applying …", one=False)

    def run_to_end(self, timeout: float | None = None) -> Applied:
        """Do what *Apply all* does, for a cell: wait for the end, and return the steps as they were applied.

        Raises what went wrong outside the steps, and UsageError where steps delete data and nobody
        has agreed to that in the panel; a step that failed is in the answer.
        """
        if self.job is not None:
            self.job.join(timeout)
        if self._walk is None:
            self._take(self._look())  # other cells may have changed the host since
        job = self.apply_all()
        job.join(timeout)
        if job.ending is not None and job.ending.error is not None:
            raise job.ending.error
        return Applied(tuple(self.results), self.plan, self.steps.rows())

    def verify(self) -> Job:
        """Ask the checks of the topology on the live VMs."""

        def work(cancel: threading.Event) -> Generator[str, None, Any]:
            yield "verifying"
            return self.lab.verify(cancel=cancel)

        def end(ending: Ending) -> None:
            if ending.state == "done":
                report = ending.value
                passed = sum(result.passed for result in report)
                self.answer.value = prose(report._repr_html_()) if len(report) else ""
                said = (
                    f"{passed} of {len(report)} checks passed."
                    if len(report)
                    else "This topology has no checks."
                )
                self.status.show("done" if report.ok else "failed", said)

        return self.start(
            "Asking the checks on the live VMs …",
            work,
            on_event=_ignore,
            on_end=_unless_cancelled(self, end),
        )

    def undo(self) -> Job:
        """Take back what the journal remembers."""
        path, self._kept = self._undoable(), Html("")
        return self._run_through(
            "Undoing …",
            lambda cancel: self.lab.undo(
                path or None, cancel=cancel, on_event=self._progress.event
            ),
            "taken back: the remembered values are back.",
        )

    def ask_destroy(self) -> None:
        """Ask before everything is removed."""
        self.cut_off.value = False
        self.confirm.ask()

    def destroy(self, *, cut_off: bool = False) -> Job:
        """Remove what this topology created, and nothing else; with `cut_off` also switches that others are connected to."""
        self._kept = Html("")

        def steps(cancel: threading.Event) -> Iterator[StepResult]:
            plan = self.lab.plan_destroy(cut_off=cut_off, cancel=cancel)
            self._kept = kept_html(plan)
            yield from self.lab.destroy(
                plan, cut_off=cut_off, cancel=cancel, on_event=self._progress.event
            )

        return self._run_through("Removing …", steps, "taken. What others stand on stays.")

    def cancel(self) -> None:
        """Stop after the step at hand."""
        if self.busy:
            self._walk_cancel.set()
        super().cancel()

    # -- the plan
    # ------------------------------------------------------------------------------------------------

    def _plan_anew(self, ending: Ending | None = None) -> bool:
        """Forget what was applied, and show the plan as it is now; return whether there is one."""
        self._walk, self.results = None, []
        try:
            plan = ending.value if ending else self._look()
        except PlanRefused as refused:
            return self._refuse(refused)
        self.steps.show([])
        self._take(plan)
        self.status.show(
            "idle", "" if plan.complete else f"{counted(len(plan), 'step')} to apply.", _later(plan)
        )
        return True

    def _look(self, cancel: threading.Event | None = None) -> Plan:
        return self.lab.plan(
            prune=self.choices.prune.value, recreate=self.choices.recreated, cancel=cancel
        )

    def _refuse(self, refused: PlanRefused) -> bool:
        self.plan, self._refused = (
            Plan(self.plan.topology, self.plan.host),
            findings_html(in_the_page(refused.findings)),
        )
        self.choices.show_refusal(refused.findings)
        self.left_open.value = ""
        self.steps.show([])
        self.answer.value = prose(self._refused)
        self.status.show("failed", f"{refused.message.splitlines()[0]}:")
        return False

    def _take(self, plan: Plan) -> None:
        self.plan, self._refused = plan, Html("")
        self.choices.show_plan(plan)
        self.left_open.value = prose(open_html(plan))
        nothing = f"✓ {plan.nothing_to_do}" if plan.complete else ""
        self.steps.show_left([step.to_dict() for step in plan], empty=nothing)

    def _planned(self, ending: Ending) -> None:
        if ending.state == "done":
            self._plan_anew(ending)
            return
        if isinstance(ending.error, PlanRefused):
            self._refuse(ending.error)
            return
        self.choices.go_back_to(self.plan)
        if ending.state == "cancelled":
            self.status.show("cancelled", "Stopped; the plan is the one from before.")

    def _undoable(self) -> str:
        """Return the journal that has something to take back; empty where there is none."""
        try:
            own = self.lab.journal
            path = (
                own
                if own and own.exists()
                else journals.latest(self.lab.topology.name, self.lab.host)
            )
            return str(path) if undo_steps(Journal(path).entries()) else ""
        except JournalError:
            return ""

    # -- agreeing
    # ------------------------------------------------------------------------------------------------

    def _unagreed(self) -> tuple[Step, ...]:
        return tuple(step for step in deleting(self.plan.steps) if step.id not in self._agreed)

    def _ask_first(self, *, one: bool) -> None:
        self._one = one
        asked = self._unagreed()
        if asked:
            self.confirm.hide()
            self.confirm_delete.ask(question(asked))
        else:
            self._go()

    def _go(self, *, delete: bool = False) -> None:
        self.confirm_delete.hide()
        if self._one:
            self.apply_next(delete=delete)
        else:
            self.apply_all(delete=delete)

    def _delete_confirmed(self) -> None:
        self._go(delete=True)

    def _agree(self, *, delete: bool) -> None:
        asked = self._unagreed()
        if delete:
            self._agreed |= {step.id for step in asked}
        elif asked:
            msg = f"{counted(len(asked), 'step')} of this plan would delete data, and nobody has agreed to that"
            raise UsageError(
                msg,
                hint="Press Apply all in the panel and answer its question, or call apply_all(delete=True).",
            )

    def _may_run(self, step: Step) -> bool:
        """Whether a step runs: one that deletes data, and came up after the question, is asked about first."""
        return not deleting([step]) or step.id in self._agreed

    def _forget_questions(self) -> None:
        self._agreed = frozenset()
        self.confirm.hide()
        self.confirm_delete.hide()

    # -- applying
    # ------------------------------------------------------------------------------------------------

    def _apply(self, text: str, *, one: bool) -> Job:
        def work(cancel: threading.Event) -> Generator[StepResult, None, bool]:
            if self._walk is None:
                self._walk_cancel = threading.Event()
                stop, event = self._walk_cancel, self._progress.event
                self._walk = iter(
                    self.lab.apply(
                        self.plan, cancel=stop, on_event=event, confirm=self._may_run, workers=1
                    )
                )
            if cancel.is_set():
                self._walk_cancel.set()
            for result in self._walk:
                yield result
                if one:
                    return False
            return True

        self.answer.value = ""
        return self.start(text, work, on_event=self._finished_step, on_end=self._applied)

    def _applied(self, ending: Ending) -> None:
        if isinstance(ending.error, StalePlan):
            if self._plan_anew():
                said = str(ending.error).splitlines()[0]
                self.status.show(
                    "warning", said, "Planned again: look at the new steps, then apply."
                )
            return
        self._progress.stop()
        if ending.state != "done" or ending.value:
            self._walk = None
        try:
            self._take(self._look())
        except PlanRefused as refused:
            self._refuse(refused)
            return
        self._say_applied(ending)

    def _say_applied(self, ending: Ending) -> None:
        done = counted(sum(result.ok for result in self.results), "step")
        failed = self.results[-1] if self.results and not self.results[-1].ok else None
        if ending.state == "failed":
            return  # said already
        if failed and ending.value:
            self.status.show("failed", f"{failed.step.title}: this step failed.", AT_THE_STEP)
        elif self.plan.complete:
            self._walk = None
            more = (
                "has all that the topology says, and more."
                if self.plan.remainder
                else "is as the topology says."
            )
            self.status.show("done", f"{done} applied: the host {more}")
        elif ending.state == "cancelled" and self._unagreed():
            self.status.show(
                "warning",
                "Stopped before a step that deletes data.",
                "Apply again to be asked about it.",
            )
        elif ending.state == "cancelled":
            self.status.show(
                "cancelled",
                "Stopped. Nothing after this step was touched.",
                "Apply again to go on, or Undo.",
            )
        else:
            self.status.show(
                "idle",
                f"{done} applied, {counted(len(self.plan), 'step')} left.",
                _later(self.plan),
            )

    def _finished_step(self, result: StepResult) -> None:
        self.results.append(result)
        self._progress.finished(result)

    def _destroy_confirmed(self) -> None:
        self.confirm.hide()
        self.destroy(cut_off=self.cut_off.value)

    def _run_through(
        self, text: str, steps: Callable[[threading.Event], Iterator[StepResult]], said: str
    ) -> Job:
        """Run a lab's undo or destroy; its steps replace the ones shown, and stay in a fold under the plan afterwards."""

        def work(cancel: threading.Event) -> Generator[StepResult, None, None]:
            self._walk, self.results = None, []
            self._forget_questions()
            self.steps.show([])
            yield from steps(cancel)

        def end(ending: Ending) -> None:
            results, rows = self.results, self.steps.rows()
            if ending.state == "failed":
                return
            if ending.state == "cancelled":
                self._progress.stop()
                self.status.show(
                    "cancelled",
                    "Stopped after the step at hand.",
                    "Press it again to go on; Plan again shows what stands.",
                )
            elif all(result.ok for result in results):
                self._plan_anew()
                fold = (
                    f"<details><summary>What was taken back</summary>{steps_html(rows)}</details>"
                    if results
                    else ""
                )
                self.answer.value = prose(f"{self._kept}{fold}")
                self.status.show(
                    "done",
                    f"{counted(len(results), 'step')} {said}"
                    if results
                    else "There was nothing to take back.",
                )
            else:
                self.status.show(
                    "failed", f"{results[-1].step.title}: this step failed.", AT_THE_STEP
                )

        self.answer.value = ""
        return self.start(text, work, on_event=self._finished_step, on_end=end)


def _later(plan: Plan) -> str:
    machines = ", ".join(path_text(item.machine) for item in plan.deferred)
    return f"Planned later, when they answer: {machines}." if machines else ""


def _unless_cancelled(panel: Panel, end: Callable[[Ending], None]) -> Callable[[Ending], None]:
    def ended(ending: Ending) -> None:
        if ending.state == "cancelled":
            panel.status.show("cancelled", "Stopped.")
        else:
            end(ending)

    return ended


def _ignore(_event: Any) -> None:
    """Events of short jobs need no more than the running status."""
