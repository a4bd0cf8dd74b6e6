"""Removing a switch with the mark of a topology, and the NATs and DHCP scopes that serve it.

They are kept if others, or a VM of the topology that is kept, are connected to the switch.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from nestlab.dataclass import dataclass
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.ownership import is_marked, nat_name
from nestlab.model.spelling import same_name
from nestlab.model.state import (
    DhcpScopeState,
    NatState,
    NetworkAdapterState,
    SwitchState,
    VirtualMachineState,
    expected_management_alias,
)
from nestlab.plan.cmdlet_targets import on_switch, switch_target
from nestlab.plan.dhcp_options import reservations_of_no_run
from nestlab.plan.disk_removal import unique_subject
from nestlab.plan.entries_of_others import SwitchEntries, goes_with_it
from nestlab.plan.in_use import (
    disconnect_cmdlets,
    extra_management_adapters,
    kept_text,
    other_vms_on,
    vms_to_disconnect,
    why_switch_is_kept,
)
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.management_adapter_steps import (
    management_adapter_removals,
    own_adapters_on,
)
from nestlab.plan.nat_users import also_translates, networks_of_others, why_nat_is_kept
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.port_forward_steps import lost_mappings
from nestlab.plan.scope_users import may_also_serve, scope_users
from nestlab.plan.step import Hazard, Planned, Step, StepTarget, Unchanged
from nestlab.texts import tr


@dataclass(frozen=True)
class KeptSwitches:
    """Which switches of the topology are kept: those with connections that are not removed.

    `kept_vms` are the topology's own VMs that would be removed and are kept. With
    `disconnect_others`, others may be disconnected from a switch.
    """

    machine: PlannedMachine
    kept_vms: Collection[VirtualMachineState] = ()
    disconnect_others: bool = False

    def why(self, switch: SwitchState) -> str:
        """Return why a switch is kept; empty if it is removed."""
        for vm in self.kept_vms:
            if any(adapter.switch_id == switch.id for adapter in vm.network_adapters):
                return kept_text(tr("VM {vm}, which is kept, is connected to it", vm=vm.name))
        if self.disconnect_others:
            return ""
        own = [adapter.id for adapter in own_adapters_on(self.machine, switch)]
        return why_switch_is_kept(self.machine.hyper_v, switch, self.machine.topology, own)

    def networks_behind(self, nat: NatState, switch: str) -> list[str]:
        """Return the networks that a NAT of a switch translates for others, each with its switch.

        The topology's own switches count if they are kept.
        """
        return networks_of_others(
            self.machine.state,
            nat.internal_prefix,
            self.machine.topology,
            switch,
            stays=lambda own: bool(self.why(own)),
        )

    def kept_service(self, target: StepTarget, subject: str) -> Unchanged | None:
        """Return why a NAT or DHCP scope is kept with its switch; None if it is removed."""
        switch = self.machine.switch(target.switch)
        if switch is None or not self.why(switch):
            return None
        return Unchanged(
            subject,
            kept_text(tr("it serves the switch {switch}, which is kept", switch=switch.name)),
        )


def _own_switches(kept: KeptSwitches) -> Iterator[SwitchState]:
    """Yield the switches with the topology's mark that are not `existing` ones in its file."""
    machine = kept.machine
    used = {
        found.id
        for wanted in machine.wanted.switches
        if wanted.existing
        for found in machine.hyper_v.existing_switches(wanted)
    }
    for switch in machine.hyper_v.switches:
        if is_marked(switch.notes, machine.topology) and switch.id not in used:
            yield switch


def removed_switches(kept: KeptSwitches) -> list[SwitchState]:
    """Return the switches of the topology that are removed."""
    return [switch for switch in _own_switches(kept) if not kept.why(switch)]


def kept_own_switches(kept: KeptSwitches) -> list[SwitchState]:
    """Return the switches of the topology that are kept because of others, or of a kept VM."""
    return [switch for switch in _own_switches(kept) if kept.why(switch)]


def remove_nat(nat: NatState, kept: KeptSwitches) -> Planned:
    """Return the removal of a NAT with the name of the topology.

    It is kept where it serves a switch that is kept, or translates networks of others. The step
    names the port forwards that no run made.
    """
    machine, name = kept.machine, nat.name
    target = StepTarget(TargetKind.NAT, name, switch=name[len(nat_name(machine.topology, "")) :])
    used = kept.networks_behind(nat, target.switch)
    why = why_nat_is_kept(used)
    if why and not kept.disconnect_others:
        return Unchanged(f"NAT {name}", why)
    return kept.kept_service(target, f"NAT {name}") or machine.step(
        Action.REMOVE_NAT,
        name,
        tr("Remove the NAT {nat}", nat=name),
        tr("this topology created it")
        + also_translates(used)
        + goes_with_it(machine.topology, lost_mappings(machine, target.switch, nat)),
        Cmdlet("Remove-NetNat", {"Name": name, "Confirm": SwitchParameter.OFF}),
        target=target,
        hazard=Hazard.MAY_CUT_CONNECTION if used else Hazard.NONE,
        disconnects=_connected_to(machine, target.switch),
    )


