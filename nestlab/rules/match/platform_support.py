"""Rules about whether the host supports Hyper-V and nesting."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import ENABLE_NESTED, INSTALL_HYPER_V
from nestlab.dataclass import replace
from nestlab.model.finding import Finding
from nestlab.rules.host.role_rules import RESTART_PENDING, ROLE_NOT_ANSWERING, ROLE_NOT_INSTALLED
from nestlab.rules.host.verdict import UNDECIDED
from nestlab.rules.host.windows_edition import EDITION_WITHOUT_HYPER_V
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.texts import tr, tr_count

HYPER_V_MISSING = Rule(
    code="hyper-v-missing",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="The topology needs Hyper-V, but the host does not have it or does not answer.",
    why="No VM or switch can be created.",
    fix="Install the Hyper-V role and restart the host.",
    example="Get-WindowsFeature: Installed = no Hyper-V feature",
    source=INSTALL_HYPER_V,
)


PLATFORM_CANNOT_NEST = Rule(
    code="platform-cannot-nest",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="The topology has nested hosts, but the host does not support nesting.",
    why="They are created, and their VMs never start.",
    fix="Resolve the finding of the host that is named in the message.",
    example="Get-VMHostSupportedVersion: IsDefault = 9.0, Version = 8.0 9.0",
    source=ENABLE_NESTED,
)


PLATFORM_NOT_KNOWN = Rule(
    code="platform-not-known",
    severity="warning",
    looks_at=(Scope.MATCH,),
    meaning="The topology has nested hosts, and it is not known whether the host supports nesting.",
    why="Something that decides it could not be read.",
    fix="Resolve the finding of the host that is named in the message.",
    example="You do not have the required permission to complete this task.",
    source=ENABLE_NESTED,
)


NO_HYPER_V = frozenset(
    rule.code
    for rule in (ROLE_NOT_INSTALLED, RESTART_PENDING, ROLE_NOT_ANSWERING, EDITION_WITHOUT_HYPER_V)
)
"""Codes of findings about a host that has no Hyper-V, or none that answers."""


@detects(HYPER_V_MISSING, PLATFORM_CANNOT_NEST, PLATFORM_NOT_KNOWN)
def unsupported_platform(match: HostMatch) -> Iterator[Finding]:
    """Report a host that lacks Hyper-V, or does not support the nested hosts of the topology."""
    if match.place.path:
        return
    nested = [place.subject for place, _ in match.index.nested_hosts]
    for finding in match.capability:
        if not nested:
            if finding.code in NO_HYPER_V:
                yield _caused_by(match, HYPER_V_MISSING, finding.message, finding)
        elif finding.severity == "error" or _is_undecided(finding):
            rule = PLATFORM_NOT_KNOWN if _is_undecided(finding) else PLATFORM_CANNOT_NEST

            message = tr_count(
                "{vms} is a nested host, and {reason}",
                "{vms} are nested hosts, and {reason}",
                len(nested),
                vms=_joined(nested),
                reason=finding.message,
            )
            yield replace(_caused_by(match, rule, message, finding), source=finding.source)


def _caused_by(match: HostMatch, rule: Rule, message: str, cause: Finding) -> Finding:
    subject, hint = match.place.subject, cause.hint
    return match.finding(rule, subject, (), message, hint=hint, evidence=cause.evidence)


def _is_undecided(finding: Finding) -> bool:
    return finding.code in UNDECIDED and finding.severity == "warning"


def _joined(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    if len(names) <= 3:  # noqa: PLR2004  # as many as fit in a sentence
        return shown
    return tr("{names} and {count} more", names=shown, count=len(names) - 3)


DETECTORS = (unsupported_platform,)
