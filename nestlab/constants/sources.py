"""The pages that numbers, rules and explanations cite, and when they were read."""

from __future__ import annotations

READ_ON = "2026-11"
"""The month in which the pages below were last read."""

ENABLE_NESTED = "https://learn.microsoft.com/virtualization/hyper-v/enable-nested-virtualization"
WHAT_IS_NESTED = "https://learn.microsoft.com/virtualization/hyper-v/nested-virtualization"
UPGRADE_VERSION = "https://learn.microsoft.com/windows-server/virtualization/hyper-v/deploy/upgrade-virtual-machine-version-in-hyper-v-on-windows-or-windows-server"
NAT_NETWORK = "https://learn.microsoft.com/virtualization/hyper-v/setup-nat-network"
HOST_RESERVE = "https://learn.microsoft.com/windows-server/virtualization/hyper-v/dynamic-memory"
"""Hyper-V Dynamic Memory Overview: Hyper-V calculates the reserve of the management OS."""
SECURE_BOOT = "https://learn.microsoft.com/windows-server/virtualization/hyper-v/learn-more/generation-2-virtual-machine-security-settings-for-hyper-v"
GENERATIONS = "https://learn.microsoft.com/windows-server/virtualization/hyper-v/plan/should-i-create-a-generation-1-or-2-virtual-machine-in-hyper-v"
WINDOWS_LOCALES = "https://learn.microsoft.com/openspecs/windows_protocols/ms-lcid/"
CHECKPOINTS = "https://learn.microsoft.com/virtualization/hyper-v-on-windows/user-guide/checkpoints"
"""Using checkpoints: a Standard one includes the memory of the VM, a Production one does not."""
LBFO_TEAM = "https://github.com/eryph-org/eryph/issues/139"
VIRTUAL_SWITCH = "https://learn.microsoft.com/windows-server/virtualization/hyper-v/get-started/create-a-virtual-switch-for-hyper-v-virtual-machines"
DHCP_CONFLICTS = "https://learn.microsoft.com/previous-versions/windows/it-pro/windows-2000-server/cc961397(v=technet.10)"
"""Client Conflict Detection: a client declines an address in use, and is offered the next one."""
DHCP_SERVER_SETTING = "https://learn.microsoft.com/previous-versions/windows/desktop/dhcpserverpsprov/dhcpserversetting"
"""ConflictDetectionAttempts of a DHCP server: from 1 to 5; zero is disabled."""
DHCP_AUTHORIZATION = "https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2008-R2-and-2008/dd380142(v=ws.10)"
"""DHCP Server Rogue Detection."""
DHCP_OFFERS = "https://www.rfc-editor.org/rfc/rfc2131"
"""3.1: a client gets an offer from each server, and requests the address of one of them."""
DHCP_OPTIONS = "https://www.rfc-editor.org/rfc/rfc2132"
"""Router (3.5): "routers on the client's subnet"; Domain Name Server (3.8)."""
DHCP_RESERVATIONS = (
    "https://learn.microsoft.com/powershell/module/dhcpserver/add-dhcpserverv4reservation"
)
"""A reserved address "is leased only to the client identified by the specific client" ID."""
DHCP_RESERVATION_LIMITS = "https://support.microsoft.com/kb/196066"
"""A reservation may be outside the range of its scope, and not outside its subnet."""
DHCP_RESERVED_IN_USE = "https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2003/cc782789(v=ws.10)"
"""A reservation does not make the client that uses its address stop: it must release it first."""
FILE_NAMES = "https://learn.microsoft.com/windows/win32/fileio/naming-a-file"
"""Reserved in file names: < > : " / \\ | ? * and the characters from 0 to 31."""
SERVICE_PORTS = "https://learn.microsoft.com/troubleshoot/windows-server/networking/service-overview-and-network-port-requirements"
"""The ports of the services of Windows Server."""
DHCP_SERVER_IN_DC = "https://learn.microsoft.com/powershell/module/dhcpserver/add-dhcpserverindc"
ADDRESS_STATES = "https://learn.microsoft.com/windows-hardware/drivers/network/nl-dad-state"
LINK_LOCAL_ADDRESSES = "https://www.rfc-editor.org/rfc/rfc3927"
COMPUTER_NAMES = "https://learn.microsoft.com/troubleshoot/windows-server/active-directory/naming-conventions-for-computer-domain-site-ou"
SUBNET_MASKS = "https://www.rfc-editor.org/rfc/rfc1122"
"""Section 3.3.1.1: a host decides by its mask whether a destination is on its own network."""
PRIVATE_NETWORKS = "https://www.rfc-editor.org/rfc/rfc1918"
NETWORK_PLAN = "https://learn.microsoft.com/windows-server/virtualization/hyper-v/plan/plan-hyper-v-networking-in-windows-server"
SCALABILITY = "https://learn.microsoft.com/windows-server/virtualization/hyper-v/plan/plan-hyper-v-scalability-in-windows-server"
REQUIREMENTS = "https://learn.microsoft.com/windows-server/virtualization/hyper-v/system-requirements-for-hyper-v-on-windows"
INSTALL_FEATURE = (
    "https://learn.microsoft.com/powershell/module/servermanager/install-windowsfeature"
)
INSTALL_HYPER_V = (
    "https://learn.microsoft.com/windows-server/virtualization/hyper-v/get-started/install-hyper-v"
)
SET_VLAN = "https://learn.microsoft.com/powershell/module/hyper-v/set-vmnetworkadaptervlan"
SET_MEMORY = "https://learn.microsoft.com/powershell/module/hyper-v/set-vmmemory"
SET_ADAPTER = "https://learn.microsoft.com/powershell/module/hyper-v/set-vmnetworkadapter"
NAT_ISSUE = "https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/1244"
INCOMPLETE_NAT_ISSUE = "https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/971"
MULTIPLE_NATS_ISSUE = "https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/1945"
VBS_PULL_REQUEST = "https://github.com/MicrosoftDocs/Virtualization-Documentation/pull/1059"
VBS_OPT_OUT_ISSUE = "https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/308"
CREDENTIAL_GUARD = (
    "https://learn.microsoft.com/windows/security/identity-protection/credential-guard/configure"
)
STATUS_SCRIPT = (
    "https://github.com/MicrosoftDocs/Virtualization-Documentation/tree/main/hyperv-tools/Nested"
)
DUPLICATE_NAMES_ISSUE = "https://github.com/dsccommunity/HyperVDsc/issues/105"
AZURE_WIRE_SERVER = (
    "https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16"
)
AZURE_TRUSTED_LAUNCH = "https://learn.microsoft.com/azure/virtual-machines/trusted-launch"
MTU_ISSUE = "https://github.com/microsoft/azure_arc/issues/2579"
TERRAFORM_PROVIDER = "https://github.com/windsorcli/terraform-provider-hyperv"
DEFAULT_SWITCH_PAGE = "https://maxcoreblog.com/2020/08/09/accidental-task-hyper-v-default-switch-and-vms-on-static-ip-addresses/"
LAB_SERVICES = (
    "https://learn.microsoft.com/azure/lab-services/concept-nested-virtualization-template-vm"
)
MSLAB = "https://github.com/microsoft/MSLab/issues/353"
NEW_IP_ADDRESS = "https://learn.microsoft.com/powershell/module/nettcpip/new-netipaddress"
NEW_ROUTE = "https://learn.microsoft.com/powershell/module/nettcpip/new-netroute"
NEW_VHD = "https://learn.microsoft.com/powershell/module/hyper-v/new-vhd"
SWITCH_EMBEDDED_TEAMING = "https://learn.microsoft.com/windows-server/virtualization/hyper-v-virtual-switch/rdma-and-switch-embedded-teaming"
STATIC_MAPPING = "https://learn.microsoft.com/powershell/module/netnat/add-netnatstaticmapping"
NOCLOUD = "https://cloudinit.readthedocs.io/en/latest/reference/datasources/nocloud.html"
POWERSHELL_DIRECT = "https://learn.microsoft.com/virtualization/hyper-v/powershell-direct"
CIM_PROCESSOR = "https://learn.microsoft.com/windows/win32/cimwin32prov/win32-processor"
SERVER_HARDWARE = "https://learn.microsoft.com/windows-server/get-started/hardware-requirements"
UNICODE_TEXT_DIRECTION = "https://www.unicode.org/reports/tr36/"
"""Unicode Technical Report 36, Unicode Security Considerations: bidirectional text spoofing."""
ANSWER_FILES = "https://learn.microsoft.com/windows-hardware/manufacture/desktop/windows-setup-automation-overview"
MEMORY_ALIGNMENT = "https://github.com/kubernetes/minikube/pull/17325"
"""The check that minikube added, with Hyper-V's text: memory values must be properly aligned."""
COUNT_BEFORE_PROCESSOR = "https://github.com/microsoft/lisa/issues/3746"
"""Processor properties that were set before the count were reported to fail on Server 2025."""

_PAGE_DATES = {
    ENABLE_NESTED: "2025-06-10",
    WHAT_IS_NESTED: "2025-06-10",
    UPGRADE_VERSION: "2025-01-20",
}


def page_date(page: str) -> str:
    """Return the date that a page states (YYYY-MM-DD), or else the month when it was last read.

    >>> page_date(UPGRADE_VERSION)
    '2025-01-20'
    """
    return _PAGE_DATES.get(page, READ_ON)
