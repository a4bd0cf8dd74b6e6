"""What has to be known before anything is planned.

A list of VMs that could not be read is not an empty list.
"""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.errors import PlanRefused
from nestlab.model import Finding, Findings, MachinePath, path_text
from nestlab.model.state import HostState
from nestlab.observe import hyper_v_statements

_NEEDED = frozenset(statement.name for statement in hyper_v_statements.statements()) - {
    "Get-VMHostSupportedVersion"
}
_HINT = (
    "Look at the message of the machine and try again; reading VMs needs an account that is Hyper-V "
    "Administrator there."
)


def require_complete(states: Mapping[MachinePath, HostState]) -> None:
    """Raise PlanRefused where a machine with Hyper-V did not report all that it has.

    What is there and was not reported would be created a second time.
    """
    findings = [
        Finding(
            "not-readable",
            "error",
            path_text(path),
            f"{item.what} could not be read, so what is there is not known",
            _HINT,
            item.error,
        )
        for path, state in states.items()
        if state.hyper_v is not None
        for item in state.unread
        if item.what in _NEEDED
    ]
    if findings:
        raise PlanRefused(Findings(findings))
