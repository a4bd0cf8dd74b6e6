"""Adds VMs, switches, adapters and links to a draft."""

from __future__ import annotations

from nestlab.dataclass import replace
from nestlab.drawing.geometry import adapter_id, machine_id, switch_id
from nestlab.model.machine_path import MachinePath, path_text
from nestlab.model.topology import (
    VM,
    Nested,
    NetworkAdapter,
    Switch,
    SwitchType,
    Topology,
)
from nestlab.notebook.designer.addressing import with_free_network, with_proposed_address
from nestlab.notebook.designer.draft import Draft, Intent, hosting_machine, machine_of
from nestlab.notebook.designer.images import first_vm
from nestlab.notebook.designer.parts import (
    EditRefused,
    Part,
    adapter_at,
    capitalized,
    describe,
    find,
    free_name,
    switch_at,
    vm_at,
    with_adapter,
    with_adapters,
    with_switches,
    with_vms,
)
from nestlab.texts import tr


def add_vm(draft: Draft, intent: Intent) -> Draft:
    """Add a VM that resembles its siblings."""
    path = hosting_machine(draft, intent)
    like = _template_vm(draft.topology, path, nested=False)
    new = VM(
        name="vm",
        disk=like.disk,
        guest=like.guest,
        network_adapters=_adapter(draft, intent, path, "Network Adapter"),  # not shown
    )
    return _add(draft, path, new)


def add_nested_host(draft: Draft, intent: Intent) -> Draft:
    """Add a VM with extensions exposed, for VMs inside it."""
    path = hosting_machine(draft, intent)
    like = _template_vm(draft.topology, path, nested=True)
    new = VM(
        name="HV",
        memory_startup=like.memory_startup,
        processor_count=like.processor_count,
        disk=like.disk,
        guest=like.guest,
        network_adapters=_adapter(draft, intent, path, "Ethernet"),
        nested=Nested(),
    )
    return _add(draft, path, new)


def _template_vm(topology: Topology, path: MachinePath, *, nested: bool) -> VM:
    """Return the VM whose disk and guest a new one copies: its last sibling, or the last VM."""
    siblings = [vm for vm in topology.machine(path).vms if (vm.nested is not None) == nested]
    others = [
        vm
        for _, vm in topology.machines()
        if isinstance(vm, VM) and (vm.nested is not None) == nested
    ]
    return (siblings or others or [first_vm(topology, nested=nested)])[-1]


def _adapter(
    draft: Draft, intent: Intent, path: MachinePath, name: str
) -> tuple[NetworkAdapter, ...]:
    """Return an adapter on the switch that the intent is about, else on the host's first one."""
    switches = [switch.name for switch in draft.topology.machine(path).switches]
    meant = find(draft.topology, str(intent.get("into") or draft.selection))
    if meant.kind == "switch":
        switches = [meant.name]
    return (NetworkAdapter(name=name, switch=switches[0] if switches else None),)


def _add(draft: Draft, path: MachinePath, new: VM) -> Draft:
    host = draft.topology.machine(path)
    # A name that no other VM has on any level: checks can name the VM without its path.
    name = free_name(new.name, (vm[-1] for vm, _ in draft.topology.machines() if vm))
    topology = with_vms(draft.topology, path, (*host.vms, replace(new, name=name)))
    topology = with_proposed_address(topology, Part("adapter", (*path, name)))
    return replace(
        draft,
        topology=topology,
        selection=machine_id((*path, name)),
        message=tr("Added {name} to {machine}.", name=name, machine=path_text(path)),
    )


def add_switch(draft: Draft, intent: Intent) -> Draft:
    """Add a virtual switch; Internal, with a free network, where the intent names no type."""
    path = hosting_machine(draft, intent)
    host = draft.topology.machine(path)
    name = free_name("Switch", (switch.name for switch in host.switches))
    kind = SwitchType(str(intent.get("switch_type") or SwitchType.INTERNAL))
    new = with_free_network(draft.topology, path, Switch(name=name, switch_type=kind))
    topology = with_switches(draft.topology, path, (*host.switches, new))
    return replace(
        draft,
        topology=topology,
        selection=switch_id(path, name),
        message=tr("Added switch {switch} to {machine}.", switch=name, machine=path_text(path)),
    )


def add_adapter(draft: Draft, intent: Intent) -> Draft:
    """Add an adapter that is not connected; it gets an address when it is linked."""
    path = machine_of(draft, intent)
    vm = vm_at(draft.topology, path)
    name = (
        "Network Adapter"  # not shown
        if not vm.network_adapters
        else free_name("Network Adapter ", (a.name for a in vm.network_adapters))  # not shown
    )
    topology = with_adapters(
        draft.topology, path, (*vm.network_adapters, NetworkAdapter(name=name))
    )
    chosen = adapter_id(path, len(vm.network_adapters))
    return replace(
        draft,
        topology=topology,
        selection=chosen,
        message=tr("Added {name} to {machine}.", name=name, machine=path_text(path)),
    )


def link(draft: Draft, intent: Intent) -> Draft:
    """Connect an adapter to a switch of its VM's host.

    A VM is connected with its first free adapter, or with a new one.
    """
    source = find(draft.topology, str(intent["from"]))
    target = find(draft.topology, str(intent["to"]))
    _require_linkable(source, target)
    switch = switch_at(draft.topology, target)
    vm = vm_at(draft.topology, source.machine)
    index = source.index if source.kind == "adapter" else _free_adapter(draft, target, vm, switch)
    if index is None:
        draft = add_adapter(draft, {"into": machine_id(source.machine)})
        index = len(vm.network_adapters)
    chosen = adapter_id(source.machine, index)
    topology = with_adapter(
        draft.topology,
        find(draft.topology, chosen),
        lambda a: replace(a, switch=switch.name, connected=True),
    )
    topology = with_proposed_address(topology, find(topology, chosen))
    address = adapter_at(topology, find(topology, chosen)).ip_address
    vm_name = path_text(source.machine)
    message = (
        tr("Linked {vm} to {switch}, as {ip}.", vm=vm_name, switch=switch.name, ip=address)
        if address
        else tr("Linked {vm} to {switch}.", vm=vm_name, switch=switch.name)
    )
    return replace(draft, topology=topology, selection=chosen, message=message)


def _require_linkable(source: Part, target: Part) -> None:
    """Raise EditRefused where the two parts cannot be linked."""
    if target.kind != "switch" or source.kind not in ("vm", "adapter"):
        message = tr(
            "A link goes from a VM or an adapter to a switch, not from {source} to {target}.",
            source=describe(source),
            target=describe(target),
        )
        raise EditRefused(message)
    if source.machine[:-1] != target.machine:
        message = tr(
            "{source} cannot be connected to {target}.",
            source=capitalized(describe(source)),
            target=describe(target),
        )
        hint = tr(
            "A VM connects to switches of the machine it runs on, {machine}.",
            machine=path_text(source.machine[:-1]),
        )
        raise EditRefused(message, hint=hint)


def _free_adapter(draft: Draft, target: Part, vm: VM, switch: Switch) -> int | None:
    """Return the first adapter of a VM that is not connected to a switch of the machine."""
    if any(a.switch == switch.name and a.connected for a in vm.network_adapters):
        message = tr("{vm} is linked to {switch} already.", vm=vm.name, switch=switch.name)
        raise EditRefused(message, hint=tr("For a second link, add an adapter first."))
    known = {other.name for other in draft.topology.machine(target.machine).switches}
    adapters = enumerate(vm.network_adapters)
    return next((n for n, a in adapters if a.switch not in known or not a.connected), None)
