"""A VM together with the state of its host: the subject of the rules about VMs."""

from __future__ import annotations

from nestlab.dataclass import dataclass
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding, Severity
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.rules.evidence import host_finding
from nestlab.rules.rule import Rule


@dataclass(frozen=True)
class VMOnHost:
    """A VM and the state of its host; `blockers` are the findings that prevent it from nesting."""

    state: HostState
    vm: VirtualMachineState
    blockers: tuple[Finding, ...] = ()

    @property
    def subject(self) -> str:
        """How findings name the VM."""
        return f"VM {self.vm.name}"

    @property
    def severity(self) -> Severity:
        """The severity of a blocker: a warning where the VM exposes the extensions, else info."""
        return "warning" if self.vm.expose_virtualization_extensions else "info"

    def finding(
        self,
        rule: Rule,
        message: str,
        *,
        hint: str | None = None,
        evidence: str = "",
        requirement: str = "",
        fix: tuple[Cmdlet, ...] = (),
    ) -> Finding:
        """Return a finding about the VM."""
        return host_finding(
            self.state,
            rule,
            message,
            subject=self.subject,
            hint=hint,
            evidence=evidence,
            requirement=requirement,
            fix=fix,
        )
