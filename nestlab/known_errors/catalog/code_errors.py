"""Known errors of other parts of Windows that Hyper-V reports, mostly as a code only."""

from __future__ import annotations

from nestlab.known_errors.explanation import Explanation

_SYSTEM_CODES = "https://learn.microsoft.com/windows/win32/debug/system-error-codes--0-499-"

CODES: tuple[Explanation, ...] = (
    Explanation(
        code="logon-denied",
        cause="The other computer refuses the logon (SEC_E_LOGON_DENIED): the user name or the password is wrong there, or the account is locked, disabled or not allowed to log on over the network.",
        check="Get-WinEvent -LogName Security -FilterXPath '*[System[EventID=4625]]' -MaxEvents 5 | Format-List TimeCreated, Message (Sub Status: 0xC0000064 no such account, 0xC000006A wrong password, 0xC0000234 locked)",
        fix="Write the user name with its computer or domain: HOST\\user, DOMAIN\\user or user@domain; correct the password that is stored under the name of the credential. For live migration: an account of the domain on both hosts",
        runs_on="the computer that refuses; the fix: your machine",
        source="https://learn.microsoft.com/windows/win32/secauthn/initializesecuritycontext--negotiate",
        texts=("0x8009030c", "the logon attempt failed", "sec_e_logon_denied"),
    ),
    Explanation(
        code="already-exists",
        cause="Something of this name exists already (ERROR_ALREADY_EXISTS): a file, a folder or a network. Where an External switch is created, it is the binding of the physical adapter to another switch.",
        check="Get-VMSwitch | Format-List Name, SwitchType, NetAdapterInterfaceDescription; for a file: Test-Path -Path '<path>'",
        fix="Use what exists, give the new one another name, or remove the old one if nothing needs it",
        source=_SYSTEM_CODES,
        texts=(
            "0x800700b7",
            "cannot create a file when that file already exists",
            "no se puede crear un archivo que ya existe",
        ),
        general=True,
    ),
    Explanation(
        code="remote-console",
        cause="Hyper-V could not set up the remote connection to the console of the VM when it started. It is reported where the service of Hyper-V started while Windows was being activated; other reasons are not known.",
        check="Get-WinEvent -LogName 'Microsoft-Windows-Hyper-V-VMMS-Admin' -MaxEvents 20 | Format-List TimeCreated, Id, Message; Get-Service -Name vmms",
        fix="Restart-Service -Name vmms, which leaves running VMs running, then Start-VM -Name '<VM>'; if that does not help, restart the host",
        runs_on="the host of the VM",
        source="https://cloud.ibm.com/docs/virtualization?topic=virtualization-faqs-hyper-v",
        texts=("initialize machine remoting system",),
    ),
    Explanation(
        code="shadow-copy-not-found",
        cause="The Volume Shadow Copy Service does not find the shadow copy or the volume (VSS_E_OBJECT_NOT_FOUND): the copy was deleted in the meantime, or the volume has gone. Checkpoints for backups and production checkpoints use the service.",
        check="vssadmin list shadows, then vssadmin list writers: each should be Stable, without an error",
        fix="Take the checkpoint or backup again. If a writer has failed, restart its service: for the Microsoft Hyper-V VSS Writer, Restart-Service -Name vmms, which leaves running VMs running",
        runs_on="the machine whose volume is copied: the host of the VM, or the guest",
        source="https://learn.microsoft.com/windows/win32/api/vsbackup/nf-vsbackup-ivssbackupcomponents-deletesnapshots",
        texts=("0x80042308", "vss_e_object_not_found"),
    ),
    Explanation(
        code="unexpected-failure",
        cause="The component that failed gives no reason: E_UNEXPECTED, in words 'Catastrophic failure', says only that it did not expect this. What it means depends on what was running; another code in the same output or in a log says more.",
        check="Get-WinEvent -LogName 'Microsoft-Windows-Hyper-V-VMMS-Admin' -MaxEvents 20 | Format-List TimeCreated, Id, Message; for a VM: the same with 'Microsoft-Windows-Hyper-V-Worker-Admin'",
        fix="Look up the code or text logged at that time: nestlab explain TEXT. If there is none, run the command again after a restart of the machine",
        source="https://learn.microsoft.com/windows/win32/com/com-error-codes-1",
        texts=("0x8000ffff", "catastrophic failure", "e_unexpected"),
        general=True,
    ),
    Explanation(
        code="compute-pending",
        cause="The code means that the call is pending, and not that it failed: the Host Compute Service has accepted it and continues in the background. Whether it succeeds is in a later event.",
        check="Get-WinEvent -LogName 'Microsoft-Windows-Hyper-V-Compute-Admin' -MaxEvents 20 | Format-List TimeCreated, Id, Message",
        fix="Look up the code of the next event, such as 0xC0370106: nestlab explain CODE",
        source="https://github.com/microsoft/hcsshim/blob/main/internal/hcs/errors.go",
        texts=("0xc0370103", "0x80370103"),
        general=True,
    ),
    Explanation(
        code="compute-system-exited",
        cause="The container, or the small VM in which it runs, ended while it started or unexpectedly later. The code does not say why; the Host Compute Service logs it.",
        check="Get-WinEvent -LogName 'Microsoft-Windows-Hyper-V-Compute-Admin' -MaxEvents 20 | Format-List TimeCreated, Id, Message",
        fix="Start it again with more memory, and with an image for the build of the host; if it fails with every image, restart the machine, then update Windows and the container engine",
        source="https://github.com/microsoft/hcsshim/issues/598",
        texts=(
            "0xc0370106",
            "0x80370106",
            "0xc0370100",
            "0x80370100",
            "container exited unexpectedly",
            "compute system exited unexpectedly",
        ),
    ),
    Explanation(
        code="compute-system-stopped",
        cause="The container or its VM had stopped already when this call reached it. What stopped it is in an earlier error or event.",
        check="Get-WinEvent -LogName 'Microsoft-Windows-Hyper-V-Compute-Admin' -MaxEvents 20 | Format-List TimeCreated, Id, Message",
        fix="Look for the first error before this one, and explain that; docker logs '<container>' shows what ran in it",
        source="https://github.com/docker/for-win/issues/9741",
        texts=(
            "0xc0370110",
            "0x80370110",
            "0xc037010a",
            "0x8037010a",
            "container with the specified identifier is not running",
            "el contenedor con el identificador especificado no se está ejecutando",
        ),
    ),
    Explanation(
        code="container-image-mismatch",
        cause="The container image is for another build of Windows than the host, and is to run without a VM of its own (process isolation).",
        check="[Environment]::OSVersion.Version | Format-List; docker image inspect '<image>' --format '{{.OsVersion}}'",
        fix="Take the tag of the image for the host's build, or run it in a VM of its own: docker run --isolation=hyperv. In a VM, --isolation=hyperv needs exposed virtualization extensions",
        runs_on="the machine of the container",
        source="https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility",
        texts=(
            "0xc0370101",
            "0x80370101",
            "container operating system does not match the host operating system",
        ),
    ),
    Explanation(
        code="share-lost",
        cause="The connection to a file share broke (ERROR_NETNAME_DELETED), for example to the one that holds a disk, an image or an installation file. A VM whose disk is there is paused or fails.",
        check="Test-NetConnection -ComputerName '<server>' -Port 445; Get-WinEvent -LogName 'Microsoft-Windows-SMBClient/Connectivity' -MaxEvents 10 | Format-List TimeCreated, Id, Message",
        fix="Restore the network to the server and run the command again; a lab is safer with its disks on a drive of the host. Disks of running VMs need a share of SMB 3, with access for the computer account of the host",
        runs_on="the machine that uses the share",
        source=_SYSTEM_CODES,
        texts=(
            "0x80070040",
            "the specified network name is no longer available",
            "error_netname_deleted",
        ),
    ),
)
