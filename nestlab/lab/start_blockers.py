"""Findings about VMs that would not start with virtualization extensions exposed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nestlab.dataclass import replace
from nestlab.model import Finding, Findings, Size
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.plan.vm_names import find_vm
from nestlab.rules import findings_about_vm, host_findings, restart_findings
from nestlab.rules.host.vm_state_rules import VM_VERSION_TOO_OLD

_PLATFORM = ("processor-not-supported", "build-too-old", "version-not-supported")


def start_blockers(
    state: HostState, vm_names: Sequence[str], memory_startup: Size | None = None
) -> Findings:
    """Return an error for each condition that prevents these VMs from starting with extensions.

    `memory_startup` is the new startup memory of each VM; by default its current one.
    """
    chosen = [find_vm(state, name) for name in vm_names]
    hidden = [vm for vm in chosen if not vm.expose_virtualization_extensions]
    return Findings(
        [
            *(platform_findings(state) if hidden else ()),
            *_old_versions(state, hidden),
            *restart_findings(state, _memory_at_restart(chosen, memory_startup)),
        ]
    )


def _old_versions(state: HostState, hidden: Sequence[VirtualMachineState]) -> Iterator[Finding]:
    for vm in hidden:
        for finding in findings_about_vm(state, vm):
            if finding.code == VM_VERSION_TOO_OLD.code:
                yield replace(finding, severity="error")


def _memory_at_restart(
    chosen: Sequence[VirtualMachineState], memory_startup: Size | None
) -> dict[str, Size]:
    """Return the startup memory of each VM that is restarted; VMs without changes are left out."""
    running = [vm for vm in chosen if vm.state in ("Running", "Starting", "Paused")]
    wanted = {vm.name: memory_startup or vm.memory_startup for vm in running}
    return {
        vm.name: wanted[vm.name]
        for vm in running
        if not vm.expose_virtualization_extensions or wanted[vm.name] != vm.memory_startup
    }


def platform_findings(state: HostState) -> Findings:
    """Return why this machine cannot start any VM with the extensions; empty if it can."""
    return Findings(
        finding
        for finding in host_findings(state)
        if finding.code in _PLATFORM and finding.severity == "error"
    )
