"""Removing what a topology created, and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from nestlab.errors import PlanRefused
from nestlab.model import HOST, Cmdlet, Finding, Findings, MachinePath
from nestlab.model import Switch as On
from nestlab.model.ownership import is_left_behind, is_marked, is_our_disk, is_ours_by_name, nat_name
from nestlab.model.state import DhcpScopeState, HostState, SwitchState, VirtualMachineState
from nestlab.model.topology import Topology
from nestlab.plan.addressing import delete_file, on_switch, on_vm, switch_thing, vm_thing
from nestlab.plan.machines import turn_off
from nestlab.plan.plan import Plan
from nestlab.plan.site import Site, own_alias, same_name
from nestlab.plan.step import Hazard, Planned, Step, Thing, Unchanged


def plan_destroy(topology: Topology, states: Mapping[MachinePath, HostState]) -> Plan:
    """Return what removes everything on the host that carries the mark of the topology, and its disks.

    What is inside the VMs goes with them. Disks are deleted where nestlab made them, never parents nor disks that the
    topology names by path.
    """
    state = states.get(HOST)
    if state is None or state.hyper_v is None:
        finding = Finding("hyper-v-missing", "error", "host", "Hyper-V does not answer on the host", "See what `check` says.")
        raise PlanRefused(Findings([finding]))
    site = Site(topology=topology.name, path=HOST, wanted=topology, state=state)
    return Plan.of(topology.name, state.host, _steps(site), states={HOST: state})


def _steps(site: Site) -> Iterator[Planned]:
    name = site.topology
    for vm in site.hyper_v.vms:
        if is_marked(vm.notes, name):
            yield from remove_vm(site, vm)
        elif any(same_name(vm.name, wanted.name) for wanted in site.wanted.vms):
            way_out = "; a run was interrupted before it marked it: apply marks it" if is_left_behind(vm, name) else ""
            yield Unchanged(f"VM {vm.name}", f"it does not carry the mark of {name}{way_out}")
    yield from remove_disks(site)
    # NAT, then its address, then its switch: the order in which nothing is still in use.
    yield from (remove_nat(site, nat.name) for nat in site.state.nats if is_ours_by_name(nat.name, name))
    yield from (remove_scope(site, scope) for scope in site.state.dhcp_scopes if is_ours_by_name(scope.name, name))
    for switch in site.hyper_v.switches:
        if is_marked(switch.notes, name):
            yield from remove_switch(site, switch)
        elif any(same_name(switch.name, wanted.name) for wanted in site.wanted.switches):
            yield Unchanged(f"switch {switch.name}", f"it does not carry the mark of {name}")


def remove_vm(site: Site, vm: VirtualMachineState) -> Iterator[Step]:
    """Yield the removal of a VM with the topology's mark, whatever its state; its disks stay."""
    yield site.step(
        "remove-vm",
        vm.name,
        f"Remove the VM {vm.name}" + (", after stopping it" if turn_off(vm) else ""),
        f"it carries the mark of {site.topology} and is {vm.state}",
        *turn_off(vm),
        on_vm(vm, Cmdlet("Remove-VM", {"Force": On.ON})),
        thing=vm_thing(vm),
        hazard=Hazard.DELETES_DATA,
    )


def remove_disks(site: Site, only: Collection[str] | None = None) -> Iterator[Step]:
    """Yield the removal of disks of our naming: those of marked VMs, and those left over from a VM never made.

    `only` are the paths (lower case) that may go; without it all.
    """
    attached = {d.path.lower(): vm for vm in site.hyper_v.vms for d in vm.hard_disks}
    foreign = {path for path, vm in attached.items() if not is_marked(vm.notes, site.topology)}
    ours = {path: path for path in site.hyper_v.existing_disks if is_our_disk(path, site.topology)}
    ours |= {d.path.lower(): d.path for vm in site.hyper_v.vms for d in vm.hard_disks if is_our_disk(d.path, site.topology)}
    for key, path in sorted(ours.items()):
        if key in foreign or (only is not None and key not in only):
            continue
        owner = attached.get(key)
        yield site.step(
            "delete-disk",
            path,
            f"Delete the disk {path}",
            "nestlab made it for this topology",
            delete_file(path),
            thing=Thing("disk", path),
            hazard=Hazard.DELETES_DATA,
            needs=(site.step_id("remove-vm", owner.name),) if owner else (),
        )


def remove_nat(site: Site, name: str) -> Step:
    """Return the removal of a NAT with the topology's name."""
    return site.step(
        "remove-nat",
        name,
        f"Remove the NAT {name}",
        "this topology made it",
        Cmdlet("Remove-NetNat", {"Name": name, "Confirm": On.OFF}),
        thing=Thing("nat", name, switch=name[len(nat_name(site.topology, "")) :]),
    )


def remove_scope(site: Site, scope: DhcpScopeState) -> Step:
    """Return the removal of a DHCP scope with the topology's name."""
    return site.step(
        "remove-scope",
        scope.name,
        f"Remove the DHCP scope {scope.name}",
        "this topology made it",
        Cmdlet("Remove-DhcpServerv4Scope", {"ScopeId": str(scope.scope_id), "Force": On.ON}),
        thing=Thing("scope", scope.name, str(scope.scope_id), scope.name[len(nat_name(site.topology, "")) :]),
    )


def remove_switch(site: Site, switch: SwitchState) -> Iterator[Step]:
    """Yield the removal of a switch with the topology's mark, its own addresses first."""
    if switch.switch_type == "Internal":
        alias = own_alias(site.state, switch.name)
        interface = site.interface(alias)
        for address in interface.ip_addresses if interface and not interface.dhcp else ():
            yield site.step(
                "remove-address",
                f"{alias}/{address.ip}",
                f"Remove the address {address} from {alias}",
                "it goes with its switch",
                Cmdlet("Remove-NetIPAddress", {"InterfaceAlias": alias, "IPAddress": str(address.ip), "Confirm": On.OFF}),
                thing=Thing("address", alias, switch=switch.name),
            )
    users = [vm.name for vm in site.hyper_v.vms if any(a.switch_id == switch.id for a in vm.network_adapters)]
    yield site.step(
        "remove-switch",
        switch.name,
        f"Remove the {switch.switch_type} switch {switch.name}",
        f"it carries the mark of {site.topology}",
        on_switch(switch, Cmdlet("Remove-VMSwitch", {"Force": On.ON})),
        thing=switch_thing(switch),
        # The address of an External switch's management adapter moves back to the adapter below it.
        hazard=Hazard.MAY_CUT_CONNECTION if switch.switch_type == "External" else Hazard.NONE,
        needs=tuple(site.step_id("remove-vm", user) for user in users),
    )
