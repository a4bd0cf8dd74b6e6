r"""The data that guests exchange with their host.

Msvm_KvpExchangeComponent has key-value pairs, each as a CIM object in XML. Windows guests write
them with an integration service, Linux guests with a daemon. Msvm_GuestNetworkAdapterConfiguration
has the network settings of a guest's adapter, whose Id ends its InstanceID,
``Microsoft:GuestNetwork\VM\ADAPTER`` (Hyper-V WMI provider V2).
"""

from __future__ import annotations

from ipaddress import ip_network

from nestlab.model import Record
from nestlab.simulator.behaviour import power
from nestlab.simulator.behaviour.network.ip_stack import addresses_of
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import NetAdapter
from nestlab.simulator.state.virtual_machine import VirtualMachine

NAMESPACE = "root/virtualization/v2"
CLASS_NAME = "msvm_kvpexchangecomponent"
NETWORK_CLASS_NAME = "msvm_guestnetworkadapterconfiguration"
_SERVICE = "Key-Value Pair Exchange"
_CIM_INSTANCE = "Microsoft.Management.Infrastructure.CimInstance"
_TYPE = f"{_CIM_INSTANCE}#{NAMESPACE}/Msvm_KvpExchangeComponent"


def exchange_components(machine: Machine) -> list[Record]:
    """Return the component of each VM, with what its guest reports about its system while up."""
    return [
        Record(
            (_TYPE,),
            {
                "SystemName": vm.id.upper(),
                "ElementName": _SERVICE,
                "GuestIntrinsicExchangeItems": [
                    _item(name, data) for name, data in _pairs(machine, vm)
                ],
                "GuestExchangeItems": [],
            },
            _SERVICE,
        )
        for vm in (machine.hyper_v.vms if machine.hyper_v else ())
        if vm.integration_services.get(_SERVICE, True)
    ]


def network_configurations(machine: Machine) -> list[Record]:
    """Return the network settings that each running guest reports, for each of its adapters."""
    return [
        _configuration(adapter)
        for vm in (machine.hyper_v.vms if machine.hyper_v else ())
        if vm.integration_services.get(_SERVICE, True)
        for guest in [machine.guest(vm)]
        if guest is not None and vm.state == "Running" and power.guest_is_up(machine, vm)
        for adapter in guest.adapters
        if adapter.kind == "synthetic" and adapter.port
    ]


def _configuration(adapter: NetAdapter) -> Record:
    addresses = addresses_of(adapter)
    masks = (ip_network(f"0.0.0.0/{each.prefix_length}").netmask for each in addresses)
    routes = (each for each in adapter.ip.routes if each.destination == "0.0.0.0/0")
    own = adapter.port.removeprefix("Microsoft:")
    return Record(
        (f"{_CIM_INSTANCE}#{NAMESPACE}/Msvm_GuestNetworkAdapterConfiguration",),
        {
            "InstanceID": f"Microsoft:GuestNetwork\\{own}",
            "DHCPEnabled": adapter.ip.dhcp,
            "IPAddresses": [each.address for each in addresses],
            "Subnets": [str(mask) for mask in masks],
            "DefaultGateways": [each.next_hop for each in routes],
            "DNSServers": list(adapter.ip.used_dns_servers),
        },
        own,
    )


def _pairs(machine: Machine, vm: VirtualMachine) -> list[tuple[str, str]]:
    guest = machine.guest(vm)
    if guest is None or vm.state != "Running" or not power.guest_is_up(machine, vm):
        return []
    system = guest.operating_system
    if system.family != "windows":  # NAME of /etc/os-release: Ubuntu
        return [("FullyQualifiedDomainName", guest.name), ("OSName", system.caption.split()[0])]
    return [
        ("FullyQualifiedDomainName", guest.name),
        ("OSName", system.caption.removeprefix("Microsoft ")),
        ("OSBuildNumber", str(system.build)),
        ("OSPlatformId", "2"),
    ]


def _item(name: str, data: str) -> str:
    from html import escape  # noqa: PLC0415  # rarely needed; xml.sax.saxutils would import an HTTP client

    pairs = (("Data", data), ("Name", name))
    values = "".join(
        f'<PROPERTY NAME="{key}" TYPE="string"><VALUE>{escape(value, quote=False)}</VALUE></PROPERTY>'
        for key, value in pairs
    )
    source = '<PROPERTY NAME="Source" TYPE="uint16"><VALUE>2</VALUE></PROPERTY>'
    return f'<INSTANCE CLASSNAME="Msvm_KvpExchangeDataItem">{values}{source}</INSTANCE>'
