"""Checks that others do not use a switch right before its NAT or address is removed."""

from __future__ import annotations

from nestlab.model import SwitchParameter
from nestlab.model.ownership import is_marked, nat_name
from nestlab.model.state import ComputerState, HostState
from nestlab.observe.hyper_v import hyper_v_state
from nestlab.observe.networks import ip_interfaces, net_adapters
from nestlab.observe.reading import guid, text
from nestlab.observe.target_reader import GET_VM_HOST, TargetReader, query
from nestlab.plan import (
    Hazard,
    is_guest_scope,
    other_vms_on,
    scope_users,
    serves_switch_of_others,
    why_switch_is_kept,
)


def agreed_to(reader: TargetReader) -> bool:
    """Whether the user has agreed to what a step takes from others.

    A step that was planned as a hazard names the VMs that it cuts off; its undo needs consent.
    """
    is_hazard = reader.step.hazard is not Hazard.NONE and not reader.is_undo
    return reader.may_disconnect_others or is_hazard


def served_switch(reader: TargetReader) -> str:
    """Return the name of the switch of a step's address, NAT or DHCP scope.

    nestlab names a NAT and a scope after their switch; journals of earlier versions have no other.
    """
    target = reader.step.target
    return target.switch or target.name[len(nat_name(reader.topology, "")) :]


def vms_of_others_on(reader: TargetReader, switch: str) -> str:
    """Return the names of the VMs of others on the switches of a name; empty if there are none.

    Empty as well for a DHCP scope that a guest serves on an adapter of its VM.
    """
    if is_guest_scope(reader.step.target.name, reader.topology, reader.step.machine):
        return ""
    switches = reader.read(GET_VM_HOST, query("Get-VMSwitch", Name=switch)).of_type("VMSwitch")
    users = (
        scope_users(reader.hyper_v_of_switch(guid(each, "Id")), reader.topology, switch)
        for each in switches
    )
    return next(filter(None, users), "")


def why_service_is_kept(reader: TargetReader) -> str:
    """Return why the NAT or address of a switch is kept; empty if the step may remove it.

    It is kept if VMs are connected to its switch that the step may not disconnect. A step with
    an undo removes it from a switch that stays: then only VMs of others count, and a step that was
    planned as a hazard already names those that it cuts off.
    """
    step = reader.step
    stays = bool(step.undo)
    if reader.may_disconnect_others or (stays and step.hazard is not Hazard.NONE):
        return ""
    named = query("Get-VMSwitch", Name=served_switch(reader))
    switches = reader.read(GET_VM_HOST, named).of_type("VMSwitch")
    own = [each for each in switches if is_marked(text(each, "Notes"), reader.topology)]
    for each in own or switches:
        state = reader.hyper_v_of_switch(guid(each, "Id"))
        for found in state.switches:
            used = (
                other_vms_on(state, found, reader.topology)
                if stays
                else why_switch_is_kept(state, found, reader.topology, step.disconnects)
            )
            if used:
                return serves_switch_of_others(found.name)
    return ""


def networks_now(reader: TargetReader) -> HostState:
    """Return the switches of a machine with its own adapters on them, and their addresses."""
    outcome = reader.read(
        GET_VM_HOST,
        query("Get-VMSwitch"),
        query("Get-VMNetworkAdapter", ManagementOS=SwitchParameter.ON),
        query("Get-NetAdapter"),
        query("Get-NetIPInterface", AddressFamily="IPv4"),
        query("Get-NetIPAddress", AddressFamily="IPv4"),
    )
    return HostState(
        computer=ComputerState(name=""),
        hyper_v=hyper_v_state(outcome),
        net_adapters=net_adapters(outcome),
        ip_interfaces=ip_interfaces(outcome),
    )
