"""The changes of ports that fixes of a trace make: VLAN, connection, MAC address spoofing."""

from __future__ import annotations

from nestlab.model.cmdlet import Cmdlet
from nestlab.model.machine_path import MachinePath
from nestlab.model.parameter_values import SwitchParameter
from nestlab.model.topology import Vlan
from nestlab.model.vlan_ids import vlan_list_text
from nestlab.reachability import file_edits, topology_edits
from nestlab.reachability.elements import Port
from nestlab.reachability.network_changes import NetworkChange, with_port
from nestlab.reachability.port_fixes import BlockingRule
from nestlab.reachability.ports import PortRule


def port_change(blocking: BlockingRule) -> NetworkChange:
    """Return the change of a port after which a rule does not block there."""
    port = blocking.port
    if blocking.rule is PortRule.SPOOFING:
        cmdlets, new = _spoofing_on(port), {"mac_address_spoofing": True}
        edit = file_edits.set_spoofing(port)
    elif blocking.rule is PortRule.DISCONNECTED:
        cmdlets, new = _connect(port), {"connected": True}
        edit = file_edits.set_connected(port)
    else:
        wanted = blocking.vlan or Vlan()
        return NetworkChange(
            _machine(port),
            _set_vlan(port, wanted),
            lambda network: with_port(network, port, vlan=wanted),
            file_edits.set_vlan(port, wanted),
            topology_edits.edit_port(port, vlan=blocking.vlan),
        )
    return NetworkChange(
        _machine(port),
        cmdlets,
        lambda network: with_port(network, port, **new),
        edit,
        topology_edits.edit_port(port, **new),
    )


def _machine(port: Port) -> MachinePath:
    return port.wire.machine if port.wire is not None else ()


def _spoofing_on(port: Port) -> tuple[Cmdlet, ...]:
    return (
        Cmdlet(
            "Set-VMNetworkAdapter",
            {"VMName": port.vm, "Name": port.adapter, "MacAddressSpoofing": "On"},
        ),
    )


def _connect(port: Port) -> tuple[Cmdlet, ...]:
    switch = port.wire.name if port.wire is not None else ""
    return (
        Cmdlet(
            "Connect-VMNetworkAdapter",
            {"VMName": port.vm, "Name": port.adapter, "SwitchName": switch},
        ),
    )


def _set_vlan(port: Port, vlan: Vlan) -> tuple[Cmdlet, ...]:
    # -VMNetworkAdapterName takes the Hyper-V name of a management adapter (that of its switch,
    # unless it is a further one), without the "vEthernet (...)" of Windows.
    management = {
        "ManagementOS": SwitchParameter.ON,
        "VMNetworkAdapterName": port.adapter.removeprefix("vEthernet (").removesuffix(")"),
    }
    of_vm = {"VMName": port.vm, "VMNetworkAdapterName": port.adapter}
    adapter = of_vm if port.vm else management
    if vlan.trunk:
        tags = vlan_list_text(vlan.trunk)
        mode = {
            "Trunk": SwitchParameter.ON,
            "AllowedVlanIdList": tags,
            "NativeVlanId": vlan.native or 0,
        }
    elif vlan.access is not None:
        mode = {"Access": SwitchParameter.ON, "VlanId": vlan.access}
    else:
        mode = {"Untagged": SwitchParameter.ON}
    return (Cmdlet("Set-VMNetworkAdapterVlan", {**adapter, **mode}),)
