"""Steps that set Secure Boot and the virtual TPM of a VM."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.state import VirtualMachineState
from nestlab.model.topology import VM, SecureBoot, installed_system, secure_boot_template
from nestlab.plan.cmdlet_targets import on_vm
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Step, StepTarget
from nestlab.texts import tr


def secure_boot_steps(
    machine: PlannedMachine, vm: VM, current: VirtualMachineState
) -> Iterator[Step]:
    """Yield the step that sets Secure Boot and its template."""
    wanted = secure_boot_template(machine.images, vm)
    if wanted is None or current.secure_boot is None or _has_secure_boot(wanted, current):
        return
    off = wanted is SecureBoot.OFF
    system = installed_system(machine.images, vm)
    yield machine.step(
        Action.SET_SECURE_BOOT,
        vm.name,
        tr("Disable Secure Boot of {vm}", vm=vm.name)
        if off
        else tr("Set the Secure Boot template of {vm} to {template}", vm=vm.name, template=wanted),
        _secure_boot_text(current)
        + (
            ""
            if off
            else tr("; a {system} guest needs {template}", system=system, template=wanted)
            if system != "none"
            else ""
        ),
        on_vm(current, Cmdlet("Set-VMFirmware", _firmware(not off, "" if off else wanted))),
        target=StepTarget(TargetKind.VM, vm.name, current.id),
        undo=(
            on_vm(
                current,
                Cmdlet(
                    "Set-VMFirmware",
                    _firmware(current.secure_boot, current.secure_boot_template),
                ),
            ),
        ),
    )


def tpm_steps(machine: PlannedMachine, vm: VM, current: VirtualMachineState) -> Iterator[Step]:
    """Yield the step that enables or disables the virtual TPM."""
    if vm.tpm is None or current.tpm is None or vm.tpm == current.tpm:
        return
    enable, disable = (on_vm(current, Cmdlet(name)) for name in ("Enable-VMTPM", "Disable-VMTPM"))
    protect = on_vm(
        current, Cmdlet("Set-VMKeyProtector", {"NewLocalKeyProtector": SwitchParameter.ON})
    )
    yield machine.step(
        Action.SET_TPM,
        vm.name,
        tr("Enable the virtual TPM of {vm}", vm=vm.name)
        if vm.tpm
        else tr("Disable the virtual TPM of {vm}", vm=vm.name),
        tr(
            "it has none; its keys are protected by this host, and no other host starts it without them"
        )
        if vm.tpm
        else tr("it has one"),
        *((protect, enable) if vm.tpm else (disable,)),
        target=StepTarget(TargetKind.VM, vm.name, current.id),
        undo=(disable if vm.tpm else enable,),
    )


def _secure_boot_text(current: VirtualMachineState) -> str:
    if current.secure_boot:
        return tr("Secure Boot is on, with {template}", template=current.secure_boot_template)
    return tr("Secure Boot is off, with {template}", template=current.secure_boot_template)


def _has_secure_boot(wanted: SecureBoot, current: VirtualMachineState) -> bool:
    if wanted is SecureBoot.OFF:
        return current.secure_boot is False
    return current.secure_boot is True and current.secure_boot_template == wanted


def _firmware(on: bool, template: str) -> dict[str, object]:  # noqa: FBT001
    parameters: dict[str, object] = {"EnableSecureBoot": "On" if on else "Off"}
    return {**parameters, "SecureBootTemplate": str(template)} if template else parameters
