"""Firmware and security of virtual machines: Get-/Set-VMFirmware, Get-VMBios, Get-/Set-VMSecurity, Enable-/Disable-VMTPM."""

from __future__ import annotations

from nestlab.model import EnumValue, Record
from nestlab.simulator import refusal, role
from nestlab.simulator.machine import Machine
from nestlab.simulator.powershell.binding import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.objects import make_record
from nestlab.simulator.selection import Handler, select_vms, text, values
from nestlab.simulator.virtual_machine import VirtualMachine
from nestlab.simulator.vm_records import adapter_record, drive_record, on_off

_TEMPLATES = ("MicrosoftWindows", "MicrosoftUEFICertificateAuthority", "OpenSourceShieldedVM")
_VTPM_VERSION = (7, 0)


def firmware_record(machine: Machine, vm: VirtualMachine) -> Record:
    """Return what Get-VMFirmware shows."""
    firmware = vm.settings.firmware
    return make_record(
        "VMFirmware",
        VMName=vm.name,
        VMId=vm.id,
        ComputerName=machine.name,
        BootOrder=_boot_order(machine, vm),
        SecureBoot=on_off(firmware.secure_boot),
        SecureBootTemplate=firmware.secure_boot_template,
        ConsoleMode=firmware.console_mode,
        PauseAfterBootFailure=on_off(firmware.pause_after_boot_failure),
        PreferredNetworkBootProtocol=firmware.preferred_network_boot_protocol,
    )


def _boot_order(machine: Machine, vm: VirtualMachine) -> list[Record]:
    devices = [("Drive", EnumValue("Drive", 1), drive_record(machine, vm, drive)) for drive in vm.settings.drives]
    devices += [("Network", EnumValue("Network", 2), adapter_record(machine, adapter, vm)) for adapter in vm.settings.adapters]
    first = vm.settings.firmware.first_boot_device
    ordered = sorted(devices, key=lambda device: device[2]["Id"] != first) if first else devices
    name = "Microsoft.HyperV.PowerShell.VMBootSource"
    return [Record((name,), {"BootType": kind, "Device": device, "Description": label}, name) for label, kind, device in ordered]


def _wrong_generation(bound: Bound, vm: VirtualMachine, generation: int) -> PowerShellError:
    message = f"The operation is not supported for the current configuration: '{vm.name}' is a generation {vm.generation} virtual machine, not generation {generation}."
    return refusal.hyper_v(bound.name, "NotSupported", message, vm.name)


