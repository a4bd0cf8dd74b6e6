"""Messages on the screen of a VM that does not boot, from its firmware to Windows Setup."""

from __future__ import annotations

from nestlab.known_errors.explanation import Explanation
from nestlab.texts import mark

FIRMWARE = "https://github.com/microsoft/mu_msvm/blob/main/MsvmPkg/FrontPage/FrontPageStrings.uni"
"""The messages of the generation 2 firmware, in its published source."""
GENERATIONS = "https://learn.microsoft.com/windows-server/virtualization/hyper-v/plan/should-i-create-a-generation-1-or-2-virtual-machine-in-hyper-v"
HOST_OF_THE_VM = mark("the host of the VM")

BOOT: tuple[Explanation, ...] = (
    Explanation(
        code="secure-boot-refused",
        cause="Secure Boot of the VM does not trust this boot loader. The default template, MicrosoftWindows, trusts Windows only; "
        "most Linux distributions need MicrosoftUEFICertificateAuthority, under which Windows may fail to boot. No template trusts an unsigned loader.",
        check="Get-VMFirmware -VMName '<VM>' | Format-Table SecureBoot, SecureBootTemplate",
        fix="Stop-VM -Name '<VM>' -TurnOff; Set-VMFirmware -VMName '<VM>' -SecureBootTemplate MicrosoftUEFICertificateAuthority (Windows: MicrosoftWindows); "
        "where that does not help: Set-VMFirmware -VMName '<VM>' -EnableSecureBoot Off. In a topology: set os, on the image and on guest, to the system that is on the disk; or set secure_boot on the VM",
        runs_on=HOST_OF_THE_VM,
        source=FIRMWARE,
        texts=(
            "image's hash is not allowed (db)",
            "image hash is not allowed (db)",
            "image's hash and certificate are not allowed",
            "failed secure boot verification",
            "denied by secure boot policy",
            "image verification failed",
            "verification failed: (0x1a) security violation",
            "shim_lock protocol not found",
            "bad shim signature",
        ),
    ),
    Explanation(
        code="secure-boot-revoked",
        cause="The boot loader is on the list of those that Secure Boot rejects (DBX): it is known to be unsafe, usually because the image is old or a preview.",
        check="Get-VMFirmware -VMName '<VM>' | Format-Table SecureBoot, SecureBootTemplate",
        fix="Use a current image, with its updates; for an old one in a lab: Stop-VM -Name '<VM>' -TurnOff; Set-VMFirmware -VMName '<VM>' -EnableSecureBoot Off. In a topology: secure_boot: false",
        runs_on=HOST_OF_THE_VM,
        source="https://github.com/VirtualEngine/Lability/issues/130",
        texts=(
            "image's hash was denied",
            "image's certificate was denied",
            "shim sbat data failed",
            "sbat self-check failed",
        ),
    ),
    Explanation(
        code="disk-not-for-uefi",
        cause="Generation 2 boots from UEFI, and the disk has no boot loader for it: it is empty, was made for generation 1 (master boot record), or for another kind of processor.",
        check="With the VM off: Mount-VHD -Path '<disk>' -ReadOnly -Passthru | Get-Disk | Format-Table PartitionStyle, Size; Dismount-VHD -Path '<disk>'",
        fix="MBR: remove the VM and create it again with New-VM -Generation 1 and the same disk; GPT: install the operating system again on a disk of a generation 2 VM. In a topology: set generation: 1 on the image",
        runs_on=HOST_OF_THE_VM,
        source=FIRMWARE,
        texts=(
            "no uefi-compatible file system was found",
            "based uefi boot loader was found",
            "based uefi application",
            "the pe/coff image is invalid",
        ),
    ),
    Explanation(
        code="no-operating-system",
        cause="The firmware of the VM (generation 2) tried its devices and found nothing that boots. Usually: the disk is empty or was made for generation 1, Secure Boot refuses its boot loader, "
        "a data disk or seed disc comes first, or no key was pressed when Windows Setup asked for one.",
        check="Get-VMFirmware -VMName '<VM>' | Select-Object -ExpandProperty BootOrder. The screen says for each device why it did not boot: run `nestlab explain` with the line of the disk",
        fix="Put the disk or the installation disc first: Set-VMFirmware -VMName '<VM>' -FirstBootDevice (Get-VMHardDiskDrive -VMName '<VM>')[0]; an image of generation 1 needs a VM of generation 1; "
        "for Linux: Set-VMFirmware -VMName '<VM>' -SecureBootTemplate MicrosoftUEFICertificateAuthority (Windows: MicrosoftWindows), while the VM is off",
        runs_on=HOST_OF_THE_VM,
        source=FIRMWARE,
        texts=(
            "the boot loader did not load an operating system",
            "no operating system was loaded",
            "the boot loader failed",
            "boot failed: efi scsi device",
            "boot failed. efi scsi device",
            "boot failed. efi dvd",
            "boot failed. efi hard drive",
            "no boot devices were found",
            "virtual machine boot summary",
            "press any key to boot from cd or dvd",
            "the image failed to load",
        ),
        general=True,
    ),
    Explanation(
        code="bios-finds-nothing",
        cause="The BIOS of the VM (generation 1) found nothing that boots: the disk is empty, was made for generation 2 (GPT and UEFI), is attached to a SCSI controller, from which generation 1 does not boot, or comes after another device.",
        check="Get-VMHardDiskDrive -VMName '<VM>' | Format-Table ControllerType, ControllerNumber, ControllerLocation, Path; Get-VMBios -VMName '<VM>'",
        fix="Attach the disk to IDE controller 0, location 0, and put it first: Set-VMBios -VMName '<VM>' -StartupOrder IDE, CD, LegacyNetworkAdapter, Floppy; "
        "a disk of generation 2 needs a new VM: New-VM -Generation 2 with the same disk. In a topology: set generation: 2 on the VM",
        runs_on=HOST_OF_THE_VM,
        source=GENERATIONS,
        texts=(
            "reboot and select proper boot device",
            "insert boot media in selected boot device",
            "disk boot failure, insert system disk",
            "an operating system wasn't found",
            "operating system not found",
            "missing operating system",
        ),
    ),
    Explanation(
        code="network-boot",
        cause="The VM tries to boot from the network, and no PXE server offers it anything. It does so where nothing on its disks boots, or where the network comes first in its boot order.",
        check="Get-VMFirmware -VMName '<VM>' | Select-Object -ExpandProperty BootOrder. Read the lines of the disks on the same screen too: they say why these did not boot",
        fix="Set-VMFirmware -VMName '<VM>' -FirstBootDevice (Get-VMHardDiskDrive -VMName '<VM>')[0] (generation 1: Set-VMBios -VMName '<VM>' -StartupOrder IDE, CD, LegacyNetworkAdapter, Floppy), and give it a disk that boots. "
        "For a real network boot: DHCP and a PXE server on its switch",
        runs_on=HOST_OF_THE_VM,
        source="https://learn.microsoft.com/troubleshoot/mem/configmgr/os-deployment/understand-pxe-boot",
        texts=(
            "start pxe over ipv",
            "pxe network boot using ipv",
            "boot failed: efi network",
            "boot failed. efi network",
            "a boot image was not found",
            "dhcp failed.",
            "pxe-e??",
            "pxe-m0f",
            "exiting intel pxe rom",
            "no boot filename received",
            "the network media is disconnected",
        ),
        general=True,
    ),
    Explanation(
        code="boot-data-missing",
        cause="The boot manager of Windows started, and does not find the Windows that its boot configuration names: the disk was converted or copied incompletely, "
        "its parent was replaced, or it is on another controller than before. For INACCESSIBLE_BOOT_DEVICE, Windows itself has started and cannot reach its disk: it moved to another controller (IDE or SCSI), or lacks the storage driver.",
        check="Get-VMHardDiskDrive -VMName '<VM>' | Get-VHD | Format-List Path, ParentPath, VhdType; in the VM, booted from the installation disc (Shift+F10): bcdedit /enum all",
        fix="Create the disk again from its image; to repair it: boot the installation disc of the same Windows, Shift+F10, bcdboot C:\\Windows (with the letter that Windows has there)",
        runs_on=HOST_OF_THE_VM,
        source="https://learn.microsoft.com/troubleshoot/windows-client/performance/windows-boot-issues-troubleshooting",
        texts=(
            "boot configuration data for your pc is missing",
            "boot configuration data file*missing",
            "a required device isn't connected or can't be accessed",
            "0xc000000f",
            "0xc000000e",
            "0xc0000225",
            "inaccessible_boot_device",
            "inaccessible boot device",
        ),
    ),
    Explanation(
        code="linux-root-not-found",
        cause="Linux has started and does not find the disk of its root file system: its initramfs lacks the drivers of Hyper-V (hv_vmbus, hv_storvsc), as in an image that was built for another hypervisor or repacked, or the disk that the boot entry names was changed or is not attached.",
        check="Get-VMHardDiskDrive -VMName '<VM>' | Format-Table ControllerType, ControllerLocation, Path; in the emergency shell of Linux: blkid, and lsmod for the names that begin with hv_",
        fix="Boot an older kernel or a rescue disc, and build the initramfs again with these drivers: dracut -f --add-drivers 'hv_vmbus hv_storvsc hv_netvsc'; on Debian and Ubuntu add the three names to /etc/initramfs-tools/modules, then update-initramfs -u (from a rescue disc: in a chroot of the installed system); or take an image of the distribution for Hyper-V or Azure",
        runs_on=HOST_OF_THE_VM,
        source="https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-hyperv-issue",
        texts=(
            "dracut-initqueue timeout",
            "vfs: unable to mount root fs",
            "gave up waiting for root",
        ),
    ),
    Explanation(
        code="grub-rescue",
        cause="The boot loader of Linux (GRUB) has started and does not find its files: the partition that holds them was moved, resized or deleted, or the disk was copied incompletely.",
        check="At the prompt: ls lists the disks and partitions that GRUB sees, set shows which one it expects (prefix, root). On the host: Test-VHD -Path '<disk>'",
        fix="Create the disk from its image again; to keep it, start a rescue disc of the distribution and install GRUB again (grub-install, update-grub)",
        runs_on=HOST_OF_THE_VM,
        source="https://www.gnu.org/software/grub/manual/grub/html_node/GRUB-only-offers-a-rescue-shell.html",
        texts=("grub rescue", "normal.mod' not found"),
    ),
    Explanation(
        code="boot-sector",
        cause="The boot sector of the disk has started (generation 1) and cannot read the next stage of the boot loader: the partition was resized, moved or converted and the boot sector still points to its old position, or the file of the disk is damaged.",
        check="Test-VHD -Path '<disk>'; Get-VMHardDiskDrive -VMName '<VM>' | Format-Table ControllerType, ControllerLocation, Path",
        fix="Create the disk from its image again; to keep it, start the VM from an installation disc and repair the boot sector there: bootrec /fixmbr, bootrec /fixboot, or bcdboot C:\\Windows (with the letter that Windows has there)",
        runs_on=HOST_OF_THE_VM,
        source="https://www.questarter.com/q/what-causes-quot-a-disk-read-error-occurred-press-ctrl-alt-del-to-restart-quot-2_407087.html",
        texts=("disk read error occurred",),
    ),
)
