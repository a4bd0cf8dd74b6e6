"""The adapters of the management OS on virtual switches, by their names in Windows."""

from __future__ import annotations

from itertools import chain, count

from nestlab.model.spelling import same_name
from nestlab.model.state.host_state import HostState
from nestlab.model.state.hypervisor import SwitchState
from nestlab.model.state.windows_network import NetAdapterState
from nestlab.model.topology.declared_network import management_alias_of

_DESCRIPTION = "Hyper-V Virtual Ethernet Adapter"  # not shown


def management_alias(state: HostState, switch: str, name: str = "") -> str | None:
    """Return the Windows name of a management OS adapter on a switch; None if there is none.

    With `name` it is the adapter with that name in Hyper-V. Otherwise it is the adapter with the
    name of the switch, or else the first one.

    Windows can add a number to ``vEthernet (name)``, so it is found by the DeviceId of Hyper-V's
    adapter.
    """
    wanted = switch.casefold()
    adapters = [
        a
        for a in (state.hyper_v.management_adapters if state.hyper_v else ())
        if a.switch_name.casefold() == wanted
    ]
    first = next((a for a in adapters if same_name(a.name, name or switch)), None)
    best = first or (adapters[0] if adapters and not name else None)
    if best is None:
        return None
    device = _guid(best.device_id)
    by_device = (
        a.name
        for a in (state.net_adapters if device else ())
        if a.device_id == best.device_id or _guid(a.device_id) == device
    )
    return next(by_device, management_alias_of(best.name))


def expected_management_alias(state: HostState, switch: str, name: str = "") -> str:
    """Return the Windows name of a management OS adapter on a switch, existing or expected.

    Windows adds a number to the name of a new one where another adapter has it already
    (https://github.com/pluralsight/PS-AutoLab-Env/issues/199).
    """
    found = management_alias(state, switch, name)
    if found is not None:
        return found
    wanted = management_alias_of(name or switch)
    numbered = (f"{wanted} {number}" for number in count(2))
    return next(each for each in chain((wanted,), numbered) if not _is_taken(state, each))


def _is_taken(state: HostState, alias: str) -> bool:
    """Whether another adapter has a name: a physical one, or one of Hyper-V on another switch."""
    found = next((each for each in state.net_adapters if same_name(each.name, alias)), None)
    if found is None or not found.interface_description.startswith(_DESCRIPTION):
        return found is not None
    known = state.hyper_v.management_adapters if state.hyper_v else ()
    return _guid(found.device_id) in {_guid(each.device_id) for each in known}


def disabled_adapters(state: HostState, switch: SwitchState) -> tuple[NetAdapterState, ...]:
    """Return the disabled adapters that a machine has on a switch, or that it is bound to."""
    alias = management_alias(state, switch.name)
    return tuple(
        adapter
        for adapter in state.net_adapters
        if adapter.is_disabled
        and (
            adapter.name == alias
            or adapter.interface_description in switch.net_adapter_interface_descriptions
        )
    )


def is_management_adapter(adapter: NetAdapterState) -> bool:
    """Whether this is an adapter of the management OS on a virtual switch.

    It is recognized by its description, or by the name that Windows gives it.
    """
    return adapter.interface_description.startswith(_DESCRIPTION) or adapter.name.startswith(
        "vEthernet ("
    )


def _guid(text: str) -> str:
    return text.strip("{}").lower()
