"""The choices for a plan, and the consent it needs before it deletes data."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

import ipywidgets

from nestlab.apply import Journal, StepResult, irreversible_steps
from nestlab.dataclass import replace
from nestlab.enumerations import all_of
from nestlab.html import Html, escape
from nestlab.lab import Lab
from nestlab.model import Finding, Findings, MachinePath, path_text
from nestlab.model.finding import PlanOption
from nestlab.notebook.panel import row
from nestlab.notebook.panel_labels import (
    DELETE_OTHERS,
    PRUNE,
    REMOVE_SHARED,
    with_panel_labels,
    with_reset_label,
)
from nestlab.plan import (
    DELETE_OTHERS_OPTION,
    DISCONNECT_OTHERS_OPTION,
    KEPT_FOR_OTHERS,
    Hazard,
    Plan,
    Remainder,
    Step,
    unreadable_guests,
)
from nestlab.plan.reset_refusals import CANNOT_RESET
from nestlab.texts import mark, tr, translate

DISCONNECT_OTHERS = mark("Also remove switches that other VMs are connected to")
_NOTHING_LEFT = mark(
    "Nothing to remove: the file names every object that its topology owns on this host."
)


class PlanChoices(ipywidgets.VBox):
    """Checkboxes: remove leftover objects; recreate VMs that cannot change or do not answer.

    A third one is shown where others may use switches or adapters that would be removed; a fourth
    where others' VMs inside a nested host keep it from being removed, which also applies to Undo.
    Ticking one only makes a new plan.
    """

    def __init__(self, on_choice: Callable[[], object]) -> None:
        self.prune = _box(translate(PRUNE))
        self.recreate, self.delete_others = _box(""), _box(translate(DELETE_OTHERS))
        self.disconnect_others = _box(translate(REMOVE_SHARED))
        self.why = ipywidgets.HTML()
        self.recreate_names: tuple[str, ...] = ()
        self._on_choice, self._suppressed = on_choice, False
        for box in self.boxes:
            box.observe(self._chosen, "value")
        others = [self.disconnect_others, self.delete_others]
        super().__init__([row(self.prune, self.why), self.recreate, *others])
        self.show_plan(Plan("", ""))

    @property
    def boxes(self) -> tuple[ipywidgets.Checkbox, ...]:
        """The checkboxes."""
        return (self.prune, self.recreate, self.disconnect_others, self.delete_others)

    @property
    def to_recreate(self) -> tuple[str, ...]:
        """The VMs to recreate, by machine path."""
        return self.recreate_names if self.recreate.value else ()

    def plan(self, lab: Lab, cancel: threading.Event | None) -> Plan:
        """Observe the host and plan, with the ticked choices; raises the errors of `Lab.plan`."""
        return lab.plan(
            prune=self.prune.value,
            recreate=self.to_recreate,
            disconnect_others=self.disconnect_others.value,
            delete_others=self.delete_others.value,
            cancel=cancel,
        )

    def show_plan(self, plan: Plan) -> None:
        """Offer the choices of this plan.

        A choice that led to it stays ticked until nothing is left to do.
        """
        if (
            plan.is_empty and not plan.remainder
        ):  # objects that others keep from being removed remain
            self._set(prune=False, recreate=False, others=self.delete_others.value)
        self._offer_delete_others(item.why for item in plan.unchanged)
        self._offer_disconnect_others(plan)
        self._offer(prune=bool(plan.remainder) or self.prune.value, to_recreate=self.to_recreate)

    def offer_unreadable(self, plan: Plan, starting: Collection[MachinePath] = ()) -> None:
        """Offer to recreate the guests that did not answer when a new plan was made.

        Guests that are still starting are left out.
        """
        unread = (path for path in unreadable_guests(plan) if path not in starting)
        names = tuple(map(path_text, unread))
        if names and not self.to_recreate:
            self._offer(prune=self._can_prune, to_recreate=names)

    def show_refusal(self, findings: Findings) -> None:
        """Offer the choices that resolve a refusal; new ones have to be ticked first."""
        new = tuple(
            finding.subject for finding in findings if finding.plan_option is PlanOption.RECREATE
        )
        names = tuple(dict.fromkeys((*self.to_recreate, *new)))
        if new:
            others = self.delete_others.value
            self._set(prune=self.prune.value, recreate=False, others=others)
        self._offer_delete_others(finding.message for finding in findings)
        self._ask_to_disconnect(finding.hint for finding in findings)
        self._offer(prune=True, to_recreate=names)

    def reset_delete_others(self, results: Iterable[StepResult]) -> None:
        """Withdraw the consent to delete others' VMs; offer it again if a result mentions it."""
        self._set(prune=self.prune.value, recreate=self.recreate.value)
        self._offer_delete_others(result.message for result in results)

    def _offer_delete_others(self, reasons: Iterable[str]) -> None:
        """Show the box if one of the reasons asks for it, and while it is ticked."""
        asks = self.delete_others.value or any(DELETE_OTHERS_OPTION in why for why in reasons)
        self.delete_others.layout.display = "" if asks else "none"

    def _offer_disconnect_others(self, plan: Plan) -> None:
        """Show the box where it would let a plan remove more, and while it is ticked."""
        kept = [*(item.why for item in plan.unchanged)]
        kept += [text for item in plan.remainder for text in item.holds]
        self._ask_to_disconnect(why for why in kept if plan.prune or "`--prune`" not in why)

    def _ask_to_disconnect(self, reasons: Iterable[str]) -> None:
        """Show the box if one of the reasons asks for it, and while it is ticked."""
        is_asked_for = any(DISCONNECT_OTHERS_OPTION in why for why in reasons)
        asks = self.disconnect_others.value or is_asked_for
        self.disconnect_others.layout.display = "" if asks else "none"

    def restore(self, plan: Plan) -> None:
        """Restore the choices of this plan, because no new plan was made."""
        self._set(prune=plan.prune, recreate=bool(plan.recreate), others=plan.delete_others)
        self._suppressed = True
        try:
            self.disconnect_others.value = plan.disconnect_others
        finally:
            self._suppressed = False

    def unavailable(self) -> Collection[ipywidgets.Widget]:
        """Return the checkboxes that do not apply."""
        return () if self._can_prune else (self.prune,)

    def _offer(self, *, prune: bool, to_recreate: tuple[str, ...]) -> None:
        self._can_prune, self.recreate_names = prune, to_recreate
        self.why.value = (
            "" if prune else f"<span style='opacity:.8'>{escape(translate(_NOTHING_LEFT))}</span>"
        )
        self.recreate.description = _recreate_text(to_recreate)
        self.recreate.layout.display = "" if to_recreate else "none"

    def _set(self, *, prune: bool, recreate: bool, others: bool = False) -> None:
        self._suppressed = True
        try:
            self.prune.value, self.recreate.value = prune, recreate
            self.delete_others.value = others
            self.disconnect_others.value = prune and self.disconnect_others.value
        finally:
            self._suppressed = False

    def _chosen(self, _change: object) -> None:
        if not self._suppressed:
            self._on_choice()


