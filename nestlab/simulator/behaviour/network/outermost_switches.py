"""The switches at which the frames of an adapter end, without the reachability layer."""

from __future__ import annotations

from nestlab.model.topology import SwitchType
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import NetAdapter

PHYSICAL_NETWORK = "physical"


def outermost_switches(machine: Machine, adapter: NetAdapter) -> frozenset[str]:
    """Return the Ids of the last switches on the path of an adapter's frames.

    The path leads outwards through External switches; PHYSICAL_NETWORK stands for what it reaches
    outside the host. VLANs and MAC addresses are not considered: adapters without a common switch
    exchange no frames, and those with one may.
    """
    if adapter.kind == "physical":
        return frozenset({PHYSICAL_NETWORK})
    host, switch_id = _switch_of(machine, adapter)
    hyper_v = host.hyper_v if host else None
    switch = hyper_v.switch(switch_id) if hyper_v else None
    if host is None or switch is None:
        return frozenset()
    if switch.switch_type != SwitchType.EXTERNAL:
        return frozenset({switch.id})
    members = (each for each in host.adapters if each.device_id in switch.net_adapters)
    return frozenset().union(*(outermost_switches(host, each) for each in members))


def _switch_of(machine: Machine, adapter: NetAdapter) -> tuple[Machine | None, str]:
    """Return the machine that has the switch of an adapter, and the switch's Id."""
    hyper_v, outer = machine.hyper_v, machine.outer_host
    for own in hyper_v.management_adapters if hyper_v else ():
        if own.device_id == adapter.device_id:
            return machine, own.switch_id
    for vm in outer.hyper_v.vms if outer and outer.hyper_v else ():
        for each in vm.settings.adapters:
            if each.id == adapter.port:
                return outer, each.switch_id
    return None, ""
