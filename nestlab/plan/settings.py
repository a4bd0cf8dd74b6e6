"""Settings of a VM: those that change only while it is off, and the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.first_boot_note import first_boot_of, with_first_boot
from nestlab.model.ownership import marked_notes, without_mark
from nestlab.model.state import VirtualMachineState
from nestlab.model.topology import VM, Image, secure_boot_template
from nestlab.plan.boot_security_steps import secure_boot_steps, tpm_steps
from nestlab.plan.cmdlet_targets import on_vm, vm_target
from nestlab.plan.disks import gets_new_disk
from nestlab.plan.first_boot_steps import first_boot
from nestlab.plan.key_settings import setting_changes
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import ObservedMachine, PlannedMachine
from nestlab.plan.step import Step, StepTarget
from nestlab.texts import tr
from nestlab.topology_file.keys import VM_SETTINGS
from nestlab.visible import visible


def offline_steps(machine: PlannedMachine, vm: VM, current: VirtualMachineState) -> Iterator[Step]:
    """Yield the changes of settings that need the VM Off."""
    yield from _version(machine, vm, current)
    yield from _processor_count(machine, vm, current)
    yield from _extensions(machine, vm, current)
    yield from _memory(machine, vm, current)
    yield from secure_boot_steps(machine, vm, current)
    yield from tpm_steps(machine, vm, current)
    yield from _plain_settings(machine, vm, current, while_off=True)


def live_settings(machine: PlannedMachine, vm: VM, current: VirtualMachineState) -> Iterator[Step]:
    """Yield the changes of settings that a running VM accepts."""
    yield from _plain_settings(machine, vm, current, while_off=False)


def _plain_settings(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState, *, while_off: bool
) -> Iterator[Step]:
    """Yield the changes of the settings in the key table, one parameter of Set-VM each."""
    for change in setting_changes(VM_SETTINGS, vm, current.settings, while_off=while_off):
        yield machine.step(
            Action.SET_VM_SETTING,
            f"{vm.name}/{change.of.key.name}",
            change.title(vm.name),
            change.why,
            on_vm(current, change.cmdlet),
            target=StepTarget(TargetKind.VM, vm.name, current.id),
            undo=tuple(on_vm(current, cmdlet) for cmdlet in change.undo),
        )


def notes_steps(machine: PlannedMachine, vm: VM, current: VirtualMachineState) -> Iterator[Step]:
    """Yield the change of the Notes, which keeps the mark and the line about the first boot."""
    given = first_boot_of(current.notes)
    booted = first_boot(machine, vm) if gets_new_disk(machine, vm, current) else given
    notes = marked_notes(vm.notes or current.notes, machine.topology)
    wanted = with_first_boot(notes, booted)
    if (vm.notes or booted != given) and _lines(current.notes) != _lines(wanted):
        is_unmarked = current.id in machine.unmarked  # planned as if it had the mark
        shown = without_mark(current.notes) if is_unmarked else current.notes
        yield machine.step(
            Action.SET_NOTES,
            vm.name,
            tr("Set the notes of {vm}", vm=vm.name),
            tr("its notes are {notes!r}", notes=shown),
            on_vm(current, Cmdlet("Set-VM", {"Notes": wanted})),
            target=StepTarget(TargetKind.VM, vm.name, current.id),
            undo=(on_vm(current, Cmdlet("Set-VM", {"Notes": current.notes})),),
        )


def _lines(notes: str) -> list[str]:
    """Return the lines of Notes, which end with CR LF in Hyper-V Manager and with LF in a file."""
    return visible(notes.strip()).splitlines()


def can_upgrade(machine: PlannedMachine, vm: VM, current: VirtualMachineState) -> bool:
    """Whether the configuration version can be upgraded in place.

    It can only be upgraded to the default of the host, and never downgraded.
    """
    return vm.version == machine.hyper_v.vm_host.default_version and _version_key(
        current.version
    ) < _version_key(vm.version or "")


def _version_key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def _version(machine: PlannedMachine, vm: VM, current: VirtualMachineState) -> Iterator[Step]:
    if (
        not current.id
        or not vm.version
        or vm.version == current.version
        or not can_upgrade(machine, vm, current)
    ):
        return
    yield machine.step(
        Action.UPGRADE_VERSION,
        vm.name,
        tr(
            "Upgrade the configuration version of {vm} to {version}", vm=vm.name, version=vm.version
        ),
        tr("it is {version}; a version cannot be downgraded", version=current.version),
        on_vm(current, Cmdlet("Update-VMVersion", {"Force": SwitchParameter.ON})),
        target=StepTarget(TargetKind.VM, vm.name, current.id),
    )


def unread_settings(
    images: tuple[Image, ...], vm: VM, current: VirtualMachineState | None
) -> Iterator[str]:
    """Yield a phrase for each setting of the file that could not be read."""
    if current is None:
        return
    if secure_boot_template(images, vm) is not None and current.secure_boot is None:
        yield tr("its Secure Boot could not be read")
    if vm.tpm is not None and current.tpm is None:
        yield tr("whether it has a TPM could not be read")
    if vm.version and not current.version:
        yield tr("its configuration version could not be read")


def _processor_count(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState
) -> Iterator[Step]:
    if current.processor_count == vm.processor_count:
        return
    yield machine.step(
        Action.SET_PROCESSOR_COUNT,
        vm.name,
        tr(
            "Set the processor count of {vm} to {count}",
            vm=vm.name,
            count=vm.processor_count,
        ),
        tr("it has {count}", count=current.processor_count),
        on_vm(current, Cmdlet("Set-VMProcessor", {"Count": vm.processor_count})),
        target=StepTarget(TargetKind.VM, vm.name, current.id),
        undo=(on_vm(current, Cmdlet("Set-VMProcessor", {"Count": current.processor_count})),),
    )


def _extensions(machine: PlannedMachine, vm: VM, current: VirtualMachineState) -> Iterator[Step]:
    if current.expose_virtualization_extensions == vm.exposes_extensions:
        return
    yield set_extensions(machine, current, expose=vm.exposes_extensions)


def set_extensions(machine: ObservedMachine, current: VirtualMachineState, *, expose: bool) -> Step:
    """Return the step that exposes the virtualization extensions to a VM, or hides them."""
    name = current.name
    if expose:
        title = tr("Expose virtualization extensions to {vm}", vm=name)
        why = tr("Hyper-V inside the VM needs them, and they are hidden")
    else:
        title = tr("Hide virtualization extensions from {vm}", vm=name)
        why = tr("they are exposed, which is not wanted; without them no VM inside can start")
    return machine.step(
        Action.EXPOSE_EXTENSIONS if expose else Action.HIDE_EXTENSIONS,
        name,
        title,
        why,
        on_vm(current, Cmdlet("Set-VMProcessor", {"ExposeVirtualizationExtensions": expose})),
        target=vm_target(current),
        undo=(
            on_vm(
                current, Cmdlet("Set-VMProcessor", {"ExposeVirtualizationExtensions": not expose})
            ),
        ),
    )


def _memory(machine: PlannedMachine, vm: VM, current: VirtualMachineState) -> Iterator[Step]:
    dynamic = vm.dynamic_memory
    if dynamic is None:
        wanted = {"DynamicMemoryEnabled": False, "StartupBytes": vm.memory_startup}
        same = not current.dynamic_memory_enabled and current.memory_startup == vm.memory_startup
        title = tr(
            "Set the memory of {vm} to {memory}",
            vm=vm.name,
            memory=vm.memory_startup,
        )
    else:
        # One call sets all of them: Hyper-V would refuse a minimum above the startup memory in
        # between.
        wanted = {
            "DynamicMemoryEnabled": True,
            "MinimumBytes": dynamic.minimum,
            "StartupBytes": vm.memory_startup,
            "MaximumBytes": dynamic.maximum,
        }
        same = _memory_of(current) == wanted
        title = tr(
            "Give {vm} dynamic memory from {minimum} to {maximum}",
            vm=vm.name,
            minimum=dynamic.minimum,
            maximum=dynamic.maximum,
        )
    if not same:
        yield set_memory(machine, current, title, wanted)


def set_memory(
    machine: ObservedMachine, current: VirtualMachineState, title: str, wanted: Mapping[str, object]
) -> Step:
    """Return the step that sets the memory of a VM; its undo restores the previous values."""
    was = (
        tr(
            "it has {minimum} to {maximum} of dynamic memory, {startup} at startup",
            minimum=current.memory_minimum,
            maximum=current.memory_maximum,
            startup=current.memory_startup,
        )
        if current.dynamic_memory_enabled
        else tr("it has {memory} of memory", memory=current.memory_startup)
    )
    return machine.step(
        Action.SET_MEMORY,
        current.name,
        title,
        was,
        on_vm(current, Cmdlet("Set-VMMemory", wanted)),
        target=vm_target(current),
        undo=(on_vm(current, Cmdlet("Set-VMMemory", _memory_of(current))),),
    )


def _memory_of(current: VirtualMachineState) -> dict[str, object]:
    if not current.dynamic_memory_enabled:
        return {"DynamicMemoryEnabled": False, "StartupBytes": current.memory_startup}
    return {
        "DynamicMemoryEnabled": True,
        "MinimumBytes": current.memory_minimum,
        "StartupBytes": current.memory_startup,
        "MaximumBytes": current.memory_maximum,
    }
