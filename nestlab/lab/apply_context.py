"""Applying a plan: how machines are observed, identified and planned again, and the journal."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from nestlab.apply import FRESH_SECONDS, ApplyContext, Journal, StepResult, run_plan
from nestlab.dataclass import replace
from nestlab.lab import journal_folder
from nestlab.lab.guest_accounts import require_usable_credentials
from nestlab.lab.lab_observation import observe_lab
from nestlab.lab.lab_planner import LabPlanner
from nestlab.lab.observer import Observer
from nestlab.model.topology import Topology
from nestlab.observe import ParentCache, identify
from nestlab.plan import Plan, refusals
from nestlab.transport.session import Cancel, Session


def apply_context(
    host: Session,
    planner: LabPlanner,
    observer: Observer,
    cache: ParentCache | None,
    cancel: Cancel | None,
) -> ApplyContext:
    """Return the context in which a plan of `planner` is applied on a host."""
    topology = planner.topology
    return ApplyContext(
        session=host,
        observe=partial(observer.observe_all_machines, within=FRESH_SECONDS),
        observe_machine=observer.observe_machine,
        observe_vms=observer.observe_vms,
        identify=partial(
            identify,
            topology=topology.name,
            parent_cache=cache,
            read_made_entries=planner.read_made_entries,
            cancel=cancel,
        ),
        replan=partial(planner.plan, in_run=True),
        check_and_replan=planner.check_and_plan,
        refusals=partial(refusals, planner.refused),
        find_unused_addresses=planner.unused_addresses,
        observe_with_others=partial(observe_lab, host, topology, cancel=cancel),
        cancel=cancel,
    )


def run_with_journal(
    topology: Topology, plan: Plan, context: ApplyContext, own: Path | None
) -> Iterator[StepResult]:
    """Run a plan, with a journal if there is something to do; `own` is one outside the folder."""
    if plan.is_empty:
        yield from run_plan(plan, context)
        return
    host = context.session
    require_usable_credentials(topology, plan, host)
    path = own or journal_folder.new_path(topology.name, host)
    journal = Journal(path)
    journal_folder.record_later_destroys(path)
    inner_vms = journal_folder.inner_vms_to_restore(topology.name, host, own)
    with journal.locked():
        journal_folder.begin(journal.path, topology, host)
        if inner_vms:
            journal.record_inner_vms(inner_vms)
        yield from run_plan(plan, replace(context, journal=journal))
