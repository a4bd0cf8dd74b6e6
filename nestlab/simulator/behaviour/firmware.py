"""Whether the firmware of a VM loads the boot loader on its disk.

A generation 2 VM starts with Secure Boot on and the template MicrosoftWindows, under which no Linux
boot loader is trusted: those are signed by the Microsoft UEFI Certificate Authority
(https://learn.microsoft.com/windows-server/virtualization/hyper-v/learn-more/generation-2-virtual-machine-security-settings-for-hyper-v).
The VM then runs without an operating system. That Windows does not boot under the template of
that authority is an inference, which a quirk can change.

The BIOS of generation 1 boots Windows from a disk with a master boot record (MBR), the UEFI
firmware of generation 2 from one with a GUID partition table (GPT)
(https://learn.microsoft.com/windows-hardware/manufacture/desktop/windows-and-gpt-faq). Images of
Linux have boot loaders for both, as cloud images do; that all of them do is an inference.
"""

from __future__ import annotations

from nestlab.simulator.behaviour.volumes import partition_style
from nestlab.simulator.state.machine import File, Machine
from nestlab.simulator.state.virtual_machine import VirtualMachine

UEFI_AUTHORITY = "MicrosoftUEFICertificateAuthority"
_TEMPLATES = {"windows": "MicrosoftWindows", "linux": UEFI_AUTHORITY}


_PARTITION_STYLES = {1: "MBR", 2: "GPT"}


def firmware_boots(machine: Machine, vm: VirtualMachine, disk: File, family: str) -> bool:
    """Whether the firmware of a VM boots a system of a family (windows, linux) from its disk."""
    firmware = vm.settings.firmware
    if family == "windows" and partition_style(machine, disk) != _PARTITION_STYLES[vm.generation]:
        return False
    if vm.generation == 1 or not firmware.secure_boot:
        return True
    if family == "windows" and machine.world.quirks.windows_boots_under_any_template:
        return True
    return firmware.secure_boot_template == _TEMPLATES.get(family, firmware.secure_boot_template)
