"""Known errors of the platform: its capabilities, roles, features and rights."""

from __future__ import annotations

from nestlab.known_errors.explanation import Explanation

LEARN = "https://learn.microsoft.com/windows-server/virtualization/hyper-v/"

PLATFORM: tuple[Explanation, ...] = (
    Explanation(
        code="platform-cannot-nest",
        cause="The VM exposes virtualization extensions, and this platform does not support nesting: AMD needs Windows Server 2022 or Windows 11, ARM64 cannot at all. "
        "Setting the flag succeeds; only starting the VM is refused.",
        check="Get-CimInstance Win32_Processor | Format-Table Manufacturer, Architecture; Get-CimInstance Win32_OperatingSystem | Format-Table BuildNumber",
        fix="Set-VMProcessor -VMName '<VM>' -ExposeVirtualizationExtensions $false, or move to a host that supports nesting",
        runs_on="the host",
        source=LEARN + "enable-nested-virtualization",
        texts=("this platform does not support nested virtualization",),
    ),
    Explanation(
        code="hypervisor-not-running",
        cause="The hypervisor of this machine is not running. On hardware: VT-x, AMD-V or DEP/NX is off in the firmware, the boot configuration says not to start it (as other hypervisors advise), "
        "or the restart after the installation of Hyper-V is still due. In a VM, usually: its host does not expose the virtualization extensions to it.",
        check="Get-CimInstance Win32_ComputerSystem | Format-Table Model, HypervisorPresent; Get-CimInstance Win32_Processor | Format-Table VirtualizationFirmwareEnabled; bcdedit /enum '{current}': "
        "the model shows whether it is a VM, and what does hypervisorlaunchtype say?",
        fix="On hardware: bcdedit /set hypervisorlaunchtype auto, and restart; where the firmware has virtualization off, turn it on there, then turn the machine off and on. "
        "In a VM, on its host: Stop-VM -Name '<nested host>'; Set-VMProcessor -VMName '<nested host>' -ExposeVirtualizationExtensions $true; Start-VM -Name '<nested host>'",
        runs_on="the machine whose hypervisor does not run; for a VM, its host",
        source="https://learn.microsoft.com/troubleshoot/windows-server/virtualization/bios-update-for-hyper-v",
        texts=(
            "because the hypervisor is not running",
            "one of the hyper-v components*not running",
            "hcs_e_hyperv_not_installed",
            "0xc0351000",
            "0x80370102",
            # https://github.com/docker/for-win/issues/5993
            "uno de los componentes de hyper-v no se está ejecutando",
            "因为虚拟机监控程序未运行",  # https://www.cnblogs.com/dunitian/p/6657344.html
            "hypervisor nicht ausgeführt",
            "ハイパーバイザーが実行されていないため",  # the page of `source`, in Japanese
            "hyper-v-komponenten nicht ausgeführt",
        ),
    ),
    Explanation(
        code="role-prerequisite",
        cause="The Hyper-V role cannot be installed: this machine reports no virtualization extensions. In a VM its host does not expose them; on hardware they are off in the firmware.",
        check="Get-VMProcessor -VMName '<this machine>' | Select-Object ExposeVirtualizationExtensions (on the outer host)",
        fix="Stop the VM, Set-VMProcessor -VMName '<VM>' -ExposeVirtualizationExtensions $true, start it, install again. On hardware: turn on VT-x or AMD-V in the firmware",
        runs_on="the outer host",
        source="https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/193",
        texts=(
            "required virtualization capabilities",
            "please ensure nested virtualization is enabled",
        ),
    ),
    Explanation(
        code="no-slat",
        cause="Hyper-V needs second level address translation (Intel EPT, AMD NPT), and this processor does not report it: it is too old, "
        "or this machine is a VM, and the outer hypervisor does not pass it through.",
        check="Get-CimInstance Win32_ComputerSystem | Format-Table Manufacturer, Model; Get-CimInstance Win32_Processor | Format-Table Name (the model shows whether it is a VM)",
        fix="In a VM: turn on nested virtualization with EPT or NPT in the outer hypervisor (VirtualBox: VBoxManage modifyvm '<VM>' --nested-hw-virt on, in a current version). On hardware: another processor",
        runs_on="the outer host",
        source="https://github.com/kubernetes-sigs/sig-windows-dev-tools/pull/9",
        texts=("does not support second level address translation",),
    ),
    Explanation(
        code="hypervisor-detected",
        cause="Not an error: a hypervisor runs under this Windows, so the processor cannot be tested. The hypervisor is this machine's own or, in a VM, its host's.",
        check="Get-CimInstance Win32_ComputerSystem | Select-Object HypervisorPresent, Manufacturer, Model",
        fix="There is nothing to fix; `nestlab check` says whether this machine can run nested hosts",
        source=LEARN + "system-requirements-for-hyper-v-on-windows",
        texts=("features required for hyper-v will not be displayed",),
    ),
    Explanation(
        code="tools-without-platform",
        cause="Only the management tools of Hyper-V are installed on this machine: its platform (hypervisor and services) is not installed, or of another version.",
        check="Server: Get-WindowsFeature -Name Hyper-V. Client: Get-WindowsOptionalFeature -Online -FeatureName Microsoft-Hyper-V",
        fix="Server: Install-WindowsFeature -Name Hyper-V -IncludeManagementTools -Restart. Client: Enable-WindowsOptionalFeature -Online -FeatureName Microsoft-Hyper-V -All",
        source="https://github.com/minishift/minishift/issues/1719",
        texts=("could not access an expected wmi class", "invalid namespace", "0x8004100e"),
    ),
    Explanation(
        code="management-service",
        cause="The Virtual Machine Management service does not answer: it is stopped, still starting after the role was installed, or hidden from a session without rights.",
        check="Get-Service -Name vmms",
        fix="Start-Service -Name vmms, or open the session with administrator rights",
        source="https://github.com/kubernetes/minikube/issues/16679",
        texts=(
            "on computer*because the object was not found",
            "verify that the virtual machine management service on the computer is running",
        ),
    ),
    Explanation(
        code="no-permission",
        cause="The account lacks rights for Hyper-V.",
        check="whoami /groups: is Hyper-V Administrators or Administrators among them, and was the session opened after joining?",
        fix="Add-LocalGroupMember -Group 'Hyper-V Administrators' -Member '<user>', then open a new session",
        runs_on="the host",
        source="https://github.com/kubernetes/minikube/issues/9286",
        ids=("AccessDenied,Microsoft.HyperV",),
        texts=("do not have the required permission to complete this task",),
    ),
    Explanation(
        code="vbs-opt-out",
        cause="Windows builds 14352 to 14361 required the VM to opt out of virtualization-based security first.",
        check="Get-CimInstance Win32_OperatingSystem | Select-Object BuildNumber",
        fix="Update Windows, or Set-VMSecurity -VMName '<VM>' -VirtualizationBasedSecurityOptOut $true",
        runs_on="the host",
        source="https://github.com/PlagueHO/LabBuilder/issues/251",
        texts=("without enabling virtualizationbasedsecurityoptout",),
    ),
    Explanation(
        code="version-not-supported",
        cause="This host does not support the VM's configuration version: it is newer than the host, or too old. Or the version is supported, but too old for this setting.",
        check="Get-VM -Name '<VM>' | Format-Table Version; Get-VMHostSupportedVersion",
        fix="Too old for a setting: Update-VMVersion -Name '<VM>' (VM off; this cannot be undone). Too old for this host: upgrade it first on a host that still supports it. "
        "Newer than this host: use a newer host, or create a new VM here from the disks (New-VM -VHDPath '<file>')",
        runs_on="the host of the VM",
        source=LEARN
        + "deploy/upgrade-virtual-machine-version-in-hyper-v-on-windows-or-windows-server",
        texts=(
            "configuration version is not supported",
            "version of the virtual machine configuration",
            "vm version is unsupported",
            "error code: 32784",
        ),
    ),
    Explanation(
        code="feature-unknown",
        cause="This edition of Windows does not have the feature: servers use Install-WindowsFeature, clients Enable-WindowsOptionalFeature, and Home has no Hyper-V.",
        check="Get-CimInstance Win32_OperatingSystem | Select-Object Caption, ProductType",
        fix="Server: Install-WindowsFeature -Name Hyper-V -IncludeManagementTools. Client: Enable-WindowsOptionalFeature -Online -FeatureName Microsoft-Hyper-V -All",
        source="https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/1609",
        texts=(
            "feature name * is unknown",
            "0x800f080c",
            "cannot be a windows client-based operating system",
        ),
    ),
    Explanation(
        code="not-elevated",
        cause="The session has no administrator rights.",
        check="whoami /groups: is the Administrators group enabled, or used for deny only?",
        fix="Open the session as administrator; over remoting, use an account of the local Administrators group",
        source="https://github.com/kubernetes/minikube/issues/7199",
        texts=(
            "the requested operation requires elevation",
            "elevated permissions are required to run dism",
            "0x800702e4",
        ),
    ),
    Explanation(
        code="hypervisor-already-running",
        cause="Server Manager refuses the Hyper-V role because this machine runs on a hypervisor: it is a VM, and no virtualization extensions are exposed to it, or the outer hypervisor is not Hyper-V.",
        check="Get-CimInstance Win32_ComputerSystem | Select-Object Manufacturer, Model, HypervisorPresent",
        fix="On Hyper-V: shut this VM down, Set-VMProcessor -VMName '<this VM>' -ExposeVirtualizationExtensions $true, start it. On another hypervisor: turn on its nested virtualization",
        runs_on="the outer host",
        source="https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/193",
        texts=("a hypervisor is already running",),
    ),
    Explanation(
        code="virtualization-off-in-firmware",
        cause="This machine reports no virtualization support (VT-x, AMD-V): it is off in the firmware; or this machine is a VM, and the outer host exposes no "
        "virtualization extensions, or Server Manager's check, which is wrong in a VM, stopped the installation.",
        check="Get-CimInstance Win32_Processor | Format-Table VirtualizationFirmwareEnabled; Get-CimInstance Win32_ComputerSystem | Format-Table Model, HypervisorPresent",
        fix="On hardware: turn on VT-x or AMD-V in the firmware, then turn the machine off and on. In a VM: Set-VMProcessor -VMName '<this VM>' -ExposeVirtualizationExtensions $true "
        "on the outer host, while the VM is off; if that is already done: Enable-WindowsOptionalFeature -Online -FeatureName Microsoft-Hyper-V -All, which does not check the firmware",
        source="https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/1975",
        texts=(
            "virtualization support is not enabled in the bios",
            "virtualization and data execution protection must be enabled in the bios",
            "either vmx not present or not enabled in bios",
            "either svm not present or not enabled in bios",
        ),
    ),
    Explanation(
        code="outdated-check-script",
        cause="Get-NestedVirtStatus.ps1 still has the rules of the first previews: virtualization-based security on the host and AMD processors no longer prevent nesting.",
        check="nestlab check: it names the rule, its date and its source",
        fix="There is nothing to do if nestlab check finds no error",
        runs_on="your machine",
        source="https://github.com/MicrosoftDocs/Virtualization-Documentation/pull/1059",
        texts=(
            "virtualization based security is running",
            "hostnestedsupport*: false",
            "vbsrunning*: true",
        ),
    ),
    Explanation(
        code="role-refused",
        cause="Windows checked whether the Hyper-V role can be installed, and it cannot; the numbered lines of the message say why. Usually the machine has no virtualization extensions.",
        check="Get-CimInstance Win32_Processor | Format-Table VirtualizationFirmwareEnabled; Get-CimInstance Win32_ComputerSystem | Format-Table Model, HypervisorPresent",
        fix="Turn on the extensions: in the firmware; for a VM, Set-VMProcessor -VMName '<this VM>' -ExposeVirtualizationExtensions $true on the outer host, while the VM is off",
        source="https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/193",
        ids=("Alteration_PrerequisiteCheck_Failed",),
        texts=("a prerequisite check for the hyper-v feature failed",),
        general=True,
    ),
    Explanation(
        code="dism-refused",
        cause="DISM refused to read or change a feature: this edition of Windows does not have it, or the session is not elevated. The message says which.",
        check="whoami /groups; Get-CimInstance Win32_OperatingSystem | Select-Object Caption, ProductType",
        fix="Open the session as administrator; on a server use Install-WindowsFeature -Name Hyper-V -IncludeManagementTools",
        source="https://github.com/kubernetes/minikube/issues/7199",
        ids=("Microsoft.Dism.Commands",),
        general=True,
    ),
    Explanation(
        code="access-denied",
        cause="The account lacks rights. Which ones it needs depends on the operation: VMs and switches need Hyper-V Administrators; NAT, addresses, roles and features local Administrators; opening a session needs Remote Management Users or Administrators; a second computer reached through the first one needs its own credentials.",
        check="whoami /groups: which of these groups is there, and enabled?",
        fix="Open the session with an account that has the right, as administrator; group membership takes effect at the next logon",
        source="https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_remote_troubleshooting",
        ids=("AccessDenied",),
        texts=("access is denied", "access denied", "0x80070005", "e_accessdenied"),
        general=True,
    ),
)
