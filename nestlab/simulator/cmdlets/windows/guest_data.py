"""Msvm_KvpExchangeComponent: the data that guests exchange with their host, in pairs.

A Windows guest writes them itself, a Linux guest with its daemon. Each pair is a CIM object in XML.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from nestlab.model import Record
from nestlab.simulator.behaviour import power
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import VirtualMachine

NAMESPACE = "root/virtualization/v2"
CLASS_NAME = "msvm_kvpexchangecomponent"
_SERVICE = "Key-Value Pair Exchange"
_TYPE = f"Microsoft.Management.Infrastructure.CimInstance#{NAMESPACE}/Msvm_KvpExchangeComponent"


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
    pairs = (("Data", data), ("Name", name))
    values = "".join(
        f'<PROPERTY NAME="{key}" TYPE="string"><VALUE>{escape(value)}</VALUE></PROPERTY>'
        for key, value in pairs
    )
    source = '<PROPERTY NAME="Source" TYPE="uint16"><VALUE>2</VALUE></PROPERTY>'
    return f'<INSTANCE CLASSNAME="Msvm_KvpExchangeDataItem">{values}{source}</INSTANCE>'
