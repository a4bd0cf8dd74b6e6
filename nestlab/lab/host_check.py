"""What a host supports, and whether a topology fits on it: findings with the observed states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from nestlab.html import without_math
from nestlab.model import HOST, Finding, Findings, MachinePath
from nestlab.model.finding_html import as_html
from nestlab.model.state import HostState
from nestlab.observe import observe
from nestlab.rules import host_findings
from nestlab.transport.session import Cancel, Session


class CheckFindings(Findings):
    """The findings of a check; `states` are the observed states by machine path.

    `verdict` says whether a topology fits on the host, and `memory` how much memory it needs, each
    as a sentence; both are empty if only a host was checked.
    """

    def __init__(
        self,
        findings: Iterable[Finding],
        states: Mapping[MachinePath, HostState],
        verdict: str = "",
        memory: str = "",
    ) -> None:
        super().__init__(findings, verdict)
        self.states = MappingProxyType(dict(states))
        self.memory = memory

    def _repr_html_(self) -> str:
        """Return the verdict and the findings; notes about the host are collapsed."""
        return without_math(as_html(self, self.memory, about_host=True))


def check(host: Session, *, cancel: Cancel | None = None) -> CheckFindings:
    """Return the findings about nested virtualization on a host: the verdict, then its reasons.

    The host is observed once; its state is in the `states` of the findings.
    """
    state = observe(host, cancel=cancel)
    return CheckFindings(host_findings(state), {HOST: state})
