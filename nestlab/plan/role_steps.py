"""Windows roles in the machines: Hyper-V in a nested host, DHCP where a switch serves it."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import PRODUCT_WORKSTATION
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.spelling import same_name
from nestlab.model.state import DhcpScopeState
from nestlab.model.topology import Switch
from nestlab.plan.disk_names import scope_name
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import Site, or_unchanged
from nestlab.plan.step import Deferred, Hazard, Planned, Step, StepTarget, Unchanged

_CLIENT_FEATURE = "Microsoft-Hyper-V"


def hyper_v_steps(site: Site) -> Iterator[Planned]:
    """Yield what installs Hyper-V in a nested host.

    Its objects are deferred until it answers after the restart.
    """
    if site.state.hyper_v is not None:
        yield Unchanged(f"{site.name}: Hyper-V role", "it is installed and answers")
        return
    feature = (
        _CLIENT_FEATURE if site.state.computer.product_type == PRODUCT_WORKSTATION else "Hyper-V"
    )
    if feature in site.state.features:
        yield Deferred(site.path, f"Hyper-V in {site.name} is installed and does not answer yet")
        return
    if feature not in site.state.pending_features:
        yield _install(site, feature)
    yield _restart(site)
    yield Deferred(
        site.path,
        f"Hyper-V in {site.name} answers after the restart",
        site.state.computer.last_boot_up_time,
    )


def _install(site: Site, feature: str) -> Step:
    if feature == _CLIENT_FEATURE:
        # NoRestart: the restart is a step of its own, and the prompt for it would wait for ever.
        install = Cmdlet(
            "Enable-WindowsOptionalFeature",
            {
                "Online": SwitchParameter.ON,
                "FeatureName": feature,
                "All": SwitchParameter.ON,
                "NoRestart": SwitchParameter.ON,
            },
        )
        remove = Cmdlet(
            "Disable-WindowsOptionalFeature",
            {"Online": SwitchParameter.ON, "FeatureName": feature, "NoRestart": SwitchParameter.ON},
        )
    else:
        install = Cmdlet(
            "Install-WindowsFeature",
            {"Name": feature, "IncludeManagementTools": SwitchParameter.ON},
        )
        remove = Cmdlet(
            "Uninstall-WindowsFeature",
            {"Name": feature, "IncludeManagementTools": SwitchParameter.ON},
        )
    return site.step(
        Action.INSTALL_HYPER_V,
        feature,
        f"Install Hyper-V in {site.name}",
        f"{site.name} is a nested host, and Hyper-V is not installed in it",
        install,
        target=StepTarget(TargetKind.WINDOWS, feature),
        undo=(remove,),
    )


def _restart(site: Site) -> Step:
    return site.step(
        Action.RESTART,
        site.name,
        f"Restart {site.name}",
        "the hypervisor starts with Windows",
        Cmdlet("Restart-Computer", {"Force": SwitchParameter.ON}),
        target=StepTarget(TargetKind.WINDOWS, "restart"),
        hazard=Hazard.RESTARTS_VM,
        needs=(
            site.step_id(Action.INSTALL_HYPER_V, "Hyper-V"),
            site.step_id(Action.INSTALL_HYPER_V, _CLIENT_FEATURE),
        ),
    )


def dhcp_steps(site: Site, switch: Switch) -> Iterator[Planned]:
    """Yield what serves addresses on a switch with the DHCP server role of the machine."""
    if switch.dhcp is None or switch.ip_address is None:
        return
    name = scope_name(site.topology, switch.name)
    subject = f"{site.name}: DHCP on {switch.name}"
    yield from or_unchanged(
        subject,
        f"the scope {name} serves {switch.dhcp.first} to {switch.dhcp.last}",
        _scope(site, switch, name),
    )


def dhcp_removal(site: Site, switch: Switch) -> Iterator[Step]:
    """Yield the removal of a scope that the file does not have.

    It comes first, so that its network is free for another.
    """
    current = _current(site, switch)
    if current is None or (switch.dhcp is not None and switch.ip_address is not None):
        return
    yield site.step(
        Action.REMOVE_SCOPE,
        current.name,
        f"Stop serving {current.start_range} to {current.end_range} on {switch.name}",
        "the file serves no addresses on it",
        _remove(current),
        target=StepTarget(TargetKind.SCOPE, current.name),
    )


def _current(site: Site, switch: Switch) -> DhcpScopeState | None:
    name = scope_name(site.topology, switch.name)
    return next((scope for scope in site.state.dhcp_scopes if same_name(scope.name, name)), None)


def _remove(scope: DhcpScopeState) -> Cmdlet:
    return Cmdlet(
        "Remove-DhcpServerv4Scope", {"ScopeId": str(scope.scope_id), "Force": SwitchParameter.ON}
    )


def _scope(site: Site, switch: Switch, name: str) -> Iterator[Step]:
    if "DHCP" not in site.state.features:
        yield site.step(
            Action.INSTALL_DHCP,
            "DHCP",
            "Install the DHCP server role",
            "it is not installed",
            Cmdlet(
                "Install-WindowsFeature",
                {"Name": "DHCP", "IncludeManagementTools": SwitchParameter.ON},
            ),
            target=StepTarget(TargetKind.WINDOWS, "DHCP"),
            undo=(
                Cmdlet(
                    "Uninstall-WindowsFeature",
                    {"Name": "DHCP", "IncludeManagementTools": SwitchParameter.ON},
                ),
            ),
        )
    current = _current(site, switch)
    wanted, address = switch.dhcp, switch.ip_address
    if wanted is None or address is None:
        return
    scope_id = str(address.network.network_address)
    if current and (current.start_range, current.end_range) == (wanted.first, wanted.last):
        yield from _router(site, switch, current)
        return
    remove = Cmdlet("Remove-DhcpServerv4Scope", {"ScopeId": scope_id, "Force": SwitchParameter.ON})
    add = {
        "Name": name,
        "StartRange": str(wanted.first),
        "EndRange": str(wanted.last),
        "SubnetMask": str(address.netmask),
    }
    option = {"ScopeId": scope_id, "Router": str(address.ip)}
    yield site.step(
        Action.SERVE_ADDRESSES,
        switch.name,
        f"Serve {wanted.first} to {wanted.last} on {switch.name}",
        f"the scope there is {current.start_range} to {current.end_range}"
        if current
        else f"{site.name} has no scope {name}",
        *([_remove(current)] if current else []),
        Cmdlet("Add-DhcpServerv4Scope", {**add, "State": "Active"}),
        Cmdlet("Set-DhcpServerv4OptionValue", option),
        target=StepTarget(TargetKind.SCOPE, name, scope_id, switch.name),
        creates=current is None,
        undo=(remove,),
        needs=(site.step_id(Action.INSTALL_DHCP, "DHCP"),),
    )


def _router(site: Site, switch: Switch, scope: DhcpScopeState) -> Iterator[Step]:
    """Yield the change of a scope's router where it is not the address of its switch."""
    if scope.routers is None or switch.ip_address is None:
        return
    wanted = switch.ip_address.ip
    if scope.routers == (wanted,):
        return
    by_id = {"ScopeId": str(scope.scope_id)}
    given = ", ".join(map(str, scope.routers))
    yield site.step(
        Action.SERVE_ADDRESSES,
        switch.name,
        f"Give {wanted} as the router to guests on {switch.name}",
        f"the scope gives {given or 'none'}",
        Cmdlet("Set-DhcpServerv4OptionValue", {**by_id, "Router": str(wanted)}),
        target=StepTarget(TargetKind.SCOPE, scope.name, str(scope.scope_id), switch.name),
        undo=(
            Cmdlet("Set-DhcpServerv4OptionValue", {**by_id, "Router": [*map(str, scope.routers)]})
            if scope.routers
            else Cmdlet("Remove-DhcpServerv4OptionValue", {**by_id, "OptionId": 3}),
        ),
    )
