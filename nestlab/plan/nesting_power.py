"""Steps that stop a VM for a change of its processor, and then restore its power state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from nestlab.dataclass import dataclass
from nestlab.errors import UsageError
from nestlab.model import Cmdlet
from nestlab.model.spelling import same_name
from nestlab.model.state import VirtualMachineState
from nestlab.plan.cmdlet_targets import on_vm, vm_target
from nestlab.plan.kinds import Action
from nestlab.plan.planned_machine import ObservedMachine
from nestlab.plan.power_steps import discard_saved_state, turn_off_cmdlet
from nestlab.plan.step import Hazard, Step
from nestlab.texts import mark, tr, translate

POWER_TO_RESTORE = {"Running": "Running", "Starting": "Running", "Paused": "Paused"}
"""The power state to return to after a change, by the state before it; none for other states."""

_REASON = mark("its processor and memory can be changed only while it is Off")


class Consent(Protocol):
    """What the user has consented to."""

    @property
    def discard_saved_state(self) -> bool:
        """Whether a saved state may be discarded."""
        ...

    @property
    def turn_off_now(self) -> tuple[str, ...]:
        """Names of VMs that are turned off without a shutdown request."""
        ...


@dataclass(frozen=True)
class PowerChange:
    """The power state of one VM: now, and after the change.

    After an interrupted change, the VM returns to the `remembered` power state that it had before;
    otherwise it returns to its current one.
    """

    machine: ObservedMachine
    vm: VirtualMachineState
    remembered: str
    consent: Consent

    @property
    def wanted(self) -> str:
        """Running, Paused or Off."""
        if self.remembered:
            return self.remembered
        return POWER_TO_RESTORE.get(self.vm.state, "Off")

    def steps_to_off(self, changes: Sequence[Step]) -> Iterator[Step]:
        """Yield the steps after which the VM is Off, so that `changes` can be made.

        Raises UsageError if the user has to consent or wait first.
        """
        vm, name = self.vm, self.vm.name
        if not changes or vm.state == "Off":
            return
        if vm.state == "Saved":
            if not self.consent.discard_saved_state:
                msg = tr(
                    "{vm} is saved; its processor can be changed only while it is Off", vm=name
                )
                hint = tr(
                    "Start it and shut it down; or discard the saved state (Discard saved states in the panel, discard_saved_state=True, --discard-saved-state): the contents of its guest's memory are lost."
                )
                raise UsageError(msg, hint=hint)
            yield discard_saved_state(self.machine, vm, translate(_REASON))
            return
        if vm.state not in ("Running", "Paused", "Starting"):
            msg = tr("{vm} is {state}", vm=name, state=vm.state)
            raise UsageError(msg, hint=tr("Wait until it is Running or Off, then plan again."))
        if any(same_name(name, other) for other in self.consent.turn_off_now):
            yield self._step(
                Action.TURN_OFF_VM,
                tr("Turn {vm} off", vm=name),
                turn_off_cmdlet(vm),
                Hazard.DELETES_DATA,
            )
            return
        if vm.state == "Paused":
            # A paused guest cannot shut down, so it is resumed first.
            resume, pause = on_vm(vm, Cmdlet("Resume-VM")), on_vm(vm, Cmdlet("Suspend-VM"))
            yield self._step(
                Action.RESUME_VM, tr("Resume {vm}", vm=name), resume, Hazard.NONE, undo=pause
            )
        # Without -Force: a guest that does not answer must not be turned off without consent.
        yield self._step(
            Action.SHUT_DOWN_VM,
            tr("Shut {vm} down", vm=name),
            on_vm(vm, Cmdlet("Stop-VM")),
            Hazard.STOPS_VM,
        )

    def restore_steps(self, *, stopped: bool) -> Iterator[Step]:
        """Yield the steps that restore the power state; with `stopped`, this plan stops the VM."""
        vm, name, off = self.vm, self.vm.name, stopped or self.vm.state == "Off"
        if off and self.wanted in ("Running", "Paused"):
            start, stop = on_vm(vm, Cmdlet("Start-VM")), on_vm(vm, Cmdlet("Stop-VM"))
            yield self._step(
                Action.START_VM,
                tr("Start {vm}", vm=name),
                start,
                Hazard.NONE,
                why=tr("it was running before")
                if self.wanted == "Running"
                else tr("it was paused before, and has to run to be paused again"),
                undo=stop,
            )
        if self.wanted == "Paused" and (off or self.vm.state == "Running"):
            pause, resume = on_vm(vm, Cmdlet("Suspend-VM")), on_vm(vm, Cmdlet("Resume-VM"))
            why = tr("it was paused before")
            yield self._step(
                Action.SUSPEND_VM,
                tr("Pause {vm}", vm=name),
                pause,
                Hazard.NONE,
                why=why,
                undo=resume,
            )

    def _step(
        self,
        action: Action,
        title: str,
        cmdlet: Cmdlet,
        hazard: Hazard,
        *,
        why: str = "",
        undo: Cmdlet | None = None,
    ) -> Step:
        name = self.vm.name
        back = undo or on_vm(self.vm, Cmdlet("Start-VM"))
        reason = why or tr(
            "{vm} is {state}: {why}", vm=name, state=self.vm.state, why=translate(_REASON)
        )
        target = vm_target(self.vm)
        return self.machine.step(
            action, name, title, reason, cmdlet, target=target, undo=(back,), hazard=hazard
        )
