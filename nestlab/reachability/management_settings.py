"""The settings of a machine's own adapter on a declared switch."""

from __future__ import annotations

from nestlab.dataclass import replace
from nestlab.model.machine_path import HOST, MachinePath
from nestlab.model.topology import NetworkAdapter, Switch, SwitchType
from nestlab.reachability.elements import Interface

_HIGHEST_METRIC = 9999
"""The highest metric of an interface: its routes are used only if no other interface has one."""


def with_unknown_addresses(switch: Switch, interface: Interface, path: MachinePath) -> Interface:
    """Return a machine's own adapter on an existing switch, whose addresses are not known."""
    if switch.is_default_switch:
        # Internet Connection Sharing sets no gateway on it, so there is no competing default route.
        return replace(interface, partly_known=True, assumed=True, metric=_HIGHEST_METRIC)
    bound = switch.switch_type is SwitchType.EXTERNAL and (switch.net_adapter or path == HOST)
    internal = switch.switch_type is SwitchType.INTERNAL
    return replace(interface, partly_known=True, unknown_switch=not (bound or internal))


def management_settings(switch: Switch, bound: NetworkAdapter) -> NetworkAdapter:
    """Return the settings of the machine's own adapter on a switch.

    They are those of the switch or, if it has no address, those of the adapter it is bound to.
    """
    inherits = switch.ip_address is None
    return NetworkAdapter(
        ip_address=bound.ip_address if inherits else switch.ip_address,
        gateway=bound.gateway if inherits and switch.gateway is None else switch.gateway,
        interface_metric=bound.interface_metric
        if switch.interface_metric is None
        else switch.interface_metric,
        dhcp=inherits and bound.dhcp,
    )
