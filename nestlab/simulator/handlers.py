"""Which function answers which cmdlet."""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.simulator import (
    cim,
    computers,
    connectivity,
    dhcp,
    dhcp_leases,
    events,
    features,
    files,
    firewall,
    ip,
    nat,
    net_adapters,
    net_bindings,
    net_configuration,
    powershell_direct,
    registry,
    routes,
    switch_teams,
    switches,
    vhd_mounts,
    vhds,
    vlans,
    vm_adapters,
    vm_checkpoints,
    vm_controllers,
    vm_creation,
    vm_drives,
    vm_firmware,
    vm_host,
    vm_integration,
    vm_memory,
    vm_power,
    vm_processor,
    vm_security,
    vm_waiting,
    vms,
)
from nestlab.simulator.machine import Machine
from nestlab.simulator.rights import restricted, without_hyper_v
from nestlab.simulator.selection import Handler

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
