"""The guests of the VMs whose nesting is changed, and the VMs inside them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from nestlab.apply import Journal, Sessions
from nestlab.dataclass import dataclass, field
from nestlab.lab.nesting_history import NestingHistory
from nestlab.model import HOST, MachinePath
from nestlab.model.state import HostState
from nestlab.observe import states_inside
from nestlab.plan import InnerVM, Plan, vms_by_host
from nestlab.plan.nesting_inside import nesting_plan_with_inner_vms
from nestlab.plan.nesting_options import NestingOptions
from nestlab.transport.session import Cancel, Session


@dataclass
class NestingGuests:
    """The guests of VMs by name, and the VMs inside them that were on before a change began.

    Without a `credential`, they are not read.
    """

    host: Session
    vm_names: tuple[str, ...]
    credential: str = ""
    inner_vms: dict[MachinePath, tuple[InnerVM, ...]] = field(default_factory=dict)

    def with_states(self, state: HostState, cancel: Cancel | None) -> dict[MachinePath, HostState]:
        """Return the state of the host, and of the nested hosts that answer."""
        credentials, states = self.credentials(state), {HOST: state}
        sessions = Sessions(self.host, credentials)
        try:
            for path in credentials:
                vm = state.hyper_v.vm(path[-1]) if state.hyper_v else None
                if vm is not None and vm.expose_virtualization_extensions:
                    states |= states_inside(path, vm, "", sessions.to, cancel=cancel)
        finally:
            sessions.close()
        return states

    def credentials(self, state: HostState) -> dict[MachinePath, str]:
        """Return the names of the credentials by machine; none if none was given."""
        chosen = {name.casefold() for name in self.vm_names}
        vms = state.hyper_v.vms if state.hyper_v and self.credential else ()
        return {(vm.name,): self.credential for vm in vms if vm.name.casefold() in chosen}

    def take_interrupted(self, history: NestingHistory, names: Collection[str]) -> None:
        """Read from the journals which inner VMs interrupted changes have turned off."""
        for journal in history.journals:
            found = journal.inner_vms(of_unfinished_run=True)
            self.inner_vms |= {path: vms for path, vms in found.items() if path[-1] in names}

    def record(self, journal: Journal) -> None:
        """Record the VMs that are to be started again, for when this run is interrupted as well."""
        if self.inner_vms:
            journal.record_inner_vms(self.inner_vms)

    def finish(self, history: NestingHistory) -> None:
        """Record in the journals of interrupted changes that their VMs inside run again."""
        for journal in history.journals:
            if journal.inner_vms(of_unfinished_run=True):
                journal.record_run_end()

    def complete(
        self, plan: Plan, states: Mapping[MachinePath, HostState], options: NestingOptions
    ) -> Plan:
        """Return a plan with the effect on the VMs inside, and record the VMs that it stops."""
        plan = nesting_plan_with_inner_vms(
            plan,
            states,
            enable=options.enable,
            inner_vms=self.inner_vms,
            credentials=self.credentials(states[HOST]),
        )
        for step in plan.steps:
            self.inner_vms.update(vms_by_host(step.inside))
        return plan
