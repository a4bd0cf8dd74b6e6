"""Findings about hosts: evidence, dated requirement, and the machine on which the fix runs."""

from __future__ import annotations

import re

from nestlab.constants import page_date
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding
from nestlab.model.machine_path import path_text
from nestlab.model.size import Size
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.rules.rule import Rule
from nestlab.texts import tr


def evidence_from(where: str, **values: object) -> str:
    """Return evidence: the cmdlet that was run, and each property with its value.

    >>> evidence_from("Get-VM", State="Off", Generation=2)
    'Get-VM: State = Off, Generation = 2'
    """
    return f"{where}: " + ", ".join(
        f"{name} = {value if value != '' else tr('nothing')}" for name, value in values.items()
    )


_COMMAND = re.compile(r"\b[A-Z][a-z]+-[A-Z]\w+|\bbcdedit\b")
"""A cmdlet or program in the fix of a rule: it runs on the machine that the finding is about."""


def host_finding(
    state: HostState,
    rule: Rule,
    message: str,
    *,
    subject: str = "",
    hint: str | None = None,
    evidence: str = "",
    requirement: str = "",
    fix: tuple[Cmdlet, ...] = (),
    runs_on: str = "",
) -> Finding:
    """Return a finding about a machine, or about something on it.

    Its fix runs on that machine unless `runs_on` names another one.
    """
    dated = (
        tr("{requirement} (page of {date})", requirement=requirement, date=page_date(rule.page))
        if requirement and rule.page
        else requirement
    )
    has_command = hint is None and _COMMAND.search(rule.fix) is not None
    where = runs_on or (display_name(state) if fix or has_command else "")
    return rule.finding(
        subject or path_text(state.machine),
        message,
        hint=hint,
        evidence=evidence,
        requirement=dated,
        runs_on=where,
        fix=fix,
    )


def display_name(state: HostState) -> str:
    """Return the display name of a machine: computer name of the host, path of a guest."""
    return (
        path_text(state.machine)
        if state.machine
        else state.computer.name or path_text(state.machine)
    )


def while_off(vm: VirtualMachineState, *changes: Cmdlet) -> tuple[Cmdlet, ...]:
    """Return changes that need the VM to be off, with the cmdlets that stop and restart it.

    A VM that is off or saved gets the changes alone.
    """
    if vm.state not in ("Running", "Paused"):
        return changes
    resume = (Cmdlet("Resume-VM", {"Name": vm.name}),) if vm.state == "Paused" else ()
    return (
        *resume,
        Cmdlet("Stop-VM", {"Name": vm.name}),
        *changes,
        Cmdlet("Start-VM", {"Name": vm.name}),
    )


def why_unread(state: HostState, *words: str) -> str:
    """Return the error of the first unread item whose name contains one of the words, or empty."""
    return next(
        (
            item.error
            for item in state.unread
            if any(word.casefold() in item.what.casefold() for word in words)
        ),
        "",
    )


def refusal_of(state: HostState, cmdlet: str) -> str:
    """Return the error of exactly this cmdlet; empty if it succeeded."""
    return next((item.error for item in state.unread if item.what == cmdlet), "")


def gigabytes(size: int) -> str:
    """Return bytes as gigabytes with one decimal at most.

    >>> gigabytes(Size.parse("1.5GB")), gigabytes(4 << 30)
    ('1.5 GB', '4 GB')
    """
    return f"{size / Size(1 << 30):.1f} GB".replace(".0 GB", " GB")


def vms_of(state: HostState) -> tuple[VirtualMachineState, ...]:
    """Return the VMs of a machine; none if Hyper-V does not answer."""
    return state.hyper_v.vms if state.hyper_v else ()


HYPER_V_FEATURES = frozenset({"hyper-v", "microsoft-hyper-v", "microsoft-hyper-v-all"})
"""Case-folded names of the Hyper-V role: in ServerManager, and in DISM."""


def vms_are_known(state: HostState) -> bool:
    """Whether the VMs of a machine were read; VMs may run even if Hyper-V does not answer."""
    if state.hyper_v is not None:
        return not refusal_of(state, "Get-VM")
    return HYPER_V_FEATURES.isdisjoint(
        name.casefold() for name in state.features
    ) and not why_unread(state, "Get-VM", "WindowsFeature")
