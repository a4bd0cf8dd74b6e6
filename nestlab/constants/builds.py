"""Builds, editions, product types and architectures of Windows, as WMI reports them.

The names in parentheses are those of pages in `nestlab.constants.sources`.
"""

from __future__ import annotations

from typing import Final

ARCHITECTURE_X64: Final = 9
"""Win32_Processor.Architecture (CIM_PROCESSOR)."""
ARCHITECTURE_ARM64: Final = 12
"""Win32_Processor.Architecture (CIM_PROCESSOR)."""
PRODUCT_WORKSTATION: Final = 1
"""Win32_OperatingSystem.ProductType of a Windows client; servers have 2 or 3."""
HOME_EDITIONS: Final = {98: "Home N", 99: "Home China", 100: "Home Single Language", 101: "Home"}
"""Win32_OperatingSystem.OperatingSystemSKU of the editions without Hyper-V (INSTALL_HYPER_V)."""

INTEL_BUILD_MINIMUM: Final = 14393
"""Nested virtualization on Intel: Server 2016, Windows 10 1607 (ENABLE_NESTED, 2025-06-10)."""
AMD_BUILD_MINIMUM: Final = 20348
"""Nested virtualization on AMD: Server 2022; Windows 11 is 22000 and later (ENABLE_NESTED)."""
MULTIPLE_NATS_BUILD_MINIMUM: Final = 20348
"""The first build that accepts more than one NAT.

Networks that do not overlap were observed to work (NAT_NETWORK documents one NAT).
"""
SET_PROCESSOR_COUNT_FIRST_FROM_BUILD: Final = 26100
"""First build where the processor count has to be set before other processor properties.

Source: COUNT_BEFORE_PROCESSOR.
"""
LARGE_VMS_BUILD_MINIMUM: Final = 26100
"""First build with VMs of 2,048 virtual processors and 240 TB: Server 2025 (SCALABILITY)."""
LBFO_UNSUPPORTED_FROM_BUILD: Final = 20348
"""First build where New-VMSwitch does not bind to an LBFO team (LBFO_TEAM)."""
VBS_OPT_OUT_BUILDS: Final = range(14352, 14362)
"""Previews that required the VM to opt out of virtualization-based security (VBS_OPT_OUT_ISSUE)."""
