"""Cmdlets for the security of VMs: VMSecurity, VMKeyProtector, VMTPM."""

from __future__ import annotations

from uuid import UUID

from nestlab.model import Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import hyper_v_role
from nestlab.simulator.cmdlets.hyper_v.machines.vm_firmware import wrong_generation
from nestlab.simulator.cmdlets.hyper_v.vm_records import vm_record
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.selection import select_vms
from nestlab.simulator.powershell.action_preferences import needed_properties
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.objects import scalar_record
from nestlab.simulator.powershell.record_factory import RecordFactory
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import VirtualMachine

_VBS_VERSION = (8, 0)
_VTPM_VERSION = (7, 0)
_NO_KEY_PROTECTOR = bytes((0, 0, 0, 4))
"""The key protector that Get-VMKeyProtector returns if none is set."""


def security_record(machine: Machine, vm: VirtualMachine) -> Record:
    """Return what Get-VMSecurity shows."""
    return _SECURITY(machine, vm)


_SECURITY = RecordFactory(
    "VMSecurity",
    {
        "ComputerName": lambda machine, _vm: machine.name,
        "TpmEnabled": lambda _machine, vm: vm.settings.firmware.tpm_enabled,
        "Shielded": lambda _machine, vm: vm.settings.firmware.shielded,
        "EncryptStateAndVmMigrationTraffic": lambda _machine, vm: (
            vm.settings.firmware.encrypt_state
        ),
        "VirtualizationBasedSecurityOptOut": lambda _machine, vm: vm.settings.firmware.vbs_opt_out,
    },
)


@cmdlet("Get-VMSecurity")
def get_vm_security(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VMSecurity."""
    make_record = _SECURITY.maker(needed_properties(sink))
    for vm in select_vms(machine, bound, sink, "VMName"):
        sink.output(make_record(machine, vm))


@cmdlet("Set-VMSecurity")
def set_vm_security(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-VMSecurity, while the VM is off.

    Virtualization-based security needs configuration version 8.0 or later.
    """
    for vm in select_vms(machine, bound, sink, "VMName"):
        needed = _VBS_VERSION if "VirtualizationBasedSecurityOptOut" in bound else (0,)
        error = _version_error(bound, vm, needed) or _state_error(bound, vm)
        if error is not None:
            sink.error(error.record)
            continue
        firmware = vm.settings.firmware
        firmware.encrypt_state = bool(
            bound.get("EncryptStateAndVmMigrationTraffic", firmware.encrypt_state)
        )
        firmware.vbs_opt_out = bool(
            bound.get("VirtualizationBasedSecurityOptOut", firmware.vbs_opt_out)
        )
        if bound.is_present("Passthru"):
            sink.output(security_record(machine, vm))


def _version_error(
    bound: Bound, vm: VirtualMachine, needed: tuple[int, ...]
) -> PowerShellError | None:
    if hyper_v_role.version_key(vm.version) >= needed:
        return None
    message = f"The operation is not supported for virtual machine '{vm.name}' with configuration version {vm.version}."
    return cmdlet_errors.hyper_v(bound.name, "NotSupported", message, vm.name)


def _state_error(bound: Bound, vm: VirtualMachine) -> PowerShellError | None:
    if vm.state == "Off":
        return None
    message = f"Failed to modify the security settings of '{vm.name}'.\n{cmdlet_errors.WRONG_STATE}"
    return cmdlet_errors.hyper_v(bound.name, "InvalidState", message, vm.name)


@cmdlet("Get-VMKeyProtector")
def get_vm_key_protector(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VMKeyProtector: the bytes of the key protector; four bytes if none is set."""
    for vm in select_vms(machine, bound, sink, "VMName"):
        sink.output(
            scalar_record(bytes.fromhex(vm.settings.firmware.key_protector) or _NO_KEY_PROTECTOR)
        )


@cmdlet("Set-VMKeyProtector")
def set_vm_key_protector(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-VMKeyProtector: a new local key protector, or the given bytes."""
    given = bytes(int(item) for item in bound.values("KeyProtector"))
    if not given and not bound.is_present("NewLocalKeyProtector"):
        raise cmdlet_errors.hyper_v(
            bound.name, "InvalidParameter", "You must specify at least one parameter."
        )
    for vm in select_vms(machine, bound, sink, "VMName"):
        error = _state_error(bound, vm)
        if error is not None:
            sink.error(error.record)
            continue
        protector = given or UUID(machine.world.new_id()).bytes * 16
        vm.settings.firmware.key_protector = (
            "" if protector == _NO_KEY_PROTECTOR else protector.hex()
        )
        _passthru(machine, bound, sink, vm)


@cmdlet("Enable-VMTPM")
def enable_vm_tpm(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Enable-VMTPM, while the VM is off.

    It needs generation 2, configuration version 7.0 or later, and a key protector.
    """
    _set_tpm(machine, bound, sink, enabled=True)


@cmdlet("Disable-VMTPM")
def disable_vm_tpm(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Disable-VMTPM."""
    _set_tpm(machine, bound, sink, enabled=False)


def _set_tpm(machine: Machine, bound: Bound, sink: Sink, *, enabled: bool) -> None:
    for vm in select_vms(machine, bound, sink, "VMName"):
        error = (
            wrong_generation(bound, vm, 2)
            if vm.generation == 1
            else _version_error(bound, vm, _VTPM_VERSION) or _state_error(bound, vm)
        )
        error = error or (_key_protector_error(bound, vm) if enabled else None)
        if error is not None:
            sink.error(error.record)
            continue
        vm.settings.firmware.tpm_enabled = enabled
        _passthru(machine, bound, sink, vm)


def _key_protector_error(bound: Bound, vm: VirtualMachine) -> PowerShellError | None:
    # Text from hashicorp/vagrant#11978.
    if vm.settings.firmware.key_protector:
        return None
    without = "cannot be changed without a valid key protector configured."
    message = (
        f"The operation failed.\nThe selected security settings of a virtual machine {without}\n"
        f"The operation failed.\nThe selected security settings of virtual machine '{vm.name}' {without} "
        f"Configure a valid key protector and try again. (Virtual machine ID {vm.id.upper()})"
    )
    return cmdlet_errors.hyper_v(bound.name, "OperationFailed", message, vm.name)


def _passthru(machine: Machine, bound: Bound, sink: Sink, vm: VirtualMachine) -> None:
    if bound.is_present("Passthru"):
        sink.output(vm_record(machine, vm))
