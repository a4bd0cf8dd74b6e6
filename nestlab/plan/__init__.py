"""Plans: the difference between what is wanted and what was observed, as steps."""

from nestlab.model.spelling import same_name
from nestlab.plan.destroying import plan_destroy
from nestlab.plan.disk_names import disk_path
from nestlab.plan.drift import HostChange, drift
from nestlab.plan.kinds import Action, SubjectKind, ThingKind
from nestlab.plan.named_vms import distinct_names, find_vm, name_problem
from nestlab.plan.nesting_options import NestingOptions, PreviousState
from nestlab.plan.nesting_steps import plan_nesting
from nestlab.plan.plan import Plan
from nestlab.plan.plan_file import is_plan_file, load_plan
from nestlab.plan.remainder import without_leftovers
from nestlab.plan.site import named_adapter
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
    "SubjectKind",
    "Thing",
    "ThingKind",
    "Unchanged",
    "credentials",
    "disk_path",
    "distinct_names",
    "drift",
    "find_vm",
    "is_plan_file",
    "load_plan",
    "make_plan",
    "name_problem",
    "named_adapter",
    "plan_destroy",
    "plan_nesting",
    "replanned",
    "same_name",
    "without_leftovers",
]
