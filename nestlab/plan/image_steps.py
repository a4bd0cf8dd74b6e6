"""Images in nested hosts: each is copied from the outer host once, for all VMs inside."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.spelling import same_path
from nestlab.model.state import DiskFileState, HostState, HyperVState, VirtualMachineState
from nestlab.model.topology import VM, Image, images_used_inside
from nestlab.plan.cmdlet_targets import delete_files, on_vm, where_guest_service_interface
from nestlab.plan.disks import disk_file
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Planned, Step, StepTarget, Unchanged
from nestlab.texts import tr


def guest_service_steps(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState
) -> Iterator[Step]:
    """Yield the step that lets the host copy files into a VM, where images are needed in it."""
    if current.guest_service is not False or not images_used_inside(machine.images, vm):
        return

    def set_service(verb: str) -> Cmdlet:
        services = where_guest_service_interface(Cmdlet(f"{verb}-VMIntegrationService"))
        return on_vm(current, Cmdlet("Get-VMIntegrationService", {}, services))

    yield machine.step(
        Action.ENABLE_GUEST_SERVICE,
        vm.name,
        tr("Enable the Guest Service Interface of {vm}", vm=vm.name),
        tr("images for the VMs in it are copied into it"),
        set_service("Enable"),
        target=StepTarget(TargetKind.VM, vm.name, current.id),
        undo=(set_service("Disable"),),
    )


def image_steps(machine: PlannedMachine, vm: VM, host_state: HostState) -> Iterator[Planned]:
    """Yield the steps that copy the images that VMs in a nested host use into that nested host.

    `host_state` is the state of the host of `vm`, which has the images.
    """
    for image in images_used_inside(machine.images, vm):
        yield from _image(machine, image, host_state.hyper_v)


def replaces_image_file(machine: PlannedMachine, vm: VM, host_state: HostState) -> bool:
    """Whether a file in a nested host is to be replaced by an image of the host.

    `host_state` is the state of the host of `vm`, which has the images.
    """
    host = host_state.hyper_v
    if host is None or machine.state.hyper_v is None:
        return False
    found = (_files(machine, image, host) for image in images_used_inside(machine.images, vm))
    return any(source and existing and not same for _, source, existing, same in found)


def _files(
    machine: PlannedMachine, image: Image, host: HyperVState
) -> tuple[str, DiskFileState | None, DiskFileState | None, bool]:
    """Return the path of an image in a nested host, its file on the host, and the file there.

    The last value is whether both have the same size.
    """
    folder = host.vm_host.virtual_hard_disk_path
    source = disk_file(host, image.path_on(machine.path[:-1], folder))
    path = image.path_on(machine.path, machine.hyper_v.vm_host.virtual_hard_disk_path)
    existing = disk_file(machine.hyper_v, path)
    same = source is not None and existing is not None and existing.file_size == source.file_size
    return path, source, existing, same


def _image(machine: PlannedMachine, image: Image, host: HyperVState | None) -> Iterator[Planned]:
    if host is None or machine.as_vm is None:
        return
    path, source, existing, same = _files(machine, image, host)
    subject = tr("{machine}: image {image}", machine=machine.name, image=image.name)
    if existing is not None and (source is None or same):
        yield Unchanged(
            subject,
            tr("{path} is there, with {size}", path=path, size=existing.file_size),
        )
    elif existing is not None and _has_own_children(machine, path):
        why = tr(
            "{path} has {size} and the image {image_size}; disks were created on it, so it stays",
            path=path,
            size=existing.file_size,
            image_size=source and source.file_size,
        )
        yield Unchanged(subject, why)
    elif source is not None:
        yield _copy(machine, image, source, path, existing)


def _has_own_children(machine: PlannedMachine, path: str) -> bool:
    """Whether a disk of the topology is based on a file, also that of a VM that is left over."""
    hyper_v = machine.hyper_v
    own_ids = {vm.id for vm in hyper_v.vms_of(machine.topology)}
    return any(same_path(file.parent, path) for file in hyper_v.disk_files) or any(
        use.vm_id in own_ids and any(same_path(parent, path) for parent in use.parents)
        for use in hyper_v.disk_uses or ()
    )


def _copy(
    machine: PlannedMachine,
    image: Image,
    source: DiskFileState,
    path: str,
    existing: DiskFileState | None,
) -> Step:
    missing = tr("there is no {path} in {machine}", path=path, machine=machine.name)
    partial = tr(
        "{path} has {size} instead of {image_size}: a copy was interrupted, or the image has changed",
        path=path,
        size=existing.file_size if existing else "",
        image_size=source.file_size,
    )
    parameters = {
        "SourcePath": source.path,
        "DestinationPath": path,
        "FileSource": "Host",
        "CreateFullPath": SwitchParameter.ON,
        "Force": SwitchParameter.ON,
    }
    as_vm = machine.as_vm or VirtualMachineState(id="", name=machine.path[-1], state="")
    return machine.step(
        Action.COPY_IMAGE,
        image.name,
        tr(
            "Copy the image {image} ({size}) into {machine}",
            image=image.name,
            size=source.file_size,
            machine=machine.name,
        ),
        partial if existing else missing,
        on_vm(as_vm, Cmdlet("Copy-VMFile", parameters)),
        target=StepTarget(TargetKind.DISK, path),
        creates=True,
        from_host=True,
        existing_disks=(path,) if existing else (),
        undo=(delete_files(path),),
    )
