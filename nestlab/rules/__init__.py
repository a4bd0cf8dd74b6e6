"""The rules: findings about a topology and about a host, one small generator each."""

from nestlab.rules.explain import explain
from nestlab.rules.fit_network import fit_findings
from nestlab.rules.host import host_findings
from nestlab.rules.validation import validate

__all__ = ["explain", "fit_findings", "host_findings", "validate"]
