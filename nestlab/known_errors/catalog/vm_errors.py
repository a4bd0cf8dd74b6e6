"""Known errors of whole VMs: import, checkpoints, configuration files, crashes, services."""

from __future__ import annotations

from nestlab.known_errors.explanation import Explanation
from nestlab.texts import mark

_MODULE = "https://learn.microsoft.com/powershell/module/hyper-v/"
HOST_OF_THE_VM = mark("the host of the VM")

VMS: tuple[Explanation, ...] = (
    Explanation(
        code="import-incompatible",
        cause="The imported VM does not fit this host: it requires more processors or memory than the host has, a switch or a disk that is not there, or devices that the host lacks.",
        check="Compare-VM -Path '<file>.vmcx' | Select-Object -ExpandProperty Incompatibilities | Format-List MessageId, Message",
        fix="$report = Compare-VM -Path '<file>.vmcx'; correct $report.VM with the usual cmdlets (Set-VMProcessor, Connect-VMNetworkAdapter); Import-VM -CompatibilityReport $report",
        runs_on="the host",
        source="https://github.com/MicrosoftDocs/microsoft-365-docs/issues/374",
        texts=(
            "unable to import virtual machine due to configuration errors",
            "use compare-vm to repair the virtual machine",
        ),
    ),
    Explanation(
        code="checkpoints-disabled",
        cause="Checkpoints are turned off for this VM.",
        check="Get-VM -Name '<VM>' | Select-Object CheckpointType",
        fix="Set-VM -Name '<VM>' -CheckpointType Production, or Standard",
        runs_on=HOST_OF_THE_VM,
        source="https://github.com/hashicorp/vagrant/issues/9977",
        texts=("checkpoints have been disabled",),
    ),
    Explanation(
        code="production-checkpoint",
        cause="A production checkpoint needs the guest to freeze its file systems, and it does not: its backup integration service (VSS, in Linux hv_vss_daemon) is off or fails, or the VM is a nested host whose VMs run.",
        check="Get-VM -Name '<VM>' | Format-Table State, CheckpointType; Get-VMIntegrationService -VMName '<VM>'",
        fix="Shut the VM down and take the checkpoint then, as nested hosts need; or install hyperv-daemons in Linux; or Set-VM -Name '<VM>' -CheckpointType Production, which falls back to a standard checkpoint (ProductionOnly does not)",
        runs_on=HOST_OF_THE_VM,
        source="https://github.com/home-assistant/operating-system/issues/1996",
        texts=("production checkpoint",),
    ),
    Explanation(
        code="configuration-missing",
        cause="The configuration file of the VM (.vmcx) is not where Hyper-V looks for it: it was moved or deleted, or its drive is missing.",
        check="Get-VM | Format-Table Name, State, ConfigurationLocation; Get-Volume | Format-Table DriveLetter, OperationalStatus",
        fix="Restore the drive or the file, then Restart-Service -Name vmms; or remove the VM that is left (Remove-VM) and create it again from its disks",
        runs_on=HOST_OF_THE_VM,
        source=_MODULE + "get-vm",
        texts=(
            "cannot load a virtual machine configuration",
            "cannot load the virtual machine configuration",
        ),
    ),
    Explanation(
        code="memory-range",
        cause="The memory of the VM is outside of its own range: startup memory has to lie between minimum and maximum where dynamic memory is on, and below the limit of its generation.",
        check="Get-VMMemory -VMName '<VM>' | Format-List DynamicMemoryEnabled, Startup, Minimum, Maximum",
        fix="Set-VMMemory -VMName '<VM>' -StartupBytes '<size>' -MinimumBytes '<size>' -MaximumBytes '<size>' in one call while the VM is off, or -DynamicMemoryEnabled $false for a nested host",
        runs_on=HOST_OF_THE_VM,
        source="https://github.com/R3dy/capsulecorp-pentest/issues/96",
        texts=("memory virtual quantity above maximum", "memory virtual quantity below minimum"),
    ),
    Explanation(
        code="processor-features",
        cause="The VM uses features of the processor on which it was started or saved, and this host's processor lacks them.",
        check="Get-VMProcessor -VMName '<VM>' | Format-Table CompatibilityForMigrationEnabled; Get-CimInstance Win32_Processor | Format-Table Name",
        fix="Turn the VM off, then Set-VMProcessor -VMName '<VM>' -CompatibilityForMigrationEnabled $true; a saved state of the other host is lost: Remove-VMSavedState -VMName '<VM>'. A VM with exposed virtualization extensions stays on one kind of processor",
        runs_on=HOST_OF_THE_VM,
        source=_MODULE + "set-vmprocessor",
        texts=("using processor-specific features not supported",),
    ),
    Explanation(
        code="switch-service",
        cause="Hyper-V does not find its own switch components: the machine has not restarted since Hyper-V was installed, or the services or drivers of its switches are damaged.",
        check="Get-Service -Name vmms, nvagent, vmcompute; Get-WinEvent -LogName 'Microsoft-Windows-Hyper-V-VMMS-Admin' -MaxEvents 10 | Format-List TimeCreated, Message",
        fix="Restart the machine; where that does not help, remove the Hyper-V feature, restart, install it again, and restart",
        source="https://github.com/pluralsight/PS-AutoLab-Env/issues/132",
        texts=(
            "switch create failed*0x80041002",
            "switch create failed*not found",
            "encountered an unexpected error: not found",
        ),
    ),
    Explanation(
        code="triple-fault",
        cause="The VM was reset again and again: its system crashes at its start (triple fault). Usual reasons: an image for another processor or firmware, too little memory, nested virtualization on a build or processor with a known fault.",
        check="Get-WinEvent -LogName 'Microsoft-Windows-Hyper-V-Worker-Admin' -MaxEvents 20 | Format-List TimeCreated, Id, Message",
        fix="Update Windows and the firmware of the host; start the VM once without extensions: Set-VMProcessor -VMName '<VM>' -ExposeVirtualizationExtensions $false while it is off; give it 2 GB or more, or take a current image",
        runs_on="the host of the VM",
        source="https://github.com/MicrosoftDocs/microsoft-365-docs/issues/1949",
        texts=("caused a triple fault", "unrecoverable error occurred on a virtual processor"),
    ),
    Explanation(
        code="gpu-partition",
        cause="The host cannot give the VM its part of the GPU: the driver or the firmware does not support it (SR-IOV, ACS), the memory-mapped space of the VM is too small, or the host is a VM itself.",
        check="Get-VMHostPartitionableGpu | Format-List Name, PartitionCount; Get-VMHost | Format-List IovSupport, IovSupportReasons",
        fix="Remove-VMGpuPartitionAdapter -VMName '<VM>' starts the VM without it; otherwise turn on SR-IOV in the firmware, and use a driver of the GPU's maker that supports partitions",
        runs_on=HOST_OF_THE_VM,
        source="https://learn.microsoft.com/windows-server/virtualization/hyper-v/gpu-partitioning",
        texts=("gpu partition*failed to", "gpu partition*0x800705aa"),
    ),
)
