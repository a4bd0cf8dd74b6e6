"""Puts VMs and switches of a draft behind a NAT, with addresses and gateways."""

from __future__ import annotations

from nestlab.dataclass import replace
from nestlab.drawing.geometry import machine_id, switch_id
from nestlab.model.machine_path import MachinePath, path_text
from nestlab.model.topology import VM, NetworkAdapter, Switch, SwitchType, Topology
from nestlab.notebook.designer.adding import add_adapter
from nestlab.notebook.designer.addressing import (
    with_free_network,
    with_inner_links,
    with_proposed_address,
)
from nestlab.notebook.designer.draft import Draft, Intent
from nestlab.notebook.designer.parts import (
    EditRefused,
    Part,
    capitalized,
    describe,
    find,
    first_name,
    switch_at,
    vm_at,
    with_adapter,
    with_switch,
    with_switches,
)
from nestlab.texts import tr


def put_behind_nat(draft: Draft, intent: Intent) -> Draft:
    """Put behind a NAT: a switch, the VMs inside a host, or a plain VM or an adapter."""
    part = find(draft.topology, str(intent.get("id") or draft.selection))
    if part.kind == "switch":
        return _nat_on_switch(draft, part)
    machine = draft.topology.machine(part.machine)
    if part.kind == "adapter" or (isinstance(machine, VM) and machine.nested is None):
        return _link_to_nat(draft, part)
    nat = _nat_switch(draft.topology, part.machine)
    if nat is None:
        return with_nat_switch(draft, part.machine)
    topology = with_inner_links(draft.topology, part.machine, nat)
    if topology == draft.topology:
        message = tr(
            "{machine} has a switch with a NAT already, {switch}.",
            machine=capitalized(describe(Part("vm" if part.machine else "host", part.machine))),
            switch=nat.name,
        )
        raise EditRefused(message, hint=tr("Link VMs to it."))
    return replace(
        draft,
        topology=topology,
        selection=switch_id(part.machine, nat.name),
        message=_nat_text(part.machine, nat),
    )


def _nat_on_switch(draft: Draft, part: Part) -> Draft:
    switch = switch_at(draft.topology, part)
    if switch.existing or switch.switch_type is SwitchType.EXTERNAL:
        message = tr("{switch} cannot have a NAT.", switch=capitalized(describe(part)))
        hint = tr("A NAT needs an Internal switch that the topology creates.")
        raise EditRefused(message, hint=hint)
    if switch.nat:
        message = tr("{switch} has a NAT already.", switch=capitalized(describe(part)))
        raise EditRefused(message)
    new = _as_nat_switch(draft.topology, part.machine, switch)
    topology = with_switch(draft.topology, part, lambda _: new)
    return replace(
        draft,
        topology=_with_addresses_on(topology, part.machine, new),
        selection=switch_id(part.machine, part.name),
        message=_nat_text(part.machine, new),
    )


def _link_to_nat(draft: Draft, part: Part) -> Draft:
    """Link a VM to the NAT switch of its host, which gets one where it has none."""
    host = part.machine[:-1]
    nat = _nat_switch(draft.topology, host)
    if nat is None:
        draft = with_nat_switch(draft, host)
        nat = switch_at(draft.topology, find(draft.topology, draft.selection))
    if not vm_at(draft.topology, part.machine).network_adapters:
        draft = add_adapter(draft, {"into": machine_id(part.machine)})
    chosen = Part("adapter", part.machine, index=part.index)
    topology = with_adapter(
        draft.topology, chosen, lambda a: replace(a, switch=nat.name, connected=True)
    )
    return replace(
        draft,
        topology=with_proposed_address(topology, chosen),
        selection=machine_id(part.machine),
        message=tr(
            "{vm} is behind the NAT of switch {switch} now.",
            vm=path_text(part.machine),
            switch=nat.name,
        ),
    )


def with_nat_switch(draft: Draft, path: MachinePath) -> Draft:
    """Add a switch with a free network and a NAT, and connect VMs that are on no switch."""
    switches = draft.topology.machine(path).switches
    bare = Switch(
        name=first_name("NAT", (switch.name for switch in switches)),
        switch_type=SwitchType.INTERNAL,
    )
    new = _as_nat_switch(draft.topology, path, bare)
    topology = with_switches(draft.topology, path, (*switches, new))
    return replace(
        draft,
        topology=with_inner_links(topology, path, new),
        selection=switch_id(path, new.name),
        message=_nat_text(path, new),
    )


def _as_nat_switch(topology: Topology, path: MachinePath, switch: Switch) -> Switch:
    """Return a switch with a NAT of its own network, or of a free one."""
    internal = replace(switch, switch_type=SwitchType.INTERNAL)
    if internal.ip_address is None:
        internal = with_free_network(topology, path, internal)
    if internal.ip_address is None:
        message = tr("No private network is free for a NAT.")
        raise EditRefused(message, hint=tr("Give the switch an address first."))
    return replace(internal, nat=internal.ip_address.network)


def _nat_switch(topology: Topology, path: MachinePath) -> Switch | None:
    return next((s for s in topology.machine(path).switches if s.nat and not s.existing), None)


def _nat_text(path: MachinePath, switch: Switch) -> str:
    return tr(
        "Switch {switch} of {machine} has a NAT of {network} now.",
        switch=switch.name,
        machine=path_text(path),
        network=switch.nat,
    )


def _with_addresses_on(topology: Topology, path: MachinePath, switch: Switch) -> Topology:
    """Give the adapters on a switch the addresses that they lack, with gateway and DNS servers."""
    for vm in topology.machine(path).vms:
        for index, adapter in enumerate(vm.network_adapters):
            if adapter.switch == switch.name:
                part = Part("adapter", (*path, vm.name), adapter.name, index)
                topology = _with_gateway(with_proposed_address(topology, part), part, switch)
    return topology


def _with_gateway(topology: Topology, part: Part, switch: Switch) -> Topology:
    """Give an adapter of a VM without a gateway that of a NAT switch."""
    vm, address = vm_at(topology, part.machine), switch.ip_address
    if address is None or any(each.gateway for each in vm.network_adapters):
        return topology

    def changed(adapter: NetworkAdapter) -> NetworkAdapter:
        if adapter.ip_address is None or adapter.ip_address.ip not in address.network:
            return adapter
        return replace(adapter, gateway=address.ip)

    return with_adapter(topology, part, changed)
