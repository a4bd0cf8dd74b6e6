"""Embedded teams: Get- and Set-VMSwitchTeam, Add- and Remove-VMSwitchTeamMember."""

from __future__ import annotations

from nestlab.model import Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.cmdlets.hyper_v.network_records import switch_record
from nestlab.simulator.cmdlets.hyper_v.networking.uplinks import (
    lose_unused_settings,
    requested_uplinks,
    team_problem,
)
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.selection import require_hyper_v, select_switches
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.objects import make_record
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import NetAdapter
from nestlab.simulator.state.virtual_machine import VirtualSwitch

_FIXED = {"TeamingMode": "SwitchIndependent"}  # the only mode that the binder accepts


@cmdlet("Get-VMSwitchTeam")
def get_vm_switch_team(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VMSwitchTeam."""
    hyper_v = require_hyper_v(machine, bound)
    named = "Name" in bound or "VMSwitch" in bound
    for switch in select_switches(machine, bound, sink) if named else hyper_v.switches:
        if switch.embedded_teaming:
            sink.output(_record(machine, switch))


def _record(machine: Machine, switch: VirtualSwitch) -> Record:
    return make_record(
        "VMSwitchTeam",
        Name=switch.name,
        Id=switch.id,
        NetAdapterInterfaceDescription=[
            adapter.interface_description for adapter in _members(machine, switch)
        ],
        NetAdapterInterfaceGuid=[
            adapter.device_id.strip("{}") for adapter in _members(machine, switch)
        ],
        **_FIXED,
        LoadBalancingAlgorithm=switch.load_balancing,
    )


def _members(machine: Machine, switch: VirtualSwitch) -> list[NetAdapter]:
    return [adapter for adapter in machine.adapters if adapter.device_id in switch.net_adapters]


@cmdlet("Set-VMSwitchTeam")
def set_vm_switch_team(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-VMSwitchTeam: its members and its load balancing.

    The teaming mode is always SwitchIndependent.
    """
    for switch in _teams(machine, bound, sink):
        named = _named(machine, bound, switch)
        if named:
            _set_members(machine, bound, switch, named)
        switch.load_balancing = bound.text("LoadBalancingAlgorithm", switch.load_balancing)
        _passthru(machine, bound, sink, switch)


@cmdlet("Add-VMSwitchTeamMember")
def add_vm_switch_team_member(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Add-VMSwitchTeamMember."""
    for switch in _teams(machine, bound, sink):
        members = _members(machine, switch)
        _set_members(
            machine,
            bound,
            switch,
            members
            + [adapter for adapter in _named(machine, bound, switch) if adapter not in members],
        )
        _passthru(machine, bound, sink, switch)


@cmdlet("Remove-VMSwitchTeamMember")
def remove_vm_switch_team_member(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Remove-VMSwitchTeamMember: the last member cannot be removed."""
    for switch in _teams(machine, bound, sink):
        named = _named(machine, bound, switch)
        _set_members(
            machine,
            bound,
            switch,
            [adapter for adapter in _members(machine, switch) if adapter not in named],
        )
        _passthru(machine, bound, sink, switch)


def _teams(machine: Machine, bound: Bound, sink: Sink) -> list[VirtualSwitch]:
    chosen = select_switches(machine, bound, sink)
    for switch in chosen:
        if not switch.embedded_teaming:
            message = f"The virtual switch '{switch.name}' has no embedded team."
            raise cmdlet_errors.hyper_v(bound.name, "InvalidParameter", message, switch.name)
    return chosen


def _named(machine: Machine, bound: Bound, switch: VirtualSwitch) -> list[NetAdapter]:
    return requested_uplinks(machine, require_hyper_v(machine, bound), bound, switch)


def _set_members(
    machine: Machine, bound: Bound, switch: VirtualSwitch, members: list[NetAdapter]
) -> None:
    reason = (
        team_problem(machine, members, team=True)
        if members
        else ("InvalidParameter", "A switch team must have at least one member.")
    )
    if reason is not None:
        raise cmdlet_errors.hyper_v(
            bound.name, reason[0], reason[1].replace("creating", "modifying"), switch.name
        )
    for adapter in _members(machine, switch):
        adapter.bound_switch = ""
    for adapter in members:
        adapter.bound_switch = switch.id
    switch.net_adapters = [adapter.device_id for adapter in members]
    lose_unused_settings(machine, switch)
    machine.world.clock.advance(2.0)


def _passthru(machine: Machine, bound: Bound, sink: Sink, switch: VirtualSwitch) -> None:
    if bound.is_present("Passthru"):
        sink.output(switch_record(machine, switch))
