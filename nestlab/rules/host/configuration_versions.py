"""Rules about the configuration versions that a host supports."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import (
    AMD_VERSION_MINIMUM,
    AMD_VERSION_UNDISPUTED,
    ENABLE_NESTED,
    NESTED_VERSION_MINIMUM,
    UPGRADE_VERSION,
    version_of,
)
from nestlab.model.finding import Finding
from nestlab.model.state import HostState
from nestlab.rules.evidence import evidence_from, host_finding, why_unread
from nestlab.rules.host.processor import is_amd, is_intel
from nestlab.rules.rule import NOTHING_TO_DO, Rule, Scope, detects
from nestlab.texts import tr

_PRERELEASE = (100, 0)  # 254.0 is a prerelease


VERSIONS_NOT_KNOWN = Rule(
    code="versions-not-known",
    severity="warning",
    looks_at=(Scope.HOST,),
    meaning="It is not known which configuration versions the host supports.",
    why="Nested hosts need configuration version 8.0 or later, on AMD 9.3 or later.",
    fix="Run `nestlab check` with an account that can run Get-VMHostSupportedVersion.",
    example="Get-VMHostSupportedVersion: no version",
    source=UPGRADE_VERSION,
)


VERSION_SUPPORTED = Rule(
    code="version-supported",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="The host supports a configuration version that supports nested virtualization.",
    why="Nested hosts need configuration version 8.0 or later, on AMD 9.3 or later.",
    fix=NOTHING_TO_DO,
    example="Get-VMHostSupportedVersion: IsDefault = 10.0",
    source=UPGRADE_VERSION,
)


VERSION_NOT_SUPPORTED = Rule(
    code="version-not-supported",
    severity="error",
    looks_at=(Scope.HOST, Scope.MATCH),
    meaning="The host does not support the configuration version that is needed or asked for.",
    why="A VM of a version that the host does not support cannot be created; an older one does not support nesting.",
    fix="Upgrade Windows on the host.",
    example="Get-VMHostSupportedVersion: IsDefault = 9.0, Version = 8.0 9.0",
    source=UPGRADE_VERSION,
)


VERSION_DISPUTED = Rule(
    code="version-disputed",
    severity="warning",
    looks_at=(Scope.HOST, Scope.MATCH),
    meaning="Sources disagree on whether this configuration version supports nested virtualization on AMD.",
    why="The current page says 9.3; its revisions of 2021 to 2023 said 10.0.",
    fix="Try it on one VM first.",
    example="Get-VMHostSupportedVersion: IsDefault = 9.3",
    source=ENABLE_NESTED,
)


@detects(
    VERSIONS_NOT_KNOWN,
    VERSION_SUPPORTED,
    VERSION_NOT_SUPPORTED,
    VERSION_DISPUTED,
    group="Windows and role",
)
def configuration_versions(state: HostState) -> Iterator[Finding]:
    """Nested hosts need configuration version 8.0, on AMD 9.3."""
    if state.hyper_v is None:
        return
    host = state.hyper_v.vm_host
    versions = [v for v in host.supported_versions if version_of(v) < _PRERELEASE]
    default = host.default_version or max(versions, key=version_of, default="")
    if not default:
        message = tr("it is not known which configuration versions the host supports")
        evidence = f"Get-VMHostSupportedVersion: {why_unread(state, 'version') or tr('no version')}"
        yield host_finding(state, VERSIONS_NOT_KNOWN, message, evidence=evidence)
        return
    evidence = evidence_from(
        "Get-VMHostSupportedVersion", IsDefault=default, Version=" ".join(versions)
    )
    newest = max(version_of(version) for version in (*versions, default))
    yield _supported_versions_finding(state, default, newest, evidence)


def _supported_versions_finding(
    state: HostState, default: str, newest: tuple[int, int], evidence: str
) -> Finding:
    amd = is_amd(state)
    minimum = AMD_VERSION_MINIMUM if amd else NESTED_VERSION_MINIMUM
    needed = f"{minimum[0]}.{minimum[1]}"
    vendor = "AMD: " if amd else "Intel: " if is_intel(state) else ""
    dispute = f"; {tr('revisions of 2021 to 2023 said 10.0')}" if amd else ""
    if newest < minimum:
        rule = VERSION_NOT_SUPPORTED
        needs = tr("nested virtualization needs {version} on this processor", version=needed)
    elif amd and newest < AMD_VERSION_UNDISPUTED:
        rule = VERSION_DISPUTED
        needs = tr("Microsoft's pages disagree on whether AMD needs 9.3 or 10.0")
    else:
        rule = VERSION_SUPPORTED
        needs = tr("nested virtualization needs {version}", version=needed)
    message = f"{_newest_version(f'{newest[0]}.{newest[1]}', default)}; {needs}"
    requirement = tr("{version} or later", version=f"{vendor}{needed}") + dispute
    return host_finding(state, rule, message, evidence=evidence, requirement=requirement)


def _newest_version(newest: str, default: str) -> str:
    if default == newest:
        return tr("the newest supported configuration version is {version}", version=newest)
    return tr(
        "the newest supported configuration version is {version} (new VMs get {default})",
        version=newest,
        default=default,
    )
