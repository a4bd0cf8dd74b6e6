"""Whether enough was read to plan: a list of VMs that could not be read is not an empty list."""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.errors import PlanRefused
from nestlab.model import Finding, Findings, MachinePath, path_text
from nestlab.model.state import HostState
from nestlab.observe import hyper_v_statements
from nestlab.texts import mark, tr, translate

_NEEDED = {
    *(statement.name for statement in hyper_v_statements.statements()),
    "Get-VMSnapshot",  # of the VMs with checkpoints in the file
} - {"Get-VMHostSupportedVersion"}
_HINT = mark(
    "Fix the error in the evidence and try again. Reading VMs needs an account in the group Hyper-V Administrators."
)


def require_complete(states: Mapping[MachinePath, HostState]) -> None:
    """Raise PlanRefused where a machine with Hyper-V did not report all its objects.

    Objects that exist and were not reported would be created a second time.
    """
    findings = [
        Finding(
            "not-readable",
            "error",
            path_text(path),
            tr("{what} could not be read, so it is not known what exists there", what=item.what),
            translate(_HINT),
            item.error,
        )
        for path, state in states.items()
        if state.hyper_v is not None
        for item in state.unread
        if item.what in _NEEDED
    ]
    if findings:
        raise PlanRefused(Findings(findings))
