"""The life cycle of a lab: observe, check, plan, apply, verify, undo, reset, destroy."""

from nestlab.lab.capture import Capture, capture, capture_all
from nestlab.lab.drift import drift
from nestlab.lab.drift_picture import DriftFindings, require_picture
from nestlab.lab.exporting import export_topology
from nestlab.lab.host_check import CheckFindings, check
from nestlab.lab.lab import WORKERS, Lab
from nestlab.lab.lab_document import require_new
from nestlab.lab.lab_planner import with_warnings
from nestlab.lab.nesting_change import NestingChange, disable_nesting, enable_nesting
from nestlab.lab.nesting_report import NestingReport
from nestlab.lab.start_blockers import platform_findings
from nestlab.lab.starting_guests import starting_guests
from nestlab.lab.undoing import undo, undo_notices
from nestlab.lab.verify_report import CheckResult, VerifyReport

__all__ = [
    "WORKERS",
    "Capture",
    "CheckFindings",
    "CheckResult",
    "DriftFindings",
    "Lab",
    "NestingChange",
    "NestingReport",
    "VerifyReport",
    "capture",
    "capture_all",
    "check",
    "disable_nesting",
    "drift",
    "enable_nesting",
    "export_topology",
    "platform_findings",
    "require_new",
    "require_picture",
    "starting_guests",
    "undo",
    "undo_notices",
    "with_warnings",
]
