"""What a leftover object still holds: addresses, disks, connections."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from nestlab.model.state import (
    DhcpScopeState,
    SwitchState,
    VirtualMachineState,
    expected_management_alias,
)
from nestlab.plan.address_holders import AddressHolders
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.texts import tr


def holds_of_vm(vm: VirtualMachineState, holders: AddressHolders) -> Iterator[str]:
    """Yield the state of a VM that is on, its addresses, switches and disks."""
    if vm.state != "Off":
        yield tr("is {state}", state=vm.state)
    for adapter in vm.network_adapters:
        yield from (_address(text, holders) for text in adapter.ip_addresses if ":" not in text)
        if adapter.switch_name:
            yield tr("on switch {switch}", switch=adapter.switch_name)
    yield from (tr("disk {path}", path=disk.path) for disk in vm.hard_disks)


def holds_of_switch(
    machine: PlannedMachine, switch: SwitchState, holders: AddressHolders
) -> Iterator[str]:
    """Yield the addresses of a machine on a switch, its physical adapters, and the VMs on it."""
    interface = machine.interface(expected_management_alias(machine.state, switch.name))
    for address in interface.ip_addresses if interface else ():
        if not address.is_link_local:
            yield _address(str(address), holders)
    if switch.switch_type == "External":
        yield from (
            tr("adapter {adapter}", adapter=description)
            for description in switch.net_adapter_interface_descriptions
        )
    users = [
        vm.name
        for vm in machine.hyper_v.vms
        if any(a.switch_id == switch.id for a in vm.network_adapters)
    ]
    yield from (tr("VM {vm} is on it", vm=name) for name in users)


def _address(text: str, holders: AddressHolders) -> str:
    holder = holders.get(IPv4Address(text.partition("/")[0]))
    if not holder:
        return text
    return tr("{address}, which the file gives to {holder}", address=text, holder=holder)


def range_text(scope: DhcpScopeState) -> str:
    """Return the range of a DHCP scope."""
    return tr("{first} to {last}", first=scope.start_range, last=scope.end_range)
