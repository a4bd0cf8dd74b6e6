"""Plans: the pure difference between what is wanted and what was observed, as steps with reasons."""

from nestlab.plan.destroying import plan_destroy
from nestlab.plan.disk_names import disk_path
from nestlab.plan.drift import Change, drift
from nestlab.plan.nesting_steps import Before, NestingWish, plan_nesting
from nestlab.plan.plan import Plan
from nestlab.plan.plan_file import is_plan_file, load_plan
from nestlab.plan.remainder import without_leftovers
from nestlab.plan.staleness import renewed
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
    "Before",
    "Change",
    "Deferred",
    "Hazard",
    "Lands",
    "NestingWish",
    "OutOfReach",
    "Plan",
    "Refusal",
    "Remainder",
    "Step",
    "Thing",
    "Unchanged",
    "credentials",
    "disk_path",
    "drift",
    "is_plan_file",
    "load_plan",
    "make_plan",
    "plan_destroy",
    "plan_nesting",
    "renewed",
    "without_leftovers",
]
