"""The commands that nestlab sends to hosts and guests, and no others: the contents of a JEA role, the check before a guest."""

from __future__ import annotations

GUEST_FUNCTION = "Invoke-NestLabGuest"
"""The role function that runs statements in a guest on a JEA endpoint, where scripts are refused."""

_HYPER_V = """
    Add-VMHardDiskDrive Add-VMNetworkAdapter Checkpoint-VM Connect-VMNetworkAdapter Disconnect-VMNetworkAdapter Enable-VMIntegrationService
    Get-VHD Get-VM Get-VMCheckpoint Get-VMDvdDrive Get-VMFirmware Get-VMHardDiskDrive Get-VMHost Get-VMHostSupportedVersion
    Get-VMIntegrationService Get-VMMemory Get-VMNetworkAdapter Get-VMNetworkAdapterVlan Get-VMProcessor Get-VMSecurity Get-VMSnapshot
    Get-VMSwitch Mount-VHD New-VHD New-VM New-VMSwitch Remove-VM Remove-VMHardDiskDrive Remove-VMNetworkAdapter Remove-VMSnapshot
    Remove-VMSwitch Rename-VM Rename-VMNetworkAdapter Rename-VMSwitch Resize-VHD Restart-VM Resume-VM Save-VM Set-VM Set-VMFirmware
    Set-VMHost Set-VMMemory Set-VMNetworkAdapter Set-VMNetworkAdapterVlan Set-VMProcessor Set-VMSwitch Start-VM Stop-VM Suspend-VM
    Test-VHD Update-VMVersion Remove-VMSavedState Dismount-VHD
"""
_NETWORK = """
    Add-NetNatStaticMapping Disable-NetAdapter Enable-NetAdapter Find-NetRoute Get-DnsClientServerAddress Get-NetAdapter
    Get-NetAdapterAdvancedProperty Get-NetAdapterBinding Get-NetConnectionProfile Get-NetFirewallRule Get-NetIPAddress
    Get-NetIPConfiguration Get-NetIPInterface Get-NetNat Get-NetNatExternalAddress Get-NetNatSession Get-NetNatStaticMapping
    Get-NetNeighbor Get-NetRoute New-NetFirewallRule New-NetIPAddress New-NetNat New-NetRoute Remove-NetFirewallRule
    Remove-NetIPAddress Remove-NetNat Remove-NetNatStaticMapping Remove-NetRoute Rename-NetAdapter Set-DnsClientServerAddress
    Set-NetAdapter Set-NetFirewallRule Set-NetIPAddress Set-NetIPInterface Set-NetNat Set-NetRoute Test-Connection
    Test-NetConnection Enable-NetFirewallRule Disable-NetFirewallRule
"""
_DHCP = """
    Add-DhcpServerv4Scope Get-DhcpServerv4Lease Get-DhcpServerv4OptionValue Get-DhcpServerv4Scope Remove-DhcpServerv4Scope
    Set-DhcpServerv4OptionValue Set-DhcpServerv4Scope Get-DhcpServerv4Binding Set-DhcpServerv4Binding Remove-DhcpServerv4OptionValue
"""
_WINDOWS = """
    Disable-WindowsOptionalFeature Enable-WindowsOptionalFeature Get-CimInstance Get-Command Get-ComputerInfo Get-Item Get-ItemProperty
    Get-Module Get-Service Get-Volume Get-WindowsFeature Get-WindowsOptionalFeature Install-WindowsFeature New-Item Remove-Item
    Rename-Computer Restart-Computer Restart-Service Set-Service Start-Service Stop-Computer Stop-Service Test-Path
    Uninstall-WindowsFeature
"""
_PIPELINE = "Measure-Object Select-Object Sort-Object Where-Object"

COMMANDS: frozenset[str] = frozenset(name for group in (_HYPER_V, _NETWORK, _DHCP, _WINDOWS, _PIPELINE) for name in group.split())
"""Names in their own spelling. No command that runs script blocks is among them."""

_LOWER = {name.lower() for name in COMMANDS}


def is_known(name: str) -> bool:
    """Whether nestlab sends commands of this name, in any case.

    >>> is_known("get-vm"), is_known("notepad.exe"), is_known("Invoke-Expression")
    (True, False, False)
    """
    return name.lower() in _LOWER
