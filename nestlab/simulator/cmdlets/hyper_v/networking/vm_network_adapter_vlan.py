"""Get-VMNetworkAdapterVlan and Set-VMNetworkAdapterVlan.

The modes Untagged, Access, Trunk and Private are mutually exclusive.
"""

from __future__ import annotations

from nestlab.pattern import pattern
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.cmdlets.hyper_v.network_records import vlan_record
from nestlab.simulator.cmdlets.hyper_v.networking.adapter_selection import select_adapters
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import VMNetworkAdapterVlan

_HIGHEST = 4094
_RANGE = pattern(r"[0-9]+(?:-[0-9]+)?")


@cmdlet("Get-VMNetworkAdapterVlan")
def get_vm_network_adapter_vlan(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VMNetworkAdapterVlan."""
    for found in select_adapters(machine, bound, sink):
        sink.output(vlan_record(machine, found.adapter, found.vm))


@cmdlet("Set-VMNetworkAdapterVlan")
def set_vm_network_adapter_vlan(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-VMNetworkAdapterVlan, also while the VM runs."""
    vlan = _requested_vlan(bound)
    for found in select_adapters(machine, bound, sink):
        found.adapter.vlan = vlan
        if bound.is_present("Passthru"):
            sink.output(vlan_record(machine, found.adapter, found.vm))


def _requested_vlan(bound: Bound) -> VMNetworkAdapterVlan:
    modes = [
        mode
        for mode in ("Untagged", "Access", "Trunk", "Isolated", "Community", "Promiscuous")
        if bound.is_present(mode)
    ]
    if len(modes) != 1:
        message = "Exactly one of -Untagged, -Access, -Trunk, -Isolated, -Community and -Promiscuous must be given."
        raise cmdlet_errors.hyper_v(bound.name, "InvalidParameter", message)
    mode = modes[0]
    if mode == "Untagged":
        return VMNetworkAdapterVlan()
    if mode == "Access":
        return VMNetworkAdapterVlan("Access", access=_vlan_id(bound, "VlanId"))
    if mode == "Trunk":
        return VMNetworkAdapterVlan(
            "Trunk",
            native=_vlan_id(bound, "NativeVlanId", lowest=0),
            allowed=_ids(bound, "AllowedVlanIdList"),
        )
    primary = _vlan_id(bound, "PrimaryVlanId")
    # A promiscuous port has several secondary VLANs, an isolated or community port has one.
    secondary = (
        _ids(bound, "SecondaryVlanIdList")
        if mode == "Promiscuous"
        else [_vlan_id(bound, "SecondaryVlanId")]
    )
    return VMNetworkAdapterVlan("Private", primary=primary, secondary=secondary, private_mode=mode)


def _vlan_id(bound: Bound, parameter: str, lowest: int = 1) -> int:
    if parameter not in bound:
        raise _missing(bound, parameter)
    return _in_range(bound, int(bound[parameter]), lowest)


def _in_range(bound: Bound, number: int, lowest: int = 1) -> int:
    if not lowest <= number <= _HIGHEST:
        message = f"The VLAN id {number} is not between {lowest} and {_HIGHEST}."
        raise cmdlet_errors.hyper_v(bound.name, "InvalidParameter", message, str(number))
    return number


def _missing(bound: Bound, parameter: str) -> PowerShellError:
    return cmdlet_errors.hyper_v(
        bound.name,
        "InvalidParameter",
        f"The parameter -{parameter} must be given in this mode.",
        parameter,
    )


def _ids(bound: Bound, parameter: str) -> list[int]:
    listed = bound.text(parameter)
    if not listed:
        raise _missing(bound, parameter)
    found: list[int] = []
    for part in listed.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if _RANGE.fullmatch(part) is None:
            raise cmdlet_errors.hyper_v(
                bound.name, "InvalidParameter", f"'{listed}' is not a list of VLAN ids.", listed
            )
        found += [_in_range(bound, number) for number in (int(first), int(last or first))]
        found += range(int(first), int(last or first) + 1)
    return sorted(set(found))
