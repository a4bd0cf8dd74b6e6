"""Which object a cmdlet acts on: the one whose mark was read, selected by its Id.

Names are not unique in Hyper-V.

An object that an earlier step of the same plan creates has no Id yet: cmdlets select it by its name
until that step has run, then `with_ids` inserts the Id. What can only be selected by name or path
is in `NAMES_ONLY`, with the reason why that is safe.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nestlab.constants import GUEST_SERVICE_INTERFACE_ID
from nestlab.dataclass import replace
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.state import HardDiskState, NetworkAdapterState, SwitchState, VirtualMachineState
from nestlab.plan.kinds import TargetKind
from nestlab.plan.step import Step, StepTarget

Ids = Mapping[tuple[TargetKind, str], str]
"""Ids of objects by kind and name in lower case; adapters are those of the step's VM."""

_BY_ALIAS = "the name of an adapter is unique on a machine"  # not shown
_BY_SWITCH = (
    "-VMSwitch accepts no object from the pipeline; "
    "right before it runs, the name must be that of exactly one switch"  # not shown
)
_BY_NAT = (
    "WinNAT refuses a second NAT with the same name (Windows System Error 52), "
    "and the name contains the topology"  # not shown
)
_BY_RULE = (
    "the Name of a firewall rule is its identity (InstanceID), "
    "and this rule is nestlab's own"  # not shown
)
_BY_SCOPE = (
    "a network address has one scope; "
    "right before it is removed, its name must be that of this topology"  # not shown
)
_BY_PATH = (
    "a path is one file; before it is deleted, "
    "all disks and checkpoints of the machine are checked for it"  # not shown
)
_IN_MOUNT_FOLDER = "the path is in the folder that the same step mounts the disk into"  # not shown
_NEW_ADAPTER = (
    "an earlier step of the same plan creates the adapter, "
    "and no other management adapter has its name"  # not shown
)
_CREATES = "it creates the object; right before it runs, no object may have the name"  # not shown

NAMES_ONLY: Mapping[str, str] = {
    "Set-VMNetworkAdapterVlan": _NEW_ADAPTER,
    **dict.fromkeys(("New-VM", "New-VMSwitch"), _CREATES),
    **dict.fromkeys(("Add-VMNetworkAdapter", "Connect-VMNetworkAdapter"), _BY_SWITCH),
    **dict.fromkeys(
        (
            "New-NetIPAddress",
            "Remove-NetIPAddress",
            "Set-NetIPInterface",
            "New-NetRoute",
            "Remove-NetRoute",
            "Set-DnsClientServerAddress",
        ),
        _BY_ALIAS,
    ),
    **dict.fromkeys(
        ("New-NetNat", "Remove-NetNat", "Add-NetNatStaticMapping", "Get-NetNatStaticMapping"),
        _BY_NAT,
    ),
    **dict.fromkeys(
        (
            "Add-DhcpServerv4Scope",
            "Remove-DhcpServerv4Scope",
            "Set-DhcpServerv4OptionValue",
            "Set-DhcpServerv4Scope",
            "Remove-DhcpServerv4OptionValue",
            "Add-DhcpServerv4Reservation",
            "Remove-DhcpServerv4Reservation",
        ),
        _BY_SCOPE,
    ),
    **dict.fromkeys(("New-NetFirewallRule", "Remove-NetFirewallRule"), _BY_RULE),
    **dict.fromkeys(
        ("New-VHD", "Resize-VHD", "Remove-Item", "Get-VHD", "Mount-VHD", "Dismount-VHD"), _BY_PATH
    ),
    **dict.fromkeys(("New-Item", "Get-Item", "Set-Content"), _IN_MOUNT_FOLDER),
}
"""Cmdlets that begin a statement of a plan and do not accept an object by its Id, and why that is
safe. Those that change Windows itself (its roles, its restart) act on the machine they run on."""


def on_vm(vm: VirtualMachineState, cmdlet: Cmdlet) -> Cmdlet:
    """Return a cmdlet for one VM, selected by Id, or by name if it does not exist yet.

    >>> print(on_vm(VirtualMachineState(id="5a1c", name="web", state="Off"), Cmdlet("Start-VM")))
    Get-VM -Id '5a1c' | Start-VM
    """
    return Cmdlet("Get-VM", {"Id": vm.id} if vm.id else {"Name": vm.name}, cmdlet)


def on_switch(switch: SwitchState, cmdlet: Cmdlet) -> Cmdlet:
    """Return a cmdlet for one switch, selected by Id, or by name if it does not exist yet."""
    return Cmdlet("Get-VMSwitch", {"Id": switch.id} if switch.id else {"Name": switch.name}, cmdlet)


def on_adapter(vm: VirtualMachineState, adapter: NetworkAdapterState, cmdlet: Cmdlet) -> Cmdlet:
    r"""Return a cmdlet for a VM's adapter, selected by Id, or by name if it does not exist yet.

    >>> vm = VirtualMachineState(id="5a1c", name="web", state="Off")
    >>> adapter = NetworkAdapterState(id=r"Microsoft:5A1C\7", name="LAN")
    >>> [str(stage) for stage in on_adapter(vm, adapter, Cmdlet("X")).stages][2]
    "Where-Object -Property 'Id' -EQ -Value 'Microsoft:5A1C\\7' | X"
    """
    if not adapter.id:
        by = {"Name": adapter.name} if adapter.name else {}  # the one that New-VM creates
        return on_vm(vm, Cmdlet("Get-VMNetworkAdapter", by, cmdlet))
    return on_vm(vm, adapter_by_id(adapter.id, cmdlet))


