"""The plan of a lab in the page: look, apply step by step, cancel, verify, undo, destroy."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any

import ipywidgets

from nestlab.apply import StepResult
from nestlab.errors import PlanRefused, StalePlan
from nestlab.lab import Lab
from nestlab.model.html import Html
from nestlab.notebook.findings_view import findings_html
from nestlab.notebook.job import Ending, Job
from nestlab.notebook.panel import Panel, button, row
from nestlab.notebook.steps import StepList
from nestlab.plan import Plan

_MARKS = {"done": "done", "already-so": "skipped", "skipped": "skipped", "failed": "failed"}


class PlanPanel(Panel):
    """The steps that a lab still needs, with buttons to take them one at a time or to the end."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.results: list[StepResult] = []
        self.steps = StepList()
        self.answer = ipywidgets.HTML()
        self.plan_button = button("Plan again", "Look at the host and compare it with the topology", self.plan_again)
        self.next_button = button("Next step", "Apply one step", self.apply_next, style="primary")
        self.apply_button = button("Apply all", "Apply all steps, one after the other", self.apply_all, style="success")
        self.verify_button = button("Verify", "Ask the checks of the topology on the live VMs", self.verify)
        self.undo_button = button("Undo", "Take back what was applied, with the remembered values", self.undo, style="warning")
        self.destroy_button = button("Destroy", "Remove what this topology created, and nothing else", self.ask_destroy, style="danger")
        self.confirm = _Confirm("This removes every VM, disk, switch and NAT of this topology.", "Yes, remove them", self.destroy)
        buttons = [self.next_button, self.apply_button, self.plan_button, self.verify_button, self.undo_button, self.destroy_button]
        self._walk: Iterator[StepResult] | None = None
        self._walk_cancel = threading.Event()
        self.plan = Plan(lab.topology.name, lab.host.host)
        super().__init__([self.steps], resting=buttons)
        self.children = (self.steps, row(*buttons[:2], self.cancel_button, *buttons[2:]), self.confirm, self.status, self.answer)
        self.attempt(self._make_plan)

    def snapshot(self) -> Html:
        """Return the plan as it was when the panel was shown."""
        return Html(self.plan._repr_html_())

    def plan_again(self) -> None:
        """Observe the host and plan anew, beside the page."""

        def work(_cancel: threading.Event) -> Generator[str, None, Plan]:
            yield "planning"
            return self.lab.plan()

        self.start("Comparing the host with the topology …", work, on_event=_ignore, on_end=self._planned)

    def apply_next(self) -> Job:
        """Apply the next step."""
        return self._apply("Applying the next step …", one=True)

    def apply_all(self) -> Job:
        """Apply what is left, step after step."""
        return self._apply("Applying …", one=False)

    def run_to_end(self, timeout: float | None = None) -> Plan:
        """Apply what is left and wait for it: what *Apply all* does, for a cell. Returns the plan that is left; raises what went wrong."""
        job = self.apply_all()
        job.join(timeout)
        if job.ending is not None and job.ending.error is not None:
            raise job.ending.error
        return self.plan

    def verify(self) -> None:
        """Ask the checks of the topology on the live VMs."""

        def work(_cancel: threading.Event) -> Generator[str, None, Any]:
            yield "verifying"
            return self.lab.verify()

        def end(ending: Ending) -> None:
            if ending.state == "done":
                report = ending.value
                self.answer.value = report._repr_html_()
                self.status.show("done" if report.ok else "failed", str(report).splitlines()[0])

        self.start("Asking the checks on the live VMs …", work, on_event=_ignore, on_end=end)

    def undo(self) -> Job:
        """Take back what the journal remembers."""
        return self._run_through(
            "Undoing …", lambda cancel: self.lab.undo(cancel=cancel, on_event=self._event), said="Undone: the remembered values are back."
        )

    def ask_destroy(self) -> None:
        """Ask before everything is removed."""
        self.confirm.ask()

    def destroy(self) -> Job:
        """Remove what this topology created, and nothing else."""
        return self._run_through(
            "Removing …",
            lambda cancel: self.lab.destroy(cancel=cancel, on_event=self._event),
            said="Removed: the host is as it was before.",
        )

    def cancel(self) -> None:
        """Stop after the step at hand."""
        self._walk_cancel.set()
        super().cancel()

    # -- the plan ------------------------------------------------------------------------------------------------

    def _make_plan(self) -> None:
        self._show_plan(self.lab.plan())

    def _planned(self, ending: Ending) -> None:
        if ending.state == "done":
            self._show_plan(ending.value)
        elif isinstance(ending.error, PlanRefused):
            self.answer.value = findings_html(ending.error.findings)

    def _show_plan(self, plan: Plan) -> None:
        self.plan, self._walk = plan, None
        self.steps.show(
            [step.to_dict() for step in plan],
            empty=f"✓ Nothing to do: {plan.host} is as {plan.topology} wants it." if plan.complete else "",
        )
        later = "".join(f" Later: {item.to_dict()['machine']} ({item.why})." for item in plan.deferred)
        count = len(plan)
        self.status.show("idle", f"{count} step{'' if count == 1 else 's'} to apply.{later}" if not plan.complete else "")

    # -- applying ------------------------------------------------------------------------------------------------

    def _apply(self, text: str, *, one: bool) -> Job:
        if self._walk is None:
            self._walk_cancel = threading.Event()
            self._walk = iter(self.lab.apply(self.plan, cancel=self._walk_cancel, on_event=self._event))
        walk = self._walk

        def work(_cancel: threading.Event) -> Generator[StepResult, None, bool]:
            for result in walk:
                yield result
                if one:
                    return False
            return True

        return self.start(text, work, on_event=self._finished_step, on_end=self._applied)

    def _applied(self, ending: Ending) -> None:
        if isinstance(ending.error, StalePlan):
            self._walk = None
            message = str(ending.error)
            self._make_plan()
            self.status.show("warning", message.splitlines()[0], "Planned again: look at the new steps, then apply.")
            return
        if ending.state == "done" and not ending.value:
            self.status.show("idle", f"{len(self.results)} steps applied so far.", "Press Next step or Apply all to go on.")
            return
        self._walk = None
        if ending.state == "cancelled":
            self.status.show("cancelled", "Stopped. Nothing after this step was touched.", "Apply again to go on, or Undo.")
        elif ending.state == "done":
            self._all_applied()

    def _all_applied(self) -> None:
        if self.results and not self.results[-1].ok:
            failed = self.results[-1]
            self.status.show("failed", f"{failed.step.title}: {failed.message}", failed.hint)
            return
        self.plan = self.lab.plan()
        self.status.show("done", "Applied: the host is as the topology says.")

    def _finished_step(self, result: StepResult) -> None:
        self.results.append(result)
        note = "\n".join(text for text in (result.message, result.hint, *result.warnings) if text)
        self.steps.mark(result.step.id, _MARKS[result.status], note)

    def _event(self, event: Mapping[str, Any]) -> None:
        match event["event"]:
            case "step-started":
                self.steps.add([dict(event)])
                self.steps.mark(event["id"], "running")
                self.status.show(
                    "running",
                    f"Step {event.get('number', '')} of {event.get('of', '')}: {event['title']}",
                    value=event.get("number", 1) - 1,
                    total=event.get("of", 0),
                )
            case "progress":
                self.status.show(
                    "running",
                    " ".join(str(event.get(key) or "") for key in ("activity", "status")).strip(),
                    value=max(0, event.get("percent", 0)),
                    total=100,
                )
            case _:
                pass

    def _run_through(self, text: str, steps: Callable[[threading.Event], Iterator[StepResult]], *, said: str) -> Job:
        """Run a lab's undo or destroy; its steps replace the ones shown."""
        self._walk, self.results = None, []
        self.steps.show([])
        self.answer.value = ""

        def work(cancel: threading.Event) -> Generator[StepResult, None, None]:
            yield from steps(cancel)

        def end(ending: Ending) -> None:
            if ending.state == "cancelled":
                self.status.show("cancelled", "Stopped after the step at hand.")
            elif ending.state == "done" and all(result.ok for result in self.results):
                self._make_plan()
                self.status.show("done", said)
            elif ending.state == "done":
                failed = self.results[-1]
                self.status.show("failed", f"{failed.step.title}: {failed.message}", failed.hint)
            self.results = []

        return self.start(text, work, on_event=self._finished_step, on_end=end)


class _Confirm(ipywidgets.HBox):
    """A question before something that cannot be taken back; hidden until asked."""

    def __init__(self, question: str, yes: str, action: Callable[[], Any]) -> None:
        self.yes_button = button(yes, question, self._yes, style="danger")
        self.no_button = button("No, keep them", "Change nothing", self._hide)
        self._action = action
        text = ipywidgets.HTML(question, layout=ipywidgets.Layout(margin="2px 8px 2px 0"))
        super().__init__(
            [text, self.yes_button, self.no_button], layout=ipywidgets.Layout(flex_flow="row wrap", align_items="center", display="none")
        )

    def ask(self) -> None:
        self.layout.display = ""

    def _yes(self) -> None:
        self._hide()
        self._action()

    def _hide(self) -> None:
        self.layout.display = "none"


def _ignore(_event: Any) -> None:
    """Events of short jobs need no more than the running status."""
