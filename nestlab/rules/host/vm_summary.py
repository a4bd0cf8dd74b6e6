"""The summary of a VM: is it a nested host, could it become one?"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import ENABLE_NESTED
from nestlab.enumerations import all_of
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding
from nestlab.model.state import VirtualMachineState
from nestlab.rules.evidence import evidence_from, host_finding, refusal_of, while_off
from nestlab.rules.host.vm_on_host import VMOnHost
from nestlab.rules.rule import NOTHING_TO_DO, Rule, Scope, detects
from nestlab.texts import tr, tr_count, translate

_READ = ("Get-VMProcessor", "Get-VMMemory", "Get-VMNetworkAdapter")


def _evidence(vm: VirtualMachineState) -> str:
    return evidence_from(
        "Get-VMProcessor, Get-VM",
        ExposeVirtualizationExtensions=vm.expose_virtualization_extensions,
        State=vm.state,
        Generation=vm.generation,
        Version=vm.version,
        Count=vm.processor_count,
        HwThreadCountPerCore=vm.hw_thread_count_per_core,
    )


VM_CANNOT_START = Rule(
    code="vm-cannot-start",
    severity="warning",
    looks_at=(Scope.VM,),
    meaning="A VM exposes virtualization extensions on a host that does not support nesting.",
    why="Hyper-V refuses to start such a VM on this platform.",
    fix="Turn the extensions off while it is off. Then it starts, without being a nested host.",
    example="ExposeVirtualizationExtensions = True",
    source=ENABLE_NESTED,
)


VM_NOT_READY = Rule(
    code="vm-not-ready",
    severity="info",
    looks_at=(Scope.VM,),
    meaning="A VM exposes no extensions, and something must be changed first.",
    why="The other findings about the VM, or those about its host, say what.",
    fix="Resolve the other findings about this VM and its host.",
    example="ExposeVirtualizationExtensions = False",
    source=ENABLE_NESTED,
)


@detects(VM_CANNOT_START, VM_NOT_READY)
def vm_on_host_without_nesting(on_host: VMOnHost) -> Iterator[Finding]:
    """Summarize a VM on a host that does not support nesting."""
    state, vm = on_host.state, on_host.vm
    if not vm.expose_virtualization_extensions:
        message = tr(
            "exposes no extensions, and would not start with them: this host does not support nesting"
        )
        yield host_finding(
            state, VM_NOT_READY, message, subject=on_host.subject, hint="", evidence=_evidence(vm)
        )
        return
    message = tr(
        "exposes virtualization extensions and does not start: this host does not support nesting"
    )
    hide = {"VMName": vm.name, "ExposeVirtualizationExtensions": False}
    yield host_finding(
        state,
        VM_CANNOT_START,
        message,
        subject=on_host.subject,
        evidence=_evidence(vm),
        fix=while_off(vm, Cmdlet("Set-VMProcessor", hide)),
    )


VM_READY = Rule(
    code="vm-ready",
    severity="info",
    looks_at=(Scope.VM,),
    meaning="A VM exposes no extensions, and nothing has to be changed first.",
    why="They can be exposed while it is Off.",
    fix="To make it a nested host: nestlab nesting enable.",
    example="ExposeVirtualizationExtensions = False",
    source=ENABLE_NESTED,
)


VM_NOT_KNOWN = Rule(
    code="vm-not-known",
    severity="warning",
    looks_at=(Scope.VM,),
    meaning="It is not known whether a VM is a nested host, or could become one.",
    why="Some of its settings could not be read.",
    fix="Run `nestlab check` with an account that can read the settings of the VM.",
    example="Get-VMProcessor: ",
    source=ENABLE_NESTED,
)


VM_EXPOSES_EXTENSIONS = Rule(
    code="vm-exposes-extensions",
    severity="info",
    looks_at=(Scope.VM,),
    meaning="A VM exposes virtualization extensions: it can be a nested host.",
    why="Which hypervisor its guest runs cannot be read from the host. Hyper-V is the supported one.",
    fix=NOTHING_TO_DO,
    example="ExposeVirtualizationExtensions = True",
    source=ENABLE_NESTED,
)


@detects(VM_READY, VM_NOT_KNOWN, VM_EXPOSES_EXTENSIONS, VM_NOT_READY)
def vm_summary(on_host: VMOnHost) -> Iterator[Finding]:
    """Summarize a VM: is it a nested host, or could it become one?"""
    state, vm, subject = on_host.state, on_host.vm, on_host.subject
    unread = [cmdlet for cmdlet in _READ if refusal_of(state, cmdlet)]
    if unread:
        message = tr(
            "it is not known whether it is a nested host, or could become one: {commands} could not be read",
            commands=all_of(unread),
        )
        errors = "; ".join(f"{cmdlet}: {refusal_of(state, cmdlet)}" for cmdlet in unread)
        yield host_finding(state, VM_NOT_KNOWN, message, subject=subject, evidence=errors)
        return
    rule, message = _rule_and_message(on_host)
    yield host_finding(
        state, rule, message, subject=subject, hint=_hint(rule), evidence=_evidence(vm)
    )


def _rule_and_message(on_host: VMOnHost) -> tuple[Rule, str]:
    count = len(on_host.blockers)
    if on_host.vm.expose_virtualization_extensions:
        return VM_EXPOSES_EXTENSIONS, tr(
            "exposes virtualization extensions: it can be a nested host"
        )
    if count:
        message = tr_count(
            "exposes no extensions; one thing has to be changed before it becomes a nested host",
            "exposes no extensions; {count} things have to be changed before it becomes a nested host",
            count,
        )
        return VM_NOT_READY, message
    if on_host.vm.state == "Off":
        return VM_READY, tr("exposes no extensions; nothing has to be changed first")
    return VM_READY, tr(
        "exposes no extensions; nothing but its power state has to be changed first"
    )


def _hint(rule: Rule) -> str:
    """Return why a VM with the extensions may not be a nested host; empty for other summaries."""
    return translate(rule.why) if rule is VM_EXPOSES_EXTENSIONS else ""
