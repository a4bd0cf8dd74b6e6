"""Get-VMNetworkAdapterVlan and Set-VMNetworkAdapterVlan: Untagged, Access, Trunk and Private exclude each other."""

from __future__ import annotations

from nestlab.simulator import refusal
from nestlab.simulator.machine import Machine
from nestlab.simulator.powershell.binding import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.selection import Handler, text, values
from nestlab.simulator.virtual_machine import Vlan
from nestlab.simulator.vm_adapters import select_adapters
from nestlab.simulator.vm_records import vlan_record

_HIGHEST = 4094


def get_vm_network_adapter_vlan(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VMNetworkAdapterVlan."""
    for found in select_adapters(machine, bound, sink):
        sink.output(vlan_record(machine, found.adapter, found.vm))


def set_vm_network_adapter_vlan(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-VMNetworkAdapterVlan; may change while the VM runs."""
    vlan = _asked(bound)
    for found in select_adapters(machine, bound, sink):
        found.adapter.vlan = vlan
        if bound.switch("Passthru"):
            sink.output(vlan_record(machine, found.adapter, found.vm))


def _asked(bound: Bound) -> Vlan:
    modes = [mode for mode in ("Untagged", "Access", "Trunk", "Isolated", "Community", "Promiscuous") if bound.switch(mode)]
    if len(modes) != 1:
        message = "Exactly one of -Untagged, -Access, -Trunk, -Isolated, -Community and -Promiscuous must be given."
        raise refusal.hyper_v(bound.name, "InvalidParameter", message)
    if modes[0] == "Access":
        return Vlan("Access", access=_vlan_id(bound, bound.get("VlanId")))
    if modes[0] == "Trunk":
        allowed = _ids(bound, text(bound, "AllowedVlanIdList"))
        return Vlan("Trunk", native=_vlan_id(bound, bound.get("NativeVlanId"), lowest=0), allowed=allowed)
    if modes[0] == "Untagged":
        return Vlan()
    primary = _vlan_id(bound, bound.get("PrimaryVlanId"))
    listed = _ids(bound, text(bound, "SecondaryVlanIdList"))
    secondary = listed or [_vlan_id(bound, value) for value in values(bound, "SecondaryVlanId")]
    return Vlan("Private", primary=primary, secondary=secondary, private_mode=modes[0])


def _vlan_id(bound: Bound, value: object, lowest: int = 1) -> int:
    number = int(str(value)) if value is not None else -1
    if not lowest <= number <= _HIGHEST:
        message = f"The VLAN id must be given and lie between {lowest} and {_HIGHEST}."
        raise refusal.hyper_v(bound.name, "InvalidParameter", message, str(value))
    return number


def _ids(bound: Bound, listed: str) -> list[int]:
    found: list[int] = []
    for part in listed.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if not part:
            continue
        if not first.isdigit() or (last and not last.isdigit()):
            raise refusal.hyper_v(bound.name, "InvalidParameter", f"'{listed}' is not a list of VLAN ids.", listed)
        found += range(int(first), int(last or first) + 1)
    return [_vlan_id(bound, number) for number in sorted(set(found))]


HANDLERS: dict[str, Handler] = {
    "Get-VMNetworkAdapterVlan": get_vm_network_adapter_vlan,
    "Set-VMNetworkAdapterVlan": set_vm_network_adapter_vlan,
}
