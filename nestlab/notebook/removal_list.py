"""What Destroy would remove: what the host had when it was planned, and what was created since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PureWindowsPath

from nestlab.enumerations import all_of
from nestlab.errors import NestlabError
from nestlab.html import Html, escape
from nestlab.lab import Lab
from nestlab.model import HOST
from nestlab.plan import Plan, Step, StepTarget, TargetKind, plan_destroy
from nestlab.texts import tr_count


def found_targets(lab: Lab, plan: Plan) -> tuple[StepTarget, ...]:
    """Return what Destroy would remove of the states that a plan was made from."""
    try:
        return tuple(step.target for step in plan_destroy(lab.topology, plan.states).steps)
    except NestlabError:  # Destroy itself says what is wrong
        return ()


def removed_targets(found: Iterable[StepTarget], applied: Iterable[Step]) -> tuple[StepTarget, ...]:
    """Return each object once: those that were `found`, and those that steps created since."""
    created = (step.target for step in applied if step.creates and step.machine == HOST)
    by_name = {(target.kind, target.name.casefold()): target for target in (*found, *created)}
    return tuple(by_name.values())


def removal_html(question: str, targets: Iterable[StepTarget]) -> Html:
    """Return the question before a destroy, with the objects that it removes."""
    items = "".join(f"<li>{escape(line)}</li>" for line in _lines([*targets]))
    listed = f"<ul style='margin:0 0 4px'>{items}</ul>" if items else ""
    return Html(f"<div style='line-height:1.45'>{escape(question)}{listed}</div>")


def _lines(targets: list[StepTarget]) -> Iterator[str]:
    """Yield a line for each kind of object: how many, and their names."""
    if vms := _names(targets, TargetKind.VM):
        yield tr_count("{count} VM: {names}", "{count} VMs: {names}", len(vms), names=all_of(vms))
    if disks := _names(targets, TargetKind.DISK):
        yield tr_count(
            "{count} disk: {names}", "{count} disks: {names}", len(disks), names=all_of(disks)
        )
    if switches := _names(targets, TargetKind.SWITCH):
        yield tr_count(
            "{count} virtual switch: {names}",
            "{count} virtual switches: {names}",
            len(switches),
            names=all_of(switches),
        )
    if nats := _names(targets, TargetKind.NAT):
        yield tr_count(
            "{count} NAT: {names}", "{count} NATs: {names}", len(nats), names=all_of(nats)
        )
    shown = (TargetKind.VM, TargetKind.DISK, TargetKind.SWITCH, TargetKind.NAT)
    others = [
        target.name
        for target in targets
        if target.kind not in shown and target.switch not in switches  # they go with their switch
    ]
    if others:
        yield tr_count(
            "{count} other object: {names}",
            "{count} other objects: {names}",
            len(others),
            names=all_of(others),
        )


def _names(targets: Iterable[StepTarget], kind: TargetKind) -> list[str]:
    return [PureWindowsPath(target.name).name for target in targets if target.kind is kind]
