"""Get-VMProcessor and Set-VMProcessor.

The number of processors and the virtualization extensions can only change while the VM is off.
"""

from __future__ import annotations

from nestlab.simulator import cmdlet_errors
from nestlab.simulator.cmdlets.hyper_v.vm_records import processor_record, processor_record_maker
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.selection import select_vms
from nestlab.simulator.powershell.action_preferences import needed_properties
from nestlab.simulator.powershell.binding import binder_errors
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import VirtualMachine

_REQUIRES_OFF = (
    "Count",
    "ProcessorCount",
    "ExposeVirtualizationExtensions",
    "HwThreadCountPerCore",
    "CompatibilityForMigrationEnabled",
    "CompatibilityForOlderOperatingSystemsEnabled",
)
_SERVER_2016 = 14393  # the last build without HwThreadCountPerCore
# Builds that required an opt-out of virtualization-based security (PlagueHO/LabBuilder#251).
_VBS_BUILDS = range(14352, 14362)
# Two percentages and a weight, with the maxima on the page of Set-VMProcessor.
_SHARES = {"Reserve": 100, "Maximum": 100, "RelativeWeight": 10_000}
_GENERATION_1_MAXIMUM = 64
_GENERATION_2_MAXIMUM = 240
_GENERATION_2_MAXIMUM_2025 = 2048
_SERVER_2025 = 26100


@cmdlet("Get-VMProcessor")
def get_vm_processor(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VMProcessor."""
    make_record = processor_record_maker(needed_properties(sink))
    for vm in select_vms(machine, bound, sink, "VMName"):
        sink.output(make_record(machine, vm))


@cmdlet("Set-VMProcessor")
def set_vm_processor(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-VMProcessor.

    The host checks whether it supports nesting and has enough processors when the VM starts.
    """
    for vm in select_vms(machine, bound, sink, "VMName"):
        error = processor_error(machine, bound, vm)
        if error is not None:
            sink.error(error.record)
            continue
        change_processor(bound, vm)
        if bound.is_present("Passthru"):
            sink.output(processor_record(machine, vm))


def processor_error(machine: Machine, bound: Bound, vm: VirtualMachine) -> PowerShellError | None:
    """Return the error of the processor settings of a call, or None."""
    failed = "Failed to modify device 'Processor'."
    if vm.state != "Off" and any(name in bound for name in _REQUIRES_OFF):
        return cmdlet_errors.hyper_v(
            bound.name, "InvalidState", f"{failed}\n{cmdlet_errors.WRONG_STATE}", vm.name
        )
    error = _unsupported_error(machine, bound, vm)
    if error is not None:
        return error
    count = int(bound.get("Count", bound.get("ProcessorCount", 1)))
    recent = machine.operating_system.build >= _SERVER_2025
    maximum = _GENERATION_2_MAXIMUM_2025 if recent else _GENERATION_2_MAXIMUM
    if vm.generation == 1:
        maximum = _GENERATION_1_MAXIMUM
    if not 1 <= count <= maximum:
        return _out_of_range(bound, vm, "processors", maximum)
    share = next(
        (
            name
            for name, maximum in _SHARES.items()
            if name in bound and not 0 <= int(bound[name]) <= maximum
        ),
        None,
    )
    if share is not None:
        text = f"{failed}\nThe value of {share} must be between 0 and {_SHARES[share]}."
        return cmdlet_errors.hyper_v(bound.name, "InvalidParameter", text, vm.name)
    threads = int(bound.get("HwThreadCountPerCore", 0))
    if not 0 <= threads <= 2:  # noqa: PLR2004  # 0: as many as the cores of the host have, which is two
        return _out_of_range(bound, vm, "threads per core", 2)
    return None


def _out_of_range(bound: Bound, vm: VirtualMachine, what: str, maximum: int) -> PowerShellError:
    # Text from MicrosoftDocs/windows-powershell-docs#432.
    machine_id = f"(Virtual machine ID {vm.id.upper()})"
    text = (
        f"Failed to modify device 'Processor'.\nCannot assign the specified number of {what}.\n"
        f"'{vm.name}' failed to modify device 'Processor'. {machine_id}\n"
        f"Cannot assign the specified number of {what} for virtual machine '{vm.name}' is out of range. "
        f"The range is 1 through {maximum}. {machine_id}"
    )
    return cmdlet_errors.hyper_v(bound.name, "InvalidParameter", text, vm.name)


def _unsupported_error(
    machine: Machine, bound: Bound, vm: VirtualMachine
) -> PowerShellError | None:
    """Return the error of a setting that this host does not support or does not yet accept."""
    failed = "Failed to modify device 'Processor'."
    if bound.name == "Set-VM":
        return None
    if "HwThreadCountPerCore" in bound and machine.operating_system.build <= _SERVER_2016:
        return binder_errors.named_parameter_not_found(bound.signature, "HwThreadCountPerCore")
    processor, quirks = vm.settings.processor, machine.world.quirks
    needs_opt_out = (
        machine.operating_system.build in _VBS_BUILDS and not vm.settings.firmware.vbs_opt_out
    )
    if needs_opt_out and bound.get("ExposeVirtualizationExtensions"):
        text = (
            f"{failed}\nCannot modify property.\n'{vm.name}' failed to modify device 'Processor'. (Virtual machine ID {vm.id.upper()})\n"
            "Cannot modify property without enabling VirtualizationBasedSecurityOptOut."
        )
        return cmdlet_errors.hyper_v(bound.name, "NotSupported", text, vm.name)
    if quirks.processor_count_first and processor.count == 1 and "Count" not in bound:
        return cmdlet_errors.hyper_v(
            bound.name,
            "InvalidParameter",
            f"{failed}\nThe number of processors must be set first.",
            vm.name,
        )
    return None


def change_processor(bound: Bound, vm: VirtualMachine) -> None:
    """Apply the processor settings of a call."""
    processor = vm.settings.processor
    processor.count = int(bound.get("Count", bound.get("ProcessorCount", processor.count)))
    processor.hw_thread_count_per_core = int(
        bound.get("HwThreadCountPerCore", processor.hw_thread_count_per_core)
    )
    if bound.name != "Set-VM":  # Set-VM has no processor setting but the count
        exposed = bound.get(
            "ExposeVirtualizationExtensions", processor.expose_virtualization_extensions
        )
        processor.expose_virtualization_extensions = bool(exposed)
        processor.reserve = int(bound.get("Reserve", processor.reserve))
        processor.maximum = int(bound.get("Maximum", processor.maximum))
        processor.relative_weight = int(bound.get("RelativeWeight", processor.relative_weight))
        migration = bound.get(
            "CompatibilityForMigrationEnabled", processor.compatibility_for_migration
        )
        processor.compatibility_for_migration = bool(migration)
        older = bound.get(
            "CompatibilityForOlderOperatingSystemsEnabled", processor.compatibility_for_older
        )
        processor.compatibility_for_older = bool(older)
