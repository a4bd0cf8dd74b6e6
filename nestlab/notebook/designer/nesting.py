"""Makes VMs of a draft nested hosts and bridges them, with what goes with it."""

from __future__ import annotations

from nestlab.dataclass import replace
from nestlab.drawing.geometry import machine_id, switch_id
from nestlab.model.machine_path import path_text
from nestlab.model.topology import VM, Nested, Switch, SwitchType, Topology
from nestlab.notebook.designer.adding import add_vm
from nestlab.notebook.designer.addressing import (
    with_inner_links,
)
from nestlab.notebook.designer.draft import Draft, Intent, machine_of
from nestlab.notebook.designer.images import NESTED_MEMORY, NESTED_PROCESSORS
from nestlab.notebook.designer.nat import with_nat_switch
from nestlab.notebook.designer.parts import (
    EditRefused,
    Part,
    adapter_at,
    capitalized,
    describe,
    find,
    first_name,
    networks,
    vm_at,
    with_adapter,
    with_switches,
    with_vm,
)
from nestlab.texts import tr


def nest(draft: Draft, intent: Intent) -> Draft:
    """Make a VM a nested host, with what Hyper-V in it needs.

    That is Windows, extensions exposed, static memory and processors for VMs inside: Microsoft's
    "Run Hyper-V in a Virtual Machine with Nested Virtualization" names them. Memory and processors
    are those of a new nested host, unless the VM has more.
    """
    path = machine_of(draft, intent, "id")
    vm = vm_at(draft.topology, path)
    nested = vm if vm.nested else _as_nested_host(vm)
    message = tr(
        "{vm} is a nested host now: extensions exposed, {memory} of memory, {count} processors.",
        vm=path_text(path),
        memory=nested.memory_startup,
        count=nested.processor_count,
    )
    return replace(
        draft,
        topology=with_vm(draft.topology, path, lambda _: nested),
        selection=machine_id(path),
        message=message,
    )


def _as_nested_host(vm: VM) -> VM:
    return replace(
        vm,
        nested=Nested(),
        guest=replace(vm.guest, os="windows", credential=vm.guest.credential or "lab-admin"),
        expose_virtualization_extensions=None,
        dynamic_memory=None,
        memory_startup=max(vm.memory_startup, NESTED_MEMORY),
        processor_count=max(vm.processor_count, NESTED_PROCESSORS),
    )


def add_vm_inside(draft: Draft, intent: Intent) -> Draft:
    """Add a VM inside a machine: a plain VM becomes a nested host.

    A host without a switch gets one with a NAT.
    """
    path = machine_of(draft, intent, "id")
    if isinstance(draft.topology.machine(path), VM):
        draft = nest(draft, {"id": machine_id(path)})
    if not draft.topology.machine(path).switches:
        draft = with_nat_switch(draft, path)
    return add_vm(draft, {"into": machine_id(path)})


# -- bridging


def bridge(draft: Draft, intent: Intent) -> Draft:
    """Bridge the VMs inside a nested host to the network of one of its adapters.

    An External switch inside is bound to the adapter, and MAC address spoofing is on for it: frames
    of the VMs inside leave through it with their own MAC addresses. The same goes for the adapters
    of the hosts around it that such frames leave through.
    """
    part = find(draft.topology, str(intent.get("id") or draft.selection))
    if not part.machine:
        return _bridge_host(draft)
    draft = nest(draft, {"id": machine_id(part.machine)})
    adapter = _adapter_to_bridge(draft, part)
    topology = _with_spoofing(draft.topology, adapter)
    path, taken = part.machine, draft.topology.machine(part.machine).switches
    new = Switch(
        name=first_name("Bridge", (switch.name for switch in taken)),
        switch_type=SwitchType.EXTERNAL,
        net_adapters=(adapter.name,),
    )
    topology = with_switches(topology, path, (*taken, new))
    message = tr(
        "VMs inside {vm} can be bridged now: switch {switch} on adapter {adapter}, which may send"
        " with other MAC addresses (spoofing).",
        vm=path_text(path),
        switch=new.name,
        adapter=adapter.name,
    )
    return replace(
        draft,
        topology=with_inner_links(topology, path, new),
        selection=switch_id(path, new.name),
        message=message,
    )


def _bridge_host(draft: Draft) -> Draft:
    """Add an External switch to the host, on the first of its adapters that has none."""
    topology = draft.topology
    bound = {name for switch in topology.switches for name in switch.net_adapters}
    free = [name for name in networks(topology) if name not in bound]
    if bound and not free:
        message = tr("The host has a switch on its network adapter already.")
        raise EditRefused(
            message, hint=tr("For a second one, add a switch and set its type to External.")
        )
    new = Switch(
        name=first_name("Uplink", (switch.name for switch in topology.switches)),
        switch_type=SwitchType.EXTERNAL,
        net_adapters=(free[0] if free else "Ethernet",),
    )
    topology = with_switches(topology, (), (*topology.switches, new))
    message = tr(
        "Switch {switch} is bound to the host's adapter {adapter} now.",
        switch=new.name,
        adapter=new.net_adapters[0],
    )
    return replace(
        draft,
        topology=with_inner_links(topology, (), new),
        selection=switch_id((), new.name),
        message=message,
    )


def _adapter_to_bridge(draft: Draft, part: Part) -> Part:
    """Return the adapter that a bridge is bound to: the one meant, or the first connected one."""
    path = part.machine
    vm = vm_at(draft.topology, path)
    bound = {name for switch in vm.switches for name in switch.net_adapters}
    indexes = [n for n, adapter in enumerate(vm.network_adapters) if adapter.switch]
    meant = [part.index] if part.kind == "adapter" else indexes
    for index in meant:
        if vm.network_adapters[index].name not in bound:
            return Part("adapter", path, vm.network_adapters[index].name, index)
    if meant:
        message = tr("{vm} is bridged already.", vm=capitalized(describe(Part("vm", path))))
        hint = tr("For a second bridge, choose an adapter of it that has none.")
        raise EditRefused(message, hint=hint)
    message = tr("{vm} has no adapter on a switch.", vm=capitalized(describe(Part("vm", path))))
    raise EditRefused(message, hint=tr("Link it to a switch first."))


def _with_spoofing(topology: Topology, adapter: Part) -> Topology:
    """Return the topology with spoofing on for an adapter, and for those around it."""
    topology = with_adapter(topology, adapter, lambda a: replace(a, mac_address_spoofing=True))
    host = topology.machine(adapter.machine[:-1])
    name = adapter_at(topology, adapter).switch
    bound = next((s.net_adapter for s in host.switches if s.name == name), None)
    if not isinstance(host, VM) or bound is None:
        return topology
    for index, outer in enumerate(host.network_adapters):
        if outer.name == bound:
            return _with_spoofing(topology, Part("adapter", adapter.machine[:-1], bound, index))
    return topology
