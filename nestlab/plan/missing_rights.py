"""Steps that need a local Administrator, in a session without elevated rights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from nestlab.constants import TERRAFORM_PROVIDER
from nestlab.constants.administrator_cmdlets import needs_administrator
from nestlab.errors import PlanRefused
from nestlab.model import Cmdlet, Finding, Findings, MachinePath, path_text
from nestlab.model.state import HostState
from nestlab.plan.step import Step
from nestlab.texts import mark, tr, tr_count, translate

RIGHTS_MISSING = "rights-missing"
"""The code of steps that need a local Administrator, where the session has no elevated rights."""
SIGN_IN_HINT = mark("Open the session as a member of the host's Administrators.")
_SWITCH_HINT = mark(
    "Open the session as a member of the host's Administrators; or have an Administrator create the switch, and declare it with existing: true."
)
_KEEP_HINT = mark(
    "Open the session as a member of the host's Administrators; or write into the file what the host has, so that nothing is changed."
)
_PRUNE_HINT = mark(
    "Open the session as a member of the host's Administrators; or leave out `--prune`, so that it stays and is listed."
)
_GUEST_HINT = mark("Name a credential of an account in the Administrators of {machine}.")


def administrator_steps(steps: Iterable[Step]) -> Iterator[Step]:
    """Yield the steps with a cmdlet that needs a local Administrator of its machine."""
    for step in steps:
        stages = (stage for cmdlet in step.cmdlets for stage in cmdlet.stages)
        if any(map(_needs_administrator, stages)):
            yield step


def _needs_administrator(cmdlet: Cmdlet) -> bool:
    return needs_administrator(cmdlet.name, cmdlet.parameters)


def rights_findings(
    steps: Iterable[Step],
    states: Mapping[MachinePath, HostState],
    *,
    is_removal: bool = False,
) -> Findings:
    """Return a finding for each machine without elevated rights on which steps need them.

    Machines whose rights are not known, or that were not observed, have none. `is_removal` is
    whether the steps only remove objects that the topology created.
    """
    by_machine: dict[MachinePath, list[Step]] = {}
    for step in administrator_steps(steps):
        state = states.get(step.runs_on)
        if state is not None and state.security.elevated is False:
            by_machine.setdefault(step.runs_on, []).append(step)
    return Findings(
        _finding(machine, needing, is_removal=is_removal) for machine, needing in by_machine.items()
    )


def _finding(machine: MachinePath, steps: list[Step], *, is_removal: bool) -> Finding:
    titles = dict.fromkeys(step.title for step in steps)
    message = tr_count(
        "{count} step needs a local Administrator of {machine}, and this session has no elevated rights: {steps}",
        "{count} steps need a local Administrator of {machine}, and this session has no elevated rights: {steps}",
        len(titles),
        machine=tr("the host") if not machine else path_text(machine),
        steps="; ".join(titles),
    )
    hint = SIGN_IN_HINT if is_removal else _way_out(steps)
    return Finding(
        RIGHTS_MISSING,
        "error",
        path_text(machine),
        message,
        translate(_GUEST_HINT, machine=path_text(machine)) if machine else translate(hint),
        tr("Get-WindowsOptionalFeature -Online refused: it answers elevated administrators only"),
        TERRAFORM_PROVIDER,
    )


def _way_out(steps: Iterable[Step]) -> str:
    """Return the hint that fits all of the steps: sign in, or in some cases leave them out."""
    hints = {_way_out_of(step) for step in steps}
    return hints.pop() if len(hints) == 1 else SIGN_IN_HINT


def _way_out_of(step: Step) -> str:
    """Return how to do without a step: it removes or changes what is there, or creates it."""
    if any(cmdlet.last_command.name.startswith("Remove-") for cmdlet in step.cmdlets):
        return _KEEP_HINT if step.undo else _PRUNE_HINT
    return _SWITCH_HINT if step.target.switch or _creates_switch(step) else SIGN_IN_HINT


def _creates_switch(step: Step) -> bool:
    return any(cmdlet.name == "New-VMSwitch" for cmdlet in step.cmdlets)


def refuse_missing_rights(
    steps: Iterable[Step],
    states: Mapping[MachinePath, HostState],
    *,
    is_removal: bool = False,
) -> None:
    """Raise PlanRefused where steps need a local Administrator and the session is not elevated."""
    findings = rights_findings(steps, states, is_removal=is_removal)
    if findings:
        raise PlanRefused(findings)
