"""The VMs of others that a DHCP scope of the topology may serve: those on its switch.

Any client on the switch of a scope can get its address from it, including VMs of other users
(https://learn.microsoft.com/windows-server/networking/technologies/dhcp/dhcp-top).
"""

from __future__ import annotations

from nestlab.enumerations import all_of
from nestlab.model.state import HyperVState
from nestlab.plan.in_use import kept_text, other_vms_by_switch
from nestlab.plan.undeclared_adapters import DISCONNECT_OTHERS_OPTION
from nestlab.texts import tr


def scope_users(hyper_v: HyperVState, topology: str, switch: str) -> str:
    """Return the VMs of others on a switch as an enumeration; empty if there are none."""
    found = other_vms_by_switch(hyper_v, switch, topology)
    return all_of([f"VM {vm.name}" for _, vm in found])


def why_scope_is_kept(users: str, switch: str) -> str:
    """Return why a scope is kept that VMs of others may use; empty if there are none."""
    if not users:
        return ""
    return kept_text(
        tr(
            "it may serve {vms} on switch {switch}; {option} removes it anyway",
            vms=users,
            switch=switch,
            option=DISCONNECT_OTHERS_OPTION,
        )
    )


def may_also_serve(users: str) -> str:
    """Return a clause about the VMs of others that a removed scope may serve; empty without any."""
    return tr("; it may serve {vms}, too", vms=users) if users else ""
