"""How the rules of a host speak: what was read and where, the threshold with its date, and where the way out runs."""

from __future__ import annotations

import re

from nestlab.constants import page_date
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding, Severity
from nestlab.model.machine_path import path_text
from nestlab.model.size import Size
from nestlab.model.state import HostState, VirtualMachineState


def read(where: str, **values: object) -> str:
    """Return evidence: the cmdlet that was asked, each property with its value.

    >>> read("Get-CimInstance Win32_Processor", Manufacturer="GenuineIntel", Architecture=9)
    'Get-CimInstance Win32_Processor: Manufacturer = GenuineIntel, Architecture = 9'
    """
    return f"{where}: " + ", ".join(
        f"{name} = {value if value != '' else 'nothing'}" for name, value in values.items()
    )


_COMMAND = re.compile(r"\b[A-Z][a-z]+-[A-Z]\w+|\bbcdedit\b")


def said(
    state: HostState,
    code: str,
    severity: Severity,
    message: str,
    *,
    subject: str = "",
    hint: str = "",
    evidence: str = "",
    rule: str = "",
    source: str = "",
    fix: tuple[Cmdlet, ...] = (),
    runs_on: str = "",
) -> Finding:
    """Return a finding about a machine, or about something on it; what mends it runs on that machine unless told."""
    dated = f"{rule} (page of {page_date(source)})" if rule and source else rule
    where = runs_on or (computer_name(state) if fix or _COMMAND.search(hint) else "")
    return Finding(
        code,
        severity,
        subject or path_text(state.machine),
        message,
        hint,
        evidence,
        source,
        rule=dated,
        runs_on=where,
        fix=fix,
    )


def computer_name(state: HostState) -> str:
    """Return the name of the machine as people know it: the host's own, a guest's by the VMs that lead to it."""
    return (
        path_text(state.machine)
        if state.machine
        else state.computer.name or path_text(state.machine)
    )


def while_off(vm: VirtualMachineState, *changes: Cmdlet) -> tuple[Cmdlet, ...]:
    """Return the changes of a VM that has to be off for them; one that runs is shut down for them and started again."""
    if vm.state not in ("Running", "Paused"):
        return changes
    resume = (Cmdlet("Resume-VM", {"Name": vm.name}),) if vm.state == "Paused" else ()
    return (
        *resume,
        Cmdlet("Stop-VM", {"Name": vm.name}),
        *changes,
        Cmdlet("Start-VM", {"Name": vm.name}),
    )


def unread_about(state: HostState, *words: str) -> str:
    """Return the host's own words why something could not be read; empty where it could."""
    return next(
        (
            item.error
            for item in state.unread
            if any(word.casefold() in item.what.casefold() for word in words)
        ),
        "",
    )


def refused(state: HostState, cmdlet: str) -> str:
    """Return the host's own words why exactly this cmdlet gave nothing; empty where it answered."""
    return next((item.error for item in state.unread if item.what == cmdlet), "")


def gigabytes(size: int) -> str:
    """Return bytes as gigabytes with one decimal at most.

    >>> gigabytes(Size.parse("1.5GB")), gigabytes(4 << 30)
    ('1.5 GB', '4 GB')
    """
    return f"{size / Size(1 << 30):.1f} GB".replace(".0 GB", " GB")


def vms_of(state: HostState) -> tuple[VirtualMachineState, ...]:
    """Return the VMs of a machine; none where Hyper-V does not answer."""
    return state.hyper_v.vms if state.hyper_v else ()


_ROLE = {"hyper-v", "microsoft-hyper-v", "microsoft-hyper-v-all"}


def vms_are_known(state: HostState) -> bool:
    """Whether the VMs of a machine were read: those of a host whose Hyper-V does not answer may run all the same."""
    if state.hyper_v is not None:
        return not refused(state, "Get-VM")
    return _ROLE.isdisjoint(name.casefold() for name in state.features) and not unread_about(
        state, "Get-VM", "WindowsFeature"
    )
