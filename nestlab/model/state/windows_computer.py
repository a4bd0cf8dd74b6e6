"""The computer that Hyper-V runs on: Windows, processors, disks, security features."""

from __future__ import annotations

from datetime import datetime

from nestlab.dataclass import dataclass
from nestlab.model.size import Size


@dataclass(frozen=True, kw_only=True)
class ComputerState:
    """Win32_OperatingSystem and Win32_ComputerSystem, and two values of the registry of a guest.

    `domain` is empty for a member of a workgroup. `system_locale` is a name such as es-ES,
    `time_zone` an Id as tzutil /l lists them. None, 0 and empty text: it could not be read.
    """

    name: str
    caption: str = ""
    build: int = 0
    product_type: int = 3  # 1 workstation, 2 domain controller, 3 server
    operating_system_sku: int = 0
    manufacturer: str = ""
    model: str = ""
    total_physical_memory: Size = Size(0)
    hypervisor_present: bool | None = None
    data_execution_prevention_available: bool | None = None
    last_boot_up_time: datetime | None = None
    install_date: datetime | None = None  # when Windows was installed, or upgraded
    domain: str = ""
    system_locale: str = ""
    time_zone: str = ""


@dataclass(frozen=True, kw_only=True)
class ProcessorState:
    """Win32_Processor.

    The three flags read False once a hypervisor runs: look at `hypervisor_present` first.
    """

    manufacturer: str = ""
    name: str = ""
    architecture: int = 9  # 9 x64, 12 ARM64
    number_of_cores: int = 0
    number_of_logical_processors: int = 0
    virtualization_firmware_enabled: bool | None = None
    second_level_address_translation_extensions: bool | None = None
    vm_monitor_mode_extensions: bool | None = None


@dataclass(frozen=True, kw_only=True)
class VolumeState:
    """Win32_LogicalDisk: a fixed disk and its free space. `device_id` is the drive, ``D:``."""

    device_id: str
    size: Size = Size(0)
    free_space: Size = Size(0)


@dataclass(frozen=True, kw_only=True)
class EventState:
    """Get-WinEvent: one event of the System log."""

    id: int
    provider_name: str
    time_created: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class SecurityState:
    """Security features of the host and rights of the account. None: it could not be read."""

    virtualization_based_security_status: int | None = (
        None  # Win32_DeviceGuard: 0 off, 1 configured, 2 running
    )
    security_services_running: tuple[
        int, ...
    ] = ()  # Win32_DeviceGuard: 1 Credential Guard, 2 memory integrity
    enable_virtualization_based_security: int | None = None  # registry, Control\DeviceGuard
    hypervisor_load_options: tuple[str, ...] | None = (
        None  # the boot configuration's options that concern nesting
    )
    isolated_user_mode: str | None = (
        None  # State of the Windows feature; empty if this Windows has no such feature
    )
    secure_boot: str | None = None  # On, Off, or Unsupported: the firmware is a BIOS
    start_events: tuple[EventState, ...] | None = (
        None  # the newest event 124 (VBS policy check failed) and Kernel-General 12 (boot)
    )
    elevated: bool | None = (
        None  # whether DISM answered, which it does for elevated administrators only
    )
    running_services: frozenset[str] | None = None  # of the requested ones: vmms, hns, SharedAccess
