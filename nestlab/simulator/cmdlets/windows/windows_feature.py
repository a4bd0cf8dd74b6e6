"""Roles and features of servers: Get-, Install- and Uninstall-WindowsFeature."""

from __future__ import annotations

from nestlab.model import EnumValue, Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import hyper_v_role, power
from nestlab.simulator.behaviour.feature_catalog import FEATURES, Feature
from nestlab.simulator.cmdlets.duration import pass_time
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.values.wildcard import matches
from nestlab.simulator.state.machine import Machine

_MANAGER = "Microsoft.Windows.ServerManager.Commands."


_MANAGER_STATES = {
    "Available": EnumValue("Available", 0),
    "Installed": EnumValue("Installed", 1),
    "UninstallPending": EnumValue("UninstallPending", 2),
    "InstallPending": EnumValue("InstallPending", 3),
}


@cmdlet("Get-WindowsFeature")
def get_windows_feature(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-WindowsFeature; an unknown name is not an error."""
    patterns = [str(item) for item in bound.values("Name")] or ["*"]
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
    for item in bound.values("Name"):
        name = str(item.get("Name") if isinstance(item, Record) else item)
        feature = next(
            (feature for feature in FEATURES.values() if feature.name.lower() == name.lower()), None
        )
        if feature is None:
            message = f"ArgumentNotValid: The role, role service, or feature name is not valid: '{name}'. The name was not found."
            raise cmdlet_errors.generic(
                message, "InvalidArgument", f"NameDoesNotExist,{_MANAGER}{command}", name
            )
        found.append(feature)
    return found


@cmdlet("Install-WindowsFeature")
def install_windows_feature(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Install-WindowsFeature.

    Hyper-V needs processors with virtualization extensions, and takes effect after a restart.
    """
    chosen = _named(bound, "AddWindowsFeatureCommand")
    error = missing_prerequisite(machine, chosen)
    if error is not None:
        sink.output(_result(success=False, restart="No", exit_code="Failed", changed=[]))
        raise error
    wanted = _with_tools(chosen, tools=bound.is_present("IncludeManagementTools"))
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
    if restart and bound.is_present("Restart"):
        power.restart(machine)


def _with_tools(chosen: list[Feature], *, tools: bool) -> list[Feature]:
    names = [
        name for feature in chosen for name in (feature.name, *(feature.tools if tools else ()))
    ]
    return [FEATURES[name] for name in dict.fromkeys(names)]


def missing_prerequisite(machine: Machine, chosen: list[Feature]) -> PowerShellError | None:
    """Return the error if Hyper-V is selected and its hypervisor cannot run here, else None."""
    if FEATURES["Hyper-V"] not in chosen or hyper_v_role.hypervisor_can_run(machine):
        return None
    reason = (
        "A hypervisor is already running."
        if machine.hardware.virtual
        else "The processor does not have required virtualization capabilities."
    )
    message = f"A prerequisite check for the Hyper-V feature failed.\n1. Hyper-V cannot be installed: {reason}"
    fully_qualified_id = f"Alteration_PrerequisiteCheck_Failed,{_MANAGER}AddWindowsFeatureCommand"
    return cmdlet_errors.generic(message, "InvalidOperation", fully_qualified_id, "Hyper-V")


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
        _named(bound, "RemoveWindowsFeatureCommand"),
        tools=bound.is_present("IncludeManagementTools"),
    )
    removed = [
        feature
        for feature in chosen
        if machine.features.get(feature.name) in ("Installed", "InstallPending")
    ]
    restart = any(feature.needs_restart for feature in removed)
    pass_time(machine, sink, "Start Removal...", 30.0 if removed else 1.0)
    for feature in removed:
        if feature.needs_restart and machine.features[feature.name] == "Installed":
            machine.features[feature.name] = "UninstallPending"
        else:
            del machine.features[feature.name]
    if any(feature.name == "DHCP" for feature in removed):
        machine.dhcp_scopes = []
        machine.dhcp_options = {}
    code = ("SuccessRestartRequired" if restart else "Success") if removed else "NoChangeNeeded"
    sink.output(
        _result(success=True, restart="Yes" if restart else "No", exit_code=code, changed=removed)
    )
    if restart and bound.is_present("Restart"):
        power.restart(machine)
