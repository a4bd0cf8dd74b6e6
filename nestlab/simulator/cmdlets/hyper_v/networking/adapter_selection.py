"""The network adapters that a call selects."""

from __future__ import annotations

from nestlab.dataclass import dataclass
from nestlab.model import Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.cmdlets.selection import (
    require_hyper_v,
    same_id,
    select_vms,
)
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.values.wildcard import has_wildcard, matches
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import HyperV, VirtualMachine, VMNetworkAdapter

NONE_FOUND = "No network adapter was found with the given criteria."


@dataclass
class SelectedAdapter:
    """An adapter and its VM; `vm` is None for an adapter of the management operating system."""

    adapter: VMNetworkAdapter
    vm: VirtualMachine | None


def select_adapters(machine: Machine, bound: Bound, sink: Sink) -> list[SelectedAdapter]:
    """Return the adapters that a call selects: by object, or by -VMName, -VM or -ManagementOS."""
    hyper_v = require_hyper_v(machine, bound)
    objects = [item for item in bound.values("VMNetworkAdapter") if isinstance(item, Record)]
    if objects:
        return [found for item in objects for found in _of_object(hyper_v, item)]
    name = bound.text("VMNetworkAdapterName") or bound.text("Name") or "*"
    if bound.is_present("ManagementOS"):
        chosen = [SelectedAdapter(adapter, None) for adapter in hyper_v.management_adapters]
        switch = bound.text("SwitchName")
        chosen = [
            found for found in chosen if not switch or matches(switch, found.adapter.switch_name)
        ]
    elif bound.is_present("All"):
        chosen = _all(hyper_v)
    else:
        chosen = [
            SelectedAdapter(adapter, vm)
            for vm in select_vms(machine, bound, sink, "VMName")
            for adapter in vm.settings.adapters
        ]
    found = [entry for entry in chosen if name == "*" or matches(name, entry.adapter.name)]
    if not found and not has_wildcard(name):
        sink.error(cmdlet_errors.hyper_v(bound.name, "ObjectNotFound", NONE_FOUND, name).record)
    return found


def _of_object(hyper_v: HyperV, item: Record) -> list[SelectedAdapter]:
    vm = hyper_v.vm_with_id(item.get("VMId"))
    candidates = [SelectedAdapter(own, vm) for own in vm.settings.adapters] if vm else _all(hyper_v)
    return [found for found in candidates if same_id(found.adapter.id, item["Id"])]


def _all(hyper_v: HyperV) -> list[SelectedAdapter]:
    own = [SelectedAdapter(adapter, None) for adapter in hyper_v.management_adapters]
    return own + [
        SelectedAdapter(adapter, vm) for vm in hyper_v.vms for adapter in vm.settings.adapters
    ]
