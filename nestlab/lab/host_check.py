"""What a host can do, as findings."""

from __future__ import annotations

from nestlab.model import Findings
from nestlab.observe import observe
from nestlab.rules import host_findings
from nestlab.transport.session import Cancel, Session


def check(host: Session, *, cancel: Cancel | None = None) -> Findings:
    """Return what a host can do for nested virtualization: the verdict first, then what speaks for it and against it."""
    return host_findings(observe(host, cancel=cancel))
