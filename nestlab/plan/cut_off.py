"""Steps that cut VMs of others off, although their switch stays: refused until the user consents.

A virtual switch has one type and one uplink, and connects only ports with the same VLAN
(https://learn.microsoft.com/powershell/module/hyper-v/set-vmswitch,
https://learn.microsoft.com/powershell/module/hyper-v/set-vmnetworkadaptervlan): another value cuts
off what is connected to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from nestlab.dataclass import dataclass, replace
from nestlab.enumerations import all_of
from nestlab.model import Cmdlet
from nestlab.model.spelling import same_name
from nestlab.model.state import HyperVState, SwitchState, VirtualMachineState
from nestlab.model.topology import SwitchType
from nestlab.plan.in_use import kept_text, other_vms_on
from nestlab.plan.kinds import TargetKind
from nestlab.plan.plan_refusals import refuse_switch_in_use
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Hazard, Planned, Step
from nestlab.plan.undeclared_adapters import DISCONNECT_OTHERS_OPTION
from nestlab.plan.vlan_settings import SET_VLAN
from nestlab.texts import tr

_BINDING = ("Set-VMSwitch", "Set-VMSwitchTeam")


@dataclass(frozen=True)
class CutOff:
    """The VMs of others that a step cuts off from the switch `switch`."""

    vms: tuple[VirtualMachineState, ...]
    switch: str

    @property
    def ids(self) -> tuple[str, ...]:
        """The Ids of the VMs."""
        return tuple(vm.id for vm in self.vms)

    @property
    def users(self) -> str:
        """The VMs as an enumeration."""
        return all_of([f"VM {vm.name}" for vm in self.vms])

    @property
    def clause(self) -> str:
        """A clause about the VMs, for the reason of a step."""
        return tr("; {vms} on switch {switch} may use it, too", vms=self.users, switch=self.switch)

    @property
    def why_kept(self) -> str:
        """Why what the step changes is kept as it is."""
        return kept_text(
            tr(
                "{vms} on switch {switch} may use it; {option} changes it anyway",
                vms=self.users,
                switch=self.switch,
                option=DISCONNECT_OTHERS_OPTION,
            )
        )


def may_cut_off(step: Step) -> bool:
    """Whether a step, or the undo of one, changes what VMs of others may use."""
    return step.target.kind is TargetKind.SWITCH and (
        _changes_binding(step) or _changes_adapter(step)
    )


def cut_off_by(step: Step, hyper_v: HyperVState, topology: str) -> CutOff | None:
    """Return the VMs of others that a step, or the undo of one, cuts off; None if there are none.

    `hyper_v` is the state of the machine of the step, with the VMs on the switch.
    """
    switch = _switch_of(step, hyper_v) if may_cut_off(step) else None
    # On an External switch, the gateway of the VMs is that of the physical network.
    if switch is None or (switch.switch_type == SwitchType.EXTERNAL and not _changes_binding(step)):
        return None
    vms = other_vms_on(hyper_v, switch, topology)
    return CutOff(vms, switch.name) if vms else None


def respecting_users(machine: PlannedMachine, planned: Iterable[Planned]) -> Iterator[Planned]:
    """Yield the items of a machine; steps that cut VMs of others off say so.

    Raises PlanRefused for them if the user does not consent to disconnect others.
    """
    for item in planned:
        yield _respecting_users(machine, item) if isinstance(item, Step) else item


def _respecting_users(machine: PlannedMachine, step: Step) -> Step:
    cut = cut_off_by(step, machine.hyper_v, machine.topology)
    if cut is None:
        return step
    if not machine.disconnect_others:
        refuse_switch_in_use(machine, cut.switch, step.title, cut.users)
        return step  # in a run, where it looks again
    why, hazard = step.why + cut.clause, Hazard.MAY_CUT_CONNECTION
    return replace(step, why=why, hazard=hazard, disconnects=cut.ids)


def _switch_of(step: Step, hyper_v: HyperVState) -> SwitchState | None:
    target = step.target
    same = (
        each
        for each in hyper_v.switches
        if (each.id == target.id if target.id else same_name(each.name, target.name))
    )
    return next(same, None)


def _changes_adapter(step: Step) -> bool:
    """Whether a step changes the VLAN of an existing adapter of the machine on a switch.

    A step selects one that it adds by name. Undo also removes an adapter that a run added.
    """
    commands = {cmdlet.last_command.name for cmdlet in step.cmdlets}
    if step.undoes:
        return bool(commands & {SET_VLAN, "Remove-VMNetworkAdapter"})
    return SET_VLAN in commands and bool(_selected_ids(step))


def _selected_ids(step: Step) -> set[str]:
    """Return the Ids by which the cmdlets of a step select adapters."""
    stages = (stage for cmdlet in step.cmdlets for stage in cmdlet.stages)
    return {
        str(stage.parameters["Value"])
        for stage in stages
        if stage.name == "Where-Object" and stage.parameters.get("Property") == "Id"
    }


def _changes_binding(step: Step) -> bool:
    """Whether a step changes the type of a switch, or binds it to other adapters only.

    A team that keeps one of its members keeps its network.
    """
    before, after = (_bindings(cmdlets) for cmdlets in (step.undoes or step.undo, step.cmdlets))
    if not after:
        return False
    if any("SwitchType" in each for each in (*before, *after)):
        return True
    old, new = (_net_adapters(bindings) for bindings in (before, after))
    return bool(new) and not old & new


def _bindings(cmdlets: Iterable[Cmdlet]) -> list[Mapping[str, object]]:
    last = (cmdlet.last_command for cmdlet in cmdlets)
    return [each.parameters for each in last if each.name in _BINDING]


def _net_adapters(bindings: Iterable[Mapping[str, object]]) -> set[str]:
    """Return the adapters of cmdlets that bind a switch, case-folded."""
    values = [each.get("NetAdapterName", ()) for each in bindings]
    names = ([each] if isinstance(each, str) else each for each in values)
    return {str(name).casefold() for each in names if isinstance(each, Iterable) for name in each}
