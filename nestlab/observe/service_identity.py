"""Checks that a step still acts on the NAT or DHCP scope that it was planned for.

One that VMs of others have come to use since the plan was made is kept.
"""

from __future__ import annotations

from ipaddress import IPv4Network

from nestlab.dataclass import replace
from nestlab.model import Record
from nestlab.model.ownership import is_owned_by_name, nat_name
from nestlab.model.spelling import same_name
from nestlab.model.state import HyperVState
from nestlab.observe.entries_of_others import with_entries
from nestlab.observe.guest_nat_identity import identify_guest_nat
from nestlab.observe.reading import text
from nestlab.observe.switch_services import (
    agreed_to,
    networks_now,
    served_switch,
    users_of_service,
    why_service_is_kept,
)
from nestlab.observe.target_reader import TargetReader, query, with_name
from nestlab.plan import (
    Refusal,
    Step,
    networks_of_others,
    vms_left_out,
    why_nat_is_kept,
    why_scope_is_kept,
)
from nestlab.texts import tr


def identify_nat(reader: TargetReader) -> Step | Refusal:
    """Return the step of a NAT or its port forwards, or why it must not run."""
    if reader.creates:
        return reader.step
    name = reader.step.target.name
    found = with_name(reader.read(query("Get-NetNat")).of_type("MSFT_NetNat"), name)
    if reader.creates_again:
        return Refusal(tr("there is a NAT {name} again", name=name)) if found else reader.step
    if found and is_owned_by_name(name, reader.topology):
        if _is_nat_of_guest(reader):
            return identify_guest_nat(reader, found[0])
        why = _why_nat_is_kept(reader, found[0])
        if not why and reader.removes_service:
            why = why_service_is_kept(reader)
        return Refusal(why, in_use=True) if why else with_entries(reader)
    return Refusal(
        tr("there is no NAT {name} of {topology} any more", name=name, topology=reader.topology)
    )


def _why_nat_is_kept(reader: TargetReader, record: Record) -> str:
    """Return the reason to keep a NAT for others; empty if the step may remove or change it.

    It is kept for what it would no longer translate: networks of others, and VMs of others on its
    switch that a new prefix leaves out. The removal of a NAT has a check of its own for these.
    """
    step = reader.step
    if agreed_to(reader) or not reader.runs("Remove-NetNat"):
        return ""
    switch = served_switch(reader)
    state, topology = networks_now(reader), reader.topology

    def translated(prefix: IPv4Network) -> list[str]:
        return networks_of_others(state, prefix, topology, switch)

    current = IPv4Network(text(record, "InternalIPInterfaceAddressPrefix"))
    added = (cmdlet.parameters for cmdlet in step.cmdlets if cmdlet.name == "New-NetNat")
    new = [IPv4Network(str(each["InternalIPInterfaceAddressPrefix"])) for each in added]
    still = {network for prefix in new for network in translated(prefix)}
    lost = [network for network in translated(current) if network not in still]
    if new:
        with_vms = replace(state, hyper_v=_with_vms_on(reader, state.hyper_v, switch))
        lost = [*vms_left_out(with_vms, topology, switch, current, new[-1]), *lost]
    return why_nat_is_kept(lost)


def _with_vms_on(
    reader: TargetReader, hyper_v: HyperVState | None, name: str
) -> HyperVState | None:
    """Return a Hyper-V state with the VMs that are now on the switches of that name."""
    if hyper_v is None:
        return None
    own = (switch for switch in hyper_v.switches if same_name(switch.name, name))
    found = [reader.hyper_v_of_switch(switch.id) for switch in own]
    vms = {vm.id: vm for each in found for vm in each.vms}
    bridged = {vm.id: vm for each in found for vm in each.bridged_vms}
    return replace(hyper_v, vms=tuple(vms.values()), bridged_vms=tuple(bridged.values()))


def _is_nat_of_guest(reader: TargetReader) -> bool:
    step = reader.step
    name = nat_name(reader.topology, step.machine[-1]) if step.machine else ""
    return same_name(step.target.name, name)


def identify_scope(reader: TargetReader) -> Step | Refusal:
    """Return the step of a DHCP scope or its options and reservations, or why it must not run."""
    if reader.creates:
        return reader.step
    target = reader.step.target
    scopes = reader.read(query("Get-DhcpServerv4Scope")).of_type("DhcpServerv4Scope")
    named = with_name(scopes, target.name)
    if reader.creates_again:
        return (
            Refusal(tr("there is a DHCP scope {scope} again", scope=target.name))
            if named
            else reader.step
        )
    by_id = [record for record in scopes if text(record, "ScopeId") == target.id]
    same = by_id if target.id else named
    if not same:
        return Refusal(tr("there is no DHCP scope {scope} any more", scope=target.name))
    name, scope_id = text(same[0], "Name"), text(same[0], "ScopeId")
    if not is_owned_by_name(name, reader.topology):
        return Refusal(
            tr(
                "the DHCP scope {scope} is now named {name}, a name that does not belong to {topology}",
                scope=scope_id,
                name=name,
                topology=reader.topology,
            )
        )
    found = with_entries(reader)
    if isinstance(found, Refusal):
        return found
    why = _why_scope_is_kept(reader)
    return Refusal(why, in_use=True) if why else found


def _why_scope_is_kept(reader: TargetReader) -> str:
    """Return the reason to keep a scope for VMs of others; empty if the step may remove it.

    One that adds it again, with another range, removes its leases with it.
    """
    if agreed_to(reader) or not reader.runs("Remove-DhcpServerv4Scope"):
        return ""
    switch, users = users_of_service(reader)
    return why_scope_is_kept(users, switch)