def remove_scope(scope: DhcpScopeState, kept: KeptSwitches) -> Planned:
    """Return the removal of a DHCP scope with the name of the topology.

    It is kept where it serves a switch that is kept. The step names the reservations that no run
    made.
    """
    machine, identity = kept.machine, str(scope.scope_id)
    switch = scope.name[len(nat_name(machine.topology, "")) :]
    target = StepTarget(TargetKind.SCOPE, scope.name, identity, switch)
    users, own = scope_users(machine.hyper_v, machine.topology, switch), machine.own_switch(switch)
    wanted = own.dhcp.reservations if own and own.dhcp else ()
    lost = reservations_of_no_run(SwitchEntries(machine, switch), scope, wanted)
    return kept.kept_service(target, tr("DHCP scope {scope}", scope=scope.name)) or machine.step(
        Action.REMOVE_SCOPE,
        scope.name,
        tr("Remove the DHCP scope {scope}", scope=scope.name),
        tr("this topology created it")
        + may_also_serve(users)
        + goes_with_it(machine.topology, lost),
        Cmdlet("Remove-DhcpServerv4Scope", {"ScopeId": identity, "Force": SwitchParameter.ON}),
        target=target,
        hazard=Hazard.MAY_CUT_CONNECTION if users else Hazard.NONE,
    )


def _others_on(
    machine: PlannedMachine, switch: SwitchState
) -> list[VirtualMachineState | NetworkAdapterState]:
    """Return the VMs and adapters on a switch that are not the topology's."""
    own = own_adapters_on(machine, switch)
    extra = extra_management_adapters(machine.hyper_v, switch)
    vms = other_vms_on(machine.hyper_v, switch, machine.topology)
    return [*vms, *(adapter for adapter in extra if adapter not in own)]


def _connected_to(machine: PlannedMachine, name: str) -> tuple[str, ...]:
    """Return the Ids of the objects on a switch that do not prevent removing its NAT or address.

    These are others' VMs and adapters, and the adapters that are removed before the switch.
    """
    switch = machine.switch(name)
    if switch is None:
        return ()
    found = (*_others_on(machine, switch), *own_adapters_on(machine, switch))
    return tuple(each.id for each in found)


def remove_switch(
    switch: SwitchState, removed_ids: Collection[str], kept: KeptSwitches
) -> Iterator[Planned]:
    """Yield the removal of a switch with the mark of the topology, its addresses first.

    It is kept if others, or a VM that is kept, are connected to it.
    """
    machine, why = kept.machine, kept.why(switch)
    if why:
        yield Unchanged(tr("switch {switch}", switch=switch.name), why)
        return
    others = _others_on(machine, switch)
    vms = vms_to_disconnect(machine.hyper_v, switch, machine.topology, removed_ids)
    disconnected = dict.fromkeys(other.name for other in (*others, *vms))
    same = [other for other in machine.hyper_v.switches if same_name(other.name, switch.name)]
    yield from _own_addresses(machine, switch)
    yield from management_adapter_removals(machine, switch)
    users = [
        vm
        for vm in machine.hyper_v.vms
        if vm.id in removed_ids and any(a.switch_id == switch.id for a in vm.network_adapters)
    ]
    yield machine.step(
        Action.REMOVE_SWITCH,
        unique_subject(switch.name, switch.id, same),
        tr("Remove the {type} switch {switch}", type=switch.switch_type, switch=switch.name)
        + (
            tr(", which disconnects {names}", names=", ".join(disconnected)) if disconnected else ""
        ),
        tr("it carries the mark of {topology}", topology=machine.topology),
        *disconnect_cmdlets(vms, switch),
        on_switch(switch, Cmdlet("Remove-VMSwitch", {"Force": SwitchParameter.ON})),
        target=switch_target(switch),
        # The address of an External switch's management adapter moves back to the adapter below it.
        hazard=Hazard.MAY_CUT_CONNECTION
        if switch.switch_type == "External" or others
        else Hazard.NONE,
        needs=tuple(
            machine.step_id(
                Action.REMOVE_VM,
                unique_subject(user.name, user.id, machine.hyper_v.vms_named(user.name)),
            )
            for user in users
        ),
        # The machine's own adapter on a renamed switch is removed with it.
        disconnects=tuple(each.id for each in (*others, *own_adapters_on(machine, switch))),
    )


def _own_addresses(machine: PlannedMachine, switch: SwitchState) -> Iterator[Step]:
    """Yield the removal of the addresses that the machine has on an Internal switch."""
    if switch.switch_type != "Internal":
        return
    alias = expected_management_alias(machine.state, switch.name)
    interface = machine.interface(alias)
    for address in interface.ip_addresses if interface and not interface.dhcp else ():
        yield machine.step(
            Action.REMOVE_ADDRESS,
            f"{alias}/{address.ip}",
            tr("Remove the address {address} from {adapter}", address=address, adapter=alias),
            tr("it is removed with its switch"),
            Cmdlet(
                "Remove-NetIPAddress",
                {
                    "InterfaceAlias": alias,
                    "IPAddress": str(address.ip),
                    "Confirm": SwitchParameter.OFF,
                },
            ),
            target=StepTarget(TargetKind.ADDRESS, alias, switch=switch.name),
            disconnects=_connected_to(machine, switch.name),
        )
