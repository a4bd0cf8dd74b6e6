"""Adapters of VMs that were renamed on the host.

The name does not identify an adapter: Rename-VMNetworkAdapter changes it and keeps the Id and the
MAC address, by which the guest recognizes its adapter
(https://learn.microsoft.com/powershell/module/hyper-v/rename-vmnetworkadapter).
"""

from __future__ import annotations

from collections.abc import Collection

from nestlab.model.spelling import plain_mac, same_name
from nestlab.model.state import NetworkAdapterState, VirtualMachineState
from nestlab.model.topology import NetworkAdapter


def renamed_adapters(
    declared: Collection[NetworkAdapter], current: VirtualMachineState
) -> dict[str, str]:
    """Return the declared names of the VM's adapters that have another name, by adapter Id.

    A declared adapter is missing if no adapter of the VM has its name. It is matched with an
    adapter whose name is not in the file: first by the declared MAC address; otherwise by the
    declared switch, if one such adapter is on it and no other declared adapter of it is missing.
    """
    names = {adapter.name.casefold() for adapter in current.network_adapters}
    wanted = {adapter.name.casefold() for adapter in declared}
    missing = [adapter for adapter in declared if adapter.name.casefold() not in names]
    spare = [
        adapter
        for adapter in current.network_adapters
        if adapter.id and adapter.name.casefold() not in wanted
    ]
    found: dict[str, str] = {}
    for adapter in missing if spare else ():
        same = [each for each in spare if _has_mac(each, adapter.mac_address)]
        if len(same) == 1:
            found[same[0].id] = adapter.name
    return found | _matched_by_switch(
        [adapter for adapter in missing if adapter.name not in found.values()],
        [adapter for adapter in spare if adapter.id not in found],
    )


def _has_mac(adapter: NetworkAdapterState, wanted: str | None) -> bool:
    return bool(wanted) and plain_mac(adapter.mac_address) == plain_mac(wanted or "")


def _matched_by_switch(
    missing: Collection[NetworkAdapter], spare: Collection[NetworkAdapterState]
) -> dict[str, str]:
    """Return the name of the only missing adapter of a switch, by the Id of the only spare one."""
    found = {}
    for adapter in missing:
        switch = adapter.switch or ""
        on_switch = [each for each in spare if same_name(each.switch_name, switch)]
        declared = [each for each in missing if same_name(each.switch or "", switch)]
        if not switch or not adapter.connected or len(on_switch) != 1 or len(declared) != 1:
            continue
        only = on_switch[0]
        if adapter.mac_address is None or _has_mac(only, adapter.mac_address):
            found[only.id] = adapter.name
    return found
