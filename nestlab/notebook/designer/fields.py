"""The properties form: the fields of a selected part, from the key table of the topology file.

A key with a label is a field. The tables at the end have the special ones: those that only some
types of switches have, and those with a list to choose from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from nestlab.dataclass import replace
from nestlab.model.topology import Switch, SwitchType, Topology, Uplink
from nestlab.notebook.designer.form_field import Control, Field
from nestlab.notebook.designer.offers import with_offers
from nestlab.notebook.designer.parts import (
    EditRefused,
    Part,
    adapter_at,
    capitalized,
    describe,
    networks,
    switch_at,
    vm_at,
    with_adapter,
    with_switch,
    with_vm,
)
from nestlab.texts import tr, translate
from nestlab.topology_file.automatic_addresses import refuse, with_automatic_addresses
from nestlab.topology_file.key_types import InvalidValue, Key, ListOf, Shape
from nestlab.topology_file.keys import NETWORK_ADAPTER, SWITCH, TOPOLOGY, UPLINK, VM_SHAPE
from nestlab.topology_file.one_line import text_of, value_of
from nestlab.topology_file.sample_values import words_of
from nestlab.topology_file.scalars import BOOLEAN

NO_SWITCH = "(not connected)"  # not shown: a value, which the page shows in its language


def form(topology: Topology, part: Part) -> list[Field]:
    """Return the fields of a part, with their values."""
    value = _value_at(topology, part)
    return [
        with_offers(_special(field, topology, part), topology, part)
        for field in plain_fields(SHAPES[part.kind], value)
        if _applies(field.name, value)
    ]


def set_field(topology: Topology, part: Part, name: str, value: object) -> Topology:
    """Return the topology with one property of a part changed.

    Raises:
        EditRefused: the part has no such field, or the field cannot have this value.
    """
    label = label_of(topology, part, name)
    try:
        return _with_field(topology, part, name.split("."), value)
    except InvalidValue as refused:
        message = tr("{label} {problem}.", label=label, problem=refused)
        raise EditRefused(message, hint=refused.hint) from refused


def label_of(topology: Topology, part: Part, name: str) -> str:
    """Return the label of a field; raises EditRefused if the part has no such field."""
    label = next((field.label for field in form(topology, part) if field.name == name), None)
    if label is None:
        subject, key = capitalized(describe(part)), name.replace("_", " ")
        message = tr("{part} has no {key}.", part=subject, key=key)
        raise EditRefused(message)
    return label


def plain_fields(shape: Shape, value: Any, prefix: str = "") -> Iterator[Field]:
    """Yield a field for each key with a label; those of inner mappings are named ``guest.os``."""
    for key in shape.keys:
        current = getattr(value, key.field, None)
        if key.label:
            optional = not key.required and shape.default(key) in (None, "")
            yield _field(key, prefix + key.name, current, optional=optional)
        elif isinstance(key.value_kind, Shape):
            yield from plain_fields(key.value_kind, current, f"{prefix}{key.name}.")


def _field(key: Key, name: str, value: Any, *, optional: bool) -> Field:
    kind, label = key.value_kind, capitalized(translate(key.label))
    if kind is BOOLEAN:
        return Field(name, label, bool(value), "checkbox")
    options = words_of(kind)
    text = text_of(value, kind)
    if options and optional:
        options = ("", *options)
    control: Control = "select" if options else "text"
    item = kind.item if isinstance(kind, ListOf) else kind
    example = translate(item.line.example) if isinstance(item, Shape) and item.line else ""
    hint = translate(key.hint) or example
    return Field(name, label, text, control, options, hint, "" if hint == example else example)


def _special(field: Field, topology: Topology, part: Part) -> Field:
    if field.name == _NAME_KEYS.get(part.kind):
        return replace(field, name="name")  # a name is changed by renaming, everywhere it is used
    change = _SPECIAL.get((part.kind, field.name))
    return change(field, topology, part) if change else field


def _with_field(topology: Topology, part: Part, names: Sequence[str], typed: object) -> Topology:
    def changed(value: Any) -> Any:
        if names == ["switch_type"]:
            return _with_type(value, _read(SWITCH, SWITCH.by_name["switch_type"], typed))
        if names == ["existing"]:
            return _with_type(value, value.switch_type, existing=bool(typed))
        return _changed(SHAPES[part.kind], value, names, None if typed == NO_SWITCH else typed)

    match part.kind:
        case "host":
            whole: Topology = changed(topology)
            return whole
        case "vm":
            return with_vm(topology, part.machine, changed)
        case "switch":
            return with_switch(topology, part, changed)
        case "adapter":
            return with_automatic_addresses(with_adapter(topology, part, changed), refuse)
        case "network":
            uplink = changed(_uplink(topology, part.name))
            others = tuple(other for other in topology.uplinks if other.net_adapter != part.name)
            return replace(topology, uplinks=(*others, uplink))


def _changed(shape: Shape, value: Any, names: Sequence[str], typed: object) -> Any:
    """Return a value of a shape with one key set to the user's input."""
    key = shape.by_name[names[0]]
    if len(names) > 1 and isinstance(key.value_kind, Shape):
        inner = _changed(key.value_kind, getattr(value, key.field), names[1:], typed)
        return replace(value, **{key.field: inner})
    new = _read(shape, key, typed)
    if shape.alternatives:
        return _alternative(shape, value, key, new)
    return shape.make({key.name: new}) if value is None else replace(value, **{key.field: new})


