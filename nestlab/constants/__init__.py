"""Numbers and thresholds of the rules, dated, each with the page it stands on."""

from __future__ import annotations

from nestlab.model.size import Size

READ_ON = "2026-11"
"""When the pages below were read for the last time."""

# Pages of Microsoft Learn.
ENABLE_NESTED = "https://learn.microsoft.com/virtualization/hyper-v/enable-nested-virtualization"
WHAT_IS_NESTED = "https://learn.microsoft.com/virtualization/hyper-v/nested-virtualization"
UPGRADE_VERSION = "https://learn.microsoft.com/windows-server/virtualization/hyper-v/deploy/upgrade-virtual-machine-version-in-hyper-v-on-windows-or-windows-server"
NAT_NETWORK = "https://learn.microsoft.com/virtualization/hyper-v/setup-nat-network"
VIRTUAL_SWITCH = "https://learn.microsoft.com/windows-server/virtualization/hyper-v/get-started/create-a-virtual-switch-for-hyper-v-virtual-machines"
NETWORK_PLAN = "https://learn.microsoft.com/windows-server/virtualization/hyper-v/plan/plan-hyper-v-networking-in-windows-server"
SCALABILITY = "https://learn.microsoft.com/windows-server/virtualization/hyper-v/plan/plan-hyper-v-scalability-in-windows-server"
REQUIREMENTS = "https://learn.microsoft.com/windows-server/virtualization/hyper-v/system-requirements-for-hyper-v-on-windows"
INSTALL = (
    "https://learn.microsoft.com/windows-server/virtualization/hyper-v/get-started/install-hyper-v"
)
SET_VLAN = "https://learn.microsoft.com/powershell/module/hyper-v/set-vmnetworkadaptervlan"
SET_MEMORY = "https://learn.microsoft.com/powershell/module/hyper-v/set-vmmemory"
SET_ADAPTER = "https://learn.microsoft.com/powershell/module/hyper-v/set-vmnetworkadapter"
NAT_FORUM = "https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/1244"
NAT_TRIPLE = "https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/971"
NAT_SEVERAL = "https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/1945"
SECURITY_FORUM = "https://github.com/MicrosoftDocs/Virtualization-Documentation/pull/1059"
OPT_OUT_FORUM = "https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/308"
CREDENTIAL_GUARD = (
    "https://learn.microsoft.com/windows/security/identity-protection/credential-guard/configure"
)
STATUS_SCRIPT = (
    "https://github.com/MicrosoftDocs/Virtualization-Documentation/tree/main/hyperv-tools/Nested"
)
SAME_NAMES = "https://github.com/dsccommunity/HyperVDsc/issues/105"
AZURE_WIRE = "https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16"
AZURE_TRUSTED = "https://learn.microsoft.com/azure/virtual-machines/trusted-launch"
MTU_FORUM = "https://github.com/microsoft/azure_arc/issues/2579"
PROVIDER = "https://github.com/windsorcli/terraform-provider-hyperv"
DEFAULT_SWITCH_PAGE = "https://maxcoreblog.com/2020/08/09/accidental-task-hyper-v-default-switch-and-vms-on-static-ip-addresses/"
LAB_SERVICES = (
    "https://learn.microsoft.com/azure/lab-services/concept-nested-virtualization-template-vm"
)
MSLAB = "https://github.com/microsoft/MSLab/issues/353"
NEW_IP_ADDRESS = "https://learn.microsoft.com/powershell/module/nettcpip/new-netipaddress"
STATIC_MAPPING = "https://learn.microsoft.com/powershell/module/netnat/add-netnatstaticmapping"
POWERSHELL_DIRECT = "https://learn.microsoft.com/virtualization/hyper-v/powershell-direct"
CIM_PROCESSOR = "https://learn.microsoft.com/windows/win32/cimwin32prov/win32-processor"
SERVER_HARDWARE = "https://learn.microsoft.com/windows-server/get-started/hardware-requirements"

