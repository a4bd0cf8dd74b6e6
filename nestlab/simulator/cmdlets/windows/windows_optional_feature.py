"""Optional features, with the cmdlets of DISM."""

from __future__ import annotations

from nestlab.model import EnumValue, Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour.feature_catalog import FEATURES
from nestlab.simulator.cmdlets.duration import pass_time
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.windows.windows_feature import missing_prerequisite
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.values.wildcard import matches
from nestlab.simulator.state.machine import Machine

# DISM's feature name -> name in the feature catalog. Servers have only the first three
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


def _dism_names(machine: Machine) -> tuple[str, ...]:
    if machine.operating_system.operating_system_sku == _HOME_SKU:
        return ()
    return tuple(_DISM) if machine.operating_system.product_type == 1 else _ON_SERVERS


def _dism_name(machine: Machine, command: str, name: str) -> str:
    known = next((own for own in _dism_names(machine) if own.lower() == name.lower()), None)
    if known is None:
        fully_qualified_id = f"Microsoft.Dism.Commands.{command}"
        message = f"Feature name {name} is unknown."
        raise cmdlet_errors.generic(
            message,
            "NotSpecified",
            fully_qualified_id,
            name,
            "System.Runtime.InteropServices.COMException",
        )
    return known


@cmdlet("Get-WindowsOptionalFeature")
def get_windows_optional_feature(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-WindowsOptionalFeature."""
    requested = bound.text("FeatureName")
    names = (
        [_dism_name(machine, "GetWindowsOptionalFeatureCommand", requested)]
        if requested and "*" not in requested
        else _dism_names(machine)
    )
    for name in names:
        if not requested or matches(requested, name):
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
        for item in bound.values("FeatureName")
    ]
    wanted = list(dict.fromkeys(_DISM[name] for name in names))
    if bound.is_present("All") and "Hyper-V" in wanted:
        wanted = list(dict.fromkeys([*wanted, *FEATURES["Hyper-V"].tools]))
    error = missing_prerequisite(machine, [FEATURES[name] for name in wanted])
    if error is not None:
        raise error
    _alter(machine, sink, wanted, enable=True)


@cmdlet("Disable-WindowsOptionalFeature")
def disable_windows_optional_feature(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Disable-WindowsOptionalFeature."""
    names = [
        _dism_name(machine, "DisableWindowsOptionalFeatureCommand", str(item))
        for item in bound.values("FeatureName")
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
