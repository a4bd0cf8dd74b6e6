"""The findings that refuse a plan: what cannot change, or conflicts with the remainder."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from ipaddress import IPv4Interface

from nestlab.enumerations import all_of
from nestlab.errors import PlanRefused
from nestlab.model import Finding, Findings, MachinePath, path_text
from nestlab.model.finding import PlanOption
from nestlab.model.origin import KeyPath
from nestlab.model.ownership import is_marked, owner_mark
from nestlab.model.spelling import same_name
from nestlab.model.state import HostState, NatState
from nestlab.model.topology import Topology
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.texts import tr, tr_count

CANNOT_CHANGE = "cannot-change"
"""The code of what exists and cannot be changed to match the file."""
REMAINDER_CONFLICT = "remainder-conflict"
"""The code of what conflicts with a leftover object of the same topology."""
DISK_IN_USE = "disk-in-use"
"""The code of an existing disk that a step would write to, and on which something else depends."""


def no_hyper_v(state: HostState | None) -> Finding:
    """Return the finding of a host without Hyper-V, with what it answered."""
    evidence = "; ".join(f"{item.what}: {item.error}" for item in state.unread) if state else ""
    hint = tr("`nestlab check` says why.")
    return Finding(
        "hyper-v-missing",
        "error",
        "host",
        tr("Hyper-V does not answer on the host"),
        hint,
        evidence,
    )


def location(topology: Topology, path: MachinePath) -> str:
    """Return ``file:line:column`` of a VM; empty if the topology is not as its file has it."""
    origin = topology.origin
    if origin is None or origin.topology != topology:
        return ""
    keys: KeyPath = ()
    vms = topology.vms
    for name in path:
        index = next(index for index, vm in enumerate(vms) if same_name(vm.name, name))
        keys = (*keys, *(("nested",) if keys else ()), "vms", index)
        vms = vms[index].vms
    return origin.locate(keys)


def cannot_change(
    topology: Topology, path: MachinePath, found: Collection[str], *, needs_two_plans: bool
) -> Finding:
    """Return the finding of a VM with a setting that cannot change in place.

    Data disks that the list alone does not tell apart need two plans, and no recreation.
    """
    name = path_text(path)
    hint = (
        tr(
            "First remove the entry that is no longer wanted, with the sizes of the others unchanged, and apply with `--prune`; then let the others grow."
        )
        if needs_two_plans
        else tr(
            "Recreate it with `--recreate {vm}`, which deletes its disks with their data; or change the file to match the VM.",
            vm=name,
        )
    )
    return Finding(
        CANNOT_CHANGE,
        "error",
        name,
        "; ".join(found),
        hint,
        location=location(topology, path),
        plan_option=None if needs_two_plans else PlanOption.RECREATE,
    )


def cannot_recreate(
    topology: Topology, path: MachinePath, found: Collection[str], depends: str
) -> Finding:
    """Return the finding of a VM that something depends on, and that would have to be recreated."""
    message = tr(
        "{differences}; and it cannot be recreated: {why}",
        differences="; ".join(found),
        why=depends,
    )
    hint = tr("Remove what depends on it first, or change the file to match the VM.")
    name = path_text(path)
    return Finding(
        "cannot-recreate", "error", name, message, hint, location=location(topology, path)
    )


def conflict(
    subject: str, message: str, why_kept: str, options: str, *, is_pruned: bool, renamed: str = ""
) -> Finding:
    """Return the finding of an object in the file that conflicts with one that is left over.

    `why_kept` says why the plan does not remove that one, empty if `--prune` does; `options` are
    those with which it does, empty if there are none. `is_pruned` is whether it needs no `--prune`.
    `renamed` is its name, where it seems to be the object in the file under a new name.
    """
    if renamed:
        hint = tr(
            "If {new} is {subject} under a new name, rename it back (`Rename-VMSwitch`) or change the name in the file; else remove it with {options}.",
            new=renamed,
            subject=subject,
            options=options or "`--prune`",
        )
    elif options:
        hint = tr(
            "This topology owns that object, and others use it: remove it anyway with {options}, or name it in the file again.",
            options=options,
        )
    elif why_kept:
        hint = tr(
            "This topology owns that object: remove first what keeps it, or name it in the file again."
        )
    else:
        hint = tr(
            "This topology owns that object, and its file no longer names it: remove it with `--prune`, or name it in the file again."
        )
    return Finding(
        REMAINDER_CONFLICT,
        "error",
        subject,
        "; ".join(filter(None, (message, why_kept))),
        hint,
        plan_option=None if is_pruned else PlanOption.PRUNE,
    )


def refuse_nat_in_use(
    machine: PlannedMachine, switch: str, nat: NatState, prefix: object, also_translates: str
) -> None:
    """Raise PlanRefused for a NAT whose new prefix leaves out what it translates for others.

    `switch` is the one that it serves; it is empty for the NAT of a guest that is a router.
    `also_translates` is the clause that names that. In a run, the step looks again instead.
    """
    if machine.in_run:
        return
    message = tr("its NAT {nat} would change to {prefix}", nat=nat.name, prefix=prefix)
    hint = tr(
        "Keep a prefix that covers these networks, or change it anyway with `--disconnect-others`."
    )
    subject = _switch_subject(machine, switch) if switch else machine.name
    finding = Finding("nat-in-use", "error", subject, message + also_translates, hint)
    raise PlanRefused(Findings([finding]))


def refuse_scope_in_use(
    machine: PlannedMachine, switch: str, scope: str, new_range: str, also_serves: str
) -> None:
    """Raise PlanRefused for a DHCP scope of another range while it may serve VMs of others.

    `switch` is the one that it serves; it is empty for a scope of a guest. `also_serves` is the
    clause that names them. In a run, the step looks again instead.
    """
    if machine.in_run:
        return
    message = tr(
        "its DHCP scope {scope} would change to {range}, without its leases",
        scope=scope,
        range=new_range,
    )
    hint = tr("Keep its range, or change it anyway with `--disconnect-others`.")
    subject = _switch_subject(machine, switch) if switch else machine.name
    finding = Finding("dhcp-scope-in-use", "error", subject, message + also_serves, hint)
    raise PlanRefused(Findings([finding]))


def refuse_address_in_use(
    machine: PlannedMachine,
    switch: str,
    addresses: Collection[IPv4Interface],
    new: IPv4Interface,
    users: str,
) -> None:
    """Raise PlanRefused for another address of a switch whose earlier ones others may use.

    `users` are their VMs. In a run, the step looks again instead.
    """
    if machine.in_run:
        return
    message = tr(
        "its address {addresses} would change to {new}; {vms} may use it, too",
        addresses=all_of([*map(str, addresses)]),
        new=new,
        vms=users,
    )
    hint = tr("Keep its address, or change it anyway with `--disconnect-others`.")
    subject = _switch_subject(machine, switch)
    finding = Finding("switch-address-in-use", "error", subject, message, hint)
    raise PlanRefused(Findings([finding]))


def refuse_switch_in_use(machine: PlannedMachine, switch: str, change: str, users: str) -> None:
    """Raise PlanRefused for a step that cuts VMs of others off from a switch.

    `change` is the title of the step, `users` are their VMs. In a run, it looks again instead.
    """
    if machine.in_run:
        return
    message = tr(
        "{vms} may use it, and the plan would change it: {change}", vms=users, change=change
    )
    hint = tr(
        "Write into the file what it has now, or change it anyway with `--disconnect-others`."
    )
    subject = _switch_subject(machine, switch)
    raise PlanRefused(Findings([Finding("switch-in-use", "error", subject, message, hint)]))


def refuse_nested_host_in_use(
    machine: PlannedMachine, vm: str, change: str, users: Sequence[str]
) -> None:
    """Raise PlanRefused for a step that takes from VMs of others in a nested host what they need.

    `vm` is its machine path as text, `change` the title of the step, `users` are their machine
    paths as text. In a run, the step looks again instead.
    """
    if machine.in_run:
        return
    message = tr_count(
        "{vms} inside, which is not this topology's, depends on it, and the plan would change it: {change}",
        "{vms} inside, which are not this topology's, depend on it, and the plan would change it: {change}",
        len(users),
        vms=all_of([f"VM {name}" for name in users]),
        change=change,
    )
    hint = tr(
        "Write into the file what it has now, or change it anyway with `--disconnect-others`."
    )
    raise PlanRefused(Findings([Finding("nested-host-in-use", "error", vm, message, hint)]))


def refuse_taken_entry(machine: PlannedMachine, switch: str, message: str, why_kept: str) -> None:
    """Raise PlanRefused for an entry of the file that one conflicts with which is kept.

    `why_kept` says why the plan does not remove that one.
    """
    hint = tr("Change it in the file, or remove the other one with `--disconnect-others`.")
    subject = _switch_subject(machine, switch)
    finding = Finding(REMAINDER_CONFLICT, "error", subject, f"{message}; {why_kept}", hint)
    raise PlanRefused(Findings([finding]))


def refuse_adapter_of_others(
    machine: PlannedMachine, switch: str, adapter: str, change: str
) -> None:
    """Raise PlanRefused for a step that changes an adapter of the file which no run added.

    `change` is the title of the step.
    """
    message = tr(
        "its adapter {adapter} of {machine} was not added by a run of {topology}, as the journals here show, so it may be another user's; the plan would change it: {change}",
        adapter=adapter,
        machine=machine.name,
        topology=machine.topology,
        change=change,
    )
    hint = tr(
        "Give the one in `management_adapters` another name, or change this one with `--disconnect-others`."
    )
    subject = _switch_subject(machine, switch)
    raise PlanRefused(Findings([Finding("adapter-of-others", "error", subject, message, hint)]))


def _switch_subject(machine: PlannedMachine, switch: str) -> str:
    return f"switch {'/'.join((*machine.path, switch))}"


def refuse_unmarked(machine: PlannedMachine, subject: str, notes: str) -> None:
    """Raise PlanRefused where an object with a name of the file does not carry the mark."""
    if is_marked(notes, machine.topology):
        return
    message = tr(
        "{object} exists on {machine} and does not carry the mark {mark}",
        object=subject,
        machine=machine.name,
        mark=owner_mark(machine.topology),
    )
    hint = tr(
        "Give the one in the topology another name, or remove or rename the one on the machine."
    )
    raise PlanRefused(
        Findings([Finding("name-clash", "error", f"{machine.name}: {subject}", message, hint)])
    )
