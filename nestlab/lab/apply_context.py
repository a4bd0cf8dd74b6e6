"""The context of an apply: how its machines are observed, identified and planned again."""

from __future__ import annotations

from functools import partial

from nestlab.apply import FRESH_SECONDS, ApplyContext
from nestlab.lab.lab_observation import observe_lab
from nestlab.lab.lab_planner import LabPlanner
from nestlab.lab.observer import Observer
from nestlab.observe import ParentCache, identify
from nestlab.plan import refusals
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
