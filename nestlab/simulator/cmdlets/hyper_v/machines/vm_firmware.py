"""Get-VMFirmware, Set-VMFirmware and Get-VMBios."""

from __future__ import annotations

from nestlab.model import EnumValue, Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.cmdlets.hyper_v.network_records import adapter_record
from nestlab.simulator.cmdlets.hyper_v.vm_records import drive_record, on_off
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.selection import select_vms
from nestlab.simulator.powershell.action_preferences import needed_properties
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.objects import make_record
from nestlab.simulator.powershell.record_factory import RecordFactory
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import VirtualMachine

_TEMPLATES = ("MicrosoftWindows", "MicrosoftUEFICertificateAuthority", "OpenSourceShieldedVM")


def firmware_record(machine: Machine, vm: VirtualMachine) -> Record:
    """Return what Get-VMFirmware shows."""
    return _FIRMWARE(machine, vm)


def _boot_order(machine: Machine, vm: VirtualMachine) -> list[Record]:
    devices = [
        ("Drive", EnumValue("Drive", 1), drive_record(machine, vm, drive))
        for drive in vm.settings.drives
    ]
    devices += [
        ("Network", EnumValue("Network", 2), adapter_record(machine, adapter, vm))
        for adapter in vm.settings.adapters
    ]
    first = vm.settings.firmware.first_boot_device
    ordered = sorted(devices, key=lambda device: device[2]["Id"] != first) if first else devices
    name = "Microsoft.HyperV.PowerShell.VMBootSource"
    return [
        Record((name,), {"BootType": kind, "Device": device, "Description": label}, name)
        for label, kind, device in ordered
    ]


_FIRMWARE = RecordFactory(
    "VMFirmware",
    {
        "VMName": lambda _machine, vm: vm.name,
        "VMId": lambda _machine, vm: vm.id,
        "ComputerName": lambda machine, _vm: machine.name,
        "BootOrder": _boot_order,
        "SecureBoot": lambda _machine, vm: on_off(vm.settings.firmware.secure_boot),
        "SecureBootTemplate": lambda _machine, vm: vm.settings.firmware.secure_boot_template,
        "ConsoleMode": lambda _machine, vm: vm.settings.firmware.console_mode,
        "PauseAfterBootFailure": lambda _machine, vm: on_off(
            vm.settings.firmware.pause_after_boot_failure
        ),
        "PreferredNetworkBootProtocol": lambda _machine, vm: (
            vm.settings.firmware.preferred_network_boot_protocol
        ),
    },
)


def wrong_generation(bound: Bound, vm: VirtualMachine, generation: int) -> PowerShellError:
    """Return the error of a cmdlet that supports only VMs of `generation`."""
    message = f"The operation is not supported for the current configuration: '{vm.name}' is a generation {vm.generation} virtual machine, not generation {generation}."
    return cmdlet_errors.hyper_v(bound.name, "NotSupported", message, vm.name)


@cmdlet("Get-VMFirmware")
def get_vm_firmware(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VMFirmware, for generation 2 only."""
    make_record = _FIRMWARE.maker(needed_properties(sink))
    for vm in select_vms(machine, bound, sink, "VMName"):
        if vm.generation == 1:
            sink.error(wrong_generation(bound, vm, 2).record)
        else:
            sink.output(make_record(machine, vm))


@cmdlet("Set-VMFirmware")
def set_vm_firmware(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-VMFirmware, while the VM is off."""
    for vm in select_vms(machine, bound, sink, "VMName"):
        error = _firmware_error(bound, vm)
        if error is not None:
            sink.error(error.record)
            continue
        firmware = vm.settings.firmware
        firmware.secure_boot = bound.text("EnableSecureBoot", on_off(firmware.secure_boot)) == "On"
        firmware.secure_boot_template = bound.text(
            "SecureBootTemplate", firmware.secure_boot_template
        )
        firmware.console_mode = bound.text("ConsoleMode", firmware.console_mode)
        firmware.pause_after_boot_failure = (
            bound.text("PauseAfterBootFailure", on_off(firmware.pause_after_boot_failure)) == "On"
        )
        firmware.preferred_network_boot_protocol = bound.text(
            "PreferredNetworkBootProtocol", firmware.preferred_network_boot_protocol
        )
        devices = [
            item
            for item in bound.values("FirstBootDevice", "BootOrder")
            if isinstance(item, Record)
        ]
        if devices:
            firmware.first_boot_device = str(devices[0].get("Id") or "")
        if bound.is_present("Passthru"):
            sink.output(firmware_record(machine, vm))


def _firmware_error(bound: Bound, vm: VirtualMachine) -> PowerShellError | None:
    if vm.generation == 1:
        return wrong_generation(bound, vm, 2)
    if vm.state != "Off":
        return cmdlet_errors.hyper_v(
            bound.name,
            "InvalidState",
            f"Failed to modify the firmware of '{vm.name}'.\n{cmdlet_errors.WRONG_STATE}",
            vm.name,
        )
    template = bound.text("SecureBootTemplate")
    if template and template not in _TEMPLATES:
        message = f'Hyper-V was unable to find a secure boot template with name "{template}".'
        return cmdlet_errors.hyper_v(bound.name, "InvalidParameter", message, template)
    return None


@cmdlet("Get-VMBios")
def get_vm_bios(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VMBios, for generation 1 only."""
    for vm in select_vms(machine, bound, sink, "VMName"):
        if vm.generation != 1:
            sink.error(wrong_generation(bound, vm, 1).record)
            continue
        order = sorted(
            ("CD", "IDE", "LegacyNetworkAdapter", "Floppy"),
            key=lambda kind: kind != vm.settings.firmware.first_boot_device,
        )
        sink.output(
            make_record(
                "VMBios",
                VMName=vm.name,
                VMId=vm.id,
                ComputerName=machine.name,
                NumLockEnabled=False,
                StartupOrder=order,
            )
        )
