"""What the report says first about each VM: is it a nested host, could it become one?"""

from __future__ import annotations

from nestlab.constants import ENABLE_NESTED
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.rules.evidence import read, refused, said, while_off

_READ = ("Get-VMProcessor", "Get-VMMemory", "Get-VMNetworkAdapter")


def _evidence(vm: VirtualMachineState) -> str:
    return read(
        "Get-VMProcessor, Get-VM",
        ExposeVirtualizationExtensions=vm.expose_virtualization_extensions,
        State=vm.state,
        Generation=vm.generation,
        Version=vm.version,
        Count=vm.processor_count,
        HwThreadCountPerCore=vm.hw_thread_count_per_core,
    )


def would_not_start(state: HostState, vm: VirtualMachineState) -> Finding:
    """Return the summary of a VM on a host that does not nest."""
    exposed = vm.expose_virtualization_extensions
    message = (
        "exposes virtualization extensions, and does not start"
        if exposed
        else "exposes no extensions, and would not start with them"
    )
    hint = (
        "Take them back while it is off: then it starts, and is no nested host." if exposed else ""
    )
    fix = (
        (Cmdlet("Set-VMProcessor", {"VMName": vm.name, "ExposeVirtualizationExtensions": False}),)
        if exposed
        else ()
    )
    return said(
        state,
        "vm-cannot-start" if exposed else "vm-not-ready",
        "warning" if exposed else "info",
        f"{message}: this host does not nest",
        subject=f"VM {vm.name}",
        hint=hint,
        evidence=_evidence(vm),
        source=ENABLE_NESTED,
        fix=while_off(vm, *fix) if fix else (),
    )


def summary(state: HostState, vm: VirtualMachineState, in_the_way: list[Finding]) -> Finding:
    """Return what a VM is: a nested host, ready to become one, or not; not known where what it stands on was not read."""
    evidence = _evidence(vm)
    subject = f"VM {vm.name}"
    unread = [cmdlet for cmdlet in _READ if refused(state, cmdlet)]
    if unread:
        message = f"whether it is a nested host, or could become one, is not known: {' and '.join(unread)} could not be read"
        refusals = "; ".join(f"{cmdlet}: {refused(state, cmdlet)}" for cmdlet in unread)
        return said(
            state,
            "vm-not-known",
            "warning",
            message,
            subject=subject,
            evidence=refusals,
            source=ENABLE_NESTED,
        )
    if vm.expose_virtualization_extensions:
        message = "exposes virtualization extensions: it can be a nested host"
        hint = "Which hypervisor its guest runs cannot be read from here. Hyper-V is the supported one; other makers' are not."
        return said(
            state,
            "vm-exposes-extensions",
            "info",
            message,
            subject=subject,
            hint=hint,
            evidence=evidence,
            source=ENABLE_NESTED,
        )
    if in_the_way:
        count = "one thing stands" if len(in_the_way) == 1 else f"{len(in_the_way)} things stand"
        message = f"exposes no extensions; {count} in the way of exposing them"
        return said(
            state,
            "vm-not-ready",
            "info",
            message,
            subject=subject,
            evidence=evidence,
            source=ENABLE_NESTED,
        )
    rest = "nothing stands" if vm.state == "Off" else "nothing but its power state stands"
    message = f"exposes no extensions; {rest} in the way of exposing them"
    return said(
        state, "vm-ready", "info", message, subject=subject, evidence=evidence, source=ENABLE_NESTED
    )
