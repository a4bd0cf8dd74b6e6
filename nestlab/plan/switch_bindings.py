"""The parameters of New-VMSwitch and Set-VMSwitch that bind a switch to adapters."""

from __future__ import annotations

from nestlab.model.state import SwitchState
from nestlab.model.topology import Switch

Binding = dict[str, object]
Names = tuple[str, ...]


def binding(switch_type: str, adapter: str = "", *, allow: bool = True) -> Binding:
    """Return the parameters of Set-VMSwitch for a type or an adapter."""
    return (
        {"NetAdapterName": adapter, "AllowManagementOS": allow}
        if switch_type == "External"
        else {"SwitchType": str(switch_type)}
    )


def not_shared_first(old: Binding, new: Binding) -> list[Binding]:
    """Return the changes from one binding of an External switch to another.

    Where the machine's adapter goes, it goes first: its settings move to the adapter that the
    switch has by then, which has to be the old one.
    """
    goes = old["AllowManagementOS"] and not new["AllowManagementOS"]
    return [{**old, "AllowManagementOS": False}, new] if goes else [new]


def new_binding(adapters: Names, switch: Switch) -> Binding:
    """Return the parameters of New-VMSwitch for an External switch."""
    allow = {"AllowManagementOS": switch.allow_management_os}
    if len(adapters) == 1:
        return {"NetAdapterName": adapters[0], **allow}
    return {"NetAdapterName": list(adapters), "EnableEmbeddedTeaming": True, **allow}


def binding_now(current: SwitchState, now: Names) -> Binding:
    """Return the parameters of Set-VMSwitch for what a switch is bound to now."""
    return binding(current.switch_type, next(iter(now), ""), allow=current.allow_management_os)
