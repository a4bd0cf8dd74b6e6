"""What changed on the machines between two looks, in words; what comes and goes by itself is left out."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import replace

from nestlab.model import MachinePath, path_text
from nestlab.model.size import Size
from nestlab.model.state import HostState, IPInterfaceState, VirtualMachineState


def drift(before: Mapping[MachinePath, HostState], after: Mapping[MachinePath, HostState]) -> tuple[str, ...]:
    """Return what differs, one sentence each; empty where a plan made from `before` still fits."""
    return tuple(sentence for path in before for sentence in _machine(path, before[path], after.get(path)))


def _machine(path: MachinePath, before: HostState, after: HostState | None) -> Iterator[str]:
    name = path_text(path)
    if after is None:
        yield f"{name} does not answer any more"
        return
    old, new = _parts(before), _parts(after)
    for key in (*old, *(key for key in new if key not in old)):
        if key not in new:
            yield f"{name}: {key} is gone"
        elif key not in old:
            yield f"{name}: {key} is new"
        elif old[key] != new[key]:
            yield f"{name}: {key} changed"


def _parts(state: HostState) -> dict[str, Hashable]:
    """Return everything that a plan looks at, by a name that people know."""
    parts: dict[str, Hashable] = {
        "its roles and features": (state.features, state.pending_features),
        "whether Hyper-V answers": state.hyper_v is not None,
    }
    parts |= {f"NAT {nat.name}": nat for nat in state.nats}
    parts |= {f"DHCP scope {scope.name}": scope for scope in state.dhcp_scopes}
    parts |= {f"adapter {a.name}": (a.mac_address, a.interface_description) for a in state.net_adapters}
    parts |= {f"addresses of {i.interface_alias}": replace(i, interface_index=0, interface_metric=_metric(i)) for i in state.ip_interfaces}
    if state.hyper_v is not None:
        parts |= {f"switch {switch.name}": switch for switch in state.hyper_v.switches}
        parts |= {f"VM {vm.name} ({vm.id})": _lasting(vm) for vm in state.hyper_v.vms}
        parts["disk files"] = state.hyper_v.existing_disks
    return parts


def _metric(interface: IPInterfaceState) -> int | None:
    # Windows sets an automatic metric anew with the speed of the link.
    return None if interface.automatic_metric else interface.interface_metric


def _lasting(vm: VirtualMachineState) -> VirtualMachineState:
    # Dynamic memory floats, a heartbeat beats, and guests report their addresses when they like.
    adapters = tuple(replace(a, ip_addresses=(), connected=False) for a in vm.network_adapters)
    return replace(vm, memory_assigned=Size(0), heartbeat="", network_adapters=adapters)
