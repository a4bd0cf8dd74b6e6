"""Rules about what the firmware must provide for Hyper-V."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import CIM_PROCESSOR, REQUIREMENTS
from nestlab.model.finding import Finding
from nestlab.model.state import HostState
from nestlab.rules.evidence import evidence_from, host_finding, vms_of
from nestlab.rules.host.hypervisor_detection import outer_hypervisor
from nestlab.rules.host.processor import PROCESSOR_QUERY
from nestlab.rules.rule import NOTHING_TO_DO, Rule, Scope, detects
from nestlab.texts import mark, tr, translate

_FLAGS = (
    (
        "vm_monitor_mode_extensions",
        "VMMonitorModeExtensions",
        mark("VM monitor mode extensions (VT-x or AMD-V)"),
        mark("Use another host: the processor lacks them."),
    ),
    (
        "second_level_address_translation_extensions",
        "SecondLevelAddressTranslationExtensions",
        mark("second level address translation (EPT or NPT)"),
        mark("Use another host: the processor lacks it."),
    ),
    (
        "virtualization_firmware_enabled",
        "VirtualizationFirmwareEnabled",
        mark("virtualization turned on in the firmware"),
        mark("Turn on VT-x or AMD-V in the firmware setup, then power the host off and on."),
    ),
)


VIRTUALIZATION_ON = Rule(
    code="virtualization-on",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="The processor and the firmware offer what Hyper-V needs.",
    why="Hyper-V needs VT-x or AMD-V and second level address translation, turned on in the firmware.",
    fix=NOTHING_TO_DO,
    example="VirtualizationFirmwareEnabled = True",
    source=CIM_PROCESSOR,
)


VIRTUALIZATION_NOT_KNOWN = Rule(
    code="virtualization-not-known",
    severity="warning",
    looks_at=(Scope.HOST,),
    meaning="Whether the processor and the firmware offer virtualization could not be read.",
    why="Hyper-V does not start without it.",
    fix="Run `nestlab check` with an account that can read Win32_Processor, or check the firmware setup.",
    example="VirtualizationFirmwareEnabled = not known",
    source=REQUIREMENTS,
)


VIRTUALIZATION_OFF = Rule(
    code="virtualization-off",
    severity="error",
    looks_at=(Scope.HOST,),
    meaning="The processor or the firmware does not offer what Hyper-V needs.",
    why="Hyper-V does not start without hardware virtualization and second level address translation.",
    fix="Turn on VT-x or AMD-V in the firmware setup, then power the host off and on. If the processor lacks it, use another host.",
    example="Get-CimInstance Win32_Processor: VMMonitorModeExtensions = False",
    source=REQUIREMENTS,
)


HYPERVISOR_RUNNING = Rule(
    code="hypervisor-running",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="A hypervisor runs on the host.",
    why="It proves that processor and firmware offer what it needs. While it runs, the flags of Win32_Processor read False and prove nothing.",
    fix=NOTHING_TO_DO,
    example="Get-CimInstance Win32_ComputerSystem: HypervisorPresent = True",
    source=CIM_PROCESSOR,
)


HYPERVISOR_NOT_KNOWN = Rule(
    code="hypervisor-not-known",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="It is not known whether the host's own hypervisor runs.",
    why="In a VM HypervisorPresent is True because of the outer hypervisor, and no VM that runs here proves that the inner one runs.",
    fix="Start any VM on the host: a VM that starts is the proof.",
    example="Get-CimInstance Win32_ComputerSystem: HypervisorPresent = True",
    source=CIM_PROCESSOR,
)


@detects(
    VIRTUALIZATION_ON,
    VIRTUALIZATION_NOT_KNOWN,
    VIRTUALIZATION_OFF,
    HYPERVISOR_RUNNING,
    HYPERVISOR_NOT_KNOWN,
    group="Processor and firmware",
)
def firmware_virtualization(state: HostState) -> Iterator[Finding]:
    """Virtualization in processor and firmware, by flags or by a hypervisor that runs.

    The flags of Win32_Processor read False while a hypervisor runs.
    """
    present = state.computer.hypervisor_present
    shown = tr("not known") if present is None else present
    system = evidence_from("Get-CimInstance Win32_ComputerSystem", HypervisorPresent=shown)
    if not state.processors:
        return
    if present:
        yield from _findings_with_hypervisor(state, system)
        return
    values = [getattr(state.processors[0], attribute) for attribute, *_ in _FLAGS]
    for value, flag in zip(values, _FLAGS, strict=True):
        if not value:
            yield _missing(state, flag, system, value=value)
    if all(values):
        message = tr("the processor and the firmware offer what Hyper-V needs")
        evidence = f"{evidence_from(PROCESSOR_QUERY, **{name: True for _, name, _, _ in _FLAGS})}; {system}"
        yield host_finding(state, VIRTUALIZATION_ON, message, evidence=evidence)


def _missing(
    state: HostState, flag: tuple[str, str, str, str], system: str, *, value: bool | None
) -> Finding:
    _, name, noun, hint = flag
    shown = tr("not known") if value is None else value
    evidence, requirement = (
        f"{evidence_from(PROCESSOR_QUERY, **{name: shown})}; {system}",
        f"{name} True",
    )
    # False is meaningful only where no hypervisor runs.
    if value is None or state.computer.hypervisor_present is None:
        message = tr("it is not known whether the host has {feature}", feature=translate(noun))
        return host_finding(
            state, VIRTUALIZATION_NOT_KNOWN, message, evidence=evidence, requirement=requirement
        )
    message = tr("Hyper-V needs {feature}", feature=translate(noun))
    return host_finding(
        state,
        VIRTUALIZATION_OFF,
        message,
        hint=translate(hint),
        evidence=evidence,
        requirement=requirement,
    )


def _findings_with_hypervisor(state: HostState, system: str) -> Iterator[Finding]:
    running = [vm.name for vm in vms_of(state) if vm.state == "Running"]
    if not outer_hypervisor(state):
        message = tr("a hypervisor runs, so the firmware and the processor offer what it needs")
        flags = tr("the flags of Win32_Processor read False while it runs and prove nothing")
        evidence = f"{system}; {flags}"
        yield host_finding(state, HYPERVISOR_RUNNING, message, evidence=evidence)
    elif running:
        message = tr("VMs run here, so the outer hypervisor exposes the extensions")
        yield host_finding(
            state,
            HYPERVISOR_RUNNING,
            message,
            evidence=evidence_from("Get-VM", Running=", ".join(running)),
        )
    elif state.hyper_v is not None:
        message = tr(
            "it is not known whether its own hypervisor runs: in a VM HypervisorPresent is True anyway, and no VM of its own runs"
        )
        yield host_finding(state, HYPERVISOR_NOT_KNOWN, message, evidence=system)


EXECUTION_PREVENTION_NOT_KNOWN = Rule(
    code="execution-prevention-not-known",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="Whether data execution prevention is on could not be read.",
    why="Hyper-V does not start without it.",
    fix="Run `nestlab check` with an account that can read Win32_OperatingSystem.",
    example="DataExecutionPrevention_Available = not known",
    source=REQUIREMENTS,
)


EXECUTION_PREVENTION_ON = Rule(
    code="execution-prevention-on",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="Data execution prevention is on.",
    why="Hyper-V needs it.",
    fix=NOTHING_TO_DO,
    example="DataExecutionPrevention_Available = True",
    source=REQUIREMENTS,
)


EXECUTION_PREVENTION_OFF = Rule(
    code="execution-prevention-off",
    severity="error",
    looks_at=(Scope.HOST,),
    meaning="Data execution prevention is off.",
    why="Hyper-V does not start without hardware-enforced data execution prevention.",
    fix="Turn on the XD bit (Intel) or NX bit (AMD) in the firmware setup, then power the host off and on.",
    example="DataExecutionPrevention_Available = False",
    source=REQUIREMENTS,
)


@detects(
    EXECUTION_PREVENTION_NOT_KNOWN,
    EXECUTION_PREVENTION_ON,
    EXECUTION_PREVENTION_OFF,
    group="Processor and firmware",
)
def data_execution_prevention(state: HostState) -> Iterator[Finding]:
    """Hyper-V does not start without hardware-enforced data execution prevention."""
    available = state.computer.data_execution_prevention_available
    if available is None:
        message = tr("it is not known whether data execution prevention is on")
        evidence = evidence_from(
            "Get-CimInstance Win32_OperatingSystem",
            DataExecutionPrevention_Available=tr("not known"),
        )
        yield host_finding(state, EXECUTION_PREVENTION_NOT_KNOWN, message, evidence=evidence)
        return
    evidence = evidence_from(
        "Get-CimInstance Win32_OperatingSystem", DataExecutionPrevention_Available=available
    )
    if available:
        message = tr("data execution prevention is on")
        yield host_finding(state, EXECUTION_PREVENTION_ON, message, evidence=evidence)
    else:
        message = tr("data execution prevention is off; Hyper-V does not start without it")
        requirement = "DataExecutionPrevention_Available True"  # not shown
        yield host_finding(
            state, EXECUTION_PREVENTION_OFF, message, evidence=evidence, requirement=requirement
        )
