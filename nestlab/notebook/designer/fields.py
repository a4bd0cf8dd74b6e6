"""The properties form: the fields of a selected part, and how typed values are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from nestlab.model.machine import MachinePath
from nestlab.model.topology import (
    VM,
    Disk,
    Guest,
    NetworkAdapter,
    Switch,
    SwitchType,
    Topology,
    Uplink,
    Vlan,
    VMState,
)
from nestlab.notebook.designer.places import (
    EditRefused,
    Part,
    adapter_at,
    networks,
    switch_at,
    vm_at,
    with_adapter,
    with_switch,
    with_vm,
)
from nestlab.topology_file import scalars
from nestlab.topology_file.kinds import Refused, Scalar

Look = Literal["text", "checkbox", "select"]
_NO_SWITCH = "(not connected)"


@dataclass(frozen=True)
class Field:
    """One input of the form.

    `options` are the values of a select; `hint` is an example of what can be typed.
    """

    name: str
    label: str
    value: str | bool
    look: Look = "text"
    options: tuple[str, ...] = ()
    hint: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the field as plain JSON data."""
        return {
            "name": self.name,
            "label": self.label,
            "value": self.value,
            "look": self.look,
            "options": list(self.options),
            "hint": self.hint,
        }


def form(topology: Topology, part: Part) -> list[Field]:
    """Return the fields of a part, with their values."""
    match part.kind:
        case "host":
            return _host_fields(topology)
        case "vm":
            return _vm_fields(vm_at(topology, part.machine))
        case "switch":
            return _switch_fields(topology, part.machine, switch_at(topology, part))
        case "adapter":
            return _adapter_fields(topology, part.machine, adapter_at(topology, part))
        case "network":
            return _network_fields(_uplink(topology, part.name))


def set_field(topology: Topology, part: Part, name: str, value: object) -> Topology:
    """Return the topology with one property of a part changed.

    Raises:
        EditRefused: the part has no such field, or the value is none that the field can have.
    """
    label = label_of(topology, part, name)
    try:
        return _with_field(topology, part, name, value)
    except Refused as refused:
        message = f"{label} {refused}."
        raise EditRefused(message, hint=refused.hint) from refused


def label_of(topology: Topology, part: Part, name: str) -> str:
    """Return what the form calls a field; raises EditRefused where the part has no such field."""
    label = next((field.label for field in form(topology, part) if field.name == name), None)
    if label is None:
        message = f"A {part.kind} has no {name.replace('_', ' ')}."
        raise EditRefused(message)
    return label


def _with_field(topology: Topology, part: Part, name: str, value: object) -> Topology:
    match part.kind:
        case "host":
            return replace(topology, **{name: _value(_HOST[name], name, value)})
        case "vm":
            read = _VM[name]
            return with_vm(topology, part.machine, lambda vm: read(vm, value))
        case "switch":
            read_switch = _SWITCH[name]
            return with_switch(topology, part, lambda switch: read_switch(switch, value))
        case "adapter":
            read_adapter = _ADAPTER[name]
            return with_adapter(topology, part, lambda adapter: read_adapter(adapter, value))
        case "network":
            changed = replace(
                _uplink(topology, part.name), **{name: _value(_NETWORK[name], name, value)}
            )
            others = tuple(uplink for uplink in topology.uplinks if uplink.net_adapter != part.name)
            return replace(topology, uplinks=(*others, changed))


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _host_fields(topology: Topology) -> list[Field]:
    return [
        Field("name", "Topology name", topology.name, hint="letters, digits and hyphens"),
        Field("description", "Description", topology.description),
        Field("forwarding", "Routes between its adapters", topology.forwarding, "checkbox"),
    ]


def _vm_fields(vm: VM) -> list[Field]:
    return [
        Field("name", "Name", vm.name),
        Field("memory_startup", "Memory", str(vm.memory_startup), hint="4GB"),
        Field("processor_count", "Virtual processors", str(vm.processor_count), hint="2"),
        Field("os", "Guest system", vm.guest.os, "select", ("windows", "linux", "none")),
        Field(
            "credential",
            "Guest credential",
            vm.guest.credential or "",
            hint="name of a credential, never a password",
        ),
        Field(
            "disk",
            "Disk image",
            (vm.disk.parent or "") if vm.disk else "",
            hint=r"D:\images\ws2022.vhdx",
        ),
        Field("state", "State", str(vm.state), "select", tuple(str(state) for state in VMState)),
        Field(
            "expose_virtualization_extensions",
            "Exposes virtualization extensions",
            vm.exposes_extensions,
            "checkbox",
        ),
        Field("forwarding", "Routes between its adapters", vm.forwarding, "checkbox"),
    ]