def get_vm_firmware(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VMFirmware: generation 2 only."""
    for vm in select_vms(machine, bound, sink, "VMName"):
        if vm.generation == 1:
            sink.error(_wrong_generation(bound, vm, 2).record)
        else:
            sink.output(firmware_record(machine, vm))


def set_vm_firmware(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-VMFirmware: while the VM is off."""
    for vm in select_vms(machine, bound, sink, "VMName"):
        error = _reason_against_firmware(bound, vm)
        if error is not None:
            sink.error(error.record)
            continue
        firmware = vm.settings.firmware
        firmware.secure_boot = text(bound, "EnableSecureBoot", on_off(firmware.secure_boot)) == "On"
        firmware.secure_boot_template = text(bound, "SecureBootTemplate", firmware.secure_boot_template)
        firmware.console_mode = text(bound, "ConsoleMode", firmware.console_mode)
        firmware.pause_after_boot_failure = text(bound, "PauseAfterBootFailure", on_off(firmware.pause_after_boot_failure)) == "On"
        firmware.preferred_network_boot_protocol = text(bound, "PreferredNetworkBootProtocol", firmware.preferred_network_boot_protocol)
        devices = [item for item in values(bound, "FirstBootDevice", "BootOrder") if isinstance(item, Record)]
        if devices:
            firmware.first_boot_device = str(devices[0].get("Id") or "")
        if bound.switch("Passthru"):
            sink.output(firmware_record(machine, vm))


def _reason_against_firmware(bound: Bound, vm: VirtualMachine) -> PowerShellError | None:
    if vm.generation == 1:
        return _wrong_generation(bound, vm, 2)
    if vm.state != "Off":
        return refusal.hyper_v(bound.name, "InvalidState", f"Failed to modify the firmware of '{vm.name}'.\n{refusal.WRONG_STATE}", vm.name)
    template = text(bound, "SecureBootTemplate")
    if template and template not in _TEMPLATES:
        message = f'Hyper-V was unable to find a secure boot template with name "{template}".'
        return refusal.hyper_v(bound.name, "InvalidParameter", message, template)
    return None


def get_vm_bios(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VMBios: generation 1 only."""
    for vm in select_vms(machine, bound, sink, "VMName"):
        if vm.generation != 1:
            sink.error(_wrong_generation(bound, vm, 1).record)
            continue
        order = ["CD", "IDE", "LegacyNetworkAdapter", "Floppy"]
        sink.output(make_record("VMBios", VMName=vm.name, VMId=vm.id, ComputerName=machine.name, NumLockEnabled=False, StartupOrder=order))


def security_record(machine: Machine, vm: VirtualMachine) -> Record:
    """Return what Get-VMSecurity shows."""
    firmware = vm.settings.firmware
    return make_record(
        "VMSecurity",
        ComputerName=machine.name,
        TpmEnabled=firmware.tpm_enabled,
        Shielded=firmware.shielded,
        EncryptStateAndVmMigrationTraffic=firmware.encrypt_state,
        VirtualizationBasedSecurityOptOut=firmware.vbs_opt_out,
    )


def get_vm_security(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VMSecurity."""
    for vm in select_vms(machine, bound, sink, "VMName"):
        sink.output(security_record(machine, vm))


def set_vm_security(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-VMSecurity: while the VM is off."""
    for vm in select_vms(machine, bound, sink, "VMName"):
        if vm.state != "Off":
            message = f"Failed to modify the security settings of '{vm.name}'.\n{refusal.WRONG_STATE}"
            sink.error(refusal.hyper_v(bound.name, "InvalidState", message, vm.name).record)
            continue
        firmware = vm.settings.firmware
        firmware.encrypt_state = bool(bound.get("EncryptStateAndVmMigrationTraffic", firmware.encrypt_state))
        firmware.vbs_opt_out = bool(bound.get("VirtualizationBasedSecurityOptOut", firmware.vbs_opt_out))
        if bound.switch("Passthru"):
            sink.output(security_record(machine, vm))


def enable_vm_tpm(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Enable-VMTPM: generation 2, configuration version 7.0 or later, while the VM is off."""
    _set_tpm(machine, bound, sink, enabled=True)


def disable_vm_tpm(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Disable-VMTPM."""
    _set_tpm(machine, bound, sink, enabled=False)


def _set_tpm(machine: Machine, bound: Bound, sink: Sink, *, enabled: bool) -> None:
    for vm in select_vms(machine, bound, sink, "VMName"):
        if vm.generation == 1:
            sink.error(_wrong_generation(bound, vm, 2).record)
        elif role.version_key(vm.version) < _VTPM_VERSION:
            message = f"The operation is not supported for virtual machine '{vm.name}' with configuration version {vm.version}."
            sink.error(refusal.hyper_v(bound.name, "NotSupported", message, vm.name).record)
        elif vm.state != "Off":
            message = f"Failed to modify the security settings of '{vm.name}'.\n{refusal.WRONG_STATE}"
            sink.error(refusal.hyper_v(bound.name, "InvalidState", message, vm.name).record)
        else:
            vm.settings.firmware.tpm_enabled = enabled


HANDLERS: dict[str, Handler] = {
    "Get-VMFirmware": get_vm_firmware,
    "Set-VMFirmware": set_vm_firmware,
    "Get-VMBios": get_vm_bios,
    "Get-VMSecurity": get_vm_security,
    "Set-VMSecurity": set_vm_security,
    "Enable-VMTPM": enable_vm_tpm,
    "Disable-VMTPM": disable_vm_tpm,
}
