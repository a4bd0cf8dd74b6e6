"""The commands with which nestlab changes a host, limited to the objects of one topology."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.export.jea import patterns
from nestlab.export.jea.file_commands import deleted_paths, file_commands
from nestlab.export.jea.lab_names import LabNames
from nestlab.export.jea.visible_command import (
    LAB_ADAPTER,
    LAB_MAPPING,
    VisibleCommand,
    command,
    requiring,
)
from nestlab.model.topology import VM, Vlan
from nestlab.plan import boots_from_dvd
from nestlab.topology_file.keys import ADAPTER_SETTINGS, VM_SETTINGS


def changing_commands(names: LabNames) -> Iterator[VisibleCommand]:
    """Yield the commands that plan and undo of a topology can contain on the host itself."""
    topology = names.topology
    if names.own_switches:
        yield from _switches(names)
    if names.own_switches or topology.routes or topology.forwarding:
        yield from _addresses(names)
    if any(switch.nat for switch in names.own_switches):
        yield from _nat(names)
    if any(switch.dhcp for switch in names.own_switches):
        yield from _dhcp(names)
    if not topology.answers_ping:
        yield from _firewall()
    if topology.vms:
        yield from _machines(names)
        yield from _adapters(names)
        yield from _disks(names)
    yield from file_commands(names)
    if _adds_adapters(names):
        yield _add_adapter(names)
        removed = command("Remove-VMNetworkAdapter", VMNetworkAdapter=LAB_ADAPTER)
        yield requiring(removed, "VMNetworkAdapter")
    if _has_vlans(names):
        yield _vlan(names)


def _switches(names: LabNames) -> Iterator[VisibleCommand]:
    own = patterns.exactly(switch.name for switch in names.own_switches)
    switch_objects = patterns.switch(switch.name for switch in names.own_switches)
    new = {"Name": own, "Notes": patterns.exactly((names.mark,))}
    external = any(switch.switch_type == "External" for switch in names.own_switches)
    bound = {"NetAdapterName": names.net_adapter} if external else {}
    free = ("AllowManagementOS", "EnableEmbeddedTeaming") if external else ()
    yield command("New-VMSwitch", *free, SwitchType=("Internal", "Private"), **new, **bound)
    yield command("Remove-VMSwitch", "Force", VMSwitch=switch_objects)
    changed = ("AllowManagementOS",) if external else ()
    yield command(
        "Set-VMSwitch",
        "Notes",
        *changed,
        SwitchType=("Internal", "Private"),
        VMSwitch=switch_objects,
        **bound,
    )
    if any(len(switch.net_adapters) > 1 for switch in names.own_switches):
        yield command("Set-VMSwitchTeam", VMSwitch=switch_objects, NetAdapterName=names.net_adapter)


def _addresses(names: LabNames) -> Iterator[VisibleCommand]:
    interface_rule = {"InterfaceAlias": names.alias}
    ipv4 = rf"{patterns.IPV4}\z"
    prefix = rf"{patterns.IPV4}/\d{{1,2}}\z"
    interface = command(
        "Set-NetIPInterface",
        *("Dhcp", "Forwarding", "InterfaceMetric", "AutomaticMetric"),
        AddressFamily=("IPv4",),
        **interface_rule,
    )
    yield requiring(interface, "InterfaceAlias")
    yield command(
        "New-NetIPAddress", "PrefixLength", IPAddress=ipv4, DefaultGateway=ipv4, **interface_rule
    )
    for name in ("Enable-NetAdapter", "Disable-NetAdapter"):
        yield requiring(command(name, Name=names.own_alias), "Name")
    removed = command("Remove-NetIPAddress", IPAddress=ipv4, **interface_rule)
    yield requiring(removed, "IPAddress InterfaceAlias")
    route = {"DestinationPrefix": prefix, "NextHop": ipv4, **interface_rule}
    yield command("New-NetRoute", "RouteMetric", **route)
    yield requiring(command("Remove-NetRoute", **route), "DestinationPrefix InterfaceAlias")
    yield command(
        "Set-DnsClientServerAddress", "ResetServerAddresses", ServerAddresses=ipv4, **interface_rule
    )


def _nat(names: LabNames) -> Iterator[VisibleCommand]:
    own = patterns.exactly(names.nats)
    prefix = rf"{patterns.IPV4}/\d{{1,2}}\z"
    yield command("New-NetNat", Name=own, InternalIPInterfaceAddressPrefix=prefix)
    yield requiring(command("Remove-NetNat", Name=own), "Name")
    yield command(
        "Add-NetNatStaticMapping",
        *("ExternalIPAddress", "ExternalPort", "InternalIPAddress", "InternalPort", "Protocol"),
        NatName=own,
    )
    removed = command("Remove-NetNatStaticMapping", InputObject=LAB_MAPPING)
    yield requiring(removed, "InputObject")


def _dhcp(names: LabNames) -> Iterator[VisibleCommand]:
    networks = (switch.ip_address.network for switch in names.own_switches if switch.ip_address)
    ids = patterns.exactly(str(network.network_address) for network in networks)
    yield command("Get-DhcpServerv4Scope", "ScopeId")
    yield command("Get-DhcpServerv4OptionValue", "ScopeId", "OptionId")
    yield command("Get-DhcpServerv4Reservation", "ScopeId")
    yield command("Get-DhcpServerSetting")
    yield command(
        "Add-DhcpServerv4Scope",
        *("StartRange", "EndRange", "SubnetMask", "State"),
        Name=patterns.exactly(names.nats),
    )
    yield command("Remove-DhcpServerv4Scope", "Force", ScopeId=ids)
    # Without -ScopeId, an option applies to the whole server.
    options = command("Set-DhcpServerv4OptionValue", "Router", "DnsServer", "Force", ScopeId=ids)
    yield requiring(options, "ScopeId")
    option = command("Remove-DhcpServerv4OptionValue", "OptionId", ScopeId=ids)
    yield requiring(option, "ScopeId OptionId")
    reserved = ("IPAddress", "ClientId", "Name")
    yield command("Add-DhcpServerv4Reservation", *reserved, ScopeId=ids)
    # Without -ClientId, it removes all reservations of a scope.
    released = command("Remove-DhcpServerv4Reservation", "ClientId", ScopeId=ids)
    yield requiring(released, "ScopeId ClientId")
    for name in ("Install-WindowsFeature", "Uninstall-WindowsFeature"):
        yield command(name, "IncludeManagementTools", Name=("DHCP", "RSAT-DHCP"))


def _firewall() -> Iterator[VisibleCommand]:
    own = ("nestlab.echo-request",)
    yield command(
        "New-NetFirewallRule",
        Name=own,
        DisplayName=("nestlab: echo requests",),
        Direction=("Inbound",),
        Protocol=("ICMPv4",),
        IcmpType=("8",),
        Action=("Allow", "Block"),
    )
    yield requiring(command("Remove-NetFirewallRule", Name=own), "Name")


def _machines(names: LabNames) -> Iterator[VisibleCommand]:
    on_vm = {"VM": names.vm}
    boots = {"BootDevice": ("CD",)} if any(map(boots_from_dvd, names.topology.vms)) else {}
    new = command(
        "New-VM",
        *("Generation", "MemoryStartupBytes", "NoVHD"),
        Name=patterns.exactly(names.vms),
        VHDPath=names.disk,
        **boots,
    )
    yield requiring(new, "Name")
    settings = (each.setting.parameter for each in VM_SETTINGS)
    yield command("Set-VM", "Notes", "Passthru", *settings, **on_vm)
    yield command("Set-VMProcessor", "Count", "ExposeVirtualizationExtensions", **on_vm)
    yield command(
        "Set-VMMemory",
        *("DynamicMemoryEnabled", "StartupBytes", "MinimumBytes", "MaximumBytes"),
        **on_vm,
    )
    yield command("Start-VM", **on_vm)
    yield command("Stop-VM", "Force", "TurnOff", **on_vm)
    for name in ("Suspend-VM", "Resume-VM", "Remove-VMSavedState"):
        yield command(name, **on_vm)
    yield command("Remove-VM", "Force", **on_vm)
    if names.checkpoints:
        yield command("Checkpoint-VM", SnapshotName=patterns.exactly(names.checkpoints), **on_vm)
        for name in ("Restore-VMSnapshot", "Remove-VMSnapshot"):
            yield command(name, VMSnapshot=names.checkpoint)
    yield command("Update-VMVersion", "Force", **on_vm)
    yield from _firmware(names.topology.vms, on_vm)
    if any(vm.nested is not None for vm in names.topology.vms) and names.topology.images:
        yield command("Enable-VMIntegrationService", VMIntegrationService=names.vm_part)
        yield command("Disable-VMIntegrationService", VMIntegrationService=names.vm_part)
        yield command(
            "Copy-VMFile",
            *("DestinationPath", "CreateFullPath", "Force"),
            SourcePath=patterns.exactly(names.images),
            FileSource=("Host",),
            **on_vm,
        )


def _firmware(vms: tuple[VM, ...], on_vm: dict[str, str]) -> Iterator[VisibleCommand]:
    if any(vm.generation != 1 for vm in vms):
        yield command("Set-VMFirmware", "EnableSecureBoot", "SecureBootTemplate", **on_vm)
    if any(vm.tpm is not None for vm in vms):
        yield command("Set-VMKeyProtector", "NewLocalKeyProtector", **on_vm)
        yield command("Enable-VMTPM", **on_vm)
        yield command("Disable-VMTPM", **on_vm)


def _adapters(names: LabNames) -> Iterator[VisibleCommand]:
    adapter_rule = {"VMNetworkAdapter": names.vm_part}
    yield command(
        "Rename-VMNetworkAdapter",
        "Passthru",
        NewName=patterns.exactly(names.adapters),
        **adapter_rule,
    )
    yield command(
        "Connect-VMNetworkAdapter", SwitchName=patterns.exactly(names.switches), **adapter_rule
    )
    yield command("Disconnect-VMNetworkAdapter", **adapter_rule)
    yield command(
        "Set-VMNetworkAdapter",
        *("StaticMacAddress", "DynamicMacAddress", "MacAddressSpoofing", "AllowTeaming"),
        *(each.setting.parameter for each in ADAPTER_SETTINGS),
        **adapter_rule,
    )


def _adds_adapters(names: LabNames) -> bool:
    further = any(switch.management_adapters for switch in names.own_switches)
    return bool(further or names.topology.vms)


def _add_adapter(names: LabNames) -> VisibleCommand:
    return command(
        "Add-VMNetworkAdapter",
        *("ManagementOS", "StaticMacAddress", "Passthru"),
        Name=patterns.exactly((*names.adapters, *names.management_adapters)),
        SwitchName=patterns.exactly(names.switches),
        VM=names.vm,
    )


def _has_vlans(names: LabNames) -> bool:
    vlans: list[Vlan | None] = [
        *(adapter.vlan for vm in names.topology.vms for adapter in vm.network_adapters),
        *(switch.vlan for switch in names.own_switches),
        *(each.vlan for switch in names.own_switches for each in switch.management_adapters),
    ]
    return any(vlan is not None for vlan in vlans) or bool(names.topology.vms)


def _vlan(names: LabNames) -> VisibleCommand:
    tagging = ("Access", "VlanId", "Trunk", "AllowedVlanIdList", "NativeVlanId", "Untagged")
    vlan = command(
        "Set-VMNetworkAdapterVlan",
        *("ManagementOS", *tagging),
        VMNetworkAdapterName=patterns.exactly(names.management_adapters),
        VMNetworkAdapter=LAB_ADAPTER,
    )
    return requiring(vlan, "VMNetworkAdapter", "ManagementOS VMNetworkAdapterName")


def _disks(names: LabNames) -> Iterator[VisibleCommand]:
    path = {"Path": names.own_disk}
    parents = {"ParentPath": patterns.exactly(names.images)} if names.images else {}
    free = ("SizeBytes", "Dynamic", "Differencing")
    yield command("New-VHD", *free, **path, **parents)
    yield command("Resize-VHD", "SizeBytes", **path)
    yield command("Remove-Item", "Force", LiteralPath=deleted_paths(names))
    location = ("ControllerType", "ControllerNumber", "ControllerLocation")
    yield command("Add-VMHardDiskDrive", *location, Path=names.disk, VM=names.vm)
    yield command("Set-VMHardDiskDrive", Path=names.disk, VMHardDiskDrive=names.vm_part)
    yield command("Remove-VMHardDiskDrive", VMHardDiskDrive=names.vm_part)
    if any(vm.dvd_drives is not None for vm in names.topology.vms):
        yield from _dvd_drives(names)


def _dvd_drives(names: LabNames) -> Iterator[VisibleCommand]:
    iso_file = patterns.exactly(names.iso_files)
    place = ("ControllerNumber", "ControllerLocation")
    yield command("Add-VMDvdDrive", *place, Path=iso_file, VM=names.vm)
    # An empty path ejects what is in the drive.
    yield command("Set-VMDvdDrive", Path=rf"{iso_file}|\z", VMDvdDrive=names.vm_part)
    yield command("Remove-VMDvdDrive", VMDvdDrive=names.vm_part)