def _switch_fields(topology: Topology, machine: MachinePath, switch: Switch) -> list[Field]:
    fields = [
        Field("name", "Name", switch.name),
        Field(
            "switch_type",
            "Switch type",
            str(switch.switch_type),
            "select",
            tuple(str(kind) for kind in SwitchType),
        ),
    ]
    if switch.switch_type is SwitchType.EXTERNAL:
        inner = (
            tuple(adapter.name for adapter in vm_at(topology, machine).network_adapters)
            if machine
            else ()
        )
        options = (
            ("", *dict.fromkeys([*inner, *([switch.net_adapter] if switch.net_adapter else [])]))
            if machine
            else ()
        )
        fields.append(
            Field(
                "net_adapter",
                "Through adapter",
                switch.net_adapter or "",
                "select" if machine else "text",
                options,
                "Ethernet",
            )
        )
        fields.append(
            Field(
                "allow_management_os",
                "The machine itself uses it too",
                switch.allow_management_os,
                "checkbox",
            )
        )
    if switch.has_management_adapter:
        fields.append(
            Field(
                "ip_address",
                "Address of the machine on it",
                _text(switch.ip_address),
                hint="10.0.0.1/24",
            )
        )
        fields.append(Field("gateway", "Gateway", _text(switch.gateway), hint="10.0.0.254"))
        fields.append(
            Field("nat", "NAT network", _text(switch.nat), hint="10.0.0.0/24; empty: no NAT")
        )
    return fields


def _adapter_fields(
    topology: Topology, machine: MachinePath, adapter: NetworkAdapter
) -> list[Field]:
    known = [switch.name for switch in topology.machine(machine[:-1]).switches]
    options = tuple(
        dict.fromkeys([_NO_SWITCH, *known, *([adapter.switch] if adapter.switch else [])])
    )
    vlan = adapter.vlan
    return [
        Field("name", "Name", adapter.name),
        Field("switch", "Switch", adapter.switch or _NO_SWITCH, "select", options),
        Field("connected", "Connected", adapter.connected, "checkbox"),
        Field("ip_address", "Address", _text(adapter.ip_address), hint="10.0.0.11/24"),
        Field("gateway", "Gateway", _text(adapter.gateway), hint="10.0.0.1"),
        Field("dhcp", "Address by DHCP", adapter.dhcp, "checkbox"),
        Field(
            "mac_address_spoofing", "MAC address spoofing", adapter.mac_address_spoofing, "checkbox"
        ),
        Field("vlan", "VLAN", _vlan_text(vlan), hint="30; a trunk: 10,20 native 1; empty: none"),
    ]


def _network_fields(uplink: Uplink) -> list[Field]:
    return [
        Field("name", "Physical adapter", uplink.net_adapter),
        Field("network", "Network", _text(uplink.network), hint="192.0.2.0/24"),
        Field("gateway", "Gateway", _text(uplink.gateway), hint="192.0.2.1"),
        Field(
            "ip_address", "The host's own address", _text(uplink.ip_address), hint="192.0.2.10/24"
        ),
    ]


def _uplink(topology: Topology, name: str) -> Uplink:
    known = (uplink for uplink in topology.uplinks if uplink.net_adapter == name)
    return (
        next(known, Uplink(net_adapter=name))
        if name in networks(topology)
        else Uplink(net_adapter=name)
    )


def _value(scalar: Scalar, name: str, value: object) -> Any:
    """Read typed text as the topology file does; an empty field is None where that is allowed."""
    if isinstance(value, bool):
        return value
    text = _text(value).strip()
    if not text and name not in _NEEDED:
        return "" if scalar is scalars.TEXT else None
    return scalar.parse(text)


def _of(scalar: Scalar, name: str) -> Callable[[Any, object], Any]:
    return lambda part, value: replace(part, **{name: _value(scalar, name, value)})


def _all(names: Mapping[str, Scalar]) -> dict[str, Callable[[Any, object], Any]]:
    return {name: _of(scalar, name) for name, scalar in names.items()}


