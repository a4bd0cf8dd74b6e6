"""What a VM has that a topology file cannot express, though the VM itself is in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nestlab.model import Cmdlet
from nestlab.model.state import CheckpointState, VirtualMachineState
from nestlab.model.topology import VMState
from nestlab.model.vm_state import state_text
from nestlab.plan import ON_STATES
from nestlab.texts import tr


def vm_losses(vm: VirtualMachineState, own: Iterable[CheckpointState]) -> Iterator[str]:
    """Yield what the file lacks of a VM; `own` are the checkpoints that the file has."""
    yield from _state_loss(vm)
    yield from _checkpoint_loss(vm, {each.id for each in own})
    yield from settings_loss(vm.settings_without_key)


def settings_loss(cmdlets: tuple[str, ...]) -> Iterator[str]:
    """Yield the settings that the file has no key for, as the cmdlets that set them."""
    if cmdlets:
        yield tr(
            "settings that a topology file has no key for: {settings}", settings="; ".join(cmdlets)
        )


def _state_loss(vm: VirtualMachineState) -> Iterator[str]:
    if vm.state in set(VMState):
        return
    found = tr(
        "it is {state}, and {in_file} in the file, in which a VM is Running or Off",
        state=state_text(vm.state),
        in_file=state_text(VMState.RUNNING if vm.state in ON_STATES else VMState.OFF),
    )
    if vm.state == "Paused":
        resume = tr(
            "it differs from the file until it is resumed: {command}",
            command=Cmdlet("Resume-VM", {"Name": vm.name}),
        )
        found = f"{found}; {resume}"
    yield found


def _checkpoint_loss(vm: VirtualMachineState, own: set[str]) -> Iterator[str]:
    if not vm.parent_checkpoint_id:
        return
    if vm.checkpoints is None:
        yield tr("its checkpoints are not in the file")
    others = [each.name for each in vm.checkpoints or () if each.id not in own]
    if others:
        yield tr("its checkpoints are not in the file: {names}", names=", ".join(others))
