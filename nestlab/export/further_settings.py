"""The settings that the tables of machines have no column for, by their labels in the key table."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from nestlab.export.document import CaptionedTable
from nestlab.model.plain import Declared
from nestlab.model.topology import VM, NetworkAdapter
from nestlab.texts import tr, translate
from nestlab.topology_file.key_types import Shape
from nestlab.topology_file.keys import GUEST, NETWORK_ADAPTER, VM_SHAPE
from nestlab.topology_file.one_line import text_of

_VM_COLUMNS = frozenset(
    {
        "disks",
        "dynamic_memory",
        "generation",
        "memory_startup",
        "name",
        "nat",
        "processor_count",
        "state",
    }
)
_GUEST_COLUMNS = frozenset({"computer_name", "credential", "features", "os"})
_ADAPTER_COLUMNS = frozenset(
    {
        "allow_teaming",
        "connected",
        "dhcp",
        "dhcp_server",
        "dns_servers",
        "gateway",
        "ip_address",
        "mac_address",
        "mac_address_spoofing",
        "name",
        "switch",
        "vlan",
    }
)


def further_settings_table(host: str, vms: Sequence[VM]) -> CaptionedTable:
    """Return the settings of VMs that differ from those of a new VM and are in no other table."""
    return CaptionedTable(
        tr("Further settings of the VMs on {host}", host=host),
        ("VM", tr("Setting"), tr("Value")),
        tuple((vm.name, *row) for vm in vms for row in _vm_settings(vm)),
    )


def further_adapter_settings(adapter: NetworkAdapter) -> Iterator[str]:
    """Yield the settings of an adapter that differ from the default and are in no column."""
    for label, value in _settings(adapter, NETWORK_ADAPTER, _ADAPTER_COLUMNS):
        yield f"{label}: {value}"


def _vm_settings(vm: VM) -> Iterator[tuple[str, str]]:
    # The routes of a nested host are in its own section.
    yield from _settings(vm, VM_SHAPE, _VM_COLUMNS | ({"routes"} if vm.nested else frozenset()))
    yield from _settings(vm.guest, GUEST, _GUEST_COLUMNS)


def _settings(item: Declared, shape: Shape, columns: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the label and the value of each key that the file would have and no column shows."""
    written = item.to_dict()
    for key in shape.keys:
        if key.label and key.name in written and key.name not in columns:
            value: Any = written[key.name]
            shown = (
                _yes_or_no(value)
                if isinstance(value, bool)
                else text_of(getattr(item, key.field), key.value_kind)
            )
            yield translate(key.label), " ".join(shown.split()) or tr("none")


def _yes_or_no(value: bool) -> str:  # noqa: FBT001  # a value of the file
    return tr("yes") if value else tr("no")
