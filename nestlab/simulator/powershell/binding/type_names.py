"""The .NET and CIM names of parameter types and of the classes of commands."""

from __future__ import annotations

CDXML_MODULES = frozenset(
    {"DnsClient", "NetAdapter", "NetConnection", "NetNat", "NetTCPIP", "Storage"}
)


_ASSOCIATED = {
    "Adapter": "NetAdapter",
    "IPAddress": "NetIPAddress",
    "IPInterface": "NetIPInterface",
    "Neighbor": "NetNeighbor",
    "Route": "NetRoute",
    **{
        name: name
        for name in (
            "Disk",
            "Partition",
            "StorageJob",
            "StorageNode",
            "StorageSubSystem",
            "VirtualDisk",
            "Volume",
            "iSCSIConnection",
            "iSCSISession",
        )
    },
}


_INPUT_NOUNS = {
    "Initialize-Disk": "Disk",
    "New-Partition": "Disk",
    "Add-PartitionAccessPath": "Partition",
    "Remove-PartitionAccessPath": "Partition",
}
"""Commands whose InputObject is not of the class that their noun names."""


def cim_class_name(name: str, command: str) -> str:
    """Return the CIM class that the PSTypeName attribute of a parameter names."""
    associated = _ASSOCIATED.get(name.removeprefix("Associated"))
    noun = associated or _INPUT_NOUNS.get(command) or command.partition("-")[2]
    return f"MSFT_{noun.replace('DnsClient', 'DNSClient')}"


_SYSTEM_TYPES = {
    *(
        "Boolean",
        "Byte",
        "Char",
        "DateTime",
        "Double",
        "Guid",
        "Int16",
        "Int32",
        "Int64",
        "Object",
        "String",
        "TimeSpan",
    ),
    *("UInt16", "UInt32", "UInt64", "Uri", "Version"),
}


_OTHER_TYPES = {
    "ActionPreference": "System.Management.Automation.ActionPreference",
    "CommandTypes": "System.Management.Automation.CommandTypes",
    "CimInstance": "Microsoft.Management.Infrastructure.CimInstance",
    "CimSession": "Microsoft.Management.Infrastructure.CimSession",
    "Hashtable": "System.Collections.Hashtable",
    "IDictionary": "System.Collections.IDictionary",
    "IPAddress": "System.Net.IPAddress",
    "PSCredential": "System.Management.Automation.PSCredential",
    "PSObject": "System.Management.Automation.PSObject",
    "ScriptBlock": "System.Management.Automation.ScriptBlock",
    "SwitchParameter": "System.Management.Automation.SwitchParameter",
    "VhdType": "Microsoft.Vhd.PowerShell.VhdType",
    "VhdCompactMode": "Microsoft.Vhd.PowerShell.VhdCompactMode",
}


_TYPE_NAMESPACES = {
    "Hyper-V": "Microsoft.HyperV.PowerShell.",
    "Dism": "Microsoft.Dism.Commands.",
    "DnsClient": "Microsoft.DnsClient.Commands.",
    "ServerManager": "Microsoft.Windows.ServerManager.Commands.",
}


def dotnet_type_name(short: str, module: str, command: str) -> str:
    """Return the full .NET name of a type that the table of signatures abbreviates."""
    if short in _SYSTEM_TYPES:
        return f"System.{short}"
    # CDXML modules generate their enums:
    # Microsoft.PowerShell.Cmdletization.GeneratedTypes.NetIPAddress.AddressFamily.
    generated = f"Microsoft.PowerShell.Cmdletization.GeneratedTypes.{command.partition('-')[2]}."
    return _OTHER_TYPES.get(short) or _TYPE_NAMESPACES.get(module, generated) + short


_CLASS_NAMESPACES = {
    "CimCmdlets": "Microsoft.Management.Infrastructure.CimCmdlets.{}Command",
    "Dism": "Microsoft.Dism.Commands.{}Command",
    "DnsClient": "Microsoft.DnsClient.Commands.{}",
    "Hyper-V": "Microsoft.HyperV.PowerShell.Commands.{}",
    "Microsoft.PowerShell.Core": "Microsoft.PowerShell.Commands.{}Command",
    "Microsoft.PowerShell.Management": "Microsoft.PowerShell.Commands.{}Command",
    "Microsoft.PowerShell.Utility": "Microsoft.PowerShell.Commands.{}Command",
    "Microsoft.WSMan.Management": "Microsoft.WSMan.Management.{}Command",
    "ServerManager": "Microsoft.Windows.ServerManager.Commands.{}Command",
}


# Install-WindowsFeature and Uninstall-WindowsFeature are implemented by the Add and Remove classes
# of Server 2008 R2.
_OLD_CLASS_NAMES = {
    "InstallWindowsFeature": "AddWindowsFeature",
    "UninstallWindowsFeature": "RemoveWindowsFeature",
}


def command_class(name: str, module: str, *, is_function: bool) -> str:
    """Return the part of a fully qualified error id after the comma.

    >>> command_class("Set-VMProcessor", "Hyper-V", is_function=False)
    'Microsoft.HyperV.PowerShell.Commands.SetVMProcessor'
    >>> command_class("New-NetNat", "NetNat", is_function=True)
    'New-NetNat'
    >>> command_class("New-VHD", "Hyper-V", is_function=False)
    'Microsoft.Vhd.PowerShell.Cmdlets.NewVhd'
    """
    bare = name.replace("-", "", 1)
    if is_function or module not in _CLASS_NAMESPACES:
        return name
    if module == "Hyper-V" and bare.endswith("VHD"):
        return f"Microsoft.Vhd.PowerShell.Cmdlets.{bare.removesuffix('VHD')}Vhd"
    return _CLASS_NAMESPACES[module].format(_OLD_CLASS_NAMES.get(bare, bare))
