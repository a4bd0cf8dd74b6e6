"""Which VMs go back to which checkpoint, and why one cannot."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from nestlab.dataclass import dataclass
from nestlab.enumerations import all_of
from nestlab.errors import UsageError
from nestlab.model import Finding, MachinePath, path_text
from nestlab.model.ownership import checkpoint_name, is_marked, why_not_owned
from nestlab.model.spelling import same_name
from nestlab.model.state import CheckpointState, HostState, HyperVState, VirtualMachineState
from nestlab.model.topology import VM, Topology
from nestlab.plan.inner_power import is_at_or_inside
from nestlab.plan.others_inside import DELETE_OTHERS_OPTION, OthersInside, others_inside
from nestlab.plan.recreating import named_vm_paths
from nestlab.plan.reset_disks import (
    disk_problems,
    lost_by_others,
    lost_disk_problems,
)
from nestlab.texts import tr, tr_count

CANNOT_RESET = "cannot-reset"
"""The code of a VM that cannot go back to a checkpoint."""


@dataclass(frozen=True)
class ResetTarget:
    """A VM of the file, and the checkpoint that it goes back to, as the file names it."""

    path: MachinePath
    checkpoint: str


def reset_targets(
    topology: Topology, vms: Collection[str] = (), checkpoint: str | None = None
) -> tuple[ResetTarget, ...]:
    """Return the VMs that go back, each with its checkpoint; by default all that have one.

    `vms` are names or machine paths. What is inside a nested host that goes back is left out: it
    goes back with its host. Raises UsageError where the file has no such VM, where one has no such
    checkpoint, or has several and none is named.
    """
    named = named_vm_paths(topology, vms)
    found = {
        path: machine
        for path, machine in topology.machines()
        if isinstance(machine, VM) and (path in named or (not vms and machine.checkpoints))
    }
    if not vms and checkpoint is not None:
        found = {path: vm for path, vm in found.items() if _spelled(vm, checkpoint)}
    if not found:
        raise _none_has(topology, checkpoint)
    outermost = [
        path
        for path in found
        if not any(other != path and is_at_or_inside(other, path) for other in found)
    ]
    return tuple(
        ResetTarget(path, _chosen(topology, path, found[path], checkpoint)) for path in outermost
    )


def _spelled(vm: VM, checkpoint: str) -> str | None:
    return next((name for name in vm.checkpoints if same_name(name, checkpoint)), None)


def _chosen(topology: Topology, path: MachinePath, vm: VM, checkpoint: str | None) -> str:
    """Return the checkpoint that a VM goes back to, as the file spells it."""
    name, known = path_text(path), vm.checkpoints
    if not known:
        raise _has_none(name, topology)
    if checkpoint is None and len(known) == 1:
        return known[0]
    if checkpoint is None:
        msg = tr("{vm} has the checkpoints {names}", vm=name, names=all_of(known))
        raise UsageError(msg, hint=tr("Name one: --checkpoint {name}.", name=known[0]))
    spelled = _spelled(vm, checkpoint)
    if spelled is None:
        msg = tr(
            "{vm} has no checkpoint {name} in {topology}",
            vm=name,
            name=checkpoint,
            topology=topology.name,
        )
        raise UsageError(msg, hint=tr("It has {names}.", names=all_of(known)))
    return spelled


def _has_none(vm: str, topology: Topology) -> UsageError:
    return UsageError(
        tr("{vm} has no checkpoint in {topology}", vm=vm, topology=topology.name),
        hint=tr(
            "Write checkpoints: [clean] for it, and apply the file in the state to go back to."
        ),
    )


def _none_has(topology: Topology, checkpoint: str | None) -> UsageError:
    hint = tr("Write checkpoints: [clean] for a VM, and apply the file in the state to go back to.")
    if checkpoint is None:
        return UsageError(
            tr("No VM of {topology} has a checkpoint in its file", topology=topology.name),
            hint=hint,
        )
    msg = tr(
        "No VM of {topology} has the checkpoint {name} in its file",
        topology=topology.name,
        name=checkpoint,
    )
    return UsageError(msg, hint=hint)


def refusal(
    topology: Topology,
    states: Mapping[MachinePath, HostState],
    target: ResetTarget,
    *,
    delete_others: bool,
) -> Finding | None:
    """Return why a VM cannot go back, and what to do; None if it can."""
    problem = next(_problems(topology, states, target, delete_others=delete_others), None)
    if problem is None:
        return None
    message, hint = problem
    return Finding(CANNOT_RESET, "error", path_text(target.path), message, hint)


def found_checkpoint(
    topology: Topology, states: Mapping[MachinePath, HostState], target: ResetTarget
) -> tuple[VirtualMachineState, CheckpointState]:
    """Return the VM of a target and its checkpoint, where `refusal` returns None."""
    hyper_v = states[target.path[:-1]].hyper_v
    own = _own(hyper_v, topology.name, target.path[-1]) if hyper_v else []
    ((vm, checkpoint),) = (
        (vm, found) for vm in own for found in _named(vm, topology.name, target.checkpoint)
    )
    return vm, checkpoint


def _own(hyper_v: HyperVState, topology: str, name: str) -> list[VirtualMachineState]:
    return [vm for vm in hyper_v.vms_named(name) if is_marked(vm.notes, topology)]


def _named(vm: VirtualMachineState, topology: str, name: str) -> list[CheckpointState]:
    wanted = checkpoint_name(topology, name)
    return [found for found in vm.checkpoints or () if same_name(found.name, wanted)]


_Problem = tuple[str, str]
"""What is wrong, and what to do."""


def _problems(
    topology: Topology,
    states: Mapping[MachinePath, HostState],
    target: ResetTarget,
    *,
    delete_others: bool,
) -> Iterator[_Problem]:
    host, name = target.path[:-1], target.path[-1]
    state = states.get(host)
    if state is None or state.hyper_v is None:
        yield (
            tr("{machine} does not answer", machine=path_text(host)),
            tr("Start it, or restore {machine} itself to a checkpoint.", machine=path_text(host)),
        )
        return
    own = _own(state.hyper_v, topology.name, name)
    if len(own) != 1:
        yield _not_one(topology, state.hyper_v, name, len(own))
        return
    vm = own[0]
    yield from _checkpoint_problems(topology, vm, target.checkpoint)
    if not delete_others:
        yield from _others_problems(others_inside(host, vm, topology.name, states))
    checkpoints = _named(vm, topology.name, target.checkpoint)
    for checkpoint in checkpoints[:1] if not delete_others else ():
        others = lost_by_others(topology, target.path, state.hyper_v, vm, checkpoint)
        yield from lost_disk_problems(others, target.checkpoint)
    yield from disk_problems(state.hyper_v, vm, checkpoints)


def _others_problems(others: OthersInside) -> Iterator[_Problem]:
    if others.names:
        yield (
            tr_count(
                "a VM inside that is not this topology's would go back with it, or be lost: {vms}",
                "VMs inside that are not this topology's would go back with it, or be lost: {vms}",
                len(others.names),
                vms=", ".join(others.names),
            ),
            tr("Move them elsewhere, or agree with {option}.", option=DELETE_OTHERS_OPTION),
        )


def _not_one(topology: Topology, hyper_v: HyperVState, name: str, count: int) -> _Problem:
    if count:
        return (
            tr("{count} VMs with its name carry the mark", count=count),
            tr("Rename or remove the others."),
        )
    named = hyper_v.vms_named(name)
    if named:
        return (
            tr("it {why}", why=why_not_owned(named[0].notes, topology.name)),
            tr(
                "Only VMs of the topology go back. `nestlab adopt` marks one that is as the file says."
            ),
        )
    return (
        tr("there is no such VM"),
        tr("`nestlab apply` creates it, and takes its checkpoints."),
    )


def _checkpoint_problems(
    topology: Topology, vm: VirtualMachineState, name: str
) -> Iterator[_Problem]:
    if vm.checkpoints is None:
        yield (
            tr("its checkpoints could not be read"),
            tr("Run Get-VMSnapshot on its host, and correct what it reports."),
        )
        return
    found = _named(vm, topology.name, name)
    if len(found) > 1:
        yield (
            tr("it has {count} checkpoints {name}", count=len(found), name=found[0].name),
            tr("Remove or rename all but one."),
        )
    if not found:
        yield _missing(topology, vm.checkpoints, name)


def _missing(topology: Topology, existing: Sequence[CheckpointState], name: str) -> _Problem:
    wanted = checkpoint_name(topology.name, name)
    if any(same_name(other.name, name) for other in existing):
        return (
            tr("its checkpoint {name} was not taken by nestlab", name=name),
            tr(
                "Go back to it in Hyper-V Manager; or rename it to {wanted}, and it counts as that of the file.",
                wanted=wanted,
            ),
        )
    others = [other.name for other in existing]
    return (
        tr("it has no checkpoint {wanted}", wanted=wanted),
        tr("`nestlab apply` takes it, as the VM is then.")
        if not others
        else tr(
            "`nestlab apply` takes it, as the VM is then. It has {names}.", names=all_of(others)
        ),
    )
