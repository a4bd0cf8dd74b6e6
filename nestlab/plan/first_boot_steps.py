"""What a generalized Windows needs before its first boot: an answer file in its new disk."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model.topology import VM, is_generalized
from nestlab.plan.answer_file import ANSWER_FILE, ANSWER_FOLDER, answer_lines
from nestlab.plan.disk_contents import CLEANUP_COUNT, DiskText, dismount_if_mounted, write_into_disk
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Step, StepTarget


def answer_file_steps(machine: PlannedMachine, vm: VM, path: str | None) -> Iterator[Step]:
    """Yield the step that writes the answer file of a VM into its disk, which is not attached yet.

    A disk that exists gets it again: it may come from a run that was interrupted before this step.
    """
    credential = vm.guest.credential
    if path is None or not credential or not is_generalized(machine.images, vm):
        return
    architecture = next((each.architecture for each in machine.state.processors), 9)
    text = DiskText(
        folder=ANSWER_FOLDER,
        name=ANSWER_FILE,
        lines=answer_lines(vm, credential, architecture),
    )
    image = vm.disk.image if vm.disk else ""
    yield machine.step(
        Action.WRITE_ANSWER_FILE,
        vm.name,
        f"Write the answer file of {vm.name} into its disk: computer name, account of the credential {credential}, language",
        f"image {image} is generalized: Windows stops at its setup screens without one",
        dismount_if_mounted(path),
        *write_into_disk(path, text, must_have="Windows"),
        target=StepTarget(TargetKind.DISK, path),
        undo=(dismount_if_mounted(path),),
        needs=(machine.step_id(Action.CREATE_DISK, vm.name),),
        cleanup_count=CLEANUP_COUNT,
    )
