"""Going back to checkpoints of the file: which VMs, and the steps; the marks are read again later.

A VM that is on is turned off first, since what its memory and disks hold is given up; it is started
again. What is inside a nested host goes back with it, so nothing inside is restored by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from nestlab.dataclass import dataclass, field
from nestlab.errors import PlanRefused
from nestlab.model import HOST, Cmdlet, Finding, Findings, MachinePath, SwitchParameter, path_text
from nestlab.model.ownership import is_owned_by_name
from nestlab.model.state import CheckpointState, HostState, VirtualMachineState
from nestlab.model.topology import Topology
from nestlab.plan.cmdlet_targets import on_vm, vm_target
from nestlab.plan.guest_credentials import windows_credential_names
from nestlab.plan.in_use import disk_uses
from nestlab.plan.inner_power import InnerVMs, restore_steps, vms_inside
from nestlab.plan.kinds import Action, SubjectKind
from nestlab.plan.lost_disks import LostDisk, lost_disks
from nestlab.plan.others_inside import OthersInside, others_inside
from nestlab.plan.plan import Plan
from nestlab.plan.plan_refusals import no_hyper_v
from nestlab.plan.planned_machine import ObservedMachine
from nestlab.plan.power_steps import ON_STATES, turn_off_cmdlet
from nestlab.plan.reset_refusals import ResetTarget, found_checkpoint, refusal
from nestlab.plan.step import Deferred, Hazard, Planned, Unchanged
from nestlab.texts import tr

States = Mapping[MachinePath, HostState]


@dataclass(frozen=True, kw_only=True)
class ResetProgress:
    """What is known of a reset that has begun.

    `was_on` are the Ids of the VMs that were on before, also before an interrupted reset; `done`
    those of the VMs that have gone back. `inner_vms` were on inside nested hosts.
    """

    was_on: Collection[str] = ()
    done: Collection[str] = ()
    inner_vms: InnerVMs = field(default_factory=dict)


def plan_reset(
    topology: Topology,
    states: States,
    targets: Collection[ResetTarget],
    progress: ResetProgress,
    *,
    delete_others: bool = False,
) -> Plan:
    """Return the plan that restores VMs to their checkpoints, a step for each VM.

    Raises PlanRefused for each VM that cannot go back: it has no mark or no such checkpoint,
    the checkpoint was not taken for the topology, others' VMs are inside (unless `delete_others`),
    or others use its disks.
    """
    if HOST not in states or states[HOST].hyper_v is None:
        raise PlanRefused(Findings([no_hyper_v(states.get(HOST))]))
    reset = _Reset(topology, states, progress, delete_others=delete_others)
    planned = [item for target in targets for item in reset.items(target)]
    refused = [item for item in planned if isinstance(item, Finding)]
    if refused:
        raise PlanRefused(Findings(refused))
    items = [item for item in planned if not isinstance(item, Finding)]
    paths = [target.path for target in targets]
    return Plan.of(
        topology.name,
        states[HOST].host,
        (*items, *reset.restored_inside(paths)),
        kind=SubjectKind.RESET,
        states=dict(states),
        credentials=windows_credential_names(topology),
        delete_others=delete_others,
        topology=topology,
    )


@dataclass(frozen=True)
class _Reset:
    topology: Topology
    states: States
    progress: ResetProgress
    delete_others: bool = field(kw_only=True)

    def items(self, target: ResetTarget) -> Iterator[Planned | Finding]:
        """Yield what one VM needs: a step, and what is kept; a finding if it cannot go back."""
        path, name = target.path, self.topology.name
        if self._is_done(path):
            return
        found = refusal(self.topology, self.states, target, delete_others=self.delete_others)
        if found is not None:
            yield found
            return
        vm, checkpoint = found_checkpoint(self.topology, self.states, target)
        yield from self._step(path, vm, checkpoint, target.checkpoint)
        for other in vm.checkpoints or ():
            if not is_owned_by_name(other.name, name):
                yield Unchanged(
                    tr(
                        "checkpoint {checkpoint} of {vm}", checkpoint=other.name, vm=path_text(path)
                    ),
                    tr("it is not one of {topology}, and is kept", topology=name),
                )

    def _step(
        self, path: MachinePath, vm: VirtualMachineState, checkpoint: CheckpointState, name: str
    ) -> Iterator[Planned]:
        machine = ObservedMachine(path=path[:-1], state=self.states[path[:-1]])
        is_on = vm.state in ON_STATES
        starts = is_on or vm.id in self.progress.was_on
        start = (on_vm(vm, Cmdlet("Start-VM")),) if starts else ()
        inside = vms_inside(path, self.states)
        lost = lost_disks(disk_uses(machine.hyper_v), vm.id, checkpoint.id)
        yield machine.step(
            Action.RESET_VM,
            path[-1],
            tr(
                "Restore {vm} to its checkpoint {checkpoint}, and start it",
                vm=vm.name,
                checkpoint=name,
            )
            if starts
            else tr("Restore {vm} to its checkpoint {checkpoint}", vm=vm.name, checkpoint=name),
            self._why(path, vm, lost),
            *((turn_off_cmdlet(vm),) if is_on else ()),
            _restore(vm, checkpoint),
            *start,
            target=vm_target(vm),
            hazard=Hazard.DELETES_DATA,
            cleanup_count=len(start),
            inside=inside,
            deletes=(
                *(self._others(path, vm).ids if self.delete_others else ()),
                *(disk.key for disk in lost),
            ),
        )
        if starts and self._answers_later(path):
            yield self._deferred(path)

    def _others(self, path: MachinePath, vm: VirtualMachineState) -> OthersInside:
        return others_inside(path[:-1], vm, self.topology.name, self.states)

    def _why(self, path: MachinePath, vm: VirtualMachineState, lost: Collection[LostDisk]) -> str:
        """Return what is lost, which VMs inside go back with it, and which disks are detached."""
        reasons = [
            tr("{vm} is {state}; what changed in it since then is lost", vm=vm.name, state=vm.state)
        ]
        others = self._others(path, vm)
        if others.names:
            text = tr(
                "VMs inside that are not this topology's go back with it, or are lost: {vms}",
                vms=", ".join(others.names),
            )
            reasons.append(text)
        if others.unread:
            reasons.append(
                tr("the VMs inside could not be read, and go back with it, also those of others")
            )
        if lost:
            text = tr(
                "disks that the checkpoint does not have are detached, and their files stay: {disks}",
                disks=", ".join(map(str, lost)),
            )
            reasons.append(text)
        return "; ".join(reasons)

    def _answers_later(self, path: MachinePath) -> bool:
        """Whether a VM is a nested host that is waited for, to start the VMs inside again."""
        is_known = path in self.states or bool(self.progress.inner_vms.get(path))
        is_host = bool(self.topology.machine(path).vms)
        return is_known and is_host and path in windows_credential_names(self.topology)

    def _deferred(self, path: MachinePath) -> Deferred:
        state = self.states.get(path)
        why = tr("{vm} is started first, and then the VMs inside that were on", vm=path[-1])
        return Deferred(path, why, state.computer.last_boot_up_time if state else None)

    def restored_inside(self, paths: Collection[MachinePath]) -> Iterator[Planned]:
        """Yield the steps that start VMs inside again, on the nested hosts that have gone back."""
        for host, before in self.progress.inner_vms.items():
            outer = next((path for path in paths if host[: len(path)] == path), None)
            if outer is None or not self._is_done(outer) or not before:
                continue
            if host in self.states:
                machine = ObservedMachine(path=host, state=self.states[host])
                yield from restore_steps(machine, before)
            elif host != outer and self._exists(host) and self._answers_later(host):
                yield self._deferred(host)

    def _is_done(self, path: MachinePath) -> bool:
        state = self.states.get(path[:-1])
        vms = state.hyper_v.vms_named(path[-1]) if state and state.hyper_v else []
        return any(vm.id in self.progress.done for vm in vms)

    def _exists(self, path: MachinePath) -> bool:
        state = self.states.get(path[:-1])
        return state is not None and state.hyper_v is not None and bool(state.hyper_v.vm(path[-1]))


def _restore(vm: VirtualMachineState, checkpoint: CheckpointState) -> Cmdlet:
    by_id = {"Property": "Id", "EQ": SwitchParameter.ON, "Value": checkpoint.id}
    restore = Cmdlet("Restore-VMSnapshot", {"Confirm": SwitchParameter.OFF})
    return on_vm(vm, Cmdlet("Get-VMSnapshot", {}, Cmdlet("Where-Object", by_id, restore)))
