"""The hardware and the operating system of a simulated machine."""

from __future__ import annotations

from nestlab.dataclass import dataclass, field


@dataclass(slots=True)
class Processors:
    """The processors of a machine, as Win32_Processor and a hypervisor see them."""

    manufacturer: str = "GenuineIntel"
    name: str = "Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz"
    architecture: int = 9  # 9 x64, 12 ARM64
    sockets: int = 1
    cores: int = 8
    logical_processors: int = 16
    virtualization_firmware_enabled: bool = True
    second_level_address_translation: bool = True
    vm_monitor_mode: bool = True


@dataclass(slots=True)
class Hardware:
    """The hardware of a machine.

    A guest's hardware follows from its virtual machine at each start.
    """

    manufacturer: str = ""
    model: str = ""
    memory: int = 0  # bytes
    processors: Processors = field(default_factory=Processors)
    virtual: bool = False  # whether it is a virtual machine
    secure_boot: str = "On"  # as System Information shows it: On | Off | Unsupported (a BIOS)


@dataclass(slots=True)
class OperatingSystem:
    """An operating system: the properties of Win32_OperatingSystem, and its boot time."""

    key: str = "none"
    family: str = "windows"  # windows | linux
    caption: str = ""
    build: int = 0
    product_type: int = 3  # 1 workstation, 3 server
    operating_system_sku: int = 8
    boot_seconds: float = 45.0
