"""Limits of Hyper-V: memory, processors, adapters, VLANs, disks, configuration versions.

Names in parentheses are those of the pages in `nestlab.constants.sources` that state the number.
The simulator keeps its own copies of some of them on purpose: a wrong number here is then found by
a test against it.
"""

from __future__ import annotations

from typing import Final

from nestlab.model.size import Size

NESTED_MEMORY_MINIMUM: Final = Size(4 << 30)
"""The memory that Hyper-V requires in a nested host (REQUIREMENTS)."""
_RESERVED_AT_LEAST: Final = 1 << 30
_RESERVED_SHARE: Final = 64
MEMORY_STEP: Final = 2 << 20
"""The memory of a VM is a multiple of this many bytes (MEMORY_ALIGNMENT)."""
MEMORY_MINIMUM: Final = 32 << 20
"""The minimum memory of a VM, in bytes."""
DISK_SPACE_MINIMUM: Final = Size(32 << 30)
"""The minimum disk space for Windows Server (SERVER_HARDWARE)."""

GENERATION_1_MEMORY_MAXIMUM: Final = Size(1 << 40)
"""The maximum memory of a generation 1 VM (SCALABILITY)."""
GENERATION_2_MEMORY_MAXIMUM: Final = Size(240 << 40)
"""The maximum memory of a generation 2 VM from LARGE_VMS_BUILD_MINIMUM on (SCALABILITY)."""
OLD_GENERATION_2_MEMORY_MAXIMUM: Final = Size(12 << 40)
"""The same on Windows Server 2016 to 2022 (SCALABILITY)."""
DISK_SIZE_MINIMUM: Final = Size(3 << 20)
"""The smallest disk that New-VHD creates (NEW_VHD)."""
DISK_SIZE_MAXIMUM: Final = Size(64 << 40)
"""The largest disk in the VHDX format (SCALABILITY)."""
VHD_SIZE_MAXIMUM: Final = Size(2040 << 30)
"""The largest disk in the VHD format (SCALABILITY)."""
SCSI_LOCATIONS: Final = 64
"""Disks on a virtual SCSI controller (SCALABILITY)."""
IDE_LOCATIONS: Final = 4
"""Disks and DVD drives on the two IDE controllers of generation 1 (SCALABILITY)."""

GENERATION_1_PROCESSORS_MAXIMUM: Final = 64
"""Virtual processors of a generation 1 VM (SCALABILITY)."""
OLD_GENERATION_2_PROCESSORS_MAXIMUM: Final = 240
"""Virtual processors of a generation 2 VM on Windows Server 2016 to 2022 (SCALABILITY)."""
PROCESSORS_MAXIMUM: Final = 2048
"""Virtual processors of a generation 2 VM on Windows Server 2025 (SCALABILITY)."""
OLD_GUEST_PROCESSORS_MAXIMUM: Final = 225
"""Virtual processors of a nested host with Windows Server 2019 or older (ENABLE_NESTED)."""
TEAM_MEMBERS_MAXIMUM: Final = 8
"""Members of a Switch Embedded Teaming (SET) team (SWITCH_EMBEDDED_TEAMING)."""
ADAPTERS_MAXIMUM: Final = 64
"""Synthetic adapters of a VM on Windows Server 2019 and later (SCALABILITY)."""
OLD_ADAPTERS_MAXIMUM: Final = 8
"""The same on Windows Server 2016, and of a VM below MANY_ADAPTERS_VERSION_MINIMUM."""
MANY_ADAPTERS_VERSION_MINIMUM: Final = (8, 3)
"""The minimum configuration version of a VM with that many adapters (SCALABILITY).

It is the first one after that of Windows Server 2016.
"""
CHECKPOINTS_MAXIMUM: Final = 50
"""Checkpoints of a VM (SCALABILITY)."""
VM_NAME_LENGTH_MAXIMUM: Final = 100
"""The maximum length of the name of a VM, in characters."""

LONGEST_PREFIX_WITH_BROADCAST: Final = 30
"""The longest prefix with a network and a broadcast address; a /31 has neither (RFC 3021)."""
VLAN_MINIMUM, VLAN_MAXIMUM = 1, 4094
"""0 and 4095 are reserved by IEEE 802.1Q; a native VLAN of 0 means "no tag" (SET_VLAN)."""
STANDARD_MTU: Final = 1500
"""Bytes in an Ethernet frame's payload, without jumbo frames (IEEE 802.3)."""

NESTED_VERSION_MINIMUM: Final = (8, 0)
"""The minimum configuration version of a nested host (ENABLE_NESTED)."""
AMD_VERSION_MINIMUM: Final = (9, 3)
"""The minimum configuration version of a nested host on AMD processors (ENABLE_NESTED)."""
AMD_VERSION_UNDISPUTED: Final = (10, 0)
"""The minimum that no source disputes: revisions of the page from 2021 to 2023 said 10.0.

From 9.3 to below 10.0 is a warning.
"""
PRODUCTION_CHECKPOINTS_VERSION_MINIMUM: Final = (6, 2)
"""The minimum configuration version of a VM with production checkpoints (UPGRADE_VERSION)."""
TPM_VERSION_MINIMUM: Final = (7, 0)
"""The minimum configuration version of a VM with a virtual TPM (UPGRADE_VERSION)."""


def version_of(text: str) -> tuple[int, int]:
    """Parse a configuration version; return (0, 0) if the string is not one.

    >>> version_of("9.3") < version_of("10.0"), version_of("")
    (True, (0, 0))
    """
    major, _, minor = text.partition(".")
    return (int(major), int(minor)) if major.isdecimal() and minor.isdecimal() else (0, 0)


def host_memory_reserve(total: int) -> Size:
    """Return the memory, in bytes, that a host with `total` bytes reserves for the management OS.

    Hyper-V calculates the reserve, and starts no VM that would need part of it (HOST_RESERVE). The
    formula is not published: 1 GB plus 1/64 of the memory is an inference, between the 512 MB that
    a server needs without a desktop and the 2 GB that it needs with one (SERVER_HARDWARE).

    >>> print(host_memory_reserve(4 << 30), host_memory_reserve(64 << 30))
    1088MB 2GB
    """
    return Size(min(total, _RESERVED_AT_LEAST + total // _RESERVED_SHARE))


def host_memory_for(vms: int) -> Size:
    """Return the least memory of a host that can start VMs that need `vms` bytes in all.

    The result is a multiple of `MEMORY_STEP`, 2 MB.

    >>> print(host_memory_for(3 << 30))
    4162MB
    """
    needed = (vms + _RESERVED_AT_LEAST) * _RESERVED_SHARE // (_RESERVED_SHARE - 1)
    steps = -(-needed // MEMORY_STEP)
    while (memory := Size(steps * MEMORY_STEP)) - host_memory_reserve(memory) < vms:
        steps += 1
    return memory


def nested_host_memory(vms: int) -> Size:
    """Return the memory_startup, in whole GB, of a nested host whose VMs need `vms` bytes.

    It covers the VMs and the reserve of the nested host's management OS (`host_memory_for`), and is
    at least the minimum for a nested host (`NESTED_MEMORY_MINIMUM`).

    >>> print(nested_host_memory(0), nested_host_memory(3 << 30))
    4GB 5GB
    """
    step = 1 << 30
    return Size(max(-(-host_memory_for(vms) // step) * step, NESTED_MEMORY_MINIMUM))
