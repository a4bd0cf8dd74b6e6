"""The life cycle of a lab: observe, check, plan, apply, verify, undo, reset, destroy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nestlab.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from nestlab.lab.capture import Capture as Capture
    from nestlab.lab.capture import capture_all as capture_all
    from nestlab.lab.drift_picture import DriftFindings as DriftFindings
    from nestlab.lab.drift_picture import require_picture as require_picture
    from nestlab.lab.exporting import export_topology as export_topology
    from nestlab.lab.host_check import CheckFindings as CheckFindings
    from nestlab.lab.host_check import check as check
    from nestlab.lab.lab import WORKERS as WORKERS
    from nestlab.lab.lab import Lab as Lab
    from nestlab.lab.lab_document import require_new as require_new
    from nestlab.lab.lab_planner import with_warnings as with_warnings
    from nestlab.lab.nesting_change import NestingChange as NestingChange
    from nestlab.lab.nesting_change import disable_nesting as disable_nesting
    from nestlab.lab.nesting_change import enable_nesting as enable_nesting
    from nestlab.lab.nesting_report import NestingReport as NestingReport
    from nestlab.lab.start_blockers import platform_findings as platform_findings
    from nestlab.lab.undoing import undo as undo
    from nestlab.lab.undoing import undo_notices as undo_notices
    from nestlab.lab.verify_report import CheckResult as CheckResult
    from nestlab.lab.verify_report import VerifyReport as VerifyReport

_EXPORTS = {
    "WORKERS": "lab",
    "Capture": "capture",
    "CheckFindings": "host_check",
    "CheckResult": "verify_report",
    "DriftFindings": "drift_picture",
    "Lab": "lab",
    "NestingChange": "nesting_change",
    "NestingReport": "nesting_report",
    "VerifyReport": "verify_report",
    "capture_all": "capture",
    "check": "host_check",
    "disable_nesting": "nesting_change",
    "enable_nesting": "nesting_change",
    "export_topology": "exporting",
    "platform_findings": "start_blockers",
    "require_new": "lab_document",
    "require_picture": "drift_picture",
    "undo": "undoing",
    "undo_notices": "undoing",
    "with_warnings": "lab_planner",
}
"""Names of the layer, with their modules: a plan imports nothing of capture and export.

A function whose module has its name is imported from there: importing the module would hide it.
"""

__all__ = [*_EXPORTS]  # noqa: PLE0604  # the keys are strings

__getattr__ = lazy_exports(__name__, _EXPORTS)
