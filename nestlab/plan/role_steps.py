"""The Hyper-V role in nested hosts, and the restart that it needs."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import PRODUCT_WORKSTATION
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Deferred, Hazard, Planned, Step, StepTarget, Unchanged
from nestlab.texts import tr

_CLIENT_FEATURE = "Microsoft-Hyper-V"


def hyper_v_steps(machine: PlannedMachine) -> Iterator[Planned]:
    """Yield the steps that install Hyper-V in a nested host.

    Its objects are deferred until Hyper-V answers after the restart.
    """
    if machine.state.hyper_v is not None:
        yield Unchanged(
            tr("{machine}: Hyper-V role", machine=machine.name), tr("it is installed and answers")
        )
        return
    feature = (
        _CLIENT_FEATURE if machine.state.computer.product_type == PRODUCT_WORKSTATION else "Hyper-V"
    )
    if feature in machine.state.features:
        yield Deferred(
            machine.path,
            tr("Hyper-V in {machine} is installed but does not answer yet", machine=machine.name),
        )
        return
    if feature not in machine.state.pending_features:
        yield _install(machine, feature)
    yield restart_step(machine, tr("the hypervisor starts with Windows"))
    yield Deferred(
        machine.path,
        tr("Hyper-V in {machine} answers after the restart", machine=machine.name),
        machine.state.computer.last_boot_up_time,
    )


def _install(machine: PlannedMachine, feature: str) -> Step:
    if feature == _CLIENT_FEATURE:
        # NoRestart: the restart is a separate step, and a prompt would wait forever.
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
    return machine.step(
        Action.INSTALL_HYPER_V,
        feature,
        tr("Install Hyper-V in {machine}", machine=machine.name),
        tr("{machine} is a nested host, and Hyper-V is not installed in it", machine=machine.name),
        install,
        target=StepTarget(TargetKind.WINDOWS, feature),
        undo=(remove,),
    )


def restart_step(machine: PlannedMachine, why: str, *needs: str) -> Step:
    """Return the step that restarts Windows in a guest, after the steps in `needs`."""
    return machine.step(
        Action.RESTART,
        machine.name,
        tr("Restart {machine}", machine=machine.name),
        why,
        Cmdlet("Restart-Computer", {"Force": SwitchParameter.ON}),
        target=StepTarget(TargetKind.WINDOWS, "restart"),
        hazard=Hazard.RESTARTS_VM,
        needs=(
            machine.step_id(Action.INSTALL_HYPER_V, "Hyper-V"),
            machine.step_id(Action.INSTALL_HYPER_V, _CLIENT_FEATURE),
            *needs,
        ),
    )
