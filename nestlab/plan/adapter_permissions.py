"""Steps about what an adapter lets its guest do: MAC address spoofing, and teaming."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model.state import NetworkAdapterState
from nestlab.model.topology import VM, NetworkAdapter
from nestlab.plan.kinds import Action
from nestlab.plan.step import Step
from nestlab.plan.vm_adapter import VMAdapter
from nestlab.texts import tr


def spoofing_steps(
    vm_adapter: VMAdapter, adapter: NetworkAdapter, now: NetworkAdapterState
) -> Iterator[Step]:
    """Yield the step that enables or disables MAC address spoofing on an adapter."""
    if adapter.mac_address_spoofing == now.mac_address_spoofing:
        return
    wanted, was = ("On", "Off") if adapter.mac_address_spoofing else ("Off", "On")
    title = (
        tr(
            "Enable MAC address spoofing on {vm}'s adapter {adapter}",
            vm=vm_adapter.vm,
            adapter=vm_adapter.name,
        )
        if adapter.mac_address_spoofing
        else tr(
            "Disable MAC address spoofing on {vm}'s adapter {adapter}",
            vm=vm_adapter.vm,
            adapter=vm_adapter.name,
        )
    )
    reason = (
        tr("the topology does not enable it")
        if not adapter.mac_address_spoofing
        else tr("frames of the VMs inside carry their own MAC addresses")
        if vm_adapter.belongs_to_nested_host
        else tr("the topology enables it")
    )
    yield vm_adapter.step(
        Action.SET_MAC_ADDRESS_SPOOFING,
        title,
        tr("it is {was}, and {reason}", was=was, reason=reason),
        do=vm_adapter.cmdlet("Set-VMNetworkAdapter", MacAddressSpoofing=wanted),
        undo=vm_adapter.cmdlet("Set-VMNetworkAdapter", MacAddressSpoofing=was),
    )


def teaming_steps(
    vm_adapter: VMAdapter, vm: VM, adapter: NetworkAdapter, now: NetworkAdapterState
) -> Iterator[Step]:
    """Yield the step that allows or forbids teams in the guest."""
    wanted = vm.allows_teaming(adapter)
    if wanted is None or wanted == now.allow_teaming:
        return
    setting, was = ("On", "Off") if wanted else ("Off", "On")
    if adapter.allow_teaming is None:
        reason = tr("the guest {vm} uses the adapter in a team", vm=vm_adapter.vm)
    else:
        reason = tr("the topology allows it") if wanted else tr("the topology forbids it")
    yield vm_adapter.step(
        Action.SET_TEAMING,
        tr("Allow teaming on {vm}'s adapter {adapter}", vm=vm_adapter.vm, adapter=vm_adapter.name)
        if wanted
        else tr(
            "Forbid teaming on {vm}'s adapter {adapter}", vm=vm_adapter.vm, adapter=vm_adapter.name
        ),
        tr("it is {was}, and {reason}", was=was, reason=reason),
        do=vm_adapter.cmdlet("Set-VMNetworkAdapter", AllowTeaming=setting),
        undo=vm_adapter.cmdlet("Set-VMNetworkAdapter", AllowTeaming=was),
    )
