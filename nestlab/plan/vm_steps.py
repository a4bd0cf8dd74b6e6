"""Virtual machines: creation, disk, settings, and power state."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import PRODUCT_WORKSTATION
from nestlab.dataclass import replace
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.first_boot_note import with_first_boot
from nestlab.model.ownership import disk_name, is_left_behind, marked_notes
from nestlab.model.state import HardDiskState, NetworkAdapterState, VirtualMachineState
from nestlab.model.topology import VM, SecureBoot, VMState
from nestlab.plan.adapters import adapter_steps, adapters_need_off, step_needs_off
from nestlab.plan.cmdlet_targets import on_vm
from nestlab.plan.data_disks import create_data_disks, data_disk_steps, data_disks_need_off
from nestlab.plan.disk_names import disk_path
from nestlab.plan.disks import (
    create_disk,
    exists_already,
    expand_disk_steps,
    offline_disk_steps,
    system_disk_grows_while_off,
)
from nestlab.plan.dvd_drives import (
    boots_from_dvd,
    dvd_drive_steps,
    dvd_drives_need_off,
    new_dvd_drives,
)
from nestlab.plan.existing_disks import with_existing_disks
from nestlab.plan.first_boot_steps import answer_file_steps, first_boot_on, no_answer_file
from nestlab.plan.image_steps import guest_service_steps
from nestlab.plan.key_settings import initial_settings
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.plan_refusals import refuse_unmarked
from nestlab.plan.planned_machine import PlannedMachine, or_unchanged
from nestlab.plan.power_steps import (
    ON_STATES,
    discard_saved_state,
    start_step,
    stop_cmdlet,
    stop_step,
    turn_off_cmdlet,
)
from nestlab.plan.seed_disks import with_static_macs
from nestlab.plan.seed_steps import new_seed_steps, seed_steps
from nestlab.plan.settings import live_settings, notes_steps, offline_steps
from nestlab.plan.step import Effect, Planned, Step, StepTarget
from nestlab.plan.vm_texts import why_vm_is_unchanged
from nestlab.texts import tr
from nestlab.topology_file.keys import ADAPTER_SETTINGS, VM_SETTINGS


def vm_steps(machine: PlannedMachine, vm: VM) -> Iterator[Planned]:
    """Yield the steps that create a VM, or change it to match the topology."""
    yield from with_existing_disks(machine, vm, _vm_steps(machine, vm))


def _vm_steps(machine: PlannedMachine, vm: VM) -> Iterator[Planned]:
    vm, current = with_static_macs(machine, vm), machine.vm(vm.name)
    if current is not None:
        if is_left_behind(current, machine.topology):
            yield _mark(machine, vm, current)
            current = replace(current, notes=_notes_of_new(machine, vm))
        refuse_unmarked(machine, f"VM {vm.name}", current.notes)
        yield from or_unchanged(
            f"{machine.name}: VM {vm.name}",
            why_vm_is_unchanged(machine, vm, current),
            _changes(machine, vm, current),
        )
        return
    path = disk_path(machine.hyper_v.vm_host.virtual_hard_disk_path, machine.topology, vm)
    yield from create_disk(machine, vm, path)
    yield from create_data_disks(machine, vm)
    yield from new_seed_steps(machine, vm)
    yield from answer_file_steps(machine, vm, path)
    yield _create(machine, vm, path)
    yield from _changes(machine, vm, _as_created(machine, vm, path))


def _changes(machine: PlannedMachine, vm: VM, current: VirtualMachineState) -> Iterator[Planned]:
    offline = [
        *offline_steps(machine, vm, current),
        *offline_disk_steps(machine, vm, current),
        *seed_steps(machine, vm, current),
    ]
    dvd_drives = [*dvd_drive_steps(machine, vm, current)]
    if not offline and not _devices_need_off(machine, vm, current):
        yield from dvd_drives
        yield from _online_steps(machine, vm, current)
        yield from _power_steps(machine, vm, current)
        return
    off = replace(current, state="Off")
    before = [
        *_stop_steps(machine, current, tr("it must be Off for the changes that follow")),
        *dvd_drives,
        *offline,
    ]
    effect = Effect.RESTART if current.state in ON_STATES else Effect.LIVE
    yield from (replace(step, effect=effect) for step in before)
    yield from (
        replace(step, effect=effect) if step_needs_off(step, vm, current) else step
        for step in _online_steps(machine, vm, off)
    )
    yield from (replace(step, effect=effect) for step in _power_steps(machine, vm, off))


def _devices_need_off(machine: PlannedMachine, vm: VM, current: VirtualMachineState) -> bool:
    return (
        adapters_need_off(vm, current)
        or system_disk_grows_while_off(machine, vm, current)
        or data_disks_need_off(machine, vm, current)
        or dvd_drives_need_off(vm, current)
    )


def _online_steps(machine: PlannedMachine, vm: VM, current: VirtualMachineState) -> Iterator[Step]:
    yield from notes_steps(machine, vm, current)
    yield from live_settings(machine, vm, current)
    yield from guest_service_steps(machine, vm, current)
    yield from expand_disk_steps(machine, vm, current)
    yield from data_disk_steps(machine, vm, current)
    yield from adapter_steps(machine, vm, current)


def _stop_steps(
    machine: PlannedMachine, current: VirtualMachineState, reason: str
) -> Iterator[Step]:
    if current.state in ON_STATES:
        yield stop_step(machine, current, reason)
    elif current.state == "Saved":
        yield discard_saved_state(machine, current, reason)


def _power_steps(machine: PlannedMachine, vm: VM, current: VirtualMachineState) -> Iterator[Step]:
    if vm.state is VMState.RUNNING and current.state not in {"Running", "Starting"}:
        needs = (machine.step_id(Action.CREATE_VM, vm.name),)
        yield start_step(
            machine,
            vm.name,
            current,
            tr("it is {state}, and should be Running", state=current.state),
            needs,
        )
    elif vm.state is VMState.OFF and current.state in ON_STATES:
        yield stop_step(machine, current, tr("it should be Off"))


def _create(machine: PlannedMachine, vm: VM, path: str | None) -> Step:
    parameters: dict[str, object] = {
        "Name": vm.name,
        "Generation": vm.generation,
        "MemoryStartupBytes": vm.memory_startup,
    }
    parameters |= {"VHDPath": path} if path else {"NoVHD": SwitchParameter.ON}
    if boots_from_dvd(vm):
        parameters["BootDevice"] = "CD"
    if vm.version:
        parameters["Version"] = vm.version
    made = _as_created(machine, vm, path)
    return machine.step(
        Action.CREATE_VM,
        vm.name,
        tr("Create the VM {vm}, generation {generation}", vm=vm.name, generation=vm.generation),
        _why_created(machine, vm, path),
        Cmdlet("New-VM", parameters, _marked_and_named(machine, vm)),
        target=StepTarget(TargetKind.VM, vm.name),
        creates=True,
        undo=(
            turn_off_cmdlet(made),
            on_vm(made, Cmdlet("Remove-VM", {"Force": SwitchParameter.ON})),
        ),
        needs=(
            machine.step_id(Action.CREATE_DISK, vm.name),
            machine.step_id(Action.WRITE_ANSWER_FILE, vm.name),
            *(
                machine.step_id(Action.CREATE_SWITCH, adapter.switch)
                for adapter in vm.network_adapters
                if adapter.switch
            ),
        ),
    )


def _why_created(machine: PlannedMachine, vm: VM, path: str | None) -> str:
    own = path if vm.disk and not vm.disk.path else None
    why = tr("{machine} has no VM {vm}", machine=machine.name, vm=vm.name)
    without = no_answer_file(machine, vm, own) if own else ""
    return "; ".join(filter(None, (exists_already(machine, own, why), without)))


def _marked_and_named(machine: PlannedMachine, vm: VM) -> Cmdlet:
    """Return the cmdlets that follow New-VM in its pipeline.

    New-VM has no -Notes: in one pipeline the VM is marked as soon as it exists. New-VM names the
    one adapter in the language of Windows, so it is renamed without knowing that name.
    """
    named = None
    if vm.network_adapters:
        new = {"NewName": vm.network_adapters[0].name, "Passthru": SwitchParameter.ON}
        named = Cmdlet("Get-VMNetworkAdapter", pipe_to=Cmdlet("Rename-VMNetworkAdapter", new))
    notes = {"Notes": _notes_of_new(machine, vm), "Passthru": SwitchParameter.ON}
    return Cmdlet("Set-VM", notes, named)


def _notes_of_new(machine: PlannedMachine, vm: VM) -> str:
    """Return the Notes of a VM that is created: the mark, and the settings of its first boot."""
    path = disk_path(machine.hyper_v.vm_host.virtual_hard_disk_path, machine.topology, vm)
    notes = marked_notes(vm.notes, machine.topology)
    return with_first_boot(notes, first_boot_on(machine, vm, path))


def _mark(machine: PlannedMachine, vm: VM, current: VirtualMachineState) -> Step:
    # Not undone: without its mark nestlab could no longer remove the VM.
    return machine.step(
        Action.MARK_VM,
        vm.name,
        tr("Mark {vm} as owned by this topology", vm=vm.name),
        tr(
            "an interrupted run created it, with the disk {disk}, and did not mark it",
            disk=disk_name(machine.topology, vm.name),
        ),
        on_vm(current, Cmdlet("Set-VM", {"Notes": _notes_of_new(machine, vm)})),
        target=StepTarget(TargetKind.VM, vm.name, current.id),
    )


def _as_created(machine: PlannedMachine, vm: VM, path: str | None) -> VirtualMachineState:
    """Return the VM as New-VM creates it; it has no Id yet.

    It has one processor, static memory, and one adapter without a switch.
    """
    is_client = machine.state.computer.product_type == PRODUCT_WORKSTATION
    return VirtualMachineState(
        id="",
        name=vm.name,
        state="Off",
        generation=vm.generation,
        notes=_notes_of_new(machine, vm),
        memory_startup=vm.memory_startup,
        settings=initial_settings(VM_SETTINGS, client=is_client),
        secure_boot=vm.generation != 1 or None,
        secure_boot_template="" if vm.generation == 1 else SecureBoot.WINDOWS,
        tpm=False,
        guest_service=False,
        network_adapters=(
            NetworkAdapterState(
                id="", name=_first_adapter(vm), settings=initial_settings(ADAPTER_SETTINGS)
            ),
        ),
        hard_disks=(HardDiskState(path=path),) if path else (),
        dvd_drives=new_dvd_drives(vm),
    )


def _first_adapter(vm: VM) -> str:
    """Return the name of the adapter that New-VM creates; empty if Windows names it."""
    return vm.network_adapters[0].name if vm.network_adapters else ""


def stop_before_removal(vm: VirtualMachineState) -> tuple[Cmdlet, ...]:
    """Return the cmdlets that stop a VM that is about to be removed."""
    return (stop_cmdlet(vm),) if vm.state in ON_STATES else ()
