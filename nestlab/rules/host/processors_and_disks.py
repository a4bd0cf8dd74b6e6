"""Rules about the logical processors and the disk space of a host."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import DISK_SPACE_MINIMUM, REQUIREMENTS, SERVER_HARDWARE
from nestlab.model.finding import Finding
from nestlab.model.state import HostState
from nestlab.rules.evidence import evidence_from, gigabytes, host_finding, vms_are_known, vms_of
from nestlab.rules.rule import NOTHING_TO_DO, Rule, Scope, detects
from nestlab.texts import tr

LOGICAL_PROCESSORS_NOT_KNOWN = Rule(
    code="logical-processors-not-known",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="The number of logical processors is not known.",
    why="No VM can have more virtual processors than that.",
    fix="Run `nestlab check` with an account that can read Win32_Processor.",
    example="Get-CimInstance Win32_Processor: NumberOfLogicalProcessors = not known",
    source=REQUIREMENTS,
)


LOGICAL_PROCESSORS = Rule(
    code="logical-processors",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="The number of logical processors of the host.",
    why="No VM can have more virtual processors than that.",
    fix=NOTHING_TO_DO,
    example="Get-CimInstance Win32_Processor: NumberOfLogicalProcessors = 32",
    source=REQUIREMENTS,
)


@detects(LOGICAL_PROCESSORS_NOT_KNOWN, LOGICAL_PROCESSORS, group="Memory")
def logical_processors(state: HostState) -> Iterator[Finding]:
    """The number of logical processors of the host."""
    count = sum(processor.number_of_logical_processors for processor in state.processors)
    if not count:
        message = tr("it is not known how many logical processors there are")
        evidence = evidence_from(
            "Get-CimInstance Win32_Processor", NumberOfLogicalProcessors=tr("not known")
        )
        yield host_finding(state, LOGICAL_PROCESSORS_NOT_KNOWN, message, evidence=evidence)
    else:
        cores = sum(processor.number_of_cores for processor in state.processors)
        given = sum(vm.processor_count for vm in vms_of(state) if vm.state == "Running")
        evidence = evidence_from(
            "Get-CimInstance Win32_Processor",
            NumberOfLogicalProcessors=count,
            NumberOfCores=cores or tr("not known"),
        )
        message = (
            tr(
                "{count} logical processors; running VMs have {used} virtual processors",
                count=count,
                used=given,
            )
            if vms_are_known(state)
            else tr(
                "{count} logical processors; it is not known how many virtual processors the running VMs have",
                count=count,
            )
        )
        yield host_finding(state, LOGICAL_PROCESSORS, message, evidence=evidence)


DISK_SPACE_NOT_KNOWN = Rule(
    code="disk-space-not-known",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="It is not known how much disk space is left for new virtual hard disks.",
    why="Dynamic disks grow until the volume is full.",
    fix="Run `nestlab check` with an account that can read Win32_LogicalDisk.",
    example="FreeSpace = not known",
    source=SERVER_HARDWARE,
)


DISK_SPACE_LOW = Rule(
    code="disk-space-low",
    severity="warning",
    looks_at=(Scope.HOST,),
    meaning="Little disk space is left for new virtual hard disks.",
    why="Dynamic disks grow until the volume is full; then all VMs on it are paused.",
    fix="Free space on the volume, or move the path with Set-VMHost -VirtualHardDiskPath.",
    example="Get-CimInstance Win32_LogicalDisk: FreeSpace = 10 GB",
    source=SERVER_HARDWARE,
)


DISK_SPACE_LEFT = Rule(
    code="disk-space-left",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="Disk space is left for new virtual hard disks.",
    why="An installed Windows Server takes about 32 GB.",
    fix=NOTHING_TO_DO,
    example="Get-CimInstance Win32_LogicalDisk: FreeSpace = 80 GB",
    source=SERVER_HARDWARE,
)


@detects(DISK_SPACE_NOT_KNOWN, DISK_SPACE_LOW, DISK_SPACE_LEFT, group="Memory")
def disk_space(state: HostState) -> Iterator[Finding]:
    """Disk space on the volume on which new virtual hard disks are created."""
    path = state.hyper_v.vm_host.virtual_hard_disk_path if state.hyper_v else ""
    volume = next(
        (item for item in state.volumes if path.casefold().startswith(item.device_id.casefold())),
        None,
    )
    if state.hyper_v is None:
        return
    if volume is None:
        message = tr("it is not known how much disk space is left for new virtual hard disks")
        evidence = f"{evidence_from('Get-VMHost', VirtualHardDiskPath=path)}; {evidence_from('Get-CimInstance Win32_LogicalDisk', FreeSpace=tr('not known'))}"
        yield host_finding(state, DISK_SPACE_NOT_KNOWN, message, evidence=evidence)
        return
    evidence = f"{evidence_from('Get-VMHost', VirtualHardDiskPath=path)}; {evidence_from('Get-CimInstance Win32_LogicalDisk', FreeSpace=gigabytes(volume.free_space))}"
    requirement = tr("an installed Windows Server takes {size}", size=gigabytes(DISK_SPACE_MINIMUM))
    message = tr(
        "{size} are free on {volume}, where new virtual hard disks go",
        size=gigabytes(volume.free_space),
        volume=volume.device_id,
    )
    if volume.free_space < DISK_SPACE_MINIMUM:
        yield host_finding(
            state, DISK_SPACE_LOW, message, evidence=evidence, requirement=requirement
        )
    else:
        yield host_finding(
            state, DISK_SPACE_LEFT, message, evidence=evidence, requirement=requirement
        )
