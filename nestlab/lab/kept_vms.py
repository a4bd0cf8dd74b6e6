"""VMs that a destroy keeps because others now use them, and the switches that they need."""

from __future__ import annotations

from collections.abc import Callable

from nestlab.apply import Identify
from nestlab.dataclass import dataclass, field
from nestlab.model import MachinePath
from nestlab.plan import Action, Refusal, Step
from nestlab.texts import tr
from nestlab.transport.session import Session


@dataclass(frozen=True)
class SwitchesOfKeptVMs:
    """Identifies the steps of a destroy, and keeps the switches of a VM that it has to keep.

    Without its switches, and the NATs, scopes and addresses that serve them, such a VM loses its
    network. The removal of a switch `needs` the removals of the VMs that were connected to it when
    the plan was made.
    """

    identify_step: Identify
    _kept: dict[str, str] = field(default_factory=dict)
    _needs: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def expect(self, steps: tuple[Step, ...]) -> None:
        """Record the removals of VMs that the removals of switches in a plan wait for."""
        for step in steps:
            if step.action is Action.REMOVE_SWITCH:
                self._needs[step.target.name.casefold()] = step.needs

    def identify(self, step: Step, session_to: Callable[[MachinePath], Session]) -> Step | Refusal:
        """Return the step with the Ids of its objects, or why it must not run.

        Raises the errors of `identify_step`.
        """
        removes_switch = step.action is Action.REMOVE_SWITCH
        switch = step.target.name if removes_switch else step.target.switch
        for needed in self._needs.get(switch.casefold(), ()):
            if needed in self._kept:
                return Refusal(_why(switch, self._kept[needed], itself=removes_switch), in_use=True)
        found = self.identify_step(step, session_to)
        if step.action is Action.REMOVE_VM and isinstance(found, Refusal) and found.in_use:
            self._kept[step.id] = step.target.name
        return found


def _why(switch: str, vm: str, *, itself: bool) -> str:
    if itself:
        return tr("kept: VM {vm}, which is kept, is connected to it", vm=vm)
    return tr(
        "kept: it serves the switch {switch}, which VM {vm}, which is kept, is connected to",
        switch=switch,
        vm=vm,
    )
