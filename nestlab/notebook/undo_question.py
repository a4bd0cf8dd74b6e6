"""The question before an undo that removes VMs or disks, and the run that it is about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path, PureWindowsPath

from nestlab.apply import Journal, undo_steps
from nestlab.enumerations import all_of
from nestlab.html import Html, escape
from nestlab.model import path_text
from nestlab.notebook.confirm import Confirm
from nestlab.notebook.plan_controls import PlanActions
from nestlab.plan import Step, TargetKind
from nestlab.texts import tr, tr_count


def undo_question(actions: PlanActions) -> Confirm:
    """Return the question before an undo; its text names what would be removed."""
    yes = actions.button(
        tr("Yes, remove what it created"), tr("Undo the run"), actions.undo, style="danger"
    )
    return Confirm("", yes, tr("No, leave it as it is"))


def undo_question_html(journal: Path, own: Path | None) -> Html:
    """Return the question before a journal is undone; empty if that removes no VM and no disk.

    `own` is the journal of the panel; the run of any other journal is named by its time.
    """
    steps = [step for step in undo_steps(Journal(journal).entries()) if step.creates]
    items = "".join(f"<li>{escape(line)}</li>" for line in _removed(steps))
    if not items:
        return Html("")
    lead = tr("Undo removes what the run created, with all that is in it:")
    if journal != own:
        lead = tr(
            "Undo removes what the earlier run of {time} created, with all that is in it:",
            time=run_time(journal),
        )
    kept = tr("Objects that other VMs depend on are kept.")
    return Html(
        f"<div style='line-height:1.45'>{escape(lead)}<ul style='margin:0'>{items}</ul>{escape(kept)}</div>"
    )


def run_time(journal: Path) -> str:
    """Return when the run of a journal began, in UTC; its file name where that is not recorded."""
    time = Journal(journal).first_header().time
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if time is not None else journal.name


def _removed(steps: list[Step]) -> Iterator[str]:
    """Yield the VMs and the disks that undoing these steps removes."""
    vms = [_name(step) for step in steps if step.target.kind == TargetKind.VM]
    if vms:
        yield tr_count("{count} VM: {names}", "{count} VMs: {names}", len(vms), names=all_of(vms))
    disks = [_name(step) for step in steps if step.target.kind == TargetKind.DISK]
    if disks:
        yield tr_count(
            "{count} disk: {names}", "{count} disks: {names}", len(disks), names=all_of(disks)
        )


def _name(step: Step) -> str:
    """Return the machine path of the object that a step creates; for a disk, its file name."""
    return path_text((*step.machine, PureWindowsPath(step.target.name).name))
