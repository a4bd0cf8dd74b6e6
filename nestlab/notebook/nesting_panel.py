"""The virtualization extensions of a host's VMs: show, expose, hide, and undo."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Generator, Iterator
from typing import Any

import ipywidgets

from nestlab.apply import Event, StepProgress, StepResult, StepStarted, Waiting
from nestlab.errors import NestlabError, PlanRefused, UsageError
from nestlab.html import Html, escape
from nestlab.lab import NestingChange
from nestlab.model.state import HostState
from nestlab.notebook.arguments import require_host
from nestlab.notebook.confirm import Confirm
from nestlab.notebook.extension_pictures import extension_pictures, static_pictures
from nestlab.notebook.findings_view import findings_html
from nestlab.notebook.job import Job, JobResult
from nestlab.notebook.nesting_form import NestingForm, refusal_texts
from nestlab.notebook.panel import Panel, row
from nestlab.notebook.progress import SEE_FAILED_STEP, wait_text
from nestlab.notebook.steps import StepList, steps_html
from nestlab.notebook.vm_table import VMTable
from nestlab.observe import observe
from nestlab.plan import Plan
from nestlab.texts import tr, tr_count, translate
from nestlab.transport.session import Session


class NestingPanel(Panel):
    """The VMs of a host in a table, and the steps that change the chosen ones; apply and undo."""

    def __init__(self, host: Session) -> None:
        require_host(host, type(self).__name__)
        self.session = host
        self.state = observe(host)
        self._changes: list[NestingChange] = []
        self._planned = False  # whether the displayed steps have not been run yet
        self._undoes = False  # whether the last job was an undo
        self.pictures = ipywidgets.HTML()
        self.vms = VMTable()
        self.options = NestingForm()
        self.refused = ipywidgets.HTML()
        self.steps = StepList()
        yes = self.button(
            tr("Turn off"),
            tr("Turn the VM off without a shutdown: unsaved data in the guest is lost"),
            self.turn_off_now,
            style="danger",
        )
        self.turn_off_question = Confirm("", yes, tr("Leave running"))
        self.turn_off_question.no_button.on_click(self._left_running)
        self.apply_button = self.button(
            tr("Apply"), tr("Run these steps on the host"), self.apply, style="primary"
        )
        self.undo_button = self.button(tr("Undo"), tr("Restore the earlier values"), self.undo)
        self.read_button = self.button(
            tr("Read again"), tr("Read the current state of the host"), self.read
        )
        buttons = [self.apply_button, self.undo_button, self.read_button]
        super().__init__([], disabled_while_busy=[self.vms, *self.options.inputs, *buttons])
        self.children = (
            self.vms,
            self.options,
            self.pictures,
            self.refused,
            self.steps,
            row(self.apply_button, self.cancel_button, self.undo_button, self.read_button),
            self.status,
            self.turn_off_question,
        )
        self.vms.show(self.state)
        self.vms.observe(self._on_selection, names="selected")
        for choice in self.options.inputs:
            choice.observe(self._on_selection, names="value")
        self._on_selection()

    def snapshot(self) -> Html:
        """Return the table of the VMs, the pictures, and the steps with their results."""
        pictures = static_pictures(self.state, self._newly_exposed())
        return Html(self.vms.html() + pictures + self.refused.value + steps_html(self.steps.rows()))

    def unavailable(self) -> list[ipywidgets.Widget]:
        """Return the buttons to disable: Apply without planned steps, Undo without changes."""
        available = ((self.apply_button, self._planned), (self.undo_button, bool(self._changes)))
        return [widget for widget, applies in available if not applies]

    def apply(self) -> Job:
        """Run the steps that are shown; after an earlier run, plan again first."""
        change = self._change()
        if self.steps.states:
            self.steps.show([step.to_dict() for step in change.plan()])
        return self._apply(change)

    def turn_off_now(self) -> Job:
        """Turn off the VM that did not shut down, and continue to apply or to undo."""
        if self._undoes:
            return self.undo(turn_off=[self._changes[-1].timed_out_vm])
        return self._apply(self._changes.pop().with_turn_off())

    def _apply(self, change: NestingChange) -> Job:
        self._changes.append(change)
        self._planned = self._undoes = False
        return self._run(
            tr("Applying …"),
            lambda cancel: change.apply(cancel=cancel, on_event=self._event),
            tr("Applied. The table shows the new state of the host."),
        )

    def undo(self, *, turn_off: Collection[str] = ()) -> Job:
        """Undo the last change made in this panel; `turn_off` as in `NestingChange.undo`.

        With the box ticked, all VMs of the change may be turned off.
        """
        change, self._undoes = self._changes[-1], True
        turn_off = change.vm_names if self.options.turn_off.value else turn_off
        self.steps.show([])

        def results(cancel: threading.Event) -> Iterator[StepResult]:
            ok = True
            for result in change.undo(turn_off=turn_off, cancel=cancel, on_event=self._event):
                ok = ok and result.ok
                yield result
            if ok:
                self._changes.remove(change)  # otherwise undo can be retried

        return self._run(tr("Undoing …"), results, tr("Undone: the earlier values are restored."))

    def read(self) -> None:
        """Read the host again, in the background."""

        def work(_cancel: threading.Event) -> Generator[str, None, HostState]:
            yield "reading"
            return observe(self.session)

        def end(result: JobResult) -> None:
            if result.state == "done":
                self._use_state(result.value)
                self._preview()

        self.start(tr("Reading the VMs …"), work, on_event=_ignore, on_end=end)

    def _change(self) -> NestingChange:
        return NestingChange(
            self.session,
            list(self.vms.selected),
            enable=self.options.enable,
            memory_startup=self.options.memory_startup,
            mac_address_spoofing=self.options.spoofing.value,
            discard_saved_state=self.options.discard_saved.value,
            turn_off=self.options.turn_off.value,
            credential=self.options.credential.value.strip(),
        )

    def _on_selection(self, _change: Any = None) -> None:
        self.attempt(self._preview)
        self.update_enabled()

    def _preview(self) -> None:
        self.options.show_applicable()
        self.pictures.value = extension_pictures(self.state)
        self.refused.value = ""
        self._planned = False
        self.turn_off_question.hide()
        self.steps.show([])
        if self.state.hyper_v is None:
            self.status.show(
                "warning",
                tr("Hyper-V does not answer on {host}.", host=self.session.host),
                tr("CapabilityPanel(host) shows why."),
            )
            return
        if not self.vms.selected:
            self.status.show("idle", tr("Choose VMs in the table.") if self.vms.rows else "")
            return
        try:
            plan = self._change().plan()
        except PlanRefused as refused:
            self.refused.value = findings_html(refused.findings)
            self.status.show("warning", *refusal_texts(refused.findings, self.vms.selected))
            return
        except UsageError as error:
            self.status.show("warning", error.message, error.hint)
            return
        self._show_plan(plan)

    def _show_plan(self, plan: Plan) -> None:
        nothing = "; ".join(dict.fromkeys(item.why for item in plan.unchanged))
        self.steps.show(
            [step.to_dict() for step in plan],
            empty=tr("✓ Nothing to do: {reason}.", reason=nothing),
        )
        self.pictures.value = extension_pictures(self.state, self._newly_exposed())
        self._planned = not plan.is_empty
        if plan.is_empty:
            self.status.show("idle", "")
            return
        text = tr_count(
            "{count} step on {host}. Nothing has been changed yet.",
            "{count} steps on {host}. Nothing has been changed yet.",
            len(plan),
            host=self.session.host,
        )
        notes = [f"{item.subject}: {item.why}." for item in plan.unchanged]
        self.status.show("idle", text, " ".join(notes))

    def _run(
        self, text: str, results: Callable[[threading.Event], Iterator[StepResult]], done_text: str
    ) -> Job:
        failed: list[StepResult] = []

        def work(cancel: threading.Event) -> Generator[StepResult, None, HostState]:
            yield from results(cancel)
            return observe(self.session)

        def on_result(result: StepResult) -> None:
            self.steps.mark(
                result.step.id,
                result.status.value,
                "\n".join(filter(None, (result.message, result.hint))),
            )
            if not result.ok:
                failed.append(result)

        self.turn_off_question.hide()
        return self.start(
            text,
            work,
            on_event=on_result,
            on_end=lambda result: self._ended(result, failed, done_text),
        )

    def _ended(self, result: JobResult, failed: list[StepResult], done_text: str) -> None:
        if result.state == "done":
            self._use_state(result.value)
        self._planned = self._has_steps()
        hint = translate(SEE_FAILED_STEP)
        if failed and self._changes and (name := self._changes[-1].timed_out_vm):
            hint = tr("Choose below: turn {vm} off, or leave it running.", vm=name)
            self.turn_off_question.ask(
                tr(
                    "{vm} did not shut down. Turn it off? Unsaved data in the guest is lost.",
                    vm=f"<b>{escape(name)}</b>",
                )
            )
        if failed:
            self.status.show(
                "failed", tr("{title}: this step failed.", title=failed[0].step.title), hint
            )
        elif result.state == "cancelled":
            self.status.show(
                "cancelled",
                tr("Stopped. No later step was run."),
                tr("Apply again to continue, or Undo."),
            )
        elif result.state == "done":
            notes = self._changes[-1].notes if self._changes else ()
            self.status.show("done", done_text, " ".join(f"{note}." for note in notes))

    def _has_steps(self) -> bool:
        """Whether the current choice has steps to run, for example after a failure or an undo."""
        try:
            return bool(self.vms.selected) and not self._change().plan().is_empty
        except NestlabError:
            return False

    def _left_running(self, _button: Any) -> None:
        again = tr("Apply requests a shutdown again.")
        if self._undoes:
            again = tr("Undo requests a shutdown again.")
        self.status.show("cancelled", tr("The VM was left running."), again)

    def _event(self, event: Event) -> None:
        match event:
            case StepStarted(step=step, number=number, of=of):
                self.steps.add([event.to_dict()])
                self.steps.mark(step.id, "running")
                self.status.show("running", step.title, value=number - 1, total=of)
            case StepProgress():
                self.status.text = f"{event.activity} {event.status}".strip()
            case Waiting():
                hint = "\n".join(filter(None, (event.reason, wait_text(event, None))))
                self.status.show("running", event.activity, hint)
            case _:
                pass

    def _use_state(self, state: HostState) -> None:
        self.state = state
        self.vms.show(state)
        self.pictures.value = extension_pictures(state, self._newly_exposed())

    def _newly_exposed(self) -> list[str]:
        """Return the chosen VMs to which the displayed steps expose the extensions."""
        return list(self.vms.selected) if self.options.enable and self.steps.steps else []


def _ignore(_event: Any) -> None:
    """Ignore the events of a short job; its status line says that it runs."""