def _alternative(shape: Shape, value: Any, key: Key, new: Any) -> Any:
    """Return a value with one key changed, without the keys that the new one excludes."""
    given = {known.name: getattr(value, known.field, None) for known in shape.keys} | {
        key.name: new
    }
    given = {name: part for name, part in given.items() if part is not None}
    if not shape.allows(given):
        given = {} if new is None else {key.name: new}
    return shape.make(given) if given else None


def _read(shape: Shape, key: Key, typed: object) -> Any:
    """Parse the input like the topology file; an empty field is the default, if any."""
    if isinstance(typed, bool):
        return typed
    text = "" if typed is None else str(typed).strip()
    default = shape.default(key)
    if not text and default in (None, "", ()):
        return default
    return value_of(text, key.value_kind)


def _value_at(topology: Topology, part: Part) -> Any:
    match part.kind:
        case "host":
            return topology
        case "vm":
            return vm_at(topology, part.machine)
        case "switch":
            return switch_at(topology, part)
        case "adapter":
            return adapter_at(topology, part)
        case "network":
            return _uplink(topology, part.name)


def _uplink(topology: Topology, name: str) -> Uplink:
    known = (uplink for uplink in topology.uplinks if uplink.net_adapter == name)
    new = Uplink(net_adapter=name)
    return next(known, new) if name in networks(topology) else new


def _applies(name: str, value: Any) -> bool:
    condition = _CONDITIONS.get(name)
    return condition is None or not isinstance(value, Switch) or condition(value)


def _with_type(switch: Switch, kind: SwitchType | None, *, existing: bool | None = None) -> Switch:
    """Return a switch with another type, without the settings that only the old type has.

    Only an existing switch may leave its type open; any other becomes Internal.
    """
    kept = switch.existing if existing is None else existing
    kind = kind or (None if kept else SwitchType.INTERNAL)
    changed = replace(switch, switch_type=kind, existing=kept)
    gone = [
        key for key in SWITCH.keys if key.name in _CONDITIONS and not _applies(key.name, changed)
    ]
    return replace(changed, **{key.field: SWITCH.default(key) for key in gone})


def _type_or_unset(field: Field, topology: Topology, part: Part) -> Field:
    """Return the type field; for an existing switch, whose type may be left open, with '' too."""
    existing = switch_at(topology, part).existing
    return replace(field, options=("", *field.options)) if existing else field


def _nested_host_adapters(field: Field, topology: Topology, part: Part) -> Field:
    """Return the field with the VM's adapters as options, for a switch of a nested host."""
    if not part.machine:
        return field
    inner = [adapter.name for adapter in vm_at(topology, part.machine).network_adapters]
    return replace(field, control="select", options=_with_current(("", *inner), field))


def _known_switches(field: Field, topology: Topology, part: Part) -> Field:
    known = [switch.name for switch in topology.machine(part.machine[:-1]).switches]
    chosen = replace(field, value=field.value or NO_SWITCH)
    return replace(chosen, control="select", options=_with_current((NO_SWITCH, *known), chosen))


def _with_current(options: Sequence[str], field: Field) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*options, str(field.value)]))


def _known_images(field: Field, topology: Topology, _part: Part) -> Field:
    known = [image.name for image in topology.images]
    return replace(field, control="select", options=_with_current(("", *known), field))


def _exposes(field: Field, topology: Topology, part: Part) -> Field:
    return replace(field, value=vm_at(topology, part.machine).exposes_extensions)


def _is_external(switch: Switch) -> bool:
    return switch.switch_type is SwitchType.EXTERNAL


def _has_management_adapter(switch: Switch) -> bool:
    return switch.has_management_adapter


SHAPES: Mapping[str, Shape] = {
    "host": TOPOLOGY,
    "vm": VM_SHAPE,
    "switch": SWITCH,
    "adapter": NETWORK_ADAPTER,
    "network": UPLINK,
}
_NAME_KEYS = {"network": "net_adapter"}
_CONDITIONS: Mapping[str, Callable[[Switch], bool]] = {
    **dict.fromkeys(("net_adapter", "allow_management_os"), _is_external),
    **dict.fromkeys(
        (
            "ip_address",
            "gateway",
            "dns_servers",
            "interface_metric",
            "nat",
            "port_forwards",
            "dhcp",
        ),
        _has_management_adapter,
    ),
}
"""The keys of a switch that only some switches have."""
_SPECIAL: Mapping[tuple[str, str], Callable[[Field, Topology, Part], Field]] = {
    ("switch", "switch_type"): _type_or_unset,
    ("switch", "net_adapter"): _nested_host_adapters,
    ("adapter", "switch"): _known_switches,
    ("vm", "disk.image"): _known_images,
    ("vm", "expose_virtualization_extensions"): _exposes,
}
