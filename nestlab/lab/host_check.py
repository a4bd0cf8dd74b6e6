"""What a host supports, and whether a topology fits on it: findings with the observed states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from nestlab.model import HOST, Finding, Findings, MachinePath
from nestlab.model.state import HostState
from nestlab.observe import observe
from nestlab.rules import host_findings
from nestlab.transport.session import Cancel, Session


class CheckFindings(Findings):
    """The findings of a check; `states` are the observed states by machine path."""

    def __init__(
        self, findings: Iterable[Finding], states: Mapping[MachinePath, HostState]
    ) -> None:
        super().__init__(findings)
        self.states = MappingProxyType(dict(states))


def check(host: Session, *, cancel: Cancel | None = None) -> CheckFindings:
    """Return the findings about nested virtualization on a host: the verdict, then its reasons.

    The host is observed once; its state is in the `states` of the findings.
    """
    state = observe(host, cancel=cancel)
    return CheckFindings(host_findings(state), {HOST: state})
