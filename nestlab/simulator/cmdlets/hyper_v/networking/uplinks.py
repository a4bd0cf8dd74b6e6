"""The physical adapters of External switches: binding, unbinding, and requirements for teams."""

from __future__ import annotations

import re

from nestlab.simulator import cmdlet_errors
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import IPInterface, NetAdapter
from nestlab.simulator.state.virtual_machine import HyperV, VirtualSwitch

MAXIMUM_TEAM_MEMBERS = 8
"""The maximum number of members of an embedded team (RDMA-and-Switch-Embedded-Teaming)."""

_SERVER_2019 = 17763


_TEAM_DRIVER = "Microsoft Network Adapter Multiplexor Driver"
_LBFO_REFUSED_FROM = 20348
# Observed on Windows Server 2022: https://github.com/eryph-org/eryph/issues/139
_LBFO = (
    "Failed while adding virtual Ethernet switch connections.\n"
    "Attaching a virtual switch to an LBFO team is deprecated. Switch Embedded Teaming (SET) is an inbox replacement "
    "for this functionality. "
    "To override this block, use the -AllowNetLbfoTeams option of New-VMSwitch."
)


def default_load_balancing(machine: Machine) -> str:
    """Return the load balancing algorithm of a new team.

    It is HyperVPort from Windows Server 2019 on (inferred), and Dynamic before.
    """
    return "HyperVPort" if machine.operating_system.build >= _SERVER_2019 else "Dynamic"


def requested_uplinks(
    machine: Machine, hyper_v: HyperV, bound: Bound, switch: VirtualSwitch | None = None
) -> list[NetAdapter]:
    """Return the adapters that a cmdlet names for its switch, which is None for a new one.

    Raises PowerShellError if one does not exist or is used by another switch.
    """
    wanted = bound.values("NetAdapterName", "NetAdapterInterfaceDescription")
    return [_free_uplink(machine, hyper_v, bound, str(name), switch) for name in wanted]


def _free_uplink(
    machine: Machine, hyper_v: HyperV, bound: Bound, wanted: str, switch: VirtualSwitch | None
) -> NetAdapter:
    by_name = "NetAdapterName" in bound
    physical = [adapter for adapter in machine.adapters if adapter.kind != "management"]
    named = (
        a
        for a in physical
        if (a.name if by_name else a.interface_description).lower() == wanted.lower()
    )
    adapter = next(named, None)
    if adapter is None:
        kind = "named" if by_name else "with description"
        raise cmdlet_errors.hyper_v(
            bound.name,
            "ObjectNotFound",
            f"Cannot find a physical network adapter {kind} {wanted}.",
            wanted,
        )
    if adapter.bound_switch and (switch is None or adapter.bound_switch != switch.id):
        raise _in_use_error(hyper_v, bound, adapter)
    if _is_refused_team(machine, bound, adapter):
        raise cmdlet_errors.hyper_v(bound.name, "InvalidParameter", _LBFO, adapter.name)
    if machine.outer_host is None and adapter.name in machine.world.quirks.adapters_cannot_bind:
        message = (
            "Failed while adding virtual Ethernet switch connections.\n"
            f"Ethernet port '{adapter.device_id}' bind failed: Element not found. (0x80070490)."
        )
        raise cmdlet_errors.hyper_v(bound.name, "ObjectNotFound", message, adapter.name)
    return adapter


def _is_refused_team(machine: Machine, bound: Bound, adapter: NetAdapter) -> bool:
    """Whether an adapter is an LBFO team to which this version of Windows binds no switch."""
    return (
        adapter.interface_description == _TEAM_DRIVER
        and machine.operating_system.build >= _LBFO_REFUSED_FROM
        and bound.get("AllowNetLbfoTeams") is not True
    )


def _in_use_error(hyper_v: HyperV, bound: Bound, adapter: NetAdapter) -> PowerShellError:
    taken = hyper_v.switch(adapter.bound_switch)
    message = (
        f"Failed while adding virtual Ethernet switch connections.\nExternal Ethernet adapter '{adapter.interface_description}' "
        f"is already bound to the Microsoft Virtual Switch protocol{f' ({taken.name})' if taken else ''}."
    )
    return cmdlet_errors.hyper_v(bound.name, "ObjectInUse", message, adapter.name)


def release_uplinks(machine: Machine, switch: VirtualSwitch, *, removed: bool = False) -> None:
    """Unbind the adapters of a switch, so that Windows can use them.

    In some scenarios the adapters of a removed switch stay bound, and so have no address.
    """
    stuck = (
        machine.world.quirks.uplinks_stay_bound if removed and machine.outer_host is None else []
    )
    for adapter in machine.adapters:
        if adapter.bound_switch == switch.id and adapter.name not in stuck:
            adapter.bound_switch = ""
    switch.net_adapters = []


def lose_unused_settings(machine: Machine, switch: VirtualSwitch) -> None:
    """Remove the IP settings of a switch's adapters where the scenario says that they are lost."""
    if machine.world.quirks.taken_adapters_keep_settings:
        return
    for adapter in machine.adapters:
        if adapter.bound_switch == switch.id:
            adapter.ip = IPInterface()


def wants_team(bound: Bound, uplinks: list[NetAdapter]) -> bool:
    """Whether a new switch has an embedded team."""
    return bool(uplinks) and bool(bound.get("EnableEmbeddedTeaming", len(uplinks) > 1))


def team_problem(
    machine: Machine, uplinks: list[NetAdapter], *, team: bool
) -> tuple[str, str] | None:
    """Return the id and the text of the error if a switch cannot use these adapters together.

    Several adapters need an embedded team of at most 8 identical members. According to the
    documentation a VM cannot have one; nested hosts of public labs have them.
    """
    failed = "Failed while creating virtual Ethernet switch.\n"
    if not team:
        return (
            ("InvalidParameter", f"{failed}Several network adapters need Switch Embedded Teaming.")
            if len(uplinks) > 1
            else None
        )
    nested = machine.outer_host is not None and machine.world.quirks.teams_in_nested_hosts
    if machine.hardware.virtual and not nested:
        return (
            "NotSupported",
            f"{failed}Switch Embedded Teaming is not supported inside a virtual machine.",
        )
    if len(uplinks) > MAXIMUM_TEAM_MEMBERS:
        return (
            "InvalidParameter",
            f"{failed}A switch team has at most {MAXIMUM_TEAM_MEMBERS} members.",
        )
    if len({_model(adapter) for adapter in uplinks}) > 1:
        return (
            "InvalidParameter",
            f"{failed}The members of a switch team must be identical network adapters.",
        )
    return None


def _model(adapter: NetAdapter) -> str:
    # Windows numbers adapters of the same model: "... #2".
    return re.sub(r" #\d+$", "", adapter.interface_description)
