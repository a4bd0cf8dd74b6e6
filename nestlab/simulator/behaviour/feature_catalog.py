"""The roles and features of Windows Server that the simulated host knows."""

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
    )
}
