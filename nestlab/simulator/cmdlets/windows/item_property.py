"""Get-ItemProperty for registry keys: boot, security, language, time zone, DNS servers."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model import Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour.first_boot.regional_settings import regional_settings
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.values.wildcard import has_wildcard, matches
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import IPInterface

BOOT_CONFIGURATION = "hklm:\\bcd00000000"
_DEVICE_GUARD = "HKLM:\\SYSTEM\\CurrentControlSet\\Control\\DeviceGuard"
_TIME_ZONE = "HKLM:\\SYSTEM\\CurrentControlSet\\Control\\TimeZoneInformation"
_LANGUAGE = "HKLM:\\SYSTEM\\CurrentControlSet\\Control\\Nls\\Language"
_INTERFACES = "HKLM:\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters\\Interfaces\\"
# The identifier of the current boot entry differs between machines.
_BOOT_ENTRY = "HKLM:\\BCD00000000\\Objects\\{5189b25c-5558-4bf2-bca4-289b11bd29e2}\\Elements\\"


def _keys(machine: Machine) -> Iterator[tuple[str, dict[str, object]]]:
    quirks, is_host = machine.world.quirks, machine.outer_host is None
    yield _BOOT_ENTRY + "11000001", {"Element": bytes(16)}
    yield (
        _BOOT_ENTRY + "12000004",
        {"Element": "Windows Server" if machine.operating_system.product_type != 1 else "Windows"},
    )
    if is_host and quirks.hypervisor_load_options:
        yield _BOOT_ENTRY + "22000110", {"Element": quirks.hypervisor_load_options}
    vbs = (
        {"EnableVirtualizationBasedSecurity": 1}
        if is_host and quirks.virtualization_based_security
        else {}
    )
    yield _DEVICE_GUARD, dict(vbs)
    language, zone = regional_settings(machine)
    yield _TIME_ZONE, {"TimeZoneKeyName": zone}
    yield _LANGUAGE, {"Default": language, "InstallLanguage": language}
    for adapter in machine.adapters:
        yield _INTERFACES + adapter.device_id.lower(), _name_servers(adapter.ip)


def _name_servers(ip: IPInterface) -> dict[str, object]:
    """Return the DNS servers of an interface: set by hand with commas between, leased with blanks.

    Source: https://learn.microsoft.com/previous-versions/windows/it-pro/windows-2000-server/cc962470(v=technet.10);
    the commas are what Set-DnsClientServerAddress writes (commonly known of Windows).
    """
    values: dict[str, object] = {
        "EnableDHCP": int(ip.dhcp),
        "NameServer": ",".join(ip.dns_servers),
    }
    if ip.leased_dns_servers:
        values["DhcpNameServer"] = " ".join(ip.leased_dns_servers)
    return values


@cmdlet("Get-ItemProperty")
def get_item_property(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-ItemProperty of registry keys by path, with wildcards; a missing key is an error."""
    names = [str(name).lower() for name in bound.values("Name")]
    for path in (str(item).rstrip("\\") for item in bound.values("Path", "LiteralPath")):
        found = [(key, data) for key, data in _keys(machine) if matches(path, key)]
        if not found and not has_wildcard(path):
            message = f"Cannot find path '{path}' because it does not exist."
            fully_qualified_id = "PathNotFound,Microsoft.PowerShell.Commands.GetItemPropertyCommand"
            exception = "System.Management.Automation.ItemNotFoundException"
            sink.error(
                cmdlet_errors.generic(
                    message, "ObjectNotFound", fully_qualified_id, path, exception
                ).record
            )
        for key, data in found:
            chosen = {
                name: value for name, value in data.items() if not names or name.lower() in names
            }
            if names and not chosen:
                message = f"Property {names[0]} does not exist at path {key.replace('HKLM:', 'HKEY_LOCAL_MACHINE')}."
                fully_qualified_id = "System.Management.Automation.PSArgumentException,Microsoft.PowerShell.Commands.GetItemPropertyCommand"
                sink.error(
                    cmdlet_errors.generic(
                        message,
                        "InvalidArgument",
                        fully_qualified_id,
                        names[0],
                        "System.Management.Automation.PSArgumentException",
                    ).record
                )
                continue
            sink.output(_record(key, chosen))


def _record(key: str, data: dict[str, object]) -> Record:
    parent, _, child = key.rpartition("\\")
    properties = {
        **data,
        "PSPath": f"Microsoft.PowerShell.Core\\Registry::{key.replace('HKLM:', 'HKEY_LOCAL_MACHINE')}",
    }
    properties |= {
        "PSParentPath": parent,
        "PSChildName": child,
        "PSProvider": "Microsoft.PowerShell.Core\\Registry",
    }
    name = "System.Management.Automation.PSCustomObject"
    return Record((name, "System.Object"), properties, name)
