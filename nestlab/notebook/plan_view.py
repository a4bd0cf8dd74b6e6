"""The widgets of the plan panel: the plan's steps, or why it was refused."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets

from nestlab.apply import Event, StepResult
from nestlab.errors import PlanRefused
from nestlab.html import Html, escape
from nestlab.lab.expected_run import ExpectedRun, MachineWork
from nestlab.notebook.confirm import Confirm
from nestlab.notebook.findings_view import findings_html
from nestlab.notebook.panel import Panel, cell_styled, row
from nestlab.notebook.plan_choices import PlanChoices, remaining_work_html, with_panel_hints
from nestlab.notebook.plan_controls import (
    DestroyQuestion,
    PlanActions,
    PlanButtons,
    ResetQuestion,
    delete_question,
)
from nestlab.notebook.plan_status import StatusMessage
from nestlab.notebook.progress import RunProgress
from nestlab.notebook.remaining_work import remaining_tree_html
from nestlab.notebook.steps import StepList, steps_html
from nestlab.notebook.undo_question import undo_question
from nestlab.plan import Plan
from nestlab.texts import translate

Watcher = Callable[[Plan | Event | StepResult], None]
_SNAPSHOT_WAIT = 2.0  # seconds that the HTML for a saved notebook waits for a plan in progress


class PlanView(Panel):
    """The widgets of the plan panel; a subclass supplies the actions."""

    def __init__(self, plan: Plan, actions: PlanActions) -> None:
        self.plan = plan
        self.results: list[StepResult] = []
        self._watchers: list[Watcher] = []
        self._refused, self._expected = Html(""), ExpectedRun()
        self.steps, self.tree = StepList(), ipywidgets.HTML()
        self.remaining_work, self.report = ipywidgets.HTML(), ipywidgets.HTML()
        self.choices = PlanChoices(lambda: self.attempt(actions.plan))
        self.buttons = PlanButtons.of(actions)
        self.undo_question = undo_question(actions)
        self.reset_question, self.destroy_question = (
            ResetQuestion(actions),
            DestroyQuestion(actions),
        )
        self.deletion_question = delete_question(actions)
        boxes = [*self.destroy_question.consents, *self.choices.boxes]
        boxes += [self.reset_question.delete_others]
        answers = [question.yes_button for question in self.questions]
        super().__init__([self.steps], disabled_while_busy=[*self.buttons, *answers, *boxes])
        self._progress = RunProgress(self.steps, self.status, self._tell)
        first, second, *others = self.buttons
        self.children = (
            row(first, second, self.cancel_button, *others),
            self.status,
            *self.questions,
            self.choices,
            self.tree,
            self.steps,
            self.remaining_work,
            self.report,
        )

    def watch(self, watcher: Watcher) -> None:
        """Call a function with the plan, and then with each new plan, event and result of a run."""
        self._watchers.append(watcher)
        watcher(self.plan)

    def _tell(self, news: Plan | Event | StepResult) -> None:
        for watcher in self._watchers:
            watcher(news)

    @property
    def questions(self) -> tuple[Confirm, ...]:
        """The questions before something is lost; one of them is shown at a time."""
        back = (self.undo_question, self.reset_question, self.destroy_question)
        return (*back, self.deletion_question)

    def hide_questions(self) -> None:
        """Hide all questions."""
        for question in self.questions:
            question.hide()

    def snapshot(self) -> Html:
        """Return the steps with their states, collapsed if none was started."""
        if self.job is not None and not self.results:
            self.job.join(_SNAPSHOT_WAIT)
        rows = self.steps.rows()
        steps = steps_html(rows)
        if steps and not rows.states:
            summary = escape(f"{self.status.text} {self.status.hint}")
            steps = Html(f"<details><summary>{summary}</summary>{steps}</details>")
        if self._refused:
            return self._refused
        if not steps:
            return Html(self.plan._repr_html_())
        return Html(steps + remaining_tree_html(self.work()) + remaining_work_html(self.plan))

    def work(self) -> tuple[MachineWork, ...]:
        """Return what is left for each machine, deferred parts included."""
        done = (result.step.id for result in self.results if result.ok)
        return self._expected.left(self.plan, done)

    def show_refusal(self, refused: PlanRefused) -> None:
        """Show the findings that block a plan, in place of steps."""
        self.plan = Plan(self.plan.subject, self.plan.host)
        self._refused = findings_html(with_panel_hints(refused.findings))
        self.choices.show_refusal(refused.findings)
        self.remaining_work.value = self.tree.value = ""
        self.steps.show([])
        self.report.value = cell_styled(self._refused)
        self.show_status(StatusMessage("failed", f"{refused.message.splitlines()[0]}."))

    def show_plan(self, plan: Plan) -> None:
        """Show the steps of a plan after those that were run, and what has to be done by hand."""
        self.plan, self._refused = plan, Html("")
        self._tell(plan)
        self.choices.show_plan(plan)
        self.remaining_work.value = cell_styled(remaining_work_html(plan))
        self.tree.value = cell_styled(remaining_tree_html(self.work()))
        nothing = f"✓ {plan.nothing_to_do_text}" if plan.is_empty else ""
        self.steps.show_remaining([step.to_dict() for step in plan], empty=nothing)

    def show_status(self, outcome: StatusMessage) -> None:
        """Show an outcome in the status line."""
        self.status.show(outcome.state, translate(outcome.text), translate(outcome.hint))
