"""Records of the Hyper-V module as states: host, switches, virtual machines with their devices."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from nestlab.constants.enum_numbers import ON_OFF
from nestlab.dataclass import replace
from nestlab.model import Outcome, Record
from nestlab.model.size import Size
from nestlab.model.state import (
    DvdDriveState,
    HardDiskState,
    HyperVState,
    NetworkAdapterState,
    SwitchState,
    VirtualMachineState,
    VMHostState,
)
from nestlab.observe.key_settings import settings_of
from nestlab.observe.network_adapters import (
    by_vm,
    management_adapters,
    vlans_by_vm,
    vm_adapter,
)
from nestlab.observe.reading import (
    EMPTY_RECORD,
    enum_name,
    flag,
    guid,
    number,
    read_once,
    size,
    text,
    texts,
)
from nestlab.observe.settings_without_key import vm_settings_without_key
from nestlab.topology_file.keys import VM_SETTINGS


def with_known_vms(state: HyperVState, known: HyperVState, only: Collection[str]) -> HyperVState:
    """Return a state in which only some VMs were read, with the others from `known`."""
    asked = {name.casefold() for name in only}
    return replace(
        state, vms=(*(vm for vm in known.vms if vm.name.casefold() not in asked), *state.vms)
    )


def with_current_vms(state: HyperVState, outcome: Outcome, only: Collection[str]) -> HyperVState:
    """Return a state with some of its VMs replaced by the outcome of `vm_statements`."""
    return with_known_vms(replace(state, vms=_vms(outcome, vlans_by_vm(outcome))), state, only)


def hyper_v_state(outcome: Outcome, *, in_brief: bool = False) -> HyperVState | None:
    """Return the state of Hyper-V on a machine; None if there is no VMHost in the outcome.

    `in_brief`: the VMs are those of `vm_overview_statement`, not of `vm_statements`.
    """
    hosts = outcome.of_type("VMHost")
    if not hosts:
        return None
    if in_brief:
        vms = brief_vms(outcome)
        own_adapters = tuple(management_adapters(outcome, vlans_by_vm(outcome)))
    else:
        vms, own_adapters = _vms_and_management_adapters(outcome)
    return HyperVState(
        vm_host=_vm_host(hosts[0], outcome.of_type("VMHostSupportedVersion")),
        switches=tuple(_switch(record) for record in outcome.of_type("VMSwitch")),
        vms=vms,
        management_adapters=own_adapters,
    )


def _vm_host(record: Record, versions: Iterable[Record]) -> VMHostState:
    supported = {text(version, "Version"): flag(version, "IsDefault") for version in versions}
    return VMHostState(
        logical_processor_count=number(record, "LogicalProcessorCount"),
        memory_capacity=size(record, "MemoryCapacity"),
        virtual_hard_disk_path=text(record, "VirtualHardDiskPath"),
        virtual_machine_path=text(record, "VirtualMachinePath"),
        mac_address_minimum=text(record, "MacAddressMinimum"),
        mac_address_maximum=text(record, "MacAddressMaximum"),
        supported_versions=tuple(supported) or texts(record, "SupportedVmVersions"),
        default_version=next((version for version, default in supported.items() if default), ""),
    )


@read_once
def _switch(record: Record) -> SwitchState:
    return SwitchState(
        id=guid(record, "Id"),
        name=text(record, "Name"),
        switch_type=enum_name(record, "SwitchType", {0: "Private", 1: "Internal", 2: "External"}),
        allow_management_os=flag(record, "AllowManagementOS"),
        net_adapter_interface_descriptions=texts(record, "NetAdapterInterfaceDescriptions"),
        embedded_teaming=flag(record, "EmbeddedTeamingEnabled"),
        notes=text(record, "Notes"),
    )


def _vms_and_management_adapters(
    outcome: Outcome,
) -> tuple[tuple[VirtualMachineState, ...], tuple[NetworkAdapterState, ...]]:
    """Return both; the same objects as last time if none of their records has changed.

    They are cached in the first of these records, as the state of one VM is in its record.
    """
    records = [record.origin or record for name in _READ for record in outcome.of_type(name)]
    attributes = records[0].__dict__ if records else {}
    before = attributes.get(_STATES)
    if before is not None and before[0] == records[1:]:
        known: tuple[tuple[VirtualMachineState, ...], tuple[NetworkAdapterState, ...]] = before[1]
        return known
    vlans = vlans_by_vm(outcome)
    found = _vms(outcome, vlans), tuple(management_adapters(outcome, vlans))
    attributes[_STATES] = records[1:], found
    return found


def _vms(outcome: Outcome, vlans: Mapping[str, list[Record]]) -> tuple[VirtualMachineState, ...]:
    records = outcome.of_type("VirtualMachine")
    devices = [*(by_vm(outcome.of_type(name)) for name in _DEVICES), vlans]
    securities = outcome.of_type("VMSecurity")
    # A VMSecurity does not name its VM. Where there is one for every VM, they come in the order of
    # the VMs (inferred).
    securities_of_vms: list[Record | None] = (
        [*securities] if len(securities) == len(records) else [None] * len(records)
    )
    vms = []
    for record, security in zip(records, securities_of_vms, strict=True):
        vm_id = guid(record, "Id")
        parts = _VmRecords(record, security, *[kind.get(vm_id, ()) for kind in devices])
        vms.append(_cached_vm(parts))
    return tuple(vms)


_DISK_DEVICES = ("HardDiskDrive", "DvdDrive")
_DEVICES = ("VMProcessor", "VMMemory", "VMFirmware", "VMNetworkAdapter", *_DISK_DEVICES)
_READ = (
    *("VirtualMachine", "VMSecurity", *_DEVICES),
    *("VMNetworkAdapterVlanSetting", "VMInternalNetworkAdapter"),
)
_STATE, _STATES = "_state", "_states"


def _cached_vm(parts: _VmRecords) -> VirtualMachineState:
    """Return the state of a VM; the same object as last time if none of its records has changed.

    A host is observed before and after each step, which changes one VM of many. The state is cached
    in the VM's record: a remote session returns the same record object as long as it is unchanged.
    """
    attributes = parts.vm.__dict__
    before = attributes.get(_STATE)
    if before is not None and before[0] == parts[1:]:
        known: VirtualMachineState = before[1]
        return known
    state = _vm(parts)
    attributes[_STATE] = parts[1:], state
    return state


class _VmRecords(NamedTuple):
    """The records of one VM."""

    vm: Record
    security: Record | None
    processors: Sequence[Record]
    memories: Sequence[Record]
    firmwares: Sequence[Record]
    adapters: Sequence[Record]
    disks: Sequence[Record]
    dvd_drives: Sequence[Record]
    vlans: Sequence[Record]


_VM_STATES = {
    1: "Other",
    2: "Running",
    3: "Off",
    4: "Stopping",
    6: "Saved",
    9: "Paused",
    10: "Starting",
    11: "Reset",
}
_VM_STATES |= {32773: "Saving", 32776: "Pausing", 32777: "Resuming"}


def _vm(parts: _VmRecords) -> VirtualMachineState:
    record, security = parts.vm, parts.security
    processor, memory, firmware = (
        next(iter(devices), EMPTY_RECORD)
        for devices in (parts.processors, parts.memories, parts.firmwares)
    )
    return VirtualMachineState(
        id=guid(record, "Id"),
        name=text(record, "Name"),
        state=enum_name(record, "State", _VM_STATES),
        generation=number(record, "Generation"),
        version=text(record, "Version"),
        notes=text(record, "Notes"),
        processor_count=number(processor, "Count") or number(record, "ProcessorCount"),
        expose_virtualization_extensions=flag(processor, "ExposeVirtualizationExtensions"),
        hw_thread_count_per_core=number(processor, "HwThreadCountPerCore"),
        memory_startup=size(memory, "Startup"),
        memory_assigned=size(record, "MemoryAssigned"),
        dynamic_memory_enabled=flag(memory, "DynamicMemoryEnabled"),
        memory_minimum=size(memory, "Minimum"),
        memory_maximum=size(memory, "Maximum"),
        parent_checkpoint_id=guid(record, "ParentSnapshotId"),
        heartbeat=text(record, "Heartbeat"),
        settings=settings_of(record, VM_SETTINGS),
        settings_without_key=vm_settings_without_key(
            processor, memory, dynamic=flag(memory, "DynamicMemoryEnabled")
        ),
        **(_security(security) if security is not None else {}),
        secure_boot={"On": True, "Off": False}.get(enum_name(firmware, "SecureBoot", ON_OFF)),
        secure_boot_template=text(firmware, "SecureBootTemplate"),
        network_adapters=tuple(vm_adapter(adapter, parts.vlans) for adapter in parts.adapters),
        hard_disks=tuple(map(_disk, parts.disks)),
        dvd_drives=tuple(map(_dvd_drive, parts.dvd_drives)),
    )


def _security(record: Record) -> dict[str, Any]:
    opt_out = flag(record, "VirtualizationBasedSecurityOptOut")
    return {
        "virtualization_based_security_opt_out": opt_out,
        "tpm": flag(record, "TpmEnabled"),
    }


def brief_vms(outcome: Outcome) -> tuple[VirtualMachineState, ...]:
    """Return the VMs in the outcome of `vm_overview_statement`, with a few properties only."""
    return tuple(map(_brief_vm, outcome.of_type("VirtualMachine")))


def _brief_vm(record: Record) -> VirtualMachineState:
    state = enum_name(record, "State", _VM_STATES)
    memory = size(record, "MemoryAssigned")
    return _shared(guid(record, "Id"), text(record, "Name"), state, text(record, "Notes"), memory)


@lru_cache(maxsize=4096)  # each observation of a host shows the same others' VMs
def _shared(vm_id: str, name: str, state: str, notes: str, memory: Size) -> VirtualMachineState:
    return VirtualMachineState.summary(
        id=vm_id, name=name, state=state, notes=notes, memory_assigned=memory
    )


def _disk(record: Record) -> HardDiskState:
    return HardDiskState(
        path=text(record, "Path"),
        controller_type=enum_name(
            record, "ControllerType", {0: "IDE", 1: "SCSI", 2: "Floppy", 3: "PMEM"}
        ),
        controller_number=number(record, "ControllerNumber"),
        controller_location=number(record, "ControllerLocation"),
    )


def _dvd_drive(record: Record) -> DvdDriveState:
    return DvdDriveState(
        path=text(record, "Path"),
        controller_number=number(record, "ControllerNumber"),
        controller_location=number(record, "ControllerLocation"),
    )
