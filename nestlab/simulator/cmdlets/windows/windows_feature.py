"""Roles and features: ServerManager on servers, DISM everywhere."""

from __future__ import annotations

from dataclasses import dataclass

from nestlab.model import EnumValue, Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import hyper_v_role, power
from nestlab.simulator.cmdlets.progress import pass_time
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.selection import text, values
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.values.wildcard import matches
from nestlab.simulator.state.machine import Machine

_MANAGER = "Microsoft.Windows.ServerManager.Commands."


@dataclass(frozen=True)
class Feature:
    """A role or feature of Windows Server."""

    name: str
    display_name: str
    kind: str = "Feature"  # Role | Role Service | Feature
    tools: tuple[str, ...] = ()
    install_seconds: float = 30.0
    needs_restart: bool = False


FEATURES = {
    feature.name: feature
    for feature in (
        Feature(
            "Hyper-V",
            "Hyper-V",
            "Role",
            ("RSAT-Hyper-V-Tools", "Hyper-V-Tools", "Hyper-V-PowerShell"),
            90.0,
            needs_restart=True,
        ),
        Feature("RSAT-Hyper-V-Tools", "Hyper-V Management Tools"),
        Feature("Hyper-V-Tools", "Hyper-V GUI Management Tools"),
        Feature("Hyper-V-PowerShell", "Hyper-V Module for Windows PowerShell"),
        Feature("DHCP", "DHCP Server", "Role", ("RSAT-DHCP",)),
        Feature("RSAT-DHCP", "DHCP Server Tools"),
        Feature("DNS", "DNS Server", "Role", ("RSAT-DNS-Server",)),
        Feature("RSAT-DNS-Server", "DNS Server Tools"),
        Feature("Containers", "Containers", needs_restart=True),
        Feature(
            "Failover-Clustering",
            "Failover Clustering",
            "Feature",
            ("RSAT-Clustering-PowerShell",),
            needs_restart=True,
        ),
        Feature("RSAT-Clustering-PowerShell", "Failover Cluster Module for Windows PowerShell"),
        Feature("RemoteAccess", "Remote Access", "Role"),
        Feature("Routing", "Routing", "Role Service"),
    )
}

# Names of DISM, and the features they stand for. Servers know only the first three
# (Siemens-Healthineers/K2s#304).
_DISM = {
    "Microsoft-Hyper-V": "Hyper-V",
    "Microsoft-Hyper-V-Management-PowerShell": "Hyper-V-PowerShell",
    "Microsoft-Hyper-V-Management-Clients": "Hyper-V-Tools",
    "Microsoft-Hyper-V-All": "Hyper-V",
    "Microsoft-Hyper-V-Tools-All": "Hyper-V-Tools",
    "Microsoft-Hyper-V-Hypervisor": "Hyper-V",
    "Microsoft-Hyper-V-Services": "Hyper-V",
}
_ON_SERVERS = (
    "Microsoft-Hyper-V",
    "Microsoft-Hyper-V-Management-PowerShell",
    "Microsoft-Hyper-V-Management-Clients",
)
_HOME_SKU = 101

_DISM_STATES = {
    "Installed": EnumValue("Enabled", 2),
    "InstallPending": EnumValue("EnablePending", 3),
    "UninstallPending": EnumValue("DisablePending", 1),
    "Available": EnumValue("Disabled", 0),
}
_MANAGER_STATES = {
    "Available": EnumValue("Available", 0),
    "Installed": EnumValue("Installed", 1),
    "UninstallPending": EnumValue("UninstallPending", 2),
    "InstallPending": EnumValue("InstallPending", 3),
}


