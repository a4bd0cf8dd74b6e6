"""The capability report of a host: the verdict, then the evidence.

It can be compared with a second host, and estimates how many nested hosts fit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from typing import Any

import ipywidgets

from nestlab import transport
from nestlab.enumerations import beginning
from nestlab.html import Html, escape
from nestlab.model import Findings
from nestlab.model.state import HostState
from nestlab.notebook.arguments import require_host
from nestlab.notebook.extension_pictures import extension_pictures, static_pictures
from nestlab.notebook.findings_view import ReportView, findings_html
from nestlab.notebook.job import JobResult
from nestlab.notebook.panel import Panel, button, labelled, row
from nestlab.observe import observe
from nestlab.rules import host_findings
from nestlab.rules.capacity_estimate import capacity_estimate
from nestlab.rules.memory_budget import memory_budget
from nestlab.simulator.scenarios import scenario_names
from nestlab.texts import tr
from nestlab.transport.host_address import without_password
from nestlab.transport.session import Session

_GB = 1 << 30


class CapabilityPanel(Panel):
    """Reads a host and shows whether it supports nesting, with evidence; compares two hosts."""

    def __init__(self, host: Session) -> None:
        require_host(host, type(self).__name__)
        self.session = host
        self.state: HostState = observe(host)
        self.other: HostState | None = None
        self.report = ReportView()
        self.pictures = ipywidgets.HTML()
        self.capacity = ipywidgets.HTML()
        self.memory, self.inside, self.memory_inside = (
            _number(tr("Nested host"), 8),
            _number(tr("VMs inside"), 2),
            _number(tr("Memory each"), 2),
        )
        self.address = ipywidgets.Combobox(
            placeholder="sim:ws2019-amd, winrms://hv02 …",  # not shown
            options=[f"sim:{name}" for name in scenario_names()],
            ensure_option=False,
            continuous_update=False,
            **labelled(tr("Compare"), label=60, field=280),
        )
        self.read_button = button(
            tr("Read again"), tr("Read the current state of the host"), self.read
        )
        self.compare_button = button(
            tr("Compare"), tr("Read this host as well, and show both side by side"), self.compare
        )
        self.remove_comparison_button = button(
            tr("Remove comparison"), tr("Show only the first host"), self.remove_comparison
        )
        self.remove_comparison_button.layout.display = "none"
        question = row(
            self.memory,
            ipywidgets.Label("GB"),
            self.inside,
            self.memory_inside,
            ipywidgets.Label("GB"),
        )
        buttons = [self.read_button, self.compare_button, self.remove_comparison_button]
        super().__init__([], disabled_while_busy=buttons)
        commands = row(
            self.read_button, self.address, self.compare_button, self.remove_comparison_button
        )
        self.children = (commands, self.status, self.report, self.pictures, question, self.capacity)
        for field in (self.memory, self.inside, self.memory_inside):
            field.observe(self._show_capacity, names="value")
        self._show()

    @property
    def findings(self) -> Findings:
        """The findings about this host."""
        return host_findings(self.state)

    def read(self) -> None:
        """Read the host again, in the background."""
        self._read_in_background(
            tr("Reading {host} …", host=self.session.host),
            lambda: (observe(self.session), self.other),
            tr("The host was read again."),
        )

    def compare(self) -> None:
        """Read a second host and show it beside this one."""
        address = self.address.value.strip()
        if not address:
            self.status.show(
                "warning",
                tr("No host to compare with was given."),
                tr("Enter its address, for example sim:ws2019-amd or winrms://NAME."),
            )
            return

        def both() -> tuple[HostState, HostState]:
            session = transport.connect(address)
            try:
                return self.state, observe(session)
            finally:
                session.close()

        # The content of the field is saved with the notebook.
        self.address.value = shown = without_password(address)
        self._read_in_background(
            tr("Reading {host} …", host=shown), both, tr("Compared with {host}", host=shown)
        )

    def remove_comparison(self) -> None:
        """Remove the second host from the report."""
        self.other = None
        self._show()

    def snapshot(self) -> Html:
        """Return the current report."""
        shown = [state for state in (self.state, self.other) if state is not None]
        reports = "".join(
            f"<h3 style='margin:.2em 0 .4em'>{escape(s.host)}</h3>{findings_html(host_findings(s))}"
            for s in shown
        )
        pictures = static_pictures(self.state) if self.state.hyper_v else ""
        return Html(f"{reports}{pictures}{self.capacity.value}")

    def _read_in_background(
        self, text: str, read: Callable[[], tuple[HostState, HostState | None]], done_text: str
    ) -> None:
        def work(_cancel: threading.Event) -> Generator[str, None, Any]:
            yield "reading"
            return read()

        def end(result: JobResult) -> None:
            if result.state == "done":
                self.state, self.other = result.value
                self._show()
                self.status.show("done", done_text)

        self.start(text, work, on_event=lambda _event: None, on_end=end)

    def _show(self) -> None:
        self.report.show(*(state for state in (self.state, self.other) if state is not None))
        self.remove_comparison_button.layout.display = "" if self.other else "none"
        self.pictures.value = extension_pictures(self.state) if self.state.hyper_v else ""
        self._show_capacity()

    def _show_capacity(self, _change: Any = None) -> None:
        lines = []
        for state in filter(None, (self.state, self.other)):
            budget = memory_budget(state)
            fits = capacity_estimate(
                budget,
                memory_each=self.memory.value * _GB,
                vms_inside=self.inside.value,
                memory_inside=self.memory_inside.value * _GB,
            )
            name = f"{escape(state.host)}: " if self.other else ""
            lines.append(
                f"<div style='line-height:1.5'>{name}<b>{'✓' if fits.ok else '✗'} {escape(beginning(str(fits)))}.</b> <span style='opacity:.8'>{escape(budget)}</span></div>"
            )
        self.capacity.value = "".join(lines)


def _number(label: str, value: int) -> ipywidgets.BoundedIntText:
    return ipywidgets.BoundedIntText(
        value=value, min=1, max=1 << 20, **labelled(label, label=80, field=70)
    )
