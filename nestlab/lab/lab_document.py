"""Writes documents of a lab, with the findings and the plan for its host."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Protocol

from nestlab.apply import Journal
from nestlab.constants.document_kinds import ROLE_KIND, SCRIPT_KIND
from nestlab.errors import PlanRefused, UsageError
from nestlab.export import (
    Planned,
    PlannedRun,
    document_files,
    document_paths,
    record_section,
)
from nestlab.lab.simulated_run import RunnableLab, simulated_run
from nestlab.model import Finding, Findings
from nestlab.model.files import make_folder, write_atomically
from nestlab.model.topology import Topology
from nestlab.plan import Plan
from nestlab.rules import validate
from nestlab.texts import tr
from nestlab.transport.session import Cancel, Session


class PlannableLab(RunnableLab, Protocol):
    """The part of `Lab` that a document needs: a topology on a host, its check and its plan."""

    topology: Topology
    host: Session

    def check(self, *, cancel: Cancel | None = None) -> Findings:
        """Return the findings."""
        ...

    def plan(self, *, cancel: Cancel | None = None) -> Plan:
        """Return the plan; raises PlanRefused."""
        ...


def write_lab_document(
    lab: PlannableLab,
    path: str | Path,
    *,
    to: str,
    journal: str | Path | None,
    force: bool,
    cancel: Cancel | None,
) -> Path:
    """Write a document of a lab, as `Lab.export` says."""
    return write_document(
        lab.topology,
        path,
        partial(_without_host if to == SCRIPT_KIND else _planned, lab, cancel),
        to=to,
        host=lab.host.host,
        journal=journal,
        force=force,
    )


def write_document(
    topology: Topology,
    path: str | Path,
    planned: Planned,
    *,
    to: str,
    host: str,
    journal: str | Path | None,
    force: bool,
) -> Path:
    """Write a document of a topology with what `planned` returns; `host` is an address."""
    file = Path(path)
    for each in document_paths(to, topology, file):
        require_new(each, force=force)
    record = None if journal is None else record_section(Journal(Path(journal)))
    contents = document_files(to, topology, planned, file, host=host, record=record)
    for each, content in contents.items():
        if to == ROLE_KIND:
            make_folder(each.parent)
        write_atomically(each, content)
    return file


def _without_host(lab: PlannableLab, cancel: Cancel | None) -> tuple[Findings, PlannedRun]:
    """Return all steps: a script tests the computer that it runs on."""
    return validate(lab.topology), simulated_run(lab.topology, type(lab), cancel=cancel)


def _planned(lab: PlannableLab, cancel: Cancel | None) -> tuple[Findings, PlannedRun]:
    findings = _without_other_vms(lab.check(cancel=cancel), lab.topology)
    try:
        return findings, PlannedRun.of_plan(lab.plan(cancel=cancel))
    except PlanRefused as refusal:
        return findings, PlannedRun(lab.host.host, refused=Findings(refusal.findings))


def _without_other_vms(findings: Findings, topology: Topology) -> Findings:
    """Return the findings without notes about VMs of the host that are not in the topology."""
    own = {vm.name.casefold() for vm in topology.vms}
    return Findings(
        each
        for each in findings
        if each.location or each.severity != "info" or _vm_of(each) in {"", *own}
    )


def _vm_of(finding: Finding) -> str:
    """Return the name of the VM of the host that a finding is about, folded; empty if none."""
    kind, _, rest = finding.subject.partition(" ")
    return rest.partition(", adapter ")[0].casefold() if kind == "VM" else ""


def require_new(file: Path, *, force: bool) -> None:
    """Raise UsageError where a file exists already, unless it may be overwritten."""
    if file.is_file() and not force:
        message = tr("{file} already exists and was not changed.", file=file)
        hint = tr("Choose another file, or overwrite it with force (--force).")
        raise UsageError(message, hint=hint)
