"""Which function answers which cmdlet."""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.simulator.access import restricted, without_hyper_v
from nestlab.simulator.cmdlets.dhcp import dhcp_lease as dhcp_leases
from nestlab.simulator.cmdlets.dhcp import dhcp_scope as dhcp
from nestlab.simulator.cmdlets.hyper_v.machines import vm as vms
from nestlab.simulator.cmdlets.hyper_v.machines import (
    vm_creation,
    vm_firmware,
    vm_host,
    vm_memory,
    vm_power,
    vm_processor,
    vm_security,
    vm_waiting,
)
from nestlab.simulator.cmdlets.hyper_v.machines import vm_integration_service as vm_integration
from nestlab.simulator.cmdlets.hyper_v.machines import vm_snapshot as vm_checkpoints
from nestlab.simulator.cmdlets.hyper_v.networking import vm_network_adapter as vm_adapters
from nestlab.simulator.cmdlets.hyper_v.networking import vm_network_adapter_vlan as vlans
from nestlab.simulator.cmdlets.hyper_v.networking import vm_switch as switches
from nestlab.simulator.cmdlets.hyper_v.networking import vm_switch_team as switch_teams
from nestlab.simulator.cmdlets.hyper_v.storage import vhd as vhds
from nestlab.simulator.cmdlets.hyper_v.storage import vhd_mount as vhd_mounts
from nestlab.simulator.cmdlets.hyper_v.storage import vm_drive as vm_drives
from nestlab.simulator.cmdlets.hyper_v.storage import vm_drive_controller as vm_controllers
from nestlab.simulator.cmdlets.network import connectivity
from nestlab.simulator.cmdlets.network import net_adapter as net_adapters
from nestlab.simulator.cmdlets.network import net_adapter_binding as net_bindings
from nestlab.simulator.cmdlets.network import net_firewall_rule as firewall
from nestlab.simulator.cmdlets.network import net_ip_address as ip
from nestlab.simulator.cmdlets.network import net_ip_configuration as net_configuration
from nestlab.simulator.cmdlets.network import net_nat as nat
from nestlab.simulator.cmdlets.network import net_route as routes
from nestlab.simulator.cmdlets.selection import Handler
from nestlab.simulator.cmdlets.windows import cim_instance as cim
from nestlab.simulator.cmdlets.windows import computer as computers
from nestlab.simulator.cmdlets.windows import files, powershell_direct
from nestlab.simulator.cmdlets.windows import item_property as registry
from nestlab.simulator.cmdlets.windows import win_event as events
from nestlab.simulator.cmdlets.windows import windows_feature as features
from nestlab.simulator.state.machine import Machine

HYPER_V_HANDLERS: dict[str, Handler] = {
    **vms.HANDLERS,
    **vm_creation.HANDLERS,
    **vm_controllers.HANDLERS,
    **vm_waiting.HANDLERS,
    **vm_power.HANDLERS,
    **vm_processor.HANDLERS,
    **vm_memory.HANDLERS,
    **vm_adapters.HANDLERS,
    **vlans.HANDLERS,
    **vm_drives.HANDLERS,
    **vm_checkpoints.HANDLERS,
    **vm_firmware.HANDLERS,
    **vm_security.HANDLERS,
    **vm_integration.HANDLERS,
    **vm_host.HANDLERS,
    **switches.HANDLERS,
    **switch_teams.HANDLERS,
    **vhds.HANDLERS,
    **vhd_mounts.HANDLERS,
    **files.HYPER_V_HANDLERS,
}
"""The cmdlets of the Hyper-V module, which comes with the management tools."""

WINDOWS_HANDLERS: dict[str, Handler] = {
    **cim.HANDLERS,
    **computers.HANDLERS,
    **connectivity.HANDLERS,
    **dhcp.HANDLERS,
    **dhcp_leases.HANDLERS,
    **events.HANDLERS,
    **features.HANDLERS,
    **files.WINDOWS_HANDLERS,
    **firewall.HANDLERS,
    **ip.HANDLERS,
    **nat.HANDLERS,
    **net_adapters.HANDLERS,
    **net_bindings.HANDLERS,
    **net_configuration.HANDLERS,
    **powershell_direct.HANDLERS,
    **registry.HANDLERS,
    **routes.HANDLERS,
}
"""The cmdlets that every Windows has."""

HANDLERS: dict[str, Handler] = {**WINDOWS_HANDLERS, **HYPER_V_HANDLERS}
"""All that is simulated."""

RESTRICTED_HANDLERS: Mapping[str, Handler] = restricted(HANDLERS)
"""The same for an account in Hyper-V Administrators only."""

UNAUTHORIZED_HANDLERS: Mapping[str, Handler] = without_hyper_v(
    RESTRICTED_HANDLERS, HYPER_V_HANDLERS
)
"""The same for an account that is not even that."""


def handlers_of(machine: Machine, *, virtual_account: bool = False) -> Mapping[str, Handler]:
    """Return what each command does on a machine for the account of the scenario.

    In guests that is an administrator; and so is the virtual account of a restricted session,
    whoever connected (about_JEA).
    """
    quirks = machine.world.quirks
    if (
        virtual_account
        or machine.above is not None
        or (quirks.administrator and quirks.hyper_v_rights)
    ):
        return HANDLERS
    return RESTRICTED_HANDLERS if quirks.hyper_v_rights else UNAUTHORIZED_HANDLERS
