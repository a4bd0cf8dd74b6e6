"""Makes the plans of a lab from observed states, after checking the findings."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from nestlab.dataclass import dataclass, field, replace
from nestlab.errors import PlanFileError, PlanRefused
from nestlab.lab.completeness import require_complete
from nestlab.model import HOST, Finding, Findings, MachinePath, path_text
from nestlab.model.state import HostState
from nestlab.model.topology import VM, Topology
from nestlab.observe import ParentCache, Unread, VMScope
from nestlab.plan import (
    NOT_CHANGED,
    Action,
    InnerVM,
    Plan,
    ReadMadeEntries,
    ReadMadeRoutes,
    ReadNewDisks,
    ReadUndoNeeds,
    RefusedCredential,
    UnmarkedObjects,
    compare_unmarked,
    make_plan,
    next_checkpoints,
    plan_destroy,
    refuse_missing_rights,
    rights_findings,
    vms_by_host,
    with_refused_credentials,
    without_checkpoints,
    without_remainder,
    without_replaced_routes,
)
from nestlab.plan.plan_refusals import CANNOT_CHANGE, DISK_IN_USE, REMAINDER_CONFLICT
from nestlab.rules import match_findings, together, validate
from nestlab.rules.match.dhcp_conflicts import DHCP_UNANSWERED
from nestlab.rules.match.nat_completeness import NAT_INCOMPLETE
from nestlab.rules.match.static_addresses import STATIC_ADDRESS_MISSING
from nestlab.rules.match.unused_addresses import ADDRESS_DUPLICATED
from nestlab.texts import tr
from nestlab.transport.session import Session

States = Mapping[MachinePath, HostState]
_CANNOT_CHANGE = (CANNOT_CHANGE, REMAINDER_CONFLICT, DISK_IN_USE)
_NOT_USED = (ADDRESS_DUPLICATED.code, DHCP_UNANSWERED.code)
"""Findings about addresses that machines do not use; no step of a plan can change that."""


@dataclass(frozen=True)
class LabPlanner:
    """The planner of a topology, with the options of `Lab.plan` and `Lab.plan_destroy`.

    `inner_vms` were on before their nested host was turned off: first what an interrupted run
    recorded, then what the steps of each plan turn off. `recreate_ids` are those of the plan
    that a run applies; without it, each plan decides. `read_undo_needs` reads which disks the undo
    of earlier runs needs, `read_new_disks` which they created for VMs that they did not create any
    more, `read_made_routes` which routes they added, `read_made_entries` what they added to DHCP
    scopes, NATs and adapters. `refused` are the guests that
    refused their credential when they were last observed, `unread` the nested hosts that could not
    be read; `Observer` keeps both.
    `credentials` are those of all guests that are known, also from journals, by machine.
    """

    topology: Topology
    prune: bool = False
    recreate: Collection[str] = ()
    recreate_ids: Collection[str] | None = None
    disconnect_others: bool = False
    delete_others: bool = False
    credentials: Mapping[MachinePath, str] = field(default_factory=dict, compare=False)
    inner_vms: dict[MachinePath, tuple[InnerVM, ...]] = field(default_factory=dict, compare=False)
    read_undo_needs: ReadUndoNeeds = field(default=tuple, compare=False)
    read_new_disks: ReadNewDisks = field(default=tuple, compare=False)
    read_made_routes: ReadMadeRoutes = field(default=tuple, compare=False)
    read_made_entries: ReadMadeEntries = field(default=tuple, compare=False)
    refused: dict[MachinePath, RefusedCredential] = field(default_factory=dict, compare=False)
    unread: Unread = field(default_factory=dict, compare=False)

    @classmethod
    def for_plan(cls, topology: Topology, plan: Plan | None) -> LabPlanner:
        """Return the planner for applying a plan, with that plan's options.

        Without a plan, one with default options that recreates nothing.
        """
        if plan is None:
            return cls(topology, recreate_ids=())
        return cls(
            topology,
            prune=plan.prune,
            recreate=plan.recreate,
            recreate_ids=plan.recreate_ids,
            delete_others=plan.delete_others,
            disconnect_others=plan.disconnect_others,
            read_undo_needs=lambda: plan.undo_needs,
            read_new_disks=lambda: plan.new_disks,
            read_made_routes=lambda: plan.made_routes,
            read_made_entries=lambda: plan.made_entries,
        )

    @property
    def needs_disk_uses(self) -> bool:
        """Whether it matters which disks are the parents of others.

        It does where disks may be deleted, or a VM gets an existing disk.
        """
        vms = (machine for _, machine in self.topology.machines() if isinstance(machine, VM))
        names_disks = any(disk.path for vm in vms for _, disk in vm.all_disks)
        return self.prune or bool(self.recreate) or names_disks

    @property
    def scope(self) -> VMScope:
        """The VMs of the host that a plan reads: with `prune` all, as any may use the remainder."""
        return "all" if self.prune else "own"

    def parent_cache(self) -> ParentCache | None:
        """Return the cache of the parents of disks; None if they do not matter."""
        return ParentCache() if self.needs_disk_uses else None

    def check_and_plan(self, states: States) -> Plan:
        """Return a plan with its warnings; raises PlanRefused if a finding is an error."""
        named = self._named(states)
        agreed, read = self.disconnect_others, self.read_made_routes
        pruned = (
            without_remainder(self.topology, named, disconnect_others=agreed, read_made_routes=read)
            if self.prune
            else named
        )
        findings = together(validate(self.topology, named), self.fit_findings(named, pruned))
        if not findings.ok:
            raise PlanRefused(findings)
        plan = self.plan(states)
        refuse_missing_rights(plan.steps, states)
        warnings = (finding for finding in findings if finding.severity == "warning")
        left = (finding for finding in warnings if not _is_corrected(finding, plan))
        return replace(plan, warnings=tuple(left))

    def fit_findings(self, states: States, pruned: States | None = None) -> Findings:
        """Return the findings of how the topology fits on its machines.

        Objects of these names that nestlab did not create count as its own; where one differs from
        the file, that is an error.
        `pruned` are the states to check, where the plan removes what is left over.
        """
        found = compare_unmarked(self.topology, states, self.inner_vms)
        kept = self._without_replaced_routes(found, pruned or states)
        return match_findings(self.topology, kept, found.texts)

    def _without_replaced_routes(self, found: UnmarkedObjects, states: States) -> States:
        read = self.read_made_routes, self.read_made_entries
        agreed = self.disconnect_others
        return without_replaced_routes(found, states, *read, disconnect_others=agreed)

    def compare(self, states: States) -> tuple[Plan | None, UnmarkedObjects, Findings]:
        """Return the plan for the topology's objects, marked and unmarked, and what it leaves out.

        The plan is None if findings block it, which are returned then. Otherwise the findings
        are differences that no step changes.
        """
        named = self._named(states)
        unmarked = compare_unmarked(self.topology, named, self.inner_vms)
        accepted = dict.fromkeys(unmarked.texts, "")
        kept = self._without_replaced_routes(unmarked, named)
        fit = match_findings(self.topology, kept, accepted)
        findings = together(validate(self.topology, named), fit)
        if not findings.ok:
            return None, unmarked, findings
        try:
            require_complete(named)
            plan = make_plan(
                self.topology,
                states,
                inner_vms=self.inner_vms,
                refuse_differences=False,
                read_undo_needs=self.read_undo_needs,
                read_new_disks=self.read_new_disks,
                read_made_routes=self.read_made_routes,
                read_made_entries=self.read_made_entries,
            )
        except PlanRefused as refused:
            return None, unmarked, refused.findings
        differences = Findings(finding for finding in fit if finding.code in NOT_CHANGED)
        return with_refused_credentials(plan, self.refused), unmarked, differences

    def plan(self, states: States, *, in_run: bool = False) -> Plan:
        """Return a plan without checking findings; raises PlanRefused for incomplete states.

        With `in_run`, objects that others began to use during the run are not refused.
        """
        require_complete(self._named(states))
        plan = make_plan(
            self.topology,
            states,
            prune=self.prune,
            recreate=self.recreate,
            recreate_ids=self.recreate_ids,
            delete_others=self.delete_others,
            disconnect_others=self.disconnect_others,
            inner_vms=self.inner_vms,
            read_undo_needs=self.read_undo_needs,
            read_new_disks=self.read_new_disks,
            read_made_routes=self.read_made_routes,
            read_made_entries=self.read_made_entries,
            in_run=in_run,
        )
        # Checkpoints come last: which VMs they stop is known once every other step is planned.
        turned_off = plan if next_checkpoints(plan) is not None else without_checkpoints(plan)
        for step in turned_off.steps:
            self.inner_vms.update(vms_by_host(step.inside))
        plan = with_refused_credentials(plan, self.refused)
        return replace(plan, credentials={**self.credentials, **plan.credentials})

    def _named(self, states: States) -> States:
        """Return the states of the machines that the file names.

        The other states are of nested hosts that may be removed; only their VMs matter.
        """
        named = {path for path, _ in self.topology.machines()}
        return {path: state for path, state in states.items() if path in named}

    def plan_destroy(self, states: States) -> Plan:
        """Return the plan that removes what the topology created; raises PlanRefused."""
        require_complete({HOST: states[HOST]})
        plan = plan_destroy(
            self.topology,
            states,
            disconnect_others=self.disconnect_others,
            delete_others=self.delete_others,
            credentials=self.credentials,
            unread=self.unread,
            read_made_routes=self.read_made_routes,
            read_made_entries=self.read_made_entries,
        )
        refuse_missing_rights(plan.steps, states, is_removal=True)
        return plan

    def unused_addresses(self, states: States) -> Findings:
        """Return the findings about addresses that machines have and do not use."""
        found = match_findings(self.topology, self._named(states))
        return Findings(finding for finding in found if finding.code in _NOT_USED)

    def cannot_change_findings(self, states: States) -> Findings:
        """Return the findings about what a plan cannot do.

        Existing objects cannot be changed to match the file, or steps need a local Administrator.
        """
        try:
            plan = make_plan(self.topology, states)
        except PlanRefused as refused:
            return Findings(item for item in refused.findings if item.code in _CANNOT_CHANGE)
        return rights_findings(plan.steps, states)


def _is_corrected(finding: Finding, plan: Plan) -> bool:
    """Whether the steps of a plan create what a NAT lacks, or start a guest that is set up then."""
    if finding.code == STATIC_ADDRESS_MISSING.code:
        started = (step for step in plan.steps if step.action is Action.START_VM)
        vms = (path_text((*step.machine, step.target.name)) for step in started)
        return any(finding.subject.startswith(f"adapter {vm}/") for vm in vms)
    return finding.code == NAT_INCOMPLETE.code and any(
        finding.subject == f"switch {path_text((*step.machine, switch))}"
        for step in plan.steps
        for switch in (step.target.switch, step.target.name)
    )


def with_warnings(topology: Topology, plan: Plan) -> Plan:
    """Return a plan that was made during a run, with the warnings that a user sees.

    Nothing is observed: the plan has the states that it was made from. Raises PlanRefused if
    a finding is an error.
    """
    return LabPlanner.for_plan(topology, plan).check_and_plan(plan.states)


def require_matching(plan: Plan | None, topology: Topology, host: Session) -> None:
    """Raise PlanFileError where a plan was made for another host or another topology."""
    if plan is None:
        return
    if plan.host != host.host:
        msg = tr(
            "This plan was made for {planned}, not for {host}", planned=plan.host, host=host.host
        )
        raise PlanFileError(
            msg,
            hint=tr(
                "Apply it on {planned}, or plan again for {host}.",
                planned=plan.host,
                host=host.host,
            ),
        )
    if plan.topology is not None and plan.topology != topology:
        msg = tr(
            "This plan was made for another version of the topology {topology} than the lab has",
            topology=plan.subject,
        )
        hint = tr("Apply it with nestlab.Lab(plan.topology, host), or plan again.")
        raise PlanFileError(msg, hint=hint)
