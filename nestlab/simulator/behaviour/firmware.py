"""Whether the firmware of a VM loads the boot loader on its disk.

A generation 2 VM starts with Secure Boot on and the template MicrosoftWindows, under which no Linux
boot loader is trusted: those are signed by the Microsoft UEFI Certificate Authority
(https://learn.microsoft.com/windows-server/virtualization/hyper-v/learn-more/generation-2-virtual-machine-security-settings-for-hyper-v).
The VM then runs without an operating system. It is an inference, which a quirk can change, that
Windows does not boot under the template of that authority.
"""

from __future__ import annotations

from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import VirtualMachine

UEFI_AUTHORITY = "MicrosoftUEFICertificateAuthority"
_TEMPLATES = {"windows": "MicrosoftWindows", "linux": UEFI_AUTHORITY}


def firmware_boots(machine: Machine, vm: VirtualMachine, family: str) -> bool:
    """Whether the firmware of a VM boots an operating system of this family (windows, linux)."""
    firmware = vm.settings.firmware
    if vm.generation == 1 or not firmware.secure_boot:
        return True
    if family == "windows" and machine.world.quirks.windows_boots_under_any_template:
        return True
    return firmware.secure_boot_template == _TEMPLATES.get(family, firmware.secure_boot_template)
