"""The roles and features of Windows Server that the simulated host knows.

Names: [Roles, role services and features](https://learn.microsoft.com/windows-server/administration/server-core/server-core-roles-and-services)
and Get-WindowsFeature. Which tools -IncludeManagementTools adds is documented for none of them as
a whole: those of Active Directory are what its installation guide shows.
"""

from __future__ import annotations

from nestlab.dataclass import dataclass


@dataclass(frozen=True)
class Feature:
    """A role, role service or feature of Windows Server. `install_seconds` are virtual."""

    name: str
    display_name: str
    kind: str = "Feature"  # Role | Role Service | Feature
    tools: tuple[str, ...] = ()
    install_seconds: float = 30.0
    needs_restart: bool = False


FEATURES = {
    feature.name: feature
    for feature in (
        Feature(
            "Hyper-V",
            "Hyper-V",
            "Role",
            ("RSAT-Hyper-V-Tools", "Hyper-V-Tools", "Hyper-V-PowerShell"),
            90.0,
            needs_restart=True,
        ),
        Feature("RSAT-Hyper-V-Tools", "Hyper-V Management Tools"),
        Feature("Hyper-V-Tools", "Hyper-V GUI Management Tools"),
        Feature("Hyper-V-PowerShell", "Hyper-V Module for Windows PowerShell"),
        Feature("DHCP", "DHCP Server", "Role", ("RSAT-DHCP",)),
        Feature("RSAT-DHCP", "DHCP Server Tools"),
        Feature("DNS", "DNS Server", "Role", ("RSAT-DNS-Server",)),
        Feature("RSAT-DNS-Server", "DNS Server Tools"),
        Feature("Containers", "Containers", needs_restart=True),
        Feature(
            "Failover-Clustering",
            "Failover Clustering",
            "Feature",
            ("RSAT-Clustering-PowerShell",),
            needs_restart=True,
        ),
        Feature("RSAT-Clustering-PowerShell", "Failover Cluster Module for Windows PowerShell"),
        Feature("RemoteAccess", "Remote Access", "Role"),
        Feature("Routing", "Routing", "Role Service"),
        Feature(
            "AD-Domain-Services",
            "Active Directory Domain Services",
            "Role",
            ("RSAT-ADDS", "RSAT-AD-AdminCenter", "RSAT-ADDS-Tools", "RSAT-AD-PowerShell", "GPMC"),
            60.0,
        ),
        Feature("RSAT-ADDS", "AD DS Tools"),
        Feature("RSAT-AD-AdminCenter", "Active Directory Administrative Center"),
        Feature("RSAT-ADDS-Tools", "AD DS Snap-Ins and Command-Line Tools"),
        Feature("RSAT-AD-PowerShell", "Active Directory module for Windows PowerShell"),
        Feature("GPMC", "Group Policy Management"),
        Feature("FS-FileServer", "File Server", "Role Service"),
        Feature("FS-iSCSITarget-Server", "iSCSI Target Server", "Role Service"),
        Feature("Web-Server", "Web Server (IIS)", "Role", ("Web-Mgmt-Console",)),
        Feature("Web-Mgmt-Console", "IIS Management Console", "Role Service"),
        Feature(
            "ADCS-Cert-Authority", "Certification Authority", "Role Service", ("RSAT-ADCS-Mgmt",)
        ),
        Feature("RSAT-ADCS-Mgmt", "Certification Authority Management Tools"),
        Feature("Data-Center-Bridging", "Data Center Bridging"),
    )
}
