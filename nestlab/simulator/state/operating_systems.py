"""The operating systems that scenarios install: their properties and boot times."""

from __future__ import annotations

from nestlab.simulator.state.hardware import OperatingSystem

# Build numbers are commonly known; ProductType and OperatingSystemSKU from Win32_OperatingSystem
# (MicrosoftDocs/win32). SKU 4 Enterprise, 7 Standard Server, 8 Datacenter Server, 48 Professional,
# 101 Home.
OPERATING_SYSTEMS = {
    system.key: system
    for system in (
        OperatingSystem(
            "ws2016", "windows", "Microsoft Windows Server 2016 Datacenter", 14393, 3, 8, 60.0
        ),
        OperatingSystem(
            "ws2019", "windows", "Microsoft Windows Server 2019 Datacenter", 17763, 3, 8, 50.0
        ),
        OperatingSystem(
            "ws2022", "windows", "Microsoft Windows Server 2022 Datacenter", 20348, 3, 8, 45.0
        ),
        OperatingSystem(
            "ws2025", "windows", "Microsoft Windows Server 2025 Datacenter", 26100, 3, 8, 45.0
        ),
        OperatingSystem("win10", "windows", "Microsoft Windows 10 Enterprise", 19045, 1, 4, 40.0),
        OperatingSystem("win11", "windows", "Microsoft Windows 11 Pro", 22631, 1, 48, 40.0),
        OperatingSystem("win11-home", "windows", "Microsoft Windows 11 Home", 22631, 1, 101, 40.0),
        OperatingSystem("ubuntu2404", "linux", "Ubuntu 24.04 LTS", 0, 3, 0, 20.0),
    )
}
"""Operating systems by key."""
