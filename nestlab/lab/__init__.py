"""The loop: observe, check, plan, apply, verify, and back again."""

from nestlab.lab.capturing import capture
from nestlab.lab.host_check import check
from nestlab.lab.lab import WORKERS, Lab
from nestlab.lab.nesting_change import NestingChange, NestingReport, disable_nesting, enable_nesting
from nestlab.lab.undoing import undo
from nestlab.lab.verifying import CheckResult, VerifyReport

__all__ = [
    "WORKERS",
    "CheckResult",
    "Lab",
    "NestingChange",
    "NestingReport",
    "VerifyReport",
    "capture",
    "check",
    "disable_nesting",
    "enable_nesting",
    "undo",
]