@cmdlet("Get-WindowsFeature")
def get_windows_feature(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-WindowsFeature: names that are not known give nothing."""
    patterns = [str(item) for item in values(bound, "Name")] or ["*"]
    for feature in FEATURES.values():
        if any(matches(pattern, feature.name) for pattern in patterns):
            sink.output(_feature_record(machine, feature))


def _feature_record(machine: Machine, feature: Feature) -> Record:
    state = machine.features.get(feature.name, "Available")
    properties = {
        "Name": feature.name,
        "DisplayName": feature.display_name,
        "FeatureType": feature.kind,
        "Installed": state == "Installed",
        "InstallState": _MANAGER_STATES[state],
    }
    return Record((_MANAGER + "Feature", "System.Object"), properties, feature.name)


def _named(bound: Bound, command: str) -> list[Feature]:
    found = []
    for item in values(bound, "Name"):
        name = str(item.get("Name") if isinstance(item, Record) else item)
        feature = next(
            (feature for feature in FEATURES.values() if feature.name.lower() == name.lower()), None
        )
        if feature is None:
            message = f"ArgumentNotValid: The role, role service, or feature name is not valid: '{name}'. The name was not found."
            raise cmdlet_errors.other(
                message, "InvalidArgument", f"NameDoesNotExist,{_MANAGER}{command}", name
            )
        found.append(feature)
    return found


@cmdlet("Install-WindowsFeature")
def install_windows_feature(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Install-WindowsFeature.

    Hyper-V needs the virtualization extensions, and is there after a restart.
    """
    chosen = _named(bound, "AddWindowsFeatureCommand")
    error = _prerequisite(machine, chosen)
    if error is not None:
        sink.output(_result(success=False, restart="No", exit_code="Failed", changed=[]))
        raise error
    wanted = _with_tools(chosen, tools=bound.switch("IncludeManagementTools"))
    new = [
        feature
        for feature in wanted
        if machine.features.get(feature.name) not in ("Installed", "InstallPending")
    ]
    pending = any(machine.features.get(feature.name) == "InstallPending" for feature in wanted)
    if not new:
        code = "SuccessRestartRequired" if pending else "NoChangeNeeded"
        sink.output(
            _result(success=True, restart="Yes" if pending else "No", exit_code=code, changed=[])
        )
        return
    pass_time(
        machine,
        sink,
        "Start Installation...",
        sum(feature.install_seconds for feature in chosen if feature in new) or 15.0,
        steps=10,
    )
    for feature in new:
        machine.features[feature.name] = "InstallPending" if feature.needs_restart else "Installed"
    restart = any(feature.needs_restart for feature in new)
    if restart:
        sink.warning("You must restart this server to finish the installation process.")
    code = "SuccessRestartRequired" if restart else "Success"
    sink.output(
        _result(success=True, restart="Yes" if restart else "No", exit_code=code, changed=new)
    )
    if restart and bound.switch("Restart"):
        power.restart(machine)


def _with_tools(chosen: list[Feature], *, tools: bool) -> list[Feature]:
    names = [
        name for feature in chosen for name in (feature.name, *(feature.tools if tools else ()))
    ]
    return [FEATURES[name] for name in dict.fromkeys(names)]


def _prerequisite(machine: Machine, chosen: list[Feature]) -> PowerShellError | None:
    if FEATURES["Hyper-V"] not in chosen or hyper_v_role.hypervisor_can_run(machine):
        return None
    reason = (
        "A hypervisor is already running."
        if machine.hardware.virtual
        else "The processor does not have required virtualization capabilities."
    )
    message = f"A prerequisite check for the Hyper-V feature failed.\n1. Hyper-V cannot be installed: {reason}"
    identity = f"Alteration_PrerequisiteCheck_Failed,{_MANAGER}AddWindowsFeatureCommand"
    return cmdlet_errors.other(message, "InvalidOperation", identity, "Hyper-V")


def _result(*, success: bool, restart: str, exit_code: str, changed: list[Feature]) -> Record:
    properties = {
        "Success": success,
        "RestartNeeded": EnumValue(restart, {"No": 0, "Yes": 1}[restart]),
        "ExitCode": EnumValue(
            exit_code,
            {"Success": 0, "NoChangeNeeded": 1003, "SuccessRestartRequired": 3010, "Failed": 1000}[
                exit_code
            ],
        ),
        "FeatureResult": [feature.display_name for feature in changed],
    }
    return Record(
        (_MANAGER + "FeatureOperationResult", "System.Object"),
        properties,
        _MANAGER + "FeatureOperationResult",
    )


@cmdlet("Uninstall-WindowsFeature")
def uninstall_windows_feature(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Uninstall-WindowsFeature."""
    chosen = _with_tools(
        _named(bound, "RemoveWindowsFeatureCommand"), tools=bound.switch("IncludeManagementTools")
    )
    gone = [
        feature
        for feature in chosen
        if machine.features.get(feature.name) in ("Installed", "InstallPending")
    ]
    restart = any(feature.needs_restart for feature in gone)
    pass_time(machine, sink, "Start Removal...", 30.0 if gone else 1.0)
    for feature in gone:
        if feature.needs_restart and machine.features[feature.name] == "Installed":
            machine.features[feature.name] = "UninstallPending"
        else:
            del machine.features[feature.name]
    if any(feature.name == "DHCP" for feature in gone):
        machine.dhcp_scopes = []
        machine.dhcp_options = {}
    code = ("SuccessRestartRequired" if restart else "Success") if gone else "NoChangeNeeded"
    sink.output(
        _result(success=True, restart="Yes" if restart else "No", exit_code=code, changed=gone)
    )
    if restart and bound.switch("Restart"):
        power.restart(machine)


def _dism_names(machine: Machine) -> tuple[str, ...]:
    if machine.operating_system.operating_system_sku == _HOME_SKU:
        return ()
    return tuple(_DISM) if machine.operating_system.product_type == 1 else _ON_SERVERS


def _dism_name(machine: Machine, command: str, name: str) -> str:
    known = next((own for own in _dism_names(machine) if own.lower() == name.lower()), None)
    if known is None:
        identity = f"Microsoft.Dism.Commands.{command}"
        message = f"Feature name {name} is unknown."
        raise cmdlet_errors.other(
            message, "NotSpecified", identity, name, "System.Runtime.InteropServices.COMException"
        )
    return known


@cmdlet("Get-WindowsOptionalFeature")
def get_windows_optional_feature(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-WindowsOptionalFeature."""
    asked = text(bound, "FeatureName")
    names = (
        [_dism_name(machine, "GetWindowsOptionalFeatureCommand", asked)]
        if asked and "*" not in asked
        else _dism_names(machine)
    )
    for name in names:
        if not asked or matches(asked, name):
            state = machine.features.get(_DISM[name], "Available")
            properties = {
                "FeatureName": name,
                "State": _DISM_STATES[state],
                "Online": True,
                "DisplayName": name.replace("-", " "),
            }
            sink.output(
                Record(("Microsoft.Dism.Commands.AdvancedFeatureObject",), properties, name)
            )


@cmdlet("Enable-WindowsOptionalFeature")
def enable_windows_optional_feature(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Enable-WindowsOptionalFeature."""
    names = [
        _dism_name(machine, "EnableWindowsOptionalFeatureCommand", str(item))
        for item in values(bound, "FeatureName")
    ]
    wanted = list(dict.fromkeys(_DISM[name] for name in names))
    if bound.switch("All") and "Hyper-V" in wanted:
        wanted = list(dict.fromkeys([*wanted, *FEATURES["Hyper-V"].tools]))
    error = _prerequisite(machine, [FEATURES[name] for name in wanted])
    if error is not None:
        raise error
    _alter(machine, sink, wanted, enable=True)


@cmdlet("Disable-WindowsOptionalFeature")
def disable_windows_optional_feature(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Disable-WindowsOptionalFeature."""
    names = [
        _dism_name(machine, "DisableWindowsOptionalFeatureCommand", str(item))
        for item in values(bound, "FeatureName")
    ]
    _alter(machine, sink, list(dict.fromkeys(_DISM[name] for name in names)), enable=False)


def _alter(machine: Machine, sink: Sink, wanted: list[str], *, enable: bool) -> None:
    target = "Installed" if enable else None
    changed = [name for name in wanted if (machine.features.get(name) == "Installed") is not enable]
    pass_time(
        machine,
        sink,
        "Enabling feature(s)" if enable else "Disabling feature(s)",
        60.0 if changed else 1.0,
    )
    restart = any(FEATURES[name].needs_restart for name in changed)
    for name in changed:
        if FEATURES[name].needs_restart:
            machine.features[name] = "InstallPending" if enable else "UninstallPending"
        elif target:
            machine.features[name] = target
        else:
            machine.features.pop(name, None)
    properties = {"Path": "", "Online": True, "RestartNeeded": restart}
    sink.output(
        Record(
            ("Microsoft.Dism.Commands.ImageObject",),
            properties,
            "Microsoft.Dism.Commands.ImageObject",
        )
    )
