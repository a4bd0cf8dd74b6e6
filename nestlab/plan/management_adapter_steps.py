"""Steps that add and remove a machine's further adapters on a switch."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.ownership import is_owned_by_name, nat_name
from nestlab.model.spelling import same_name
from nestlab.model.state import NetworkAdapterState, SwitchState
from nestlab.model.topology import ManagementAdapter, Switch
from nestlab.plan.adapters_of_others import is_of_no_run
from nestlab.plan.cmdlet_targets import adapter_by_id
from nestlab.plan.in_use import extra_management_adapters
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Planned, Step, StepTarget, Unchanged
from nestlab.texts import tr

_REMOVE = "Remove-VMNetworkAdapter"


def management_adapter_steps(machine: PlannedMachine, switch: Switch) -> Iterator[Planned]:
    """Yield the steps that add the `management_adapters` of a switch."""
    for own in switch.additional_adapters:
        if management_adapter(machine, switch.name, own.name) is None:
            yield _add(machine, switch, own)
        else:
            alias = machine.adapter_alias(switch, own)
            yield Unchanged(
                tr("{machine}: adapter {adapter}", machine=machine.name, adapter=alias),
                tr("it is on {switch}", switch=switch.name),
            )


def management_adapter(
    machine: PlannedMachine, switch: str, name: str
) -> NetworkAdapterState | None:
    """Return the observed management adapter with this name on a switch."""
    wanted = switch.casefold()
    own = (
        adapter
        for adapter in machine.hyper_v.management_adapters
        if adapter.switch_name.casefold() == wanted and same_name(adapter.name, name)
    )
    return next(own, None)


def _add(machine: PlannedMachine, switch: Switch, own: ManagementAdapter) -> Step:
    by: dict[str, object] = {
        "ManagementOS": SwitchParameter.ON,
        "Name": own.name,
        "SwitchName": switch.name,
    }
    current = machine.switch(switch.name)
    return machine.step(
        Action.ADD_MANAGEMENT_ADAPTER,
        f"{switch.name}/{own.name}",
        tr(
            "Add the adapter {adapter} of {machine} to the switch {switch}",
            adapter=own.alias,
            machine=machine.name,
            switch=switch.name,
        ),
        tr("{machine} has no such adapter on {switch}", machine=machine.name, switch=switch.name),
        Cmdlet("Add-VMNetworkAdapter", by),
        target=StepTarget(TargetKind.SWITCH, switch.name, current.id if current else ""),
        undo=(Cmdlet("Get-VMNetworkAdapter", by, Cmdlet(_REMOVE)),),
        needs=(machine.step_id(Action.CREATE_SWITCH, switch.name),),
    )


def declared_adapters_on(
    machine: PlannedMachine, current: SwitchState
) -> tuple[NetworkAdapterState, ...]:
    """Return the observed adapters on a switch that the file names in `management_adapters`."""
    wanted = next((s for s in machine.own_switches if same_name(s.name, current.name)), None)
    names = {own.name.casefold() for own in (wanted.additional_adapters if wanted else ())}
    return tuple(
        adapter
        for adapter in machine.hyper_v.management_adapters
        if adapter.switch_id == current.id and adapter.name.casefold() in names
    )


def additional_adapters_on(
    machine: PlannedMachine, current: SwitchState
) -> tuple[NetworkAdapterState, ...]:
    """Return those of the file's adapters on a switch that runs of the topology added."""
    return tuple(
        adapter
        for adapter in declared_adapters_on(machine, current)
        if not is_of_no_run(machine, current.name, adapter.name)
    )


def renamed_switch_of(machine: PlannedMachine, current: SwitchState) -> str:
    """Return the name in the file that a switch seems to have had; empty if it seems to have none.

    Rename-VMSwitch leaves the name of the switch's own adapter as it was (inferred). So that is a
    name in the file, or of a NAT or scope of the topology, which no switch has, where no adapter on
    the switch has its present name.
    """
    adapter = _former_own_adapter(machine, current)
    return adapter.name if adapter else ""


def own_adapters_on(machine: PlannedMachine, current: SwitchState) -> list[NetworkAdapterState]:
    """Return the observed adapters on a switch that are the topology's, besides the one named so.

    They are those in the file that runs added, and the switch's own adapter where the switch was
    renamed.
    """
    former = _former_own_adapter(machine, current)
    return [*additional_adapters_on(machine, current), *((former,) if former else ())]


def adapters_that_others_added(
    machine: PlannedMachine, current: SwitchState
) -> list[NetworkAdapterState]:
    """Return the machine's adapters on a switch that others added, which a change may remove.

    Set-VMSwitch removes them with -AllowManagementOS $false, and for a Private switch
    (https://learn.microsoft.com/powershell/module/hyper-v/set-vmswitch); where it binds the switch
    to another adapter, that is not documented.
    """
    return [
        each
        for each in extra_management_adapters(machine.hyper_v, current)
        if is_of_no_run(machine, current.name, each.name)
        and each not in own_adapters_on(machine, current)
    ]


def _former_own_adapter(
    machine: PlannedMachine, current: SwitchState
) -> NetworkAdapterState | None:
    on_it = [a for a in machine.hyper_v.management_adapters if a.switch_id == current.id]
    names = _names_without_switch(machine)
    former = [adapter for adapter in on_it if adapter.name.casefold() in names]
    if any(same_name(adapter.name, current.name) for adapter in on_it):
        return None
    declared = next((s for s in machine.own_switches if same_name(s.name, current.name)), None)
    if declared is not None and declared.has_management_adapter and not former:
        return on_it[0] if on_it else None  # the one that has the settings of the switch
    return former[0] if len(former) == 1 else None


def _names_without_switch(machine: PlannedMachine) -> set[str]:
    """Return the names of switches of the topology, case-folded, that no switch has.

    Those in the file, and those that NATs and DHCP scopes of the topology are named after.
    """
    prefix = nat_name(machine.topology, "")
    state, topology = machine.state, machine.topology
    services = [*(nat.name for nat in state.nats), *(scope.name for scope in state.dhcp_scopes)]
    served = [name[len(prefix) :] for name in services if is_owned_by_name(name, topology)]
    names = [*(switch.name for switch in machine.own_switches), *served]
    return {name.casefold() for name in names if machine.switch(name) is None}


def management_adapter_removals(machine: PlannedMachine, current: SwitchState) -> Iterator[Step]:
    """Yield the steps that remove, with a switch, its adapters of the file that runs added."""
    for adapter in additional_adapters_on(machine, current):
        yield machine.step(
            Action.REMOVE_MANAGEMENT_ADAPTER,
            f"{current.name}/{adapter.name}",
            tr(
                "Remove the adapter {adapter} of {machine} from the switch {switch}",
                adapter=adapter.name,
                machine=machine.name,
                switch=current.name,
            ),
            tr("it is removed with its switch; this topology added it (management_adapters)"),
            adapter_by_id(adapter.id, Cmdlet(_REMOVE), management_os=True),
            target=StepTarget(TargetKind.SWITCH, current.name, current.id),
        )
