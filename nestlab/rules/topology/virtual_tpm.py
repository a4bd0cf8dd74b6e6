"""Rules about virtual TPMs of VMs in a topology."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import SECURE_BOOT, TPM_VERSION_MINIMUM, version_of
from nestlab.model.finding import Finding
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

TPM_NOT_POSSIBLE = Rule(
    code="tpm-not-possible",
    severity="error",
    looks_at=(Scope.TOPOLOGY, Scope.MATCH),
    meaning="A VM has tpm: true, which its generation or configuration version does not support.",
    why="Enable-VMTPM needs generation 2 and configuration version 7.0 or later.",
    fix="Remove tpm, or use generation: 2 and a version of at least 7.0.",
    example="vms: [{name: web1, generation: 1, tpm: true}]",
    source=SECURE_BOOT,
)


def has_old_version(version: str | None) -> bool:
    """Whether a configuration version has no virtual TPM; False if it is not known."""
    return bool(version) and version_of(version or "") < TPM_VERSION_MINIMUM


@detects(TPM_NOT_POSSIBLE)
def tpm_not_possible(index: TopologyIndex) -> Iterator[Finding]:
    """A virtual TPM for generation 1, or for an old configuration version."""
    for place, vm in index.vms:
        if not vm.tpm:
            continue
        if vm.generation == 1:
            problem = tr("has generation 1, which has no virtual TPM")
            hint = " ".join((tr("Remove tpm, or write generation: 2."), place.generation_hint))
        elif has_old_version(vm.version):
            problem = tr(
                "has configuration version {version}; a virtual TPM needs 7.0", version=vm.version
            )
            hint = tr("Remove tpm, or remove version: the host's default is newer.")
        else:
            continue
        yield index.finding(
            TPM_NOT_POSSIBLE, place.subject, (*place.keys, "tpm"), problem, hint=hint
        )


DETECTORS = (tpm_not_possible,)
