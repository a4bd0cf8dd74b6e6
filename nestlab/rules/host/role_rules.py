"""Rules about the Hyper-V role: installed, running, answering."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nestlab.constants import HOME_EDITIONS, INSTALL_HYPER_V, PRODUCT_WORKSTATION, STATUS_SCRIPT
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding
from nestlab.model.parameter_values import SwitchParameter
from nestlab.model.state import HostState
from nestlab.rules.evidence import (
    HYPER_V_FEATURES,
    display_name,
    evidence_from,
    host_finding,
    why_unread,
)
from nestlab.rules.host.firmware_rules import firmware_virtualization
from nestlab.rules.host.hypervisor_detection import outer_hypervisor
from nestlab.rules.rule import NOTHING_TO_DO, Rule, Scope, detects
from nestlab.texts import tr

_RESTART = Cmdlet("Restart-Computer", {"Force": SwitchParameter.ON})


_INSTALL_ON_SERVER = Cmdlet(
    "Install-WindowsFeature",
    {
        "Name": "Hyper-V",
        "IncludeManagementTools": SwitchParameter.ON,
        "Restart": SwitchParameter.ON,
    },
)
_ENABLE_ON_CLIENT = Cmdlet(
    "Enable-WindowsOptionalFeature",
    {
        "Online": SwitchParameter.ON,
        "FeatureName": "Microsoft-Hyper-V",
        "All": SwitchParameter.ON,
        "NoRestart": SwitchParameter.ON,
    },
)


ROLE_INSTALLED = Rule(
    code="role-installed",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="The Hyper-V role is installed and answers.",
    why="Without it no VM, switch or disk can be read or created.",
    fix=NOTHING_TO_DO,
    example="Installed = Hyper-V, Hyper-V-PowerShell",
    source=INSTALL_HYPER_V,
)


RESTART_PENDING = Rule(
    code="restart-pending",
    severity="error",
    looks_at=(Scope.HOST,),
    meaning="The Hyper-V role is installed and waits for a restart.",
    why="The hypervisor loads when Windows starts.",
    fix="Restart the host.",
    example="Get-WindowsFeature: Pending = Hyper-V",
    source=INSTALL_HYPER_V,
)


HYPER_V_NOT_READABLE = Rule(
    code="hyper-v-not-readable",
    severity="warning",
    looks_at=(Scope.HOST,),
    meaning="Hyper-V does not answer this account.",
    why="Hyper-V cmdlets need a local Administrator or a member of Hyper-V Administrators.",
    fix="Use an account that is a local Administrator or a Hyper-V Administrator on the host.",
    example="Access is denied.",
    source=INSTALL_HYPER_V,
)


HYPERVISOR_NOT_RUNNING = Rule(
    code="hypervisor-not-running",
    severity="error",
    looks_at=(Scope.HOST,),
    meaning="The Hyper-V role is installed, but its hypervisor does not run.",
    why="No VM starts. The boot configuration or the firmware keeps the hypervisor from loading.",
    fix="In an elevated prompt run bcdedit /set hypervisorlaunchtype auto, then restart the host. If that does not help, check the firmware.",
    example="Get-CimInstance Win32_ComputerSystem: HypervisorPresent = False",
    source=STATUS_SCRIPT,
)


ROLE_NOT_ANSWERING = Rule(
    code="role-not-answering",
    severity="error",
    looks_at=(Scope.HOST,),
    meaning="The Hyper-V role is installed but does not answer.",
    why="The Virtual Machine Management service (vmms) is stopped, or the hypervisor is turned off in the boot configuration.",
    fix="Check the service with Get-Service vmms; the hypervisor may be turned off in the boot configuration.",
    example="Get-WindowsFeature: Installed = Hyper-V, Hyper-V-PowerShell",
    source=INSTALL_HYPER_V,
)


ROLE_NOT_INSTALLED = Rule(
    code="role-not-installed",
    severity="error",
    looks_at=(Scope.HOST,),
    meaning="The Hyper-V role is not installed.",
    why="The host cannot run VMs without it.",
    fix="Install the role and restart.",
    example="Get-WindowsFeature: Installed = no Hyper-V feature",
    source=INSTALL_HYPER_V,
)


@detects(
    ROLE_INSTALLED,
    RESTART_PENDING,
    HYPER_V_NOT_READABLE,
    HYPERVISOR_NOT_RUNNING,
    ROLE_NOT_ANSWERING,
    ROLE_NOT_INSTALLED,
    group="Windows and role",
)
def hyper_v_role(state: HostState) -> Iterator[Finding]:
    """The Hyper-V role, installed and answering."""
    names = sorted(name for name in state.features if "hyper-v" in name.casefold())
    is_client = state.computer.product_type == PRODUCT_WORKSTATION
    cmdlet = "Get-WindowsOptionalFeature" if is_client else "Get-WindowsFeature"
    evidence = evidence_from(cmdlet, Installed=", ".join(names) or tr("no Hyper-V feature"))
    if state.hyper_v is not None:
        message = tr("the Hyper-V role is installed and answers")
        yield host_finding(state, ROLE_INSTALLED, message, evidence=evidence)
        if state.computer.hypervisor_present is False:
            yield _hypervisor_does_not_run(state)
    elif state.computer.operating_system_sku in HOME_EDITIONS:
        return  # `hyper_v_in_edition` reports it
    elif any("hyper-v" in name.casefold() for name in state.pending_features):
        evidence = evidence_from(cmdlet, Pending=", ".join(sorted(state.pending_features)))
        message = tr("the Hyper-V role is installed and waits for a restart")
        yield host_finding(state, RESTART_PENDING, message, evidence=evidence, fix=(_RESTART,))
    else:
        yield _not_answering(state, names, evidence)


def _not_answering(state: HostState, names: Iterable[str], evidence: str) -> Finding:
    """Return the finding for a denied account, a role that does not answer, or a missing role."""
    refusal = why_unread(state, "get-vm", "getvm", "hyper-v", "windowsfeature") or (
        "" if state.features else why_unread(state, "feature")
    )
    if refusal and not _service_stopped(state):
        message = tr("Hyper-V does not answer this account")
        return host_finding(state, HYPER_V_NOT_READABLE, message, evidence=refusal)
    if any(name.casefold() in HYPER_V_FEATURES for name in names):
        return _role_does_not_answer(state, f"{evidence}; {refusal}" if refusal else evidence)
    return _role_is_missing(state, evidence)


def _hypervisor_does_not_run(state: HostState) -> Finding:
    message = tr("the Hyper-V role is installed, but its hypervisor does not run: no VM starts")
    evidence = evidence_from("Get-CimInstance Win32_ComputerSystem", HypervisorPresent=False)
    requirement, where = "HypervisorPresent True", display_name(state)  # not shown
    return host_finding(
        state,
        HYPERVISOR_NOT_RUNNING,
        message,
        evidence=evidence,
        requirement=requirement,
        runs_on=where,
    )


def _service_stopped(state: HostState) -> bool:
    running = state.security.running_services
    return running is not None and "vmms" not in running


def _role_does_not_answer(state: HostState, evidence: str) -> Finding:
    message = tr("the Hyper-V role is installed but does not answer")
    if _service_stopped(state):
        evidence += "; " + evidence_from("Get-Service", vmms=tr("not running"))
    fix = (Cmdlet("Start-Service", {"Name": "vmms"}),)
    return host_finding(state, ROLE_NOT_ANSWERING, message, evidence=evidence, fix=fix)


def _role_is_missing(state: HostState, evidence: str) -> Finding:
    is_client = state.computer.product_type == PRODUCT_WORKSTATION
    fix = (_ENABLE_ON_CLIENT, _RESTART) if is_client else (_INSTALL_ON_SERVER,)
    hint = None
    if outer_hypervisor(state):  # it cannot be installed before that
        hint = tr(
            "First make sure that this VM has the virtualization extensions; then install the role and restart."
        )
    elif any(finding.severity == "error" for finding in firmware_virtualization(state)):
        hint = tr("First fix the processor or the firmware; then install the role and restart.")
    message = tr("the Hyper-V role is not installed")
    return host_finding(state, ROLE_NOT_INSTALLED, message, hint=hint, evidence=evidence, fix=fix)
