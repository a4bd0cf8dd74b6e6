"""The plan of a topology: what can be done now, and what waits for machines to answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from contextlib import suppress

from nestlab.errors import PlanRefused
from nestlab.model import HOST, Findings, MachinePath
from nestlab.model.state import HostState
from nestlab.model.topology import Topology
from nestlab.plan.inner_power import InnerVMs
from nestlab.plan.made_entries import ReadMadeEntries
from nestlab.plan.made_routes import ReadMadeRoutes
from nestlab.plan.past_runs import PastRuns, ReadNewDisks
from nestlab.plan.plan import Plan
from nestlab.plan.plan_refusals import no_hyper_v
from nestlab.plan.recreating import (
    named_vm_paths,
    unread_vm_ids,
)
from nestlab.plan.topology_planner import TopologyPlanner
from nestlab.plan.undo_needs import ReadUndoNeeds
from nestlab.plan.unmarked import UnmarkedObjects


def make_plan(
    topology: Topology,
    states: Mapping[MachinePath, HostState],
    *,
    prune: bool = False,
    recreate: Collection[str] = (),
    delete_others: bool = False,
    disconnect_others: bool = False,
    inner_vms: InnerVMs | None = None,
    recreate_ids: Collection[str] | None = None,
    read_undo_needs: ReadUndoNeeds = tuple,
    read_new_disks: ReadNewDisks = tuple,
    read_made_routes: ReadMadeRoutes = tuple,
    read_made_entries: ReadMadeEntries = tuple,
    refuse_differences: bool = True,
    in_run: bool = False,
) -> Plan:
    """Return the plan that makes the machines match the topology: a pure function.

    `states` holds what was observed on the host and on every guest that answers; a guest that does
    not is deferred. Objects that the topology owns and its file no longer names are listed, or
    removed with `prune`. `recreate` names VMs that may be recreated: VMs with a setting that cannot
    change in place, and VMs whose guest nestlab sets up and cannot read; `recreate_ids` can give
    the Ids of the latter, from an earlier plan. Nested hosts with others' VMs are only removed with
    `delete_others`, objects that others may use only with `disconnect_others`. `inner_vms` were on
    before their nested host was turned off, and are started again. `read_...`: see `PastRuns`.
    Unmarked objects that differ from the file are left out, or refused (`refuse_differences`).
    Raises PlanRefused if the host has no Hyper-V, or an object is not this topology's, cannot
    change, conflicts or is in use (unless `in_run`); UsageError if `recreate` names no VM.
    """
    if HOST not in states or states[HOST].hyper_v is None:
        raise PlanRefused(Findings([no_hyper_v(states.get(HOST))]))
    named = named_vm_paths(topology, recreate)
    ids = unread_vm_ids(topology, states, named) if recreate_ids is None else recreate_ids
    planner = TopologyPlanner(
        topology,
        states,
        prune=prune,
        recreate=named,
        consents={"delete_others": delete_others, "disconnect_others": disconnect_others},
        recreate_ids=ids,
        inner_vms=inner_vms or {},
        past_runs=PastRuns(read_undo_needs, read_new_disks, read_made_routes, read_made_entries),
        in_run=in_run,
    )
    planned = list(planner.planned_items())
    refused = (*planner.refused, *(planner.unmarked.findings() if refuse_differences else ()))
    if refused:
        raise PlanRefused(Findings(refused))
    return planner.plan(planned, recreate)


def compare_unmarked(
    topology: Topology,
    states: Mapping[MachinePath, HostState],
    inner_vms: InnerVMs | None = None,
) -> UnmarkedObjects:
    """Return the objects with names of the file that carry no mark, and how they differ from it.

    `make_plan` does not change an object that matches the file, and refuses the plan otherwise.
    """
    planner = TopologyPlanner(
        topology,
        states,
        prune=False,
        recreate=(),
        consents={},
        recreate_ids=(),
        inner_vms=inner_vms or {},
        past_runs=PastRuns(),
    )
    if planner.unmarked.objects:
        with suppress(PlanRefused):  # for other reasons, which make_plan gives
            deque(planner.planned_items(), maxlen=0)
    return planner.unmarked
