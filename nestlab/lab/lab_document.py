"""Writes documents of a lab, with the findings and the plan for its host."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from nestlab.errors import PlanRefused, UsageError
from nestlab.export import HANDOUTS, PlannedRun, handout, require_kind
from nestlab.model import Findings
from nestlab.model.files import write_atomically
from nestlab.model.topology import Topology
from nestlab.plan import Plan
from nestlab.transport.session import Cancel, Session


class PlannableLab(Protocol):
    """What a document is made from: a topology on a host, its check and its plan."""

    topology: Topology
    host: Session

    def check(self, *, cancel: Cancel | None = None) -> Findings:
        """Return the findings."""
        ...

    def plan(self, *, cancel: Cancel | None = None) -> Plan:
        """Return the plan; raises PlanRefused."""
        ...


def write_document(
    lab: PlannableLab, path: str | Path, *, to: str, force: bool, cancel: Cancel | None
) -> Path:
    """Write a document of a lab, as `Lab.export` says."""
    kind, file = require_kind(to), Path(path)
    require_new(file, force=force)
    findings = lab.check(cancel=cancel)
    try:
        run = PlannedRun.of_plan(lab.plan(cancel=cancel))
    except PlanRefused as refusal:
        run = PlannedRun(lab.host.host, refused=Findings(refusal.findings))
    write_atomically(file, HANDOUTS[kind](handout(lab.topology, findings, run)))
    return file


def require_new(file: Path, *, force: bool) -> None:
    """Raise UsageError where a file exists already, unless it may be overwritten."""
    if file.is_file() and not force:
        message = f"{file} already exists and was not changed."
        hint = "Choose another file, or overwrite it with force (--force)."
        raise UsageError(message, hint=hint)
