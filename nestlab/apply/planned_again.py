"""Steps whose cmdlets depend on what a change of a switch has left on the machine's own adapters.

It is not documented whether an adapter stays on a changed switch (plan/changed_adapters), nor what
a physical adapter keeps below a switch that the machine does not share (plan/taken_adapters).
"""

from __future__ import annotations

from collections.abc import Iterable

from nestlab.plan import Action, Step, TargetKind


def is_planned_again(step: Step, done: Iterable[Step]) -> bool:
    """Whether a step on an adapter of a switch is planned again, after the steps that are `done`.

    The machine is observed before that.
    """
    return step.target.kind is TargetKind.ADDRESS and any(
        each.target.name == step.target.switch and _leaves_it_open(each) for each in done
    )


def _leaves_it_open(step: Step) -> bool:
    """Whether it is not known before a step what adapters of its switch have after it."""
    if step.action is Action.SET_SWITCH:
        return True
    return step.action is Action.CREATE_SWITCH and any(
        cmdlet.parameters.get("AllowManagementOS") is False for cmdlet in step.cmdlets
    )
