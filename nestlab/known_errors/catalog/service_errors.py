"""Known errors of the services and the hypervisor under a VM."""

from __future__ import annotations

from nestlab.known_errors.explanation import Explanation

SERVICES: tuple[Explanation, ...] = (
    Explanation(
        code="worker-process",
        cause="The VM's worker process (vmwp.exe) exited immediately. Usually Exploit protection forces Control Flow Guard (CFG) off for vmwp.exe or vmcompute.exe, or an antivirus program stops it.",
        check="Get-ProcessMitigation -Name 'vmwp.exe'; Get-WinEvent -LogName 'Microsoft-Windows-Hyper-V-Worker-Admin' -MaxEvents 20",
        fix="'vmcompute.exe','vmwp.exe' | ForEach-Object { Set-ProcessMitigation -Name $_ -Enable CFG }, then restart the machine; exclude both programs from antivirus scanning",
        runs_on="the host of the VM",
        source="https://github.com/docker/for-win/issues/3597",
        texts=(
            "failed to start worker process: the process terminated unexpectedly",
            "worker process*terminated unexpectedly",
            "vmwp.exe*terminated unexpectedly",
            "0x8007042b",
        ),
    ),
    Explanation(
        code="compute-service",
        cause="The Host Compute Service (vmcompute) does not answer: the feature Virtual Machine Platform or Hyper-V is off, the service is stopped, or Control Flow Guard (CFG) is off for vmcompute.exe.",
        check="Get-Service -Name vmcompute; Get-ProcessMitigation -Name 'vmcompute.exe'",
        fix="Enable-WindowsOptionalFeature -Online -FeatureName VirtualMachinePlatform; Set-ProcessMitigation -Name 'vmcompute.exe' -Enable CFG; restart the machine",
        source="https://github.com/microsoft/WSL/issues/4951",
        texts=(
            "0x80370114",
            "hcs_e_service_not_available",
            "hcs/0x80370114",
            "could not be started because a required feature is not installed",
        ),
    ),
    Explanation(
        code="hypervisor-launch-off",
        cause="The boot configuration of this machine turns off the start of the hypervisor.",
        check="bcdedit /enum '{current}': what does hypervisorlaunchtype say?",
        fix="bcdedit /set hypervisorlaunchtype auto, then restart the machine",
        source="https://learn.microsoft.com/troubleshoot/windows-server/virtualization/virtual-machine-could-not-start-hypervisor-not-running",
        texts=(
            "hypervisor launch has been disabled through the hypervisorlaunchtype",
            "hypervisorlaunchtype*off",
        ),
    ),
    Explanation(
        code="hypervisor-launch-failed",
        cause="Windows could not start the hypervisor when it booted; the event says why. On hardware usually a setting of the firmware (VT-x, AMD-V, DEP/NX), in a VM extensions that are not exposed.",
        check="Get-WinEvent -ProviderName 'Microsoft-Windows-Hyper-V-Hypervisor' -MaxEvents 10 | Format-List TimeCreated, Id, Message",
        fix="On hardware: turn on VT-x or AMD-V and DEP/NX in the firmware, then turn the machine off and on. In a VM: Set-VMProcessor -VMName '<VM>' -ExposeVirtualizationExtensions $true on the outer host, while the VM is off",
        source="https://learn.microsoft.com/windows-server/virtualization/hyper-v/best-practices-analyzer/windows-hypervisor-must-be-running",
        texts=("hypervisor launch failed",),
        general=True,
    ),
    Explanation(
        code="host-network-exists",
        cause="The Host Network Service (HNS, of containers, WSL and the Default Switch) already has a network with that name or range, usually one that was left behind by a reset.",
        check="Get-HnsNetwork | Format-Table Name, Type, ID; Get-NetNat",
        fix="Remove the one that nothing uses (Get-HnsNetwork | Where-Object Name -EQ '<name>' | Remove-HnsNetwork, or Remove-NetNat -Name '<name>'), then Restart-Service -Name hns",
        source="https://github.com/microsoft/WSL/issues/7998",
        texts=(
            "hcncreatenetwork*0x800700b7",
            "hcncreatenetwork*cannot create a file when that file already exists",
            "hns failed with error*already exists",
            "hnscall failed in win32: the object already exists",
            "hcn_e_network_already_exists",
            "0x803b0010",
        ),
    ),
    Explanation(
        code="host-network-service",
        cause="The Host Network Service (HNS), which creates networks for containers, WSL and the Default Switch, refused or does not run.",
        check="Get-Service -Name hns; Get-HnsNetwork | Format-Table Name, Type, ID",
        fix="Restart-Service -Name hns; if that does not help, remove networks that nothing uses with Remove-HnsNetwork and restart the machine",
        source="https://github.com/microsoft/WSL/issues/7998",
        texts=("hcncreatenetwork", "hnscall failed in win32", "hns failed with error", "hcn_e_"),
        general=True,
    ),
)
