"""The steps that install the DHCP server role with its tools."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.parameter_values import Value
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Step, StepTarget
from nestlab.texts import tr

DHCP_TOOLS = "RSAT-DHCP"
"""The feature with the module DhcpServer."""


def install_dhcp(machine: PlannedMachine) -> Iterator[Step]:
    """Yield the step that installs the role, or where only the role is there, its tools.

    The module DhcpServer is in the tools (RSAT-DHCP): the role comes without them unless
    -IncludeManagementTools is set (documentation of Install-WindowsFeature).
    """
    role: dict[str, Value] = {"Name": "DHCP"}
    installed = machine.state.features
    if DHCP_TOOLS not in installed:
        role["IncludeManagementTools"] = SwitchParameter.ON
    if "DHCP" not in installed:
        title, why = tr("Install the DHCP server role"), tr("it is not installed")
        yield _install(machine, "DHCP", title, why, role)
    elif DHCP_TOOLS not in installed:
        title = tr("Install the tools of the DHCP server role")
        why = tr("the role is installed without them, so Windows has none of its cmdlets")
        yield _install(machine, DHCP_TOOLS, title, why, {"Name": DHCP_TOOLS})


def _install(
    machine: PlannedMachine, name: str, title: str, why: str, feature: Mapping[str, Value]
) -> Step:
    return machine.step(
        Action.INSTALL_DHCP,
        name,
        title,
        why,
        Cmdlet("Install-WindowsFeature", feature),
        target=StepTarget(TargetKind.WINDOWS, name),
        undo=(Cmdlet("Uninstall-WindowsFeature", feature),),
    )
