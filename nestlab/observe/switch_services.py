"""Checks that others do not use a switch right before its NAT or address is removed."""

from __future__ import annotations

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.ownership import is_marked, nat_name
from nestlab.model.state import ComputerState, HostState
from nestlab.observe.hyper_v import hyper_v_state
from nestlab.observe.hyper_v_statements import ADAPTER_PROPERTIES
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
from nestlab.plan.guest_entries import adapter_of_scope


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


def users_of_service(reader: TargetReader) -> tuple[str, str]:
    """Return the switch that the service of a step serves, and the VMs of others on it as text.

    The clients of a DHCP scope in a guest are on the switch of an adapter of its VM.
    """
    if is_guest_scope(reader.step.target.name, reader.topology, reader.step.machine):
        return _users_beside_guest(reader)
    switch = served_switch(reader)
    return switch, vms_of_others_on(reader, switch)


def _users_beside_guest(reader: TargetReader) -> tuple[str, str]:
    above, name = reader.above, reader.step.machine[-1]
    if above is None:
        return "", ""
    adapters = Cmdlet("Get-VMNetworkAdapter", {}, ADAPTER_PROPERTIES)
    of_name = Cmdlet("Get-VM", {"Name": name, "ErrorAction": "Continue"}, adapters)
    state = hyper_v_state(above.read(GET_VM_HOST, query("Get-VM", Name=name), of_name))
    for vm in state.vms if state else ():
        found = adapter_of_scope(vm, reader.step.target.name, reader.topology)
        if found and found.switch_id and is_marked(vm.notes, reader.topology):
            hyper_v = above.hyper_v_of_switch(found.switch_id)
            users = scope_users(hyper_v, reader.topology, found.switch_name)
            return found.switch_name, users
    return "", ""


def vms_of_others_on(reader: TargetReader, switch: str) -> str:
    """Return the names of the VMs of others on the switches of a name; empty if there are none."""
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
