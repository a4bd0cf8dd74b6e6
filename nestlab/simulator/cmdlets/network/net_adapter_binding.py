"""Bindings of protocols to network adapters.

On the adapter of an External switch, only the Extensible Virtual Switch is bound.
"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model import Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.cmdlets.network.net_adapter import STANDARD_CIM, select_net_adapters
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.values.wildcard import matches
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import IPInterface, NetAdapter

_CLASS = "MSFT_NetAdapterBindingSettingData"
_SWITCH = "vms_pp"
_COMPONENTS = {
    "ms_msclient": "Client for Microsoft Networks",
    "ms_server": "File and Printer Sharing for Microsoft Networks",
    "ms_tcpip": "Internet Protocol Version 4 (TCP/IPv4)",
    "ms_tcpip6": "Internet Protocol Version 6 (TCP/IPv6)",
    _SWITCH: "Hyper-V Extensible Virtual Switch",
}


@cmdlet("Get-NetAdapterBinding")
def get_net_adapter_binding(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-NetAdapterBinding."""
    for adapter, component in _selected_bindings(machine, bound, sink):
        sink.output(_record(adapter, component))


def _selected_bindings(
    machine: Machine, bound: Bound, sink: Sink
) -> Iterator[tuple[NetAdapter, str]]:
    requested = [str(item) for item in bound.values("ComponentID")]
    titles = [str(item) for item in bound.values("DisplayName")]
    for adapter in select_net_adapters(machine, bound, sink):
        for component, title in _COMPONENTS.items():
            # The protocol is installed with the role, and is not offered for the host adapters of
            # switches.
            if component == _SWITCH and (machine.hyper_v is None or adapter.kind == "management"):
                continue
            wanted = not requested or any(matches(pattern, component) for pattern in requested)
            if wanted and (not titles or any(matches(pattern, title) for pattern in titles)):
                yield adapter, component


def _record(adapter: NetAdapter, component: str) -> Record:
    properties = {
        "Name": adapter.name,
        "InterfaceAlias": adapter.name,
        "InterfaceDescription": adapter.interface_description,
        "DisplayName": _COMPONENTS[component],
        "ComponentID": component,
        "Enabled": _is_enabled(adapter, component),
    }
    return Record((STANDARD_CIM + _CLASS,), properties, f'{_CLASS} (Name = "{adapter.name}")')


def _is_enabled(adapter: NetAdapter, component: str) -> bool:
    return (component == _SWITCH) == bool(adapter.bound_switch)


@cmdlet("Disable-NetAdapterBinding")
def disable_net_adapter_binding(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Disable-NetAdapterBinding.

    It unbinds an adapter that has stayed bound after the removal of its switch. The addresses of
    the adapter are lost, and it uses DHCP.
    """
    _set_enabled(machine, bound, sink, enabled=False)


@cmdlet("Enable-NetAdapterBinding")
def enable_net_adapter_binding(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Enable-NetAdapterBinding."""
    _set_enabled(machine, bound, sink, enabled=True)


def _set_enabled(machine: Machine, bound: Bound, sink: Sink, *, enabled: bool) -> None:
    chosen = list(_selected_bindings(machine, bound, sink))
    for adapter, component in chosen:
        if _is_enabled(adapter, component) is enabled:
            continue
        left_behind = (
            machine.hyper_v is not None and machine.hyper_v.switch(adapter.bound_switch) is None
        )
        if component != _SWITCH or enabled or not left_behind:
            message = "The simulated host only changes the bindings of adapters that a removed switch has left bound."
            raise cmdlet_errors.generic(
                message,
                "NotImplemented",
                f"NotSimulated,{bound.name}",
                adapter.name,
                "System.NotImplementedException",
            )
    for adapter, component in chosen:
        if _is_enabled(adapter, component) is not enabled:
            adapter.bound_switch, adapter.ip = "", IPInterface()
        if bound.is_present("PassThru"):
            sink.output(_record(adapter, component))
