"""Plans: the pure difference between what is wanted and what was observed, as steps with reasons."""

from nestlab.plan.destroying import plan_destroy
from nestlab.plan.disk_names import disk_path
from nestlab.plan.drift import HostChange, drift
from nestlab.plan.kinds import Action, ThingKind
from nestlab.plan.nesting_steps import NestingOptions, PreviousState, plan_nesting
from nestlab.plan.plan import Plan
from nestlab.plan.plan_file import is_plan_file, load_plan
from nestlab.plan.remainder import without_leftovers
from nestlab.plan.staleness import replanned
from nestlab.plan.step import (
    Deferred,
    Hazard,
    Lands,
    OutOfReach,
    Refusal,
    Remainder,
    Step,
    Thing,
    Unchanged,
)
from nestlab.plan.waves import credentials, make_plan

__all__ = [
    "Action",
    "Deferred",
    "Hazard",
    "HostChange",
    "Lands",
    "NestingOptions",
    "OutOfReach",
    "Plan",
    "PreviousState",
    "Refusal",
    "Remainder",
    "Step",
    "Thing",
    "ThingKind",
    "Unchanged",
    "credentials",
    "disk_path",
    "drift",
    "is_plan_file",
    "load_plan",
    "make_plan",
    "plan_destroy",
    "plan_nesting",
    "replanned",
    "without_leftovers",
]
