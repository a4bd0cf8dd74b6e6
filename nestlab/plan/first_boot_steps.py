"""What a generalized Windows needs before its first boot: an answer file in its new disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nestlab.constants import ARCHITECTURE_X64
from nestlab.constants.account_names import BUILT_IN_ADMINISTRATOR
from nestlab.model import Cmdlet, MachinePath, path_text
from nestlab.model.first_boot_note import FirstBoot
from nestlab.model.topology import VM, Disk, Image, image_of, is_generalized
from nestlab.plan.answer_file import ANSWER_FILE, ANSWER_FOLDER, DEFAULT_LANGUAGE, answer_lines
from nestlab.plan.disk_contents import CLEANUP_COUNT, DiskText, dismount_if_mounted, write_into_disk
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Step, StepTarget
from nestlab.plan.windows_partition import SYSTEM_FOLDER
from nestlab.texts import mark, tr, translate


def first_boot_advice(
    images: tuple[Image, ...], path: MachinePath, vm: VM, *, has_answers: bool
) -> str:
    """Return what to do if Windows in a VM never answers, or an empty string.

    A corrected `prepared`, credential or generation alone changes nothing: the VM has had its first
    boot, and keeps its generation. `has_answers` says whether nestlab wrote an answer file for it.
    """
    image = image_of(images, vm)
    of_image = _image_advice(image, path, vm, has_answers) if image else ""
    return " ".join(filter(None, (_generation_advice(images, path, vm), of_image)))


def _image_advice(image: Image, path: MachinePath, vm: VM, has_answers: bool) -> str:  # noqa: FBT001  # passed on
    """Return what to do where the image of a VM is not what the file says."""
    again = tr("recreate the VM with `--recreate {path}`", path=path_text(path))
    once = tr("Windows reads its answer file at its first boot only")
    if is_generalized((image,), vm):
        if has_answers:
            return tr(
                "{once}: if that failed, {again}. {own_name}.",
                once=once,
                again=again,
                own_name=_own_name(),
            )
        return tr(
            "{once}, and {none_was_written}: {again}. {own_name}.",
            once=once,
            none_was_written=_no_answers(path),
            again=again,
            own_name=_own_name(),
        )
    if has_answers:
        return tr(
            "{had_answers}: if image {image} was generalized with sysprep, set prepared: false again and {again}, because {once}. If it holds no Windows at all, correct its os.",
            had_answers=_had_answers(path),
            image=image.name,
            again=again,
            once=once,
        )
    return tr(
        "If image {image} was generalized with sysprep, {as_generalized} and {again}: {once}. If it holds no Windows at all, correct its os.",
        image=image.name,
        as_generalized=_as_generalized(image, vm),
        again=again,
        once=once,
    )


def _no_answers(path: MachinePath) -> str:
    return tr("none was written when {path} was created, as its notes show", path=path_text(path))


def _had_answers(path: MachinePath) -> str:
    return tr(
        "{path} was created with an answer file, when its image had prepared: false",
        path=path_text(path),
    )


def _as_generalized(image: Image, vm: VM) -> str:
    """Return the edits after which a VM has a generalized image: it needs a disk on the image."""
    if vm.disk and vm.disk.path:
        return tr("write disk: {{image: {image}}}, set prepared: false for it", image=image.name)
    return tr("set prepared: false for it")


def _generation_advice(images: tuple[Image, ...], path: MachinePath, vm: VM) -> str:
    """Return what to do where a VM of generation 1 has the disk of one of generation 2.

    Empty if the file says that the image is for generation 1.
    """
    image, disk = image_of(images, vm), vm.disk or Disk()
    file = (image.path if image else disk.parent or disk.path) or ""
    is_declared = image is not None and image.generation is not None
    if vm.generation != 1 or is_declared or not file.casefold().endswith(".vhdx"):
        return ""
    name = path_text(path)
    return tr(
        "{name} has generation 1, which boots Windows from a disk with a master boot record (MBR) only, and most VHDX images are for generation 2 (GPT): if {image} is, remove generation: 1 and recreate the VM with `--recreate {name}`, since its generation cannot change.",
        name=name,
        image=image.name if image else file,
    )


_ANOTHER_SYSTEM = {
    "windows": mark("such as Linux, which does not boot under the Secure Boot template of Windows"),
    "linux": mark("such as Windows, which does not boot under the Secure Boot template of Linux"),
}
_EITHER = mark("Windows or Linux, which do not boot under each other's Secure Boot template")


def no_heartbeat_reasons(systems: Iterable[str]) -> str:
    """Return what to check if VMs run without a heartbeat, as sentences.

    `systems` are the operating systems that the file says they have, as in `guest.os`. That Windows
    does not boot under the template of Linux is inferred, see the simulated host.
    """
    named = {system for system in systems if system != "none"}
    another = translate(_ANOTHER_SYSTEM.get(min(named), _EITHER) if len(named) == 1 else _EITHER)
    return tr(
        "Its console shows why. Usual reasons: the image or disk has another operating system than the file says, {another}: then correct os of guest and of the image; it is for the other generation: generation 1 boots from a disk with MBR, generation 2 from one with GPT; it is empty. `nestlab explain` explains what the console shows.",
        another=another,
    )


def _own_name() -> str:
    return tr(
        "The account {account} has another name in some languages of Windows: a user name of your own works in all",
        account=BUILT_IN_ADMINISTRATOR,
    )


def refused_advice(
    images: tuple[Image, ...], path: MachinePath, vm: VM, *, has_answers: bool
) -> str:
    """Return what to do where Windows in a VM on an image refuses a credential that is correct.

    Empty for a VM that is not on an image of the file. `has_answers` says whether nestlab wrote an
    answer file for the VM: without one, a corrected `prepared` changes nothing in it.
    """
    image, name = image_of(images, vm), path_text(path)
    if image is None:
        return ""
    recreate = tr("recreate the VM with `--recreate {name}`, which deletes its disks", name=name)
    if is_generalized(images, vm) and not has_answers:
        return tr(
            "Windows reads an answer file at its first boot only, and {none_was_written}: prepared: false changes nothing in it. If the credential is correct, {recreate}. {own_name}.",
            none_was_written=_no_answers(path),
            recreate=recreate,
            own_name=_own_name(),
        )
    if is_generalized(images, vm):
        return tr(
            "If image {image} is not generalized, Windows in {name} did not read its answer file: set prepared: true for the image, and give the credential {credential} an account that the image has. {own_name}. Only if that does not help, {recreate}: it reads its answer file at its first boot only.",
            image=image.name,
            name=name,
            credential=vm.guest.credential,
            own_name=_own_name(),
            recreate=recreate,
        )
    if has_answers:
        return tr(
            "{had_answers}. If image {image} is prepared, as the file says now, Windows did not read it: give the credential {credential} an account that the image has. If it was generalized, the account is the one that the credential had then.",
            had_answers=_had_answers(path),
            image=image.name,
            credential=vm.guest.credential,
        )
    return tr(
        "If the credential is correct and image {image} was generalized with sysprep, Windows waits at its setup screens: {as_generalized}, then {recreate}.",
        image=image.name,
        as_generalized=_as_generalized(image, vm),
        recreate=recreate,
    )


def answer_file_steps(machine: PlannedMachine, vm: VM, path: str | None) -> Iterator[Step]:
    """Yield the step that writes the answer file of a VM into its disk, which is not attached yet.

    An existing disk gets it only if a run created the disk and was interrupted before it created
    the VM. Windows on any other disk may be set up already: it would not read the file, and the
    password would stay in it.
    """
    credential = vm.guest.credential
    if path is None or not credential or not is_generalized(machine.images, vm):
        return
    if not machine.is_new_disk(path):
        return
    architecture = next((each.architecture for each in machine.state.processors), ARCHITECTURE_X64)
    text = DiskText(
        folder=ANSWER_FOLDER,
        name=ANSWER_FILE,
        lines=answer_lines(vm, credential, architecture),
    )
    image = vm.disk.image if vm.disk else ""
    yield machine.step(
        Action.WRITE_ANSWER_FILE,
        vm.name,
        tr(
            "Write the answer file of {vm} into its disk: computer name, account of the credential {credential}, language, time zone",
            vm=vm.name,
            credential=credential,
        ),
        tr(
            "image {image} is generalized: Windows stops at its setup screens without one",
            image=image,
        )
        + _existing_disk_text(machine, path),
        dismount_if_mounted(path),
        *write_into_disk(path, text, must_have=SYSTEM_FOLDER),
        target=StepTarget(TargetKind.DISK, path),
        undo=(dismount_if_mounted(path),),
        needs=(machine.step_id(Action.CREATE_DISK, vm.name),),
        cleanup_count=CLEANUP_COUNT,
    )


def _existing_disk_text(machine: PlannedMachine, path: str) -> str:
    """Return what is not known of a disk that exists, with a semicolon; empty for a new one."""
    if path.lower() not in machine.hyper_v.existing_disks:
        return ""
    return tr(
        "; a run created the disk and no VM with it, as its journal shows; if anyone has started a VM from it since, delete the file and plan again"
    )


def windows_missing(step: Step, failed: Cmdlet | None) -> tuple[str, str] | None:
    """Return the message and the hint about a disk without Windows.

    None unless the failed cmdlet is the one that looks for the folder of Windows before the answer
    file is written.
    """
    if step.action is not Action.WRITE_ANSWER_FILE or failed is None or failed.name != "Get-Item":
        return None
    vm = path_text((*step.machine, step.subject))
    message = tr(
        "No Windows was found on the image of {vm}: no partition of its disk has a folder {folder}",
        vm=vm,
        folder=SYSTEM_FOLDER,
    )
    hint = tr(
        "The os of that image, under images, is probably wrong. For Linux, write os: linux there and guest: {{os: linux, cloud_init: true}} in {vm}; else correct the path of the image. Then run the same command again.",
        vm=vm,
    )
    return message, hint


def no_answer_file(machine: PlannedMachine, vm: VM, path: str) -> str:
    """Return a clause saying that an existing disk gets no answer file, or an empty string."""
    credential = vm.guest.credential
    if not credential or not is_generalized(machine.images, vm) or machine.is_new_disk(path):
        return ""
    return tr(
        "no answer file is written into it, because its Windows may be set up, and would not read it: the accounts, language and time zone in it stay, so the credential {credential} needs an account that it has; for a new Windows, delete that file and plan again",
        credential=credential,
    )


def first_boot_on(machine: PlannedMachine, vm: VM, path: str | None) -> FirstBoot | None:
    """Return the settings of a VM's first boot from a disk; None if no answer file is written."""
    return first_boot(machine, vm) if path is None or machine.is_new_disk(path) else None


def first_boot(machine: PlannedMachine, vm: VM) -> FirstBoot | None:
    """Return the settings of a VM's first boot; None if no answer file is written for it."""
    if not vm.guest.credential or not is_generalized(machine.images, vm):
        return None
    return FirstBoot(vm.guest.language or DEFAULT_LANGUAGE, vm.guest.time_zone)