# A nested host: 4 GB is what Hyper-V itself asks for (REQUIREMENTS).
NESTED_MEMORY_MINIMUM = Size(4 << 30)
# What a Windows Server needs for itself, without a desktop (SERVER_HARDWARE).
OPERATING_SYSTEM_MEMORY = Size(512 << 20)
# What a Hyper-V host keeps for its own Windows: a Windows Server with a desktop asks for 2 GB
# (SERVER_HARDWARE).
HOST_MEMORY_RESERVE = Size(2 << 30)
# Synthetic adapters a VM: 8 on Server 2016, 64 from Server 2019 (SCALABILITY). A topology is to run
# on any of them.
ADAPTERS_MAXIMUM = 8
# 0 and 4095 are reserved by IEEE 802.1Q; a native VLAN of 0 means "no tag" (SET_VLAN).
VLAN_MINIMUM, VLAN_MAXIMUM = 1, 4094

# Nested virtualization by vendor (ENABLE_NESTED, 2025-06-10).
INTEL_BUILD_MINIMUM = 14393  # Server 2016, Windows 10 1607
AMD_BUILD_MINIMUM = 20348  # Server 2022; Windows 11 is 22000 and later
NESTED_VERSION_MINIMUM = (8, 0)
AMD_VERSION_MINIMUM = (9, 3)
# Revisions of the page from 2021 to 2023 said 10.0: from 9.3 to below 10.0 is a warning.
AMD_VERSION_UNDISPUTED = (10, 0)
# Below it a second NAT is refused; from it on several NATs that do not overlap were seen to work
# (NAT_NETWORK says one).
SEVERAL_NATS_BUILD_MINIMUM = 20348

ARCHITECTURE_X64 = 9  # Win32_Processor.Architecture (CIM_PROCESSOR)
ARCHITECTURE_ARM64 = 12
PRODUCT_WORKSTATION = 1  # Win32_OperatingSystem.ProductType

# Win32_OperatingSystem.OperatingSystemSKU of the Home editions, which have no Hyper-V (INSTALL).
HOME_EDITIONS = {98: "Home N", 99: "Home China", 100: "Home Single Language", 101: "Home"}

# the client's own switch: its range changes at every boot
DEFAULT_SWITCH_ID = "c08cb7b8-9b3c-408e-8e30-5e16a3aeb444"


# Builds of the previews in which the VM had to opt out of virtualization-based security first
# (https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/308).
OPT_OUT_BUILDS = range(14352, 14362)
# An L1 of Server 2019 or older takes at most 225 virtual processors (ENABLE_NESTED).
OLD_GUEST_PROCESSORS_MAXIMUM = 225
# What an installed Windows Server takes on a disk (SERVER_HARDWARE).
DISK_SPACE_MINIMUM = Size(32 << 30)
ORDINARY_MTU = 1500
# Azure's own DNS server and agent address, the same in every region (AZURE_WIRE)
AZURE_ADDRESS = "168.63.129.16"

_PAGE_DATES = {
    ENABLE_NESTED: "2025-06-10",
    WHAT_IS_NESTED: "2025-06-10",
    UPGRADE_VERSION: "2025-01-20",
}


def page_date(page: str) -> str:
    """Return the date of a page, or where it has none the month in which it was read.

    >>> page_date(UPGRADE_VERSION)
    '2025-01-20'
    """
    return _PAGE_DATES.get(page, READ_ON)


def version_of(text: str) -> tuple[int, int]:
    """Read a configuration version; (0, 0) where it is none.

    >>> version_of("9.3") < version_of("10.0"), version_of("")
    (True, (0, 0))
    """
    major, _, minor = text.partition(".")
    return (int(major), int(minor)) if major.isdecimal() and minor.isdecimal() else (0, 0)


UNICODE_TEXT_DIRECTION = "https://www.unicode.org/reports/tr36/"
"""Unicode Technical Report 36, Unicode Security Considerations: bidirectional text spoofing."""

MEMORY_STEP = 2 << 20
"""Memory of a VM is a multiple of this many bytes."""
MEMORY_MINIMUM = 32 << 20
"""The least memory of a VM."""
MEMORY_ALIGNMENT = "https://github.com/kubernetes/minikube/pull/17325"
"""The check for it that minikube added, with Hyper-V's own words: memory values must be properly aligned."""
