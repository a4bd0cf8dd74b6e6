"""A VM beside the state of its host: what the rules about VMs look at."""

from __future__ import annotations

from dataclasses import dataclass

from nestlab.model.finding import Finding, Severity
from nestlab.model.state import HostState, VirtualMachineState


@dataclass(frozen=True)
class VMOnHost:
    """A VM and the state of its host; `blockers` are the findings that keep it from nesting."""

    state: HostState
    vm: VirtualMachineState
    blockers: tuple[Finding, ...] = ()

    @property
    def subject(self) -> str:
        """How findings name the VM."""
        return f"VM {self.vm.name}"

    @property
    def severity(self) -> Severity:
        """How severe a blocker is: for a VM that is a nested host already it does harm now."""
        return "warning" if self.vm.expose_virtualization_extensions else "info"
