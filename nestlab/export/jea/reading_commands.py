"""The commands with which nestlab reads a host: they change nothing."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants.commands import SELECT_OBJECT
from nestlab.export.jea import patterns
from nestlab.export.jea.visible_command import VisibleCommand, command, requiring, unrestricted

_LOCALHOST = ("localhost",)
_REGISTRY = (
    r"HKLM:\SYSTEM\CurrentControlSet\Control\DeviceGuard",
    r"HKLM:\BCD00000000\Objects\*\Elements\*",
    r"HKLM:\SYSTEM\CurrentControlSet\Control\TimeZoneInformation",
    r"HKLM:\SYSTEM\CurrentControlSet\Control\Nls\Language",
    r"HKLM:\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces\*",
)
_CLASSES = (
    "Win32_OperatingSystem",
    "Win32_ComputerSystem",
    "Win32_Processor",
    "Win32_LogicalDisk",
    "Win32_DeviceGuard",
    "Msvm_KvpExchangeComponent",
    "Msvm_GuestNetworkAdapterConfiguration",
)
_EVENTS = (
    "*[System[EventID=124]]",
    "*[System/Provider[@Name='Microsoft-Windows-Kernel-General'] and System/EventID=12]",
)
_COMPARED = (
    *("Id", "Name", "Path", "SwitchId", "MacAddress", "Protocol", "ExternalPort"),
    *("Attached", "PartitionNumber"),  # of virtual disks and their partitions
)
"""The properties that nestlab selects objects by."""

_IN_VM = """
    Get-VMFirmware Get-VMHardDiskDrive Get-VMIntegrationService Get-VMMemory Get-VMProcessor Get-VMSecurity
"""


def reading_commands() -> Iterator[VisibleCommand]:
    """Yield the commands that observe a host, and those that pass on objects in a pipeline."""
    yield from _hyper_v()
    yield from _windows()
    yield from _network()
    yield from unrestricted(f"Confirm-SecureBootUEFI {SELECT_OBJECT}")
    # A function with these parameters only: -FilterScript is not among them.
    yield command("Where-Object", "InputObject", "EQ", "Like", "Value", Property=_COMPARED)


def _hyper_v() -> Iterator[VisibleCommand]:
    yield command("Get-VM", "Id", "Name")
    for name in _IN_VM.split():
        yield command(name, "VMName", *_PIPED.get(name, ("VM",)))
    yield command("Get-VMDvdDrive", "VMName", "VM", "ControllerNumber", "ControllerLocation")
    yield command("Get-VMSnapshot", "VMName", "VM")
    yield command("Get-VMNetworkAdapter", "VMName", "VM", "ManagementOS", "Name", "SwitchName")
    yield command("Get-VMSwitch", "Id", "Name")
    yield command("Get-VMHost", ComputerName=_LOCALHOST)
    yield command("Get-VMHostSupportedVersion", "Default", ComputerName=_LOCALHOST)
    yield command("Get-VHD", "Path")


_PIPED = {
    "Get-VMHardDiskDrive": (
        "VM",
        "VMSnapshot",
        "ControllerType",
        "ControllerNumber",
        "ControllerLocation",
    ),
    "Get-VMIntegrationService": ("VM",),
}


def _windows() -> Iterator[VisibleCommand]:
    system = patterns.escaped("DriveType=3") + rf"\z|SystemName = '{patterns.GUID}'\z"
    namespaces = ("root/cimv2", "root/Microsoft/Windows/DeviceGuard", "root/virtualization/v2")
    yield command(
        "Get-CimInstance",
        ClassName=_CLASSES,
        Namespace=namespaces,
        Filter=system,
        Property=("GuestIntrinsicExchangeItems",),
    )
    yield command("Get-WindowsFeature", "Name")
    yield command("Get-WindowsOptionalFeature", "Online", "FeatureName")
    yield command("Get-ItemProperty", Path=_REGISTRY, Name=("Element", "NameServer"))
    yield command("Get-Service", Name=("vmms", "hns", "SharedAccess", "DHCPServer"))
    yield command("Get-WinEvent", "MaxEvents", LogName=("System",), FilterXPath=_EVENTS)


def _network() -> Iterator[VisibleCommand]:
    yield command("Get-NetAdapter", "Name")
    for name in (
        "Get-NetIPInterface",
        "Get-NetIPAddress",
        "Get-NetRoute",
        "Get-DnsClientServerAddress",
    ):
        yield command(name, AddressFamily=("IPv4",))
    yield command("Get-NetNat", "Name")
    yield command("Get-NetNatStaticMapping", "NatName")
    yield command("Get-NetFirewallRule", Name=("FPS-ICMP4-ERQ-In", "nestlab.echo-request"))
    # Each of its parameter sets has -ComputerName, and none is the default: without the mandatory
    # parameters of the others, a restricted one would be ambiguous. A function calls it instead.
    ping = command("Test-NetConnection", ComputerName=rf"{patterns.IPV4}\z")
    yield requiring(ping, "ComputerName")
