"""A machine's adapters on a switch that gets another type or adapter, which may not survive that.

That Set-VMSwitch removes them is documented for a switch that the machine does not share any more
(https://learn.microsoft.com/powershell/module/hyper-v/set-vmswitch), for other changes it is not.
So those of the file are removed before the change and added again after it, and the reason of the
change says what is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.dataclass import replace
from nestlab.model import HOST, Cmdlet
from nestlab.model.state import (
    HyperVState,
    NetworkAdapterState,
    SwitchState,
    expected_management_alias,
    management_alias,
)
from nestlab.model.topology import Switch, SwitchType
from nestlab.plan.address_cmdlets import remove_address
from nestlab.plan.management_adapter_steps import additional_adapters_on
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Step
from nestlab.plan.taken_adapters import is_rebound
from nestlab.plan.undeclared_adapters import interface_of, removal
from nestlab.texts import tr


def without_changed_adapters(
    machine: PlannedMachine,
) -> tuple[PlannedMachine, dict[str, list[Step]]]:
    """Return a machine without its further adapters on switches that change, and their removals.

    These are by the name of the switch in the file: each belongs directly before its change.
    """
    removals, gone, aliases = dict[str, list[Step]](), set[str](), set[str | None]()
    for switch in machine.own_switches if machine.state.hyper_v else ():
        current = machine.switch(switch.name)
        if current is None or current.id in machine.unmarked:
            continue
        if not is_rebound(machine, switch, current):
            continue
        for adapter in additional_adapters_on(machine, current):
            removals.setdefault(switch.name, []).append(_removal(machine, current, adapter))
            gone.add(adapter.id)
            aliases.add(management_alias(machine.state, current.name, adapter.name))
    if not removals:
        return machine, {}
    state = replace(
        machine.state,
        hyper_v=_without(machine.hyper_v, gone),
        net_adapters=tuple(a for a in machine.state.net_adapters if a.name not in aliases),
        ip_interfaces=tuple(
            each for each in machine.state.ip_interfaces if each.interface_alias not in aliases
        ),
    )
    return replace(machine, state=state), removals


def _without(hyper_v: HyperVState, gone: set[str]) -> HyperVState:
    """Return Hyper-V without adapters of the machine; a switch that has none left is not shared."""
    left = tuple(each for each in hyper_v.management_adapters if each.id not in gone)
    changed = {each.switch_id for each in hyper_v.management_adapters if each.id in gone}
    changed -= {each.switch_id for each in left}
    switches = tuple(
        replace(each, allow_management_os=False) if each.id in changed else each
        for each in hyper_v.switches
    )
    return replace(hyper_v, management_adapters=left, switches=switches)


def _removal(machine: PlannedMachine, switch: SwitchState, adapter: NetworkAdapterState) -> Step:
    why = tr(
        "the switch changes, which may remove it; it is added again after that, with its settings in the file"
    )
    why += _ends_the_run() if machine.path == HOST else ""
    return removal(machine, switch, adapter, why, *_addresses_removed(machine, switch, adapter))


def _ends_the_run() -> str:
    return tr(
        "; if the host is managed through it, the run ends there: nothing adds it again by itself"
    )


def _addresses_removed(
    machine: PlannedMachine, switch: SwitchState, adapter: NetworkAdapterState
) -> Iterator[Cmdlet]:
    """Yield the cmdlets that remove the addresses set on an adapter of an External switch.

    With the last adapter they would move to the physical one (taken_adapters), and could not be set
    on the adapter that is added again.
    """
    found = interface_of(machine, switch, adapter)
    if switch.switch_type != "External" or found is None or found.dhcp:
        return
    for address in found.ip_addresses:
        if not address.ip.is_link_local:
            yield remove_address(found.interface_alias, address)


def not_documented(
    machine: PlannedMachine, switch: Switch, current: SwitchState, adapter: str = ""
) -> str:
    """Return a clause about the machine's adapter on a changed switch that may stay; or nothing.

    `adapter` is the one that the switch gets.
    """
    is_shared = switch.switch_type is SwitchType.INTERNAL or (
        switch.switch_type is SwitchType.EXTERNAL and switch.allow_management_os
    )
    if not (is_shared and current.allow_management_os):
        return ""
    alias = expected_management_alias(machine.state, current.name)
    if not adapter:
        return tr(
            "; Microsoft does not document whether {alias} stays instead: then it keeps its settings",
            alias=alias,
        )
    return tr(
        "; Microsoft does not document whether {alias} stays instead: then it keeps its settings, and Windows does not use those of {adapter} while the switch has it",
        alias=alias,
        adapter=adapter,
    )
