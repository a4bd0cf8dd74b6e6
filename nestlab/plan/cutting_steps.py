"""What a step changes that VMs of others may depend on, read from its cmdlets.

The undo of a step counts as well: its cmdlets are those of `undo`, and `undoes` has what it undoes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nestlab.model import Cmdlet
from nestlab.plan.kinds import TargetKind
from nestlab.plan.step import Step
from nestlab.plan.vlan_settings import SET_VLAN

_BINDING = ("Set-VMSwitch", "Set-VMSwitchTeam")
_SHARING = frozenset({"AllowManagementOS", "NetAdapterName", "SwitchType"})
_REMOVE = "Remove-VMNetworkAdapter"
_CUTS_ADAPTER = frozenset(
    {SET_VLAN, _REMOVE, "Connect-VMNetworkAdapter", "Disconnect-VMNetworkAdapter"}
)
_REMOVES_SERVICE = frozenset({"Remove-NetNat", "Remove-DhcpServerv4Scope", "Remove-NetIPAddress"})
_SERVICES = (TargetKind.NAT, TargetKind.SCOPE, TargetKind.ADDRESS)
_HYPER_V = frozenset({"Hyper-V", "Microsoft-Hyper-V"})
_UNINSTALL = frozenset({"Uninstall-WindowsFeature", "Disable-WindowsOptionalFeature"})


def may_cut_off(step: Step) -> bool:
    """Whether a step changes what VMs of others may depend on, and leaves it there."""
    match step.target.kind:
        case TargetKind.SWITCH:
            return changes_binding(step) or changes_management_adapter(step)
        case TargetKind.VM:
            return changes_vm_adapter(step) or hides_extensions(step)
        case _:
            return removes_hyper_v(step)


def changes_binding(step: Step) -> bool:
    """Whether a step changes the type of a switch, or binds it to other adapters only.

    A team that keeps one of its members keeps its network.
    """
    before, after = (_bindings(cmdlets) for cmdlets in (step.undoes or step.undo, step.cmdlets))
    if not after:
        return False
    if any("SwitchType" in each for each in (*before, *after)):
        return True
    old, new = (_net_adapters(bindings) for bindings in (before, after))
    return bool(new) and not old & new


def may_remove_management_adapters(step: Step) -> bool:
    """Whether a step changes a switch so that the machine's own adapters on it may be removed."""
    sets = (last.parameters for last in _last(step.cmdlets) if last.name == "Set-VMSwitch")
    return any(_SHARING & {*parameters} for parameters in sets)


def changes_management_adapter(step: Step) -> bool:
    """Whether a step changes the VLAN of an existing adapter of the machine on a switch.

    A step selects one that it adds by name. Undo also removes an adapter that a run added.
    """
    commands = _commands(step)
    if step.undoes:
        return bool(commands & {SET_VLAN, _REMOVE})
    return SET_VLAN in commands and bool(selected_ids(step))


def changes_vm_adapter(step: Step) -> bool:
    """Whether a step on an existing adapter of a VM takes away what is bridged through it."""
    spoofing = (
        last.parameters.get("MacAddressSpoofing")
        for last in _last(step.cmdlets)
        if last.name == "Set-VMNetworkAdapter"
    )
    cuts = bool(_commands(step) & _CUTS_ADAPTER) or "Off" in spoofing
    return cuts and bool(selected_ids(step)) and not step.creates


def hides_extensions(step: Step) -> bool:
    """Whether a step hides the virtualization extensions from a VM, or stops the VM for that."""
    return step.before_hiding or any(
        last.parameters.get("ExposeVirtualizationExtensions") is False
        for last in _last(step.cmdlets)
    )


def removes_hyper_v(step: Step) -> bool:
    """Whether a step removes Hyper-V from the machine that it runs on."""
    return any(
        last.name in _UNINSTALL and _HYPER_V & {str(each) for each in last.parameters.values()}
        for last in _last(step.cmdlets)
    )


def removes_service(step: Step) -> bool:
    """Whether a step removes or replaces a NAT, a DHCP scope or an address of a switch."""
    return step.target.kind in _SERVICES and bool(_commands(step) & _REMOVES_SERVICE)


def selected_ids(step: Step) -> set[str]:
    """Return the Ids by which the cmdlets of a step select adapters."""
    stages = (stage for cmdlet in step.cmdlets for stage in cmdlet.stages)
    return {
        str(stage.parameters["Value"])
        for stage in stages
        if stage.name == "Where-Object" and stage.parameters.get("Property") == "Id"
    }


def _last(cmdlets: Iterable[Cmdlet]) -> list[Cmdlet]:
    return [cmdlet.last_command for cmdlet in cmdlets]


def _commands(step: Step) -> set[str]:
    return {last.name for last in _last(step.cmdlets)}


def _bindings(cmdlets: Iterable[Cmdlet]) -> list[Mapping[str, object]]:
    return [last.parameters for last in _last(cmdlets) if last.name in _BINDING]


def _net_adapters(bindings: Iterable[Mapping[str, object]]) -> set[str]:
    """Return the adapters to which cmdlets bind a switch in the end, case-folded."""
    values = [each.get("NetAdapterName", ()) for each in [*bindings][-1:]]
    names = ([each] if isinstance(each, str) else each for each in values)
    return {str(name).casefold() for each in names if isinstance(each, Iterable) for name in each}
