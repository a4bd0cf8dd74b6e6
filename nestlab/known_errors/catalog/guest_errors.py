"""Known errors between a host and the inside of its VMs: copies of files, the virtual TPM."""

from __future__ import annotations

from nestlab.known_errors.explanation import Explanation
from nestlab.texts import mark

COPY_PAGE = "https://learn.microsoft.com/powershell/module/hyper-v/copy-vmfile"
TPM_PAGE = "https://learn.microsoft.com/virtualization/community/team-blog/2016/20161025-allowing-an-additional-host-to-run-a-vm-with-virtual-tpm"
HOST_OF_THE_VM = mark("the host of the VM")

GUESTS: tuple[Explanation, ...] = (
    Explanation(
        code="guest-service-interface",
        cause="Copy-VMFile needs the integration service Guest Service Interface, and it does not answer: it is off, as it is by default, the guest has not finished booting, or a Linux guest does not run hv_fcopy_daemon.",
        check="Get-VM -Name '<VM>' | Format-Table State, Heartbeat; Get-VMIntegrationService -VMName '<VM>'",
        fix="Enable-VMIntegrationService -VMName '<VM>' -Name 'Guest Service Interface' (on a Windows in another language, use the localized name from that list), and wait until the heartbeat is Ok; in Linux install hyperv-daemons (Ubuntu: linux-cloud-tools-virtual)",
        runs_on=HOST_OF_THE_VM,
        source="https://github.com/microsoft/lis-test/pull/1084",
        texts=(
            "copying files to the guest*the device is not ready",
            "copying files to the guest*the operation identifier is not valid",
            "copying files to the guest*0x80070015",
            "copying files to the guest*0x800710df",
            "copying files to the guest*0x800710dd",
            "copy-vmfile*0x80070015",
            "copy-vmfile*0x800710df",
            "copy-vmfile*0x800710dd",
            "'guest service interface' is not enabled",
        ),
    ),
    Explanation(
        code="guest-file-exists",
        cause="The file is in the guest already, and Copy-VMFile replaces it only with -Force; a copy that was interrupted leaves an incomplete one.",
        check="Invoke-Command -VMName '<VM>' -ScriptBlock { Get-Item -Path '<file>' | Format-List Length, LastWriteTime }",
        fix="Copy-VMFile -Name '<VM>' -SourcePath '<file>' -DestinationPath '<file>' -FileSource Host -Force",
        runs_on=HOST_OF_THE_VM,
        source="https://github.com/microsoft/lis-test/pull/22",
        texts=(
            "copying files to the guest*the file exists",
            "copying files to the guest*0x80070050",
            "copy-vmfile*0x80070050",
        ),
    ),
    Explanation(
        code="guest-file-path",
        cause="Copy-VMFile finds no such file on the host (0x80070002), or no such folder or drive in the guest (0x80070003).",
        check="Test-Path -Path '<file on the host>'; Invoke-Command -VMName '<VM>' -ScriptBlock { Test-Path -Path '<folder in the guest>' }",
        fix="Correct the path; -CreateFullPath creates missing folders, but not a drive",
        runs_on=HOST_OF_THE_VM,
        source=COPY_PAGE,
        texts=(
            "copying files to the guest*cannot find the path",
            "copying files to the guest*cannot find the file",
            "copying files to the guest*0x80070002",
            "copying files to the guest*0x80070003",
            "copy-vmfile*0x80070002",
            "copy-vmfile*0x80070003",
        ),
    ),
    Explanation(
        code="file-copy-failed",
        cause="The file was not copied into the guest. The usual reasons: the guest is not running or has not finished booting, its Guest Service Interface is off, the folder is missing or write-protected there, its disk is full, "
        "or the file is open on the host (a disk of a running VM) or in the guest.",
        check="Get-VM -Name '<VM>' | Format-Table State, Heartbeat; Get-VMIntegrationService -VMName '<VM>'",
        fix="Enable-VMIntegrationService -VMName '<VM>' -Name 'Guest Service Interface'; Copy-VMFile -Name '<VM>' -SourcePath '<file>' -DestinationPath '<file>' -FileSource Host -CreateFullPath -Force",
        runs_on=HOST_OF_THE_VM,
        source=COPY_PAGE,
        texts=("failed to initiate copying files to the guest", "copying files to the guest"),
        cmdlets=("Copy-VMFile",),
        general=True,
    ),
    Explanation(
        code="device-not-ready",
        cause="A device is not ready: for Copy-VMFile the Guest Service Interface of the guest, otherwise a drive without a medium, or a disk that is offline.",
        check="Get-Disk | Format-Table Number, FriendlyName, OperationalStatus; Get-VMIntegrationService -VMName '<VM>'",
        fix="Enable-VMIntegrationService -VMName '<VM>' -Name 'Guest Service Interface', or Set-Disk -Number '<number>' -IsOffline $false",
        source="https://learn.microsoft.com/windows/win32/debug/system-error-codes--0-499-",
        texts=("0x80070015", "the device is not ready"),
        general=True,
    ),
    Explanation(
        code="key-protector-of-another-host",
        cause="This host cannot open the key protector of the VM's virtual TPM: the VM was created on another host, or Windows was reinstalled on this host. The key is in certificates of the host that created it.",
        check="Get-ChildItem -Path 'Cert:\\LocalMachine\\Shielded VM Local Certificates' | Format-Table Subject, HasPrivateKey; Get-WinEvent -LogName 'Microsoft-Windows-HostGuardianService-Client/Admin' -MaxEvents 5 | Format-List TimeCreated, Message",
        fix="Export both certificates of that certificate store, with their private keys, on the host that created the VM (Export-PfxCertificate), and import them into the same store here. Where that host is gone, what the TPM holds is lost "
        "(have the BitLocker recovery key ready): Disable-VMTPM -VMName '<VM>'; Set-VMKeyProtector -VMName '<VM>' -NewLocalKeyProtector; Enable-VMTPM -VMName '<VM>'",
        runs_on=HOST_OF_THE_VM,
        source=TPM_PAGE,
        texts=(
            "key protector*could not be unwrapped",
            "key protector*cannot be unwrapped",
            "failed to unwrap the key protector",
            "hostguardianservice-client",
            "untrustedguardian",
            "untrusted guardian",
        ),
    ),
    Explanation(
        code="key-protector-missing",
        cause="A virtual TPM needs a key protector first, and the VM has none.",
        check="Get-VMSecurity -VMName '<VM>' | Format-Table TpmEnabled, Shielded; Get-VMKeyProtector -VMName '<VM>' (0 0 0 4, four bytes, means that there is none)",
        fix="While the VM is off: Set-VMKeyProtector -VMName '<VM>' -NewLocalKeyProtector; Enable-VMTPM -VMName '<VM>'. In a topology: tpm: true",
        runs_on=HOST_OF_THE_VM,
        source="https://github.com/hashicorp/vagrant/pull/11978",
        texts=(
            "without a valid key protector configured",
            "doesn't have a key protector",
            "does not have a key protector",
        ),
    ),
)
