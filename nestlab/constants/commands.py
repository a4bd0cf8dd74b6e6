"""The commands that nestlab sends to hosts and guests.

They are the visible commands of a JEA role, and the commands allowed in a guest.
"""

from __future__ import annotations

GUEST_FUNCTION = "Invoke-NestLabGuest"
"""The function of a JEA role that runs statements in a guest: JEA endpoints reject scripts."""

CLIENT_ARGUMENT = "NestLabClient"
"""The application argument of a runspace pool that names the client it belongs to.

A simulated host reads it, to treat the shells of one client as one.
"""

_HYPER_V = """
    Add-VMDvdDrive Add-VMHardDiskDrive Add-VMNetworkAdapter Checkpoint-VM Connect-VMNetworkAdapter Copy-VMFile Disable-VMIntegrationService Disable-VMTPM
    Disconnect-VMNetworkAdapter Dismount-VHD Enable-VMIntegrationService Enable-VMTPM Get-VHD
    Get-VM Get-VMCheckpoint
    Get-VMDvdDrive Get-VMFirmware Get-VMHardDiskDrive Get-VMHost Get-VMHostSupportedVersion Get-VMIntegrationService Get-VMMemory
    Get-VMNetworkAdapter Get-VMNetworkAdapterVlan Get-VMProcessor Get-VMSecurity Get-VMSnapshot Get-VMSwitch Mount-VHD New-VHD New-VM New-VMSwitch
    Remove-VM Remove-VMDvdDrive Remove-VMHardDiskDrive Remove-VMNetworkAdapter Remove-VMSavedState Remove-VMSnapshot Remove-VMSwitch Rename-VM Rename-VMNetworkAdapter
    Resize-VHD Restore-VMSnapshot Resume-VM Set-VM Set-VMDvdDrive Set-VMFirmware Set-VMHardDiskDrive Set-VMKeyProtector Set-VMMemory Set-VMNetworkAdapter Set-VMNetworkAdapterVlan Set-VMProcessor Set-VMSwitch Set-VMSwitchTeam Start-VM Stop-VM
    Suspend-VM Test-VHD Update-VMVersion
"""
_NETWORK = """
    Add-NetNatStaticMapping Disable-NetAdapter Enable-NetAdapter Get-DnsClientServerAddress Get-NetAdapter Get-NetConnectionProfile Get-NetFirewallRule Get-NetIPAddress
    Get-NetIPInterface Get-NetNat Get-NetNatStaticMapping Get-NetRoute New-NetFirewallRule New-NetIPAddress New-NetNat New-NetRoute
    Remove-NetFirewallRule Remove-NetIPAddress Remove-NetNat Remove-NetNatStaticMapping Remove-NetRoute Set-DnsClientServerAddress Set-NetIPInterface Set-NetNat Test-Connection
    Test-NetConnection
"""
_DHCP = """
    Add-DhcpServerInDC Add-DhcpServerv4Reservation Add-DhcpServerv4Scope Get-DhcpServerSetting Get-DhcpServerv4OptionValue
    Get-DhcpServerv4Reservation Get-DhcpServerv4Scope Remove-DhcpServerv4OptionValue Remove-DhcpServerv4Reservation
    Remove-DhcpServerv4Scope Set-DhcpServerv4OptionValue Set-DhcpServerv4Scope
"""
_WINDOWS = """
    Confirm-SecureBootUEFI Disable-WindowsOptionalFeature Enable-WindowsOptionalFeature Get-CimInstance Get-Command Get-ComputerInfo
    Get-ChildItem Get-Item Get-ItemProperty Get-Service Get-WinEvent Get-WindowsFeature Get-WindowsOptionalFeature Install-WindowsFeature New-Item Remove-Item
    Rename-Computer Restart-Computer Set-Content Start-Service Stop-Computer Test-Path Uninstall-WindowsFeature
"""
_STORAGE = """
    Add-PartitionAccessPath Format-Volume Get-Disk Get-Partition Initialize-Disk New-Partition Remove-PartitionAccessPath Set-Disk
"""
SELECT_OBJECT = r"Microsoft.PowerShell.Utility\Select-Object"
"""Qualified with its module: in a JEA session the bare name is a function with fewer parameters."""

_PIPELINE = f"{SELECT_OBJECT} Measure-Object Select-Object Sort-Object Where-Object"

COMMANDS: frozenset[str] = frozenset(
    name
    for group in (_HYPER_V, _NETWORK, _DHCP, _STORAGE, _WINDOWS, _PIPELINE)
    for name in group.split()
)
"""Names as PowerShell spells them.

Commands that could run a script block never receive one: remoting transfers it as text.
"""

_LOWER = {name.lower() for name in COMMANDS}


def is_known_command(name: str) -> bool:
    """Whether nestlab sends a command of this name; case does not matter.

    >>> [is_known_command(name) for name in ("get-vm", "notepad.exe", "Invoke-Expression")]
    [True, False, False]
    """
    return name.lower() in _LOWER