def adapter_by_id(identity: str, cmdlet: Cmdlet | None, *, management_os: bool = False) -> Cmdlet:
    """Return a cmdlet for an adapter by Id: of the VM in the pipeline, or a management adapter."""
    selection: dict[str, object] = {"ManagementOS": SwitchParameter.ON} if management_os else {}
    by_id = Cmdlet(
        "Where-Object", {"Property": "Id", "EQ": SwitchParameter.ON, "Value": identity}, cmdlet
    )
    return Cmdlet("Get-VMNetworkAdapter", selection, by_id)


def where_guest_service_interface(cmdlet: Cmdlet) -> Cmdlet:
    """Return a cmdlet for the Guest Service Interface alone, to follow Get-VMIntegrationService.

    Its name is localized; its Id ends with the same GUID in every language.
    """
    ending = f"*{GUEST_SERVICE_INTERFACE_ID}"
    wanted = {"Property": "Id", "Like": SwitchParameter.ON, "Value": ending}
    return Cmdlet("Where-Object", wanted, cmdlet)


def on_disk_drive(vm: VirtualMachineState, disk: HardDiskState, cmdlet: Cmdlet) -> Cmdlet:
    """Return a cmdlet for the disk drive at one place of a VM's controllers."""
    return on_vm(vm, Cmdlet("Get-VMHardDiskDrive", drive_location(disk), cmdlet))


def drive_location(disk: HardDiskState) -> dict[str, object]:
    """Return the parameters that locate a disk drive on a VM's controllers."""
    return {
        "ControllerType": disk.controller_type,
        "ControllerNumber": disk.controller_number,
        "ControllerLocation": disk.controller_location,
    }


def delete_files(*paths: str) -> Cmdlet:
    """Return the cmdlet that deletes files; -Path would treat their names as wildcard patterns."""
    return Cmdlet("Remove-Item", {"LiteralPath": paths[0] if len(paths) == 1 else list(paths)})


def deleted_files(step: Step) -> tuple[str, ...]:
    """Return the paths of the files that a step deletes."""
    deleted = (
        cmdlet.parameters["LiteralPath"] for cmdlet in step.cmdlets if cmdlet.name == "Remove-Item"
    )
    return tuple(
        str(path)
        for paths in deleted
        for path in (paths if isinstance(paths, list | tuple) else (paths,))
    )


def vm_target(vm: VirtualMachineState) -> StepTarget:
    """Return a VM as the target of a step."""
    return StepTarget(TargetKind.VM, vm.name, vm.id)


def switch_target(switch: SwitchState) -> StepTarget:
    """Return a switch as the target of a step."""
    return StepTarget(TargetKind.SWITCH, switch.name, switch.id)


def with_ids(step: Step, ids: Ids) -> Step:
    """Return a step that selects objects by Id instead of by name, where the Id is known."""
    target = replace(
        step.target,
        id=step.target.id or ids.get((step.target.kind, step.target.name.casefold()), ""),
    )
    return replace(
        step,
        target=target,
        cmdlets=tuple(_cmdlet_with_ids(cmdlet, ids) for cmdlet in step.cmdlets),
        undo=tuple(_cmdlet_with_ids(cmdlet, ids) for cmdlet in step.undo),
    )


_KINDS = {
    "Get-VM": TargetKind.VM,
    "Get-VMSwitch": TargetKind.SWITCH,
    "Get-VMNetworkAdapter": TargetKind.ADAPTER,
}


def _cmdlet_with_ids(cmdlet: Cmdlet, ids: Ids) -> Cmdlet:
    following = cmdlet.pipe_to and _cmdlet_with_ids(cmdlet.pipe_to, ids)
    name = str(cmdlet.parameters.get("Name", "")).casefold()
    management_os = "ManagementOS" in cmdlet.parameters
    if (
        not management_os
        and cmdlet.name in _KINDS
        and (identity := ids.get((_KINDS[cmdlet.name], name)))
    ):
        if cmdlet.name == "Get-VMNetworkAdapter":
            return adapter_by_id(identity, following)
        return Cmdlet(cmdlet.name, {"Id": identity}, following)
    return Cmdlet(cmdlet.name, cmdlet.parameters, following)


def addressed_by_name(step: Step) -> frozenset[tuple[TargetKind, str]]:
    """Return the objects that a step selects by name, not by Id: kind, and name as written."""
    return frozenset(
        (kind, str(stage.parameters["Name"]))
        for cmdlet in step.cmdlets
        for stage in cmdlet.stages
        if (kind := _KINDS.get(stage.name))
        and "Name" in stage.parameters
        and "ManagementOS" not in stage.parameters
    )


def named_switches(step: Step) -> Iterator[str]:
    """Yield the names of the switches that a step's cmdlets select by name only."""
    stages = (stage for cmdlet in step.cmdlets for stage in cmdlet.stages)
    yield from (
        str(stage.parameters["SwitchName"]) for stage in stages if "SwitchName" in stage.parameters
    )
