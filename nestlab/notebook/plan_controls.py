"""The buttons, boxes and questions of the plan panel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypedDict

import ipywidgets

from nestlab.dataclass import dataclass, fields
from nestlab.html import Html, escape
from nestlab.model import path_text
from nestlab.notebook.confirm import Confirm
from nestlab.notebook.panel_labels import DELETE_OTHERS, TAKE_FROM_OTHERS
from nestlab.notebook.plan_choices import DISCONNECT_OTHERS
from nestlab.plan import Step
from nestlab.texts import mark, tr, translate

REMOVES_ALL = mark(
    "This removes every VM, disk, switch and NAT network of this topology. "
    "Objects that other VMs depend on are kept."
)


LOSES_CHANGES = mark(
    "This restores every VM that has a checkpoint in the file to that checkpoint. What changed since then is lost."
)


@dataclass(frozen=True, kw_only=True)
class PlanActions:
    """The actions of the plan panel's buttons; `button` creates one that reports errors.

    `forget_run` forgets what was applied and asked before; `replan` plans again at once, and
    returns whether there is a plan.
    """

    button: Callable[..., ipywidgets.Button]
    next_step: Callable[[], object]
    all_steps: Callable[[], object]
    plan: Callable[[], object]
    verify: Callable[[], object]
    ask_undo: Callable[[], object]
    undo: Callable[[], object]
    ask_reset: Callable[[], object]
    reset: Callable[[], object]
    ask_destroy: Callable[[], object]
    destroy: Callable[[], object]
    delete: Callable[[], object]
    forget_run: Callable[[], None]
    replan: Callable[[], bool]


@dataclass(frozen=True)
class PlanButtons:
    """The buttons of the plan panel, in the order in which they are shown."""

    next_step: ipywidgets.Button
    apply: ipywidgets.Button
    plan: ipywidgets.Button
    verify: ipywidgets.Button
    undo: ipywidgets.Button
    reset: ipywidgets.Button
    destroy: ipywidgets.Button

    @classmethod
    def of(cls, actions: PlanActions) -> PlanButtons:
        """Return the buttons with these actions."""
        add = actions.button
        return cls(
            add(tr("Next step"), tr("Apply one step"), actions.next_step, style="primary"),
            add(tr("Apply all"), tr("Apply all steps in order"), actions.all_steps),
            add(tr("Plan again"), tr("Read the host and compare it again"), actions.plan),
            add(tr("Verify"), tr("Run the topology's checks on the live VMs"), actions.verify),
            add(
                tr("Undo"),
                tr("Restore the earlier values from the journal"),
                actions.ask_undo,
            ),
            add(
                tr("Reset"),
                tr("Take VMs back to the checkpoints of the file"),
                actions.ask_reset,
            ),
            add(
                tr("Destroy"),
                tr("Remove what this topology created, and nothing else"),
                actions.ask_destroy,
            ),
        )

    def __iter__(self) -> Iterator[ipywidgets.Button]:
        return (getattr(self, field.name) for field in fields(self))


class RemovalConsents(TypedDict):
    """The consents to what others would lose, as `Lab.destroy` takes them."""

    disconnect_others: bool
    delete_others: bool


class DestroyQuestion(Confirm):
    """Asks before everything is removed; checkboxes are consents to what others would lose."""

    def __init__(self, actions: PlanActions) -> None:
        yes = actions.button(
            tr("Yes, remove them"),
            tr("Remove what this topology created"),
            actions.destroy,
            style="danger",
        )
        self.disconnect_others, self.delete_others = (
            _consent(translate(DISCONNECT_OTHERS)),
            _consent(translate(DELETE_OTHERS)),
        )
        super().__init__(translate(REMOVES_ALL), yes, tr("No, keep them"))
        self.children = (self.question, *self.consents, self.answers)

    @property
    def consents(self) -> tuple[ipywidgets.Checkbox, ...]:
        """The checkboxes."""
        return (self.disconnect_others, self.delete_others)

    def given_consents(self) -> RemovalConsents:
        """Return what is ticked."""
        return RemovalConsents(
            disconnect_others=self.disconnect_others.value,
            delete_others=self.delete_others.value,
        )

    def ask(self, question: str = "") -> None:
        """Show the question, with the checkboxes cleared."""
        for box in self.consents:
            box.value = False
        super().ask(question)


class ResetQuestion(Confirm):
    """Asks before VMs are restored to checkpoints, with a consent to what others would lose."""

    def __init__(self, actions: PlanActions) -> None:
        yes = actions.button(
            tr("Yes, restore them"),
            tr("Take VMs back to the checkpoints of the file"),
            actions.reset,
            style="danger",
        )
        self.delete_others = _consent(translate(TAKE_FROM_OTHERS))
        super().__init__(translate(LOSES_CHANGES), yes, tr("No, keep the changes"))
        self.children = (self.question, self.delete_others, self.answers)

    def ask(self, question: str = "") -> None:
        """Show the question, with the checkbox cleared."""
        self.delete_others.value = False
        super().ask(question)


def _consent(text: str) -> ipywidgets.Checkbox:
    return ipywidgets.Checkbox(
        description=text,
        indent=False,
        layout=ipywidgets.Layout(width="auto", margin="2px 12px 2px 2px"),
    )


def delete_question(actions: PlanActions) -> Confirm:
    """Return the question before steps that delete data; its text names the steps."""
    yes = actions.button(
        tr("Yes, delete them"), tr("Continue, and run these steps"), actions.delete, style="danger"
    )
    return Confirm("", yes, tr("No, change nothing"))


def deletion_question_html(steps: Iterable[Step]) -> Html:
    """Return the question before steps that delete data, naming each step."""
    items = "".join(
        f"<li>{escape(path_text(step.machine))}: {escape(step.title)}</li>" for step in steps
    )
    lead = tr("These steps delete data, which Undo cannot restore:")
    return Html(
        f"<div style='line-height:1.45'>{lead}<ul style='margin:0 0 4px'>{items}</ul></div>"
    )