def _recreate_text(names: tuple[str, ...]) -> str:
    """Return the label of the box that recreates VMs; empty if there are none."""
    if not names:
        return ""
    if len(names) == 1:
        return tr("Recreate {vm} (deletes its disks and what is on them)", vm=names[0])
    return tr("Recreate {vms} (deletes their disks and what is on them)", vms=all_of(names))


def _box(text: str) -> ipywidgets.Checkbox:
    return ipywidgets.Checkbox(
        description=text,
        indent=False,
        layout=ipywidgets.Layout(width="auto", margin="2px 8px 2px 0"),
    )


def deleting_steps(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Return the steps that delete data, which need confirmation before they run."""
    return tuple(step for step in steps if step.hazard is Hazard.DELETES_DATA)


def with_panel_hints(findings: Findings) -> Findings:
    """Return findings with hints that name the boxes of the panel, not command line options."""
    return Findings(
        replace(finding, message=with_panel_labels(finding.message), hint=_panel_hint(finding))
        for finding in findings
    )


def _panel_hint(finding: Finding) -> str:
    if finding.code == CANNOT_RESET:
        return with_reset_label(finding.hint)
    if finding.plan_option is PlanOption.RECREATE:
        return tr(
            "Tick “Recreate” above, which deletes its disks and what is on them; or change the file to match the host."
        )
    if finding.plan_option is PlanOption.PRUNE:
        return tr(
            "The topology owns this object, and its file no longer names it: tick “{prune}” above, or name it in the file again.",
            prune=translate(PRUNE),
        )
    return with_panel_labels(finding.hint)


def remaining_work_html(plan: Plan) -> Html:
    """Return what remains to be done after a plan: settings that it does not set, and leftovers.

    Empty if there is nothing.
    """
    labels = dict.fromkeys(item.label for item in plan.out_of_reach)
    not_set = "".join(_listed(label, _settings_not_set(plan, label)) for label in labels)
    left = _left_over(item for item in plan.remainder if not item.of_others)
    of_others = _left_over(item for item in plan.remainder if item.of_others)
    listed = _listed(tr("Leftover objects, no longer in the file"), left)
    return Html(not_set + listed + _listed(translate(KEPT_FOR_OTHERS).removesuffix(":"), of_others))


def _left_over(items: Iterable[Remainder]) -> list[str]:
    """Return each object that is left over, with what it holds, as HTML."""
    return [
        tr(
            "{what} on {machine}",
            what=f"<b>{escape(item.subject)}</b>",
            machine=escape(path_text(item.machine)),
        )
        + escape(f": {with_panel_labels(', '.join(item.holds))}" if item.holds else "")
        for item in items
    ]


def _settings_not_set(plan: Plan, label: str) -> list[str]:
    """Return the settings that a plan lists under a label, as HTML for each machine."""
    return [
        f"<b>{escape(path_text(item.machine))}</b>: {'; '.join(f'<code>{escape(value)}</code>' for value in item.values)}"
        f"<br><span style='opacity:.8'>{escape(item.why)}</span>"
        for item in plan.out_of_reach
        if item.label == label
    ]


def kept_html(plan: Plan) -> Html:
    """Return what a plan that removes things keeps, and why; empty if it keeps nothing."""
    why = {
        item.subject: item.why.replace(
            "`--disconnect-others`",
            tr("Destroy with “{box}”", box=translate(DISCONNECT_OTHERS)),
        ).replace(DELETE_OTHERS_OPTION, tr("Destroy with “{box}”", box=translate(DELETE_OTHERS)))
        for item in plan.unchanged
    }
    return _kept_items_html(why.items())


def kept_by_undo_html(results: Iterable[StepResult]) -> Html:
    """Return the nested hosts that an undo kept for others' VMs inside; empty if none."""
    kept = (result for result in results if DELETE_OTHERS_OPTION in result.message)
    return _kept_items_html(
        (f"VM {result.step.target.name}", with_panel_labels(result.message)) for result in kept
    )


def _kept_items_html(items: Iterable[tuple[str, str]]) -> Html:
    lines = [f"<b>{escape(subject)}</b>: {escape(reason)}" for subject, reason in items]
    return Html(_listed(tr("Kept"), lines))


def not_restored_html(journal: Path | None) -> Html:
    """Return the steps of a journal that undo leaves as they are; empty if there are none."""
    steps = irreversible_steps(Journal(journal).entries()) if journal is not None else ()
    items = [f"<b>{escape(path_text(step.machine))}</b>: {escape(step.title)}" for step in steps]
    return Html(_listed(tr("Not undone, because nothing can restore it"), items))


def _listed(title: str, items: list[str]) -> str:
    body = "".join(f"<li>{item}</li>" for item in items)
    return (
        f"<p style='margin:6px 0 0'>{title}:</p><ul style='margin:0 0 4px'>{body}</ul>"
        if items
        else ""
    )
