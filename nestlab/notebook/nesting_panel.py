"""Virtualization extensions of the VMs of a host: see them, expose them, hide them, and back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping
from typing import Any

import ipywidgets

from nestlab.apply import StepResult
from nestlab.lab import NestingChange
from nestlab.model.html import Html, table
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.notebook.job import Ending, Job
from nestlab.notebook.panel import Panel, button, row
from nestlab.notebook.steps import StepList
from nestlab.observe import observe
from nestlab.transport.session import Session

_HEADERS = ("VM", "state", "extensions", "startup memory", "dynamic memory", "version", "MAC spoofing")


class NestingPanel(Panel):
    """All VMs of a host in one table; the steps that change one of them, shown before they run."""

    def __init__(self, host: Session) -> None:
        self.session = host
        self.state = observe(host)
        self._changes: list[NestingChange] = []
        self.table = ipywidgets.HTML()
        wide = {"description_width": "40px"}
        self.vm = ipywidgets.Dropdown(description="VM", options=[vm.name for vm in self._vms()], style=wide)
        self.direction = ipywidgets.ToggleButtons(
            options=[("Expose extensions", True), ("Hide extensions", False)], tooltips=["to the VM", "from the VM"]
        )
        self.steps = StepList()
        self.apply_button = button("Apply", "Run these steps on the host", self.apply, style="success")
        self.undo_button = button("Undo", "Bring the remembered values back", self.undo, style="warning")
        self.read_button = button("Read again", "Ask the host again", self.read)
        self.undo_button.disabled = True
        choice = ipywidgets.HBox([self.vm, self.direction], layout=ipywidgets.Layout(flex_flow="row wrap", margin="6px 0"))
        resting = [self.vm, self.direction, self.apply_button, self.read_button]
        super().__init__([self.table, choice, self.steps], resting=resting)
        self.children = (
            self.table,
            choice,
            self.steps,
            row(self.apply_button, self.cancel_button, self.undo_button, self.read_button),
            self.status,
        )
        self.vm.observe(self._chosen, names="value")
        self.direction.observe(self._chosen, names="value")
        self._show_table()
        self.attempt(self._preview)

    def useless(self) -> Collection[ipywidgets.Widget]:
        """Return Apply where the shown change needs no step."""
        return () if self.steps.steps else (self.apply_button,)

    def snapshot(self) -> Html:
        """Return the table of the VMs."""
        return self._table()

    def apply(self) -> Job:
        """Run the steps that are shown."""
        change = self._change()
        self._changes.append(change)
        return self._run(
            "Applying …", lambda cancel: change.apply(cancel=cancel, on_event=self._event), "Applied, and read again from the host."
        )

    def undo(self) -> Job:
        """Take back the last change made here."""
        change = self._changes.pop()
        self.steps.show([])
        return self._run(
            "Undoing …", lambda cancel: change.undo(cancel=cancel, on_event=self._event), "Undone: the remembered values are back."
        )

    def read(self) -> None:
        """Read the host again, beside the page."""

        def work(_cancel: threading.Event) -> Generator[str, None, HostState]:
            yield "reading"
            return observe(self.session)

        def end(ending: Ending) -> None:
            if ending.state == "done":
                self._take(ending.value)
                self._preview()

        self.start("Reading the VMs …", work, on_event=_ignore, on_end=end)

    def _vms(self) -> Iterable[VirtualMachineState]:
        return self.state.hyper_v.vms if self.state.hyper_v else ()

    def _change(self) -> NestingChange:
        return NestingChange(self.session, self.vm.value, enable=self.direction.value)

    def _chosen(self, _change: Any) -> None:
        self.attempt(self._preview)

    def _preview(self) -> None:
        if self.vm.value is None:
            self.steps.show([], empty="There are no VMs on this host.")
            self.apply_button.disabled = True
            return
        plan = self._change().plan()
        nothing = "; ".join(item.why for item in plan.unchanged)
        self.steps.show([step.to_dict() for step in plan], empty=f"✓ Nothing to do: {nothing}.")
        self.apply_button.disabled = not plan.steps
        count = len(plan)
        self.status.show(
            "idle", f"{count} step{'' if count == 1 else 's'} on {self.session.host}. Nothing has been changed yet." if count else ""
        )

    def _run(self, text: str, results: Callable[[threading.Event], Iterator[StepResult]], said: str) -> Job:
        failed: list[StepResult] = []

        def work(cancel: threading.Event) -> Generator[StepResult, None, HostState]:
            yield from results(cancel)
            return observe(self.session)

        def on_result(result: StepResult) -> None:
            self.steps.mark(
                result.step.id,
                {"done": "done", "failed": "failed"}.get(result.status, "skipped"),
                "\n".join(filter(None, (result.message, result.hint))),
            )
            if not result.ok:
                failed.append(result)

        def end(ending: Ending) -> None:
            self.undo_button.disabled = not self._changes
            if ending.state == "done":
                self._take(ending.value)
            if failed:
                self.status.show("failed", f"{failed[0].step.title}: {failed[0].message}", failed[0].hint)
            elif ending.state == "cancelled":
                self.status.show("cancelled", "Stopped. Nothing after this step was touched.", "Apply again to go on, or Undo.")
            elif ending.state == "done":
                self.status.show("done", said)

        self.undo_button.disabled = True
        return self.start(text, work, on_event=on_result, on_end=end)

    def _event(self, event: Mapping[str, Any]) -> None:
        if event["event"] == "step-started":
            self.steps.add([dict(event)])
            self.steps.mark(event["id"], "running")
            self.status.show("running", event["title"], value=event.get("number", 1) - 1, total=event.get("of", 0))
        elif event["event"] == "progress":
            self.status.text = " ".join(str(event.get(key) or "") for key in ("activity", "status")).strip()

    def _take(self, state: HostState) -> None:
        self.state = state
        self._show_table()

    def _show_table(self) -> None:
        self.table.value = self._table()

    def _table(self) -> Html:
        return table(_HEADERS, [_cells(vm) for vm in self._vms()])


def _cells(vm: VirtualMachineState) -> tuple[object, ...]:
    dynamic = f"{vm.memory_minimum} to {vm.memory_maximum}" if vm.dynamic_memory_enabled else "off"
    spoofing = ", ".join(f"{adapter.name}: {'on' if adapter.mac_address_spoofing else 'off'}" for adapter in vm.network_adapters)
    extensions = "✓ exposed" if vm.expose_virtualization_extensions else "hidden"
    return (vm.name, vm.state, extensions, vm.memory_startup, dynamic, vm.version, spoofing)


def _ignore(_event: Any) -> None:
    """Events of short jobs need no more than the running status."""
