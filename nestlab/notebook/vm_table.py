"""All VMs of a host in a table, with checkboxes to choose some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import traitlets

from nestlab.enumerations import all_of
from nestlab.html import Html, escape, headline, table
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.model.vm_state import state_text
from nestlab.notebook.javascript import joined
from nestlab.notebook.page_texts import VMS, TranslatedWidget
from nestlab.plan.vm_names import name_problem
from nestlab.rules import findings_about_vm
from nestlab.rules.evidence import vms_of
from nestlab.texts import mark, tr, tr_count, translate

_STATIC = Path(__file__).parent / "static"
_HEADERS = (
    mark("VM"),
    mark("state"),
    mark("extensions"),
    mark("to look at"),
    mark("memory"),
    mark("processors"),
    mark("version"),
    mark("MAC spoofing"),
)
_KEYS = ("name", "state", "extensions", "blockers", "memory", "processors", "version", "spoofing")
_SHORT = {
    "vm-saved": mark("saved"),
    "vm-running": "",
    "vm-version-too-old": mark("version too old"),
    "vm-version-disputed": mark("version disputed"),
    "vm-dynamic-memory": mark("dynamic memory"),
    "vm-memory-low": mark("less than 4 GB"),
    "vm-checkpoint": mark("has a checkpoint"),
    "vm-processors": mark("too many processors"),
}


class VMTable(TranslatedWidget):
    """The VMs of a host; `selected` holds the names of the chosen ones.

    A VM whose name is ambiguous cannot be chosen; VMs with the same name are shown with their
    ids.
    """

    PAGE_TEXTS = VMS
    _esm = joined(_STATIC / "vms.js")
    _css = _STATIC / "vms.css"
    rows: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    summary = traitlets.Unicode("").tag(sync=True)
    selected: traitlets.List[str] = traitlets.List().tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)  # noqa: FBT003  # a trait's default

    def show(self, state: HostState) -> None:
        """Show the VMs of a host; chosen VMs that still exist stay chosen."""
        with self.hold_sync():
            self.rows = [_row(state, vm) for vm in vms_of(state)]
            self.summary = _summary(self.rows)
            names = {row["name"] for row in self.rows if not row["blocked"]}
            self.selected = [name for name in self.selected if name in names]

    def html(self) -> Html:
        """Return the table for a saved notebook."""
        rows = table(
            [translate(header) for header in _HEADERS],
            [[_name_html(row), *(row[key] for key in _KEYS[1:])] for row in self.rows],
        )
        return Html(f"{headline('', self.summary) if self.summary else ''}{rows}")


def _summary(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return how many VMs expose the extensions, and which others to look at first."""
    if not rows:
        return ""
    exposed = sum(row["exposed"] for row in rows)
    text = tr_count(
        "{exposed} of {count} VM exposes virtualization extensions.",
        "{exposed} of {count} VMs expose virtualization extensions.",
        len(rows),
        exposed=exposed,
    )
    names = dict.fromkeys(r["name"] for r in rows if r["blockers"] and not r["exposed"])
    if not names:
        return text
    return f"{text} {tr('Look at {vms} first.', vms=all_of(list(names)))}"


def _name_html(row: dict[str, Any]) -> Html:
    return Html(
        f"{escape(row['name'])}<br><small>{escape(row['id'])}</small>"
        if row["id"]
        else escape(row["name"])
    )


def _memory(vm: VirtualMachineState) -> str:
    if not vm.dynamic_memory_enabled:
        return str(vm.memory_startup)
    return tr(
        "{startup}, dynamic {minimum} to {maximum}",
        startup=vm.memory_startup,
        minimum=vm.memory_minimum,
        maximum=vm.memory_maximum,
    )


def _row(state: HostState, vm: VirtualMachineState) -> dict[str, Any]:
    on = [adapter.name for adapter in vm.network_adapters if adapter.mac_address_spoofing]
    problem = name_problem(vms_of(state), vm.name)
    blocked = f"{problem.message}. {problem.hint}" if problem else ""
    blockers = [translate(_SHORT.get(finding.code, "")) for finding in findings_about_vm(state, vm)]
    return {
        "name": vm.name,
        "id": vm.id if blocked else "",
        "blocked": blocked,
        "state": state_text(vm.state),
        "exposed": vm.expose_virtualization_extensions,
        "extensions": tr("✓ exposed") if vm.expose_virtualization_extensions else tr("hidden"),
        "memory": _memory(vm),
        "processors": str(vm.processor_count),
        "version": vm.version,
        "spoofing": tr("on: {adapters}", adapters=", ".join(on))
        if on
        else tr("off")
        if vm.network_adapters
        else tr("no adapter"),
        "blockers": problem.message if problem else ", ".join(filter(None, blockers)),
    }
