"""The virtual machines, adapters and switches that a bound cmdlet selects."""

from __future__ import annotations

from typing import Any

from nestlab.dataclass import replace
from nestlab.model import Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import hyper_v_role
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.values.wildcard import has_wildcard, matches
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import HyperV, VirtualMachine, VirtualSwitch


def same_id(one: object, other: object) -> bool:
    """Whether two GUIDs, each a string or a UUID, are equal."""
    return str(one).strip("{}").lower() == str(other).strip("{}").lower()


def require_hyper_v(machine: Machine, bound: Bound) -> HyperV:
    """Return the state of Hyper-V; raises PowerShellError if its service is not ready."""
    if machine.hyper_v is None or not hyper_v_role.vmms_ready(machine):
        raise cmdlet_errors.vmms_not_running(bound.name, machine.name)
    return machine.hyper_v


def vm_not_found(cmdlet: str, name: str) -> PowerShellError:
    """Return the error for a name that no virtual machine has."""
    error_id = "InvalidParameter" if cmdlet == "Get-VM" else "ObjectNotFound"
    return cmdlet_errors.hyper_v(
        cmdlet, error_id, f'Hyper-V was unable to find a virtual machine with name "{name}".', name
    )


def select_vms(machine: Machine, bound: Bound, sink: Sink, *names: str) -> list[VirtualMachine]:
    """Return the VMs that -Name / -VMName, -Id / -VMId, -VM or a component of a VM selects.

    Each value that matches no VM is an error. Names are not unique: one name can select several
    VMs. A checkpoint selects its VM with the settings and the state of the checkpoint.
    """
    hyper_v = require_hyper_v(machine, bound)
    snapshots = bound.values("VMSnapshot")
    if snapshots:
        return _at_checkpoints(hyper_v, snapshots)
    objects = bound.values("VM", *_COMPONENTS)
    if objects:
        return _by_object(hyper_v, bound, objects, sink)
    ids = bound.values("Id", "VMId")
    if ids:
        return _by_id(hyper_v, bound, ids, sink)
    found: dict[int, VirtualMachine] = {}
    given = bound.values(*(names or ("Name", "VMName")))
    if given == ["*"]:
        return list(hyper_v.vms)
    for wanted in given:
        name = str(wanted)
        pattern = has_wildcard(name)
        chosen = (
            [vm for vm in hyper_v.vms if matches(name, vm.name)]
            if pattern
            else hyper_v.vms_named(name)
        )
        if not chosen and not pattern:
            sink.error(vm_not_found(bound.name, name).record)
        found |= {id(vm): vm for vm in chosen}
    return list(found.values())


_COMPONENTS = ("VMProcessor", "VMMemory", "VMFirmware", "VMDriveController")


def _at_checkpoints(hyper_v: HyperV, snapshots: list[Any]) -> list[VirtualMachine]:
    ids = [item["Id"] for item in snapshots if isinstance(item, Record)]
    pairs = [
        (vm, snapshot)
        for vm_id in ids
        for vm in hyper_v.vms
        for snapshot in vm.snapshots
        if same_id(snapshot.id, vm_id)
    ]
    return [replace(vm, settings=snapshot.settings, state=snapshot.state) for vm, snapshot in pairs]


def _by_object(
    hyper_v: HyperV, bound: Bound, objects: list[Any], sink: Sink
) -> list[VirtualMachine]:
    ids = [item["VMId"] if isinstance(item, Record) else item for item in objects]
    return _by_id(hyper_v, bound, ids, sink)


def _by_id(hyper_v: HyperV, bound: Bound, ids: list[Any], sink: Sink) -> list[VirtualMachine]:
    found = []
    for vm_id in ids:
        vm = hyper_v.vm_with_id(vm_id)
        if vm is None:
            message = f'Hyper-V was unable to find a virtual machine with id "{vm_id}".'
            sink.error(
                cmdlet_errors.hyper_v(bound.name, "ObjectNotFound", message, str(vm_id)).record
            )
        else:
            found.append(vm)
    return found


def switch_not_found(cmdlet: str, name: str) -> PowerShellError:
    """Return the error for a name that no virtual switch has."""
    return cmdlet_errors.hyper_v(
        cmdlet,
        "InvalidParameter",
        f'Hyper-V was unable to find a virtual switch with name "{name}".',
        name,
    )


def named_switch(hyper_v: HyperV, cmdlet: str, name: str) -> VirtualSwitch:
    """Return the switch with this name; raises PowerShellError if there is none."""
    switch = next(
        (switch for switch in hyper_v.switches if switch.name.lower() == name.lower()), None
    )
    if switch is None:
        raise switch_not_found(cmdlet, name)
    return switch


def select_switches(machine: Machine, bound: Bound, sink: Sink) -> list[VirtualSwitch]:
    """Return the switches that -Name (-VMSwitchName) or -VMSwitch selects.

    A name that matches no switch is an error.
    """
    hyper_v = require_hyper_v(machine, bound)
    objects = [item["Id"] for item in bound.values("VMSwitch") if isinstance(item, Record)]
    if objects:
        return [
            switch
            for switch in hyper_v.switches
            if any(same_id(switch.id, switch_id) for switch_id in objects)
        ]
    found: list[VirtualSwitch] = []
    for wanted in bound.values("Name", "VMSwitchName"):
        name = str(wanted)
        chosen = [switch for switch in hyper_v.switches if matches(name, switch.name)]
        if not chosen and not has_wildcard(name):
            sink.error(switch_not_found(bound.name, name).record)
        found += [switch for switch in chosen if switch not in found]
    return found
