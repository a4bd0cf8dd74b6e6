"""Messages of sysprep, and of Windows Setup in a VM that boots for the first time."""

from __future__ import annotations

from nestlab.known_errors.explanation import Explanation
from nestlab.texts import mark

SETUP_LOGS = "https://learn.microsoft.com/windows-hardware/manufacture/desktop/windows-setup-log-files-and-event-logs"
IN_THE_VM = mark("the VM (Shift+F10 opens a console in Windows Setup)")

SETUP: tuple[Explanation, ...] = (
    Explanation(
        code="answer-file",
        cause="Windows Setup cannot use the answer file in the pass that the message names. Usual reasons: a computer name of more than 15 characters or with characters other than letters, digits and hyphens; "
        "a setting that this Windows or this pass does not have; a product key of another edition; damaged XML.",
        check="Get-Content -Path C:\\Windows\\Panther\\setuperr.log, or in Windows Setup: type C:\\Windows\\Panther\\setuperr.log. It names the component and the setting",
        fix="Correct the file (Windows\\Panther\\unattend.xml on the disk of the VM) and create the disk again from its image: a Setup that was interrupted does not continue. "
        "In a topology: guest.computer_name, language and time_zone, from which nestlab writes the file",
        runs_on=IN_THE_VM,
        source="https://github.com/pluralsight/PS-AutoLab-Env/blob/master/Usage-FAQ.md",
        texts=(
            "could not parse or process*unattend answer file",
            "the answer file is invalid",
            "setting specified in the answer file does not exist",
            "settings specified in the answer file cannot be applied",
            "windows could not apply the unattend settings",
        ),
    ),
    Explanation(
        code="setup-interrupted",
        cause="The first boot of Windows was interrupted, or one of its steps failed: the VM was turned off, reset or restored in the middle, its disk became full, or a setting of the answer file failed.",
        check="In Windows Setup: type C:\\Windows\\Panther\\setuperr.log",
        fix="Create the disk again from its image, and let the first boot finish; on the host, see that the drive has space: Get-Volume | Format-Table DriveLetter, SizeRemaining",
        runs_on=IN_THE_VM,
        source=SETUP_LOGS,
        texts=(
            "windows could not complete the installation",
            "windows could not finish configuring the system",
            "windows could not configure one or more system components",
            "computer restarted unexpectedly or encountered an unexpected error",
            "windows installation cannot proceed",
        ),
    ),
    Explanation(
        code="sysprep-failed",
        cause="Sysprep did not generalize Windows, so the image cannot be cloned: an app is installed for one user only, BitLocker or an update is in progress, or Windows was generalized too often.",
        check="Get-Content -Path C:\\Windows\\System32\\Sysprep\\Panther\\setuperr.log",
        fix="Correct what the log names (Remove-AppxPackage -Package '<name>' -AllUsers for an app), and run & $env:SystemRoot\\System32\\Sysprep\\sysprep.exe /generalize /oobe /shutdown again; or start from a fresh installation without a Microsoft account and without updates of apps",
        runs_on="the VM that becomes the image",
        source="https://learn.microsoft.com/troubleshoot/windows-client/setup-upgrade-and-drivers/sysprep-fails-remove-or-update-store-apps",
        texts=(
            "sysprep was not able to validate your windows installation",
            "fatal error occurred while trying to sysprep the machine",
            "0x80073cf2",
        ),
    ),
    Explanation(
        code="windows-11-requirements",
        cause="Windows 11 Setup requires a VM of generation 2 with Secure Boot, a virtual TPM, 2 processors, 4 GB of memory and 64 GB of disk, and this VM lacks one of these.",
        check="Get-VM -Name '<VM>' | Format-Table Generation, ProcessorCount, MemoryStartup; Get-VMSecurity -VMName '<VM>' | Format-Table TpmEnabled; Get-VMFirmware -VMName '<VM>' | Format-Table SecureBoot",
        fix="While the VM is off: Set-VMKeyProtector -VMName '<VM>' -NewLocalKeyProtector; Enable-VMTPM -VMName '<VM>'; Set-VMProcessor -VMName '<VM>' -Count 2; Set-VMMemory -VMName '<VM>' -StartupBytes 4GB. In a topology: tpm: true",
        runs_on="the host of the VM",
        source="https://learn.microsoft.com/windows/whats-new/windows-11-requirements",
        texts=(
            "this pc can't run windows 11",
            "this pc doesn't currently meet windows 11 system requirements",
        ),
    ),
    Explanation(
        code="no-image-to-install",
        cause="Windows Setup does not find the image to install: the VM has too little memory for Setup, the disc was removed, or the answer file names an edition that is not on the disc.",
        check="Get-VMDvdDrive -VMName '<VM>' | Format-Table Path; on a machine with the disc: Get-WindowsImage -ImagePath '<drive>:\\sources\\install.wim'",
        fix="Insert the disc again (Set-VMDvdDrive -VMName '<VM>' -Path '<file>.iso'), and name an edition of that list in the answer file, with a product key of that edition or none. With the VM off: Set-VMMemory -VMName '<VM>' -DynamicMemoryEnabled $false -StartupBytes 4GB",
        runs_on="the host of the VM",
        source=SETUP_LOGS,
        texts=(
            "cannot find the microsoft software license terms",
            "windows setup could not find a location to store temporary installation files",
            "a media driver your computer needs is missing",
            "setup has failed to validate the product key",
        ),
    ),
)