def _guest(vm: VM, **changes: Any) -> VM:
    guest: Guest = replace(vm.guest, **changes)
    return replace(vm, guest=guest)


def _disk(disk: Disk | None, parent: str | None) -> Disk | None:
    """A differencing disk of an image; without an image, the disk stays unchanged."""
    if parent:
        return Disk(parent=parent)
    return disk if disk and not disk.parent else None


def _of_type(switch: Switch, kind: SwitchType) -> Switch:
    """Change a switch's type; what only the old type can have goes with it."""
    if kind is not SwitchType.EXTERNAL:
        switch = replace(switch, net_adapter=None, allow_management_os=True)
    if kind is SwitchType.PRIVATE:
        switch = replace(
            switch, ip_address=None, gateway=None, nat=None, port_forwards=(), dhcp=None
        )
    return replace(switch, switch_type=kind)


def _vlan_text(vlan: Vlan | None) -> str:
    if vlan is None:
        return ""
    if not vlan.trunk:
        return _text(vlan.access if vlan.access is not None else vlan.native)
    return ",".join(str(number) for number in vlan.trunk) + (
        f" native {vlan.native}" if vlan.native is not None else ""
    )


def _vlan(adapter: NetworkAdapter, value: object) -> NetworkAdapter:
    allowed, _, native = _text(value).lower().partition("native")
    numbers = _vlan_numbers(part for part in allowed.replace(",", " ").split())
    natives = _vlan_numbers(native.split())
    if native or len(numbers) > 1:
        return replace(
            adapter, vlan=Vlan(trunk=tuple(numbers), native=natives[0] if natives else None)
        )
    return replace(adapter, vlan=Vlan(access=numbers[0]) if numbers else None)


def _vlan_numbers(words: Iterable[str]) -> list[int]:
    numbers = []
    for word in words:
        if not word.isdecimal() or int(word) > _LAST_VLAN:
            message = f"{word} is not a VLAN; VLANs are numbers from 1 to {_LAST_VLAN}."
            raise EditRefused(
                message, hint="30 for one VLAN, 10,20 native 1 for a trunk, nothing for none."
            )
        numbers.append(int(word))
    return numbers


_LAST_VLAN = 4094
_NEEDED = ("memory_startup", "processor_count", "os", "state", "switch_type")
_OS = scalars.word({"windows": "windows", "linux": "linux", "none": "none"})
_HOST = {"description": scalars.TEXT, "forwarding": scalars.BOOLEAN}
_NETWORK = {"network": scalars.NETWORK, "gateway": scalars.ADDRESS, "ip_address": scalars.INTERFACE}
_VM: dict[str, Callable[[VM, object], VM]] = {
    **_all({"memory_startup": scalars.SIZE, "forwarding": scalars.BOOLEAN}),
    **_all({"expose_virtualization_extensions": scalars.BOOLEAN}),
    "processor_count": _of(scalars.integer(1, 2048), "processor_count"),
    "os": lambda vm, value: _guest(vm, os=_value(_OS, "os", value)),
    "credential": lambda vm, value: _guest(
        vm, credential=_value(scalars.SOME_TEXT, "credential", value)
    ),
    "disk": lambda vm, value: replace(
        vm, disk=_disk(vm.disk, _value(scalars.SOME_TEXT, "disk", value))
    ),
    "state": _of(scalars.words_of(VMState), "state"),
}
_SWITCH: dict[str, Callable[[Switch, object], Switch]] = {
    **_all(
        {
            "ip_address": scalars.INTERFACE,
            "gateway": scalars.ADDRESS,
            "nat": scalars.NETWORK,
            "net_adapter": scalars.NAME,
        }
    ),
    **_all({"allow_management_os": scalars.BOOLEAN}),
    "switch_type": lambda switch, value: _of_type(
        switch, _value(scalars.words_of(SwitchType), "switch_type", value)
    ),
}
_ADAPTER: dict[str, Callable[[NetworkAdapter, object], NetworkAdapter]] = {
    **_all(
        {
            "ip_address": scalars.INTERFACE,
            "gateway": scalars.ADDRESS,
            "dhcp": scalars.BOOLEAN,
            "connected": scalars.BOOLEAN,
        }
    ),
    **_all({"mac_address_spoofing": scalars.BOOLEAN}),
    "switch": lambda adapter, value: replace(
        adapter, switch=None if value in ("", None, _NO_SWITCH) else str(value)
    ),
    "vlan": _vlan,
}
