"""The actions of the plan panel that revert changes: undo, reset, destroy."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from functools import partial

from nestlab.apply import StepResult
from nestlab.errors import PlanRefused
from nestlab.html import Html
from nestlab.lab import Lab
from nestlab.model.topology import VM
from nestlab.notebook import plan_status
from nestlab.notebook.findings_view import findings_html
from nestlab.notebook.job import Job, JobResult
from nestlab.notebook.panel import cell_styled
from nestlab.notebook.plan_choices import (
    kept_by_undo_html,
    kept_html,
    not_restored_html,
    with_panel_hints,
)
from nestlab.notebook.plan_controls import REMOVES_ALL, PlanActions, RemovalConsents
from nestlab.notebook.plan_status import Reversal
from nestlab.notebook.plan_view import PlanView
from nestlab.notebook.removal_list import found_targets, removal_html, removed_targets
from nestlab.notebook.steps import steps_html
from nestlab.notebook.undo_question import run_time, undo_question_html
from nestlab.notebook.undoable import undoable_journal
from nestlab.plan import Plan, StepTarget
from nestlab.texts import tr, translate

Steps = Callable[[threading.Event], Iterator[StepResult]]


class ReversingPanel(PlanView):
    """The part of the plan panel with the actions that revert changes.

    After each of them it plans again, as `actions` says.
    """

    lab: Lab
    _found: tuple[StepTarget, ...]

    def __init__(self, plan: Plan, actions: PlanActions) -> None:
        self._kept, self.actions = Html(""), actions
        self._found_for, self._found = plan, ()
        super().__init__(plan, actions)
        vms = (machine for _, machine in self.lab.topology.machines() if isinstance(machine, VM))
        if not any(vm.checkpoints for vm in vms):
            self.buttons.reset.layout.display = "none"

    def undo(self) -> Job:
        """Restore the earlier values from the journal."""
        self._kept = not_restored_html(path := undoable_journal(self.lab))

        def steps(cancel: threading.Event) -> Iterator[StepResult]:
            others, event = self.choices.delete_others.value, self._progress.event
            return self.lab.undo(path, delete_others=others, cancel=cancel, on_event=event)

        return self._run_reversal(plan_status.UNDO, steps)

    def reset(self, *, delete_others: bool = False) -> Job:
        """Restore all VMs that have a checkpoint in the file to it, as `Lab.reset` does."""
        self._kept = Html("")

        def steps(cancel: threading.Event) -> Iterator[StepResult]:
            plan = self.lab.plan_reset(delete_others=delete_others, cancel=cancel)
            self._kept, event = kept_html(plan), self._progress.event
            yield from self.lab.reset(
                plan, delete_others=delete_others, cancel=cancel, on_event=event
            )

        return self._run_reversal(plan_status.RESET, steps)

    def destroy(self, *, disconnect_others: bool = False, delete_others: bool = False) -> Job:
        """Remove what this topology created, and nothing else.

        `disconnect_others` and `delete_others` have the meaning that they have in `Lab.destroy`.
        """
        self._kept = Html("")
        consents = RemovalConsents(disconnect_others=disconnect_others, delete_others=delete_others)

        def steps(cancel: threading.Event) -> Iterator[StepResult]:
            plan = self.lab.plan_destroy(**consents, cancel=cancel)
            self._kept, event = kept_html(plan), self._progress.event
            yield from self.lab.destroy(plan, **consents, cancel=cancel, on_event=event)

        return self._run_reversal(plan_status.DESTROY, steps)

    def _ask_undo(self) -> None:
        """Undo at once if that removes no VM and no disk; otherwise ask first."""
        path = undoable_journal(self.lab)
        question = undo_question_html(path, self.lab.journal) if path else Html("")
        self.hide_questions()
        if question:
            self.undo_question.ask(question)
        else:
            self.undo()

    def _undo_confirmed(self) -> None:
        self.undo_question.hide()
        self.undo()

    def _ask_reset(self) -> None:
        self.hide_questions()
        self.reset_question.ask()

    def _reset_confirmed(self) -> None:
        self.reset_question.hide()
        self.reset(delete_others=self.reset_question.delete_others.value)

    def may_have_objects(self) -> bool:
        """Whether the host has, or may have, objects that Destroy removes."""
        return not self.plan.states or bool(self._removed())

    def _removed(self) -> tuple[StepTarget, ...]:
        created = [result.step for result in self.results if result.ok]
        return removed_targets(self._found_on_host(), created)

    def _found_on_host(self) -> tuple[StepTarget, ...]:
        """Return what the host had when the plan was made, computed once for a plan."""
        if self._found_for is not self.plan:
            self._found_for, self._found = self.plan, found_targets(self.lab, self.plan)
        return self._found

    def _ask_destroy(self) -> None:
        """Ask, with a list of the objects."""
        self.hide_questions()
        self.destroy_question.ask(removal_html(translate(REMOVES_ALL), self._removed()))

    def _destroy_confirmed(self) -> None:
        self.destroy_question.hide()
        self.destroy(**self.destroy_question.given_consents())

    def _run_reversal(self, reversal: Reversal, steps: Steps) -> Job:
        """Run an undo, reset or destroy; show its steps, and list them below the new plan."""

        def work(cancel: threading.Event) -> Generator[StepResult, None, None]:
            self.actions.forget_run()
            yield from steps(cancel)

        self.report.value, text = "", translate(reversal.running)
        end = partial(self._reversed, reversal)
        return self.start(text, work, on_event=self._finished_step, on_end=end)

    def _reversed(self, reversal: Reversal, result: JobResult) -> None:
        results, rows = self.results, self.steps.rows()
        if result.state == "failed":
            if isinstance(result.error, PlanRefused):
                found = findings_html(with_panel_hints(result.error.findings))
                self.report.value = cell_styled(found)
            return
        if result.state == "cancelled":
            self._progress.stop()
            self.show_status(plan_status.STOPPED_REVERSAL)
            return
        if all(result.ok for result in results) and self.actions.replan():
            fold = f"<details><summary>{translate(reversal.title)}</summary>{steps_html(rows)}</details>"
            kept = f"{self._kept}{kept_by_undo_html(results)}"
            self.choices.reset_delete_others(results)
            self.report.value = cell_styled(f"{kept}{fold if results else ''}")
        ended = plan_status.reversal_ended(results, reversal)
        if reversal is plan_status.UNDO and ended.state == "done":
            ended = ended._replace(hint=self._earlier_run())
        self.show_status(ended)

    def _earlier_run(self) -> str:
        """Return a sentence about an earlier run that can be undone too; empty if there is none."""
        earlier = undoable_journal(self.lab)
        if earlier is None or earlier == self.lab.journal:
            return ""
        return tr(
            "The earlier run of {time} is not undone ({journal}): press Undo again to undo it too.",
            time=run_time(earlier),
            journal=earlier.name,
        )

    def _finished_step(self, result: StepResult) -> None:
        self.results.append(result)
        self._progress.finished(result)
