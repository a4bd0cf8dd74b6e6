"""Steps that install the roles and features of Windows Server that a guest is to have.

Install-WindowsFeature reports only afterwards whether the server has to restart. So the restart is
planned once the guest shows a feature that waits for it (InstallPending), except for features that
are known to need a restart
(https://learn.microsoft.com/powershell/module/servermanager/install-windowsfeature).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nestlab.constants import PRODUCT_WORKSTATION
from nestlab.enumerations import all_of
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.topology import VM, guest_dhcp_servers
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.role_steps import restart_step
from nestlab.plan.step import Deferred, OutOfReach, Planned, Step, StepTarget, Unchanged
from nestlab.texts import tr

WIN_NAT_FEATURE = "Containers"
"""The feature with WinNAT (New-NetNat) for servers without Hyper-V; takes effect at a restart."""

DHCP_FEATURE = "DHCP"
"""The DHCP server role."""

_NEEDS_RESTART = frozenset({WIN_NAT_FEATURE.casefold()})


def feature_steps(machine: PlannedMachine, vm: VM) -> Iterator[Step | Unchanged | OutOfReach]:
    """Yield the steps that install what the file names and what its other keys need.

    Windows clients have no Install-WindowsFeature: there, nothing of this is set.
    """
    if machine.state.computer.product_type == PRODUCT_WORKSTATION:
        yield from _not_on_client(machine, vm)
        return
    for name, why in _wanted(machine, vm):
        if not _has(machine.state.features | machine.state.pending_features, name):
            yield _install(machine, name, why)
        elif name in vm.guest.features:
            yield Unchanged(
                tr("{machine}: feature {feature}", machine=machine.name, feature=name),
                tr("it is installed"),
            )


def _not_on_client(machine: PlannedMachine, vm: VM) -> Iterator[OutOfReach]:
    values = [tr("feature {feature}", feature=name) for name in vm.guest.features]
    if vm.nat is not None:
        values.append(f"NAT {vm.nat.inside}")
    values += [
        tr("DHCP server for {first} to {last}", first=each.scope.first, last=each.scope.last)
        for each in guest_dhcp_servers(vm)
    ]
    if values:
        system = machine.state.computer.caption or tr("a Windows client")
        why = tr(
            "{machine} is {system}, and not Windows Server", machine=machine.name, system=system
        )
        yield OutOfReach(machine.path, tuple(values), why, differs=True)


def feature_restart(machine: PlannedMachine, vm: VM, steps: Sequence[Planned]) -> Iterator[Planned]:
    """Yield the restart that installed features wait for, and what waits for it.

    `steps` are those of `feature_steps`.
    """
    wanted = [name for name, _ in _wanted(machine, vm)]
    pending = [name for name in wanted if _has(machine.state.pending_features, name)]
    new = [item.target.name for item in steps if isinstance(item, Step)]
    waiting = [*pending, *(name for name in new if name.casefold() in _NEEDS_RESTART)]
    if waiting:
        why = tr("{features}: a restart completes the installation", features=all_of(waiting))
        yield restart_step(machine, why, *(s.id for s in steps if isinstance(s, Step)))
        why = tr("{machine} answers after the restart", machine=machine.name)
        yield Deferred(machine.path, why, machine.state.computer.last_boot_up_time)
    elif new:
        yield _later(machine, new)


def _later(machine: PlannedMachine, new: Sequence[str]) -> Deferred:
    why = tr(
        "whether {machine} has to restart for {features} shows after the installation",
        machine=machine.name,
        features=all_of(new),
    )
    return Deferred(machine.path, why)


def has_win_nat(machine: PlannedMachine) -> bool:
    """Whether New-NetNat works in a guest: Get-NetNat does, or the WinNAT feature is installed."""
    state = machine.state
    answers = all(item.what != "Get-NetNat" for item in state.unread)
    return answers or state.hyper_v is not None or _has(state.features, WIN_NAT_FEATURE)


def _wanted(machine: PlannedMachine, vm: VM) -> Iterator[tuple[str, str]]:
    """Yield the name of each feature that a guest is to have, once, and why."""
    found = {name.casefold(): (name, tr("it is not installed")) for name in vm.guest.features}
    if vm.nat is not None and vm.nested is None and not has_win_nat(machine):
        why = tr("Get-NetNat does not work without it, where there is no Hyper-V role")
        found.setdefault(WIN_NAT_FEATURE.casefold(), (WIN_NAT_FEATURE, why))
    if any(guest_dhcp_servers(vm)):
        why = tr("the DHCP server in the guest needs it")
        found.setdefault(DHCP_FEATURE.casefold(), (DHCP_FEATURE, why))
    yield from found.values()


def _has(names: frozenset[str], name: str) -> bool:
    return any(each.casefold() == name.casefold() for each in names)


def _install(machine: PlannedMachine, name: str, why: str) -> Step:
    feature = {"Name": name, "IncludeManagementTools": SwitchParameter.ON}
    return machine.step(
        Action.INSTALL_FEATURE,
        name,
        tr("Install the feature {feature} in {machine}", feature=name, machine=machine.name),
        why,
        Cmdlet("Install-WindowsFeature", feature),
        target=StepTarget(TargetKind.WINDOWS, name),
        undo=(Cmdlet("Uninstall-WindowsFeature", feature),),
    )


def restarts_alone(machine: PlannedMachine, vm: VM) -> bool:
    """Whether features need their own restart: none for the Hyper-V role follows."""
    return vm.nested is None or machine.state.hyper_v is not None
