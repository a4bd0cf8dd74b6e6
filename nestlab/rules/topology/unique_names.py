"""Rules about names in a topology, and about the ownership mark."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache

from nestlab.constants import UNICODE_TEXT_DIRECTION
from nestlab.model.broadcast_domain import BroadcastDomain
from nestlab.model.finding import Finding
from nestlab.model.machine_path import MachinePath
from nestlab.model.origin import KeyPath
from nestlab.model.ownership import owner_mark, owners_of
from nestlab.model.spelling import path_key
from nestlab.model.topology import VM
from nestlab.rules.rule import INFERRED, NESTLAB, Rule, Scope, detects
from nestlab.rules.topology.places import (
    AdapterPlace,
    MachinePlace,
    SwitchPlace,
    UplinkPlace,
    placeholder_hint,
)
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import mark, tr, translate
from nestlab.visible import changes_text_direction, visible

_Named = tuple[str, KeyPath]
_MANAGEMENT_ADAPTER = "management adapter"  # not shown: the subject of a finding
_ALREADY = {
    "switch": mark("{machine} already has a switch named {name!r}; names are not case-sensitive"),
    "adapter": mark(
        "{machine} already has an adapter named {name!r}; names are not case-sensitive"
    ),
    _MANAGEMENT_ADAPTER: mark(
        "{machine} already has a management adapter named {name!r}; names are not case-sensitive"
    ),
    "VM": mark("{machine} already has a VM named {name!r}; names are not case-sensitive"),
    "uplink": mark("{machine} already has an uplink named {name!r}; names are not case-sensitive"),
}
_MISLEADING = {
    "switch": mark(
        "the name of this switch has characters that change the direction of text, and is displayed as a different one: {name}"
    ),
    "adapter": mark(
        "the name of this adapter has characters that change the direction of text, and is displayed as a different one: {name}"
    ),
    "VM": mark(
        "the name of this VM has characters that change the direction of text, and is displayed as a different one: {name}"
    ),
    "uplink": mark(
        "the name of this uplink has characters that change the direction of text, and is displayed as a different one: {name}"
    ),
}

DUPLICATE_NAME = Rule(
    code="duplicate-name",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="Two VMs, switches, adapters or uplinks of one machine have the same name.",
    why="Hyper-V allows it, but the -Name parameter of a cmdlet then addresses both.",
    fix="Give each its own name: the -Name parameter of a cmdlet would address both.",
    example="vms: [{name: web1}, {name: WEB1}]",
    source=INFERRED,
)


@detects(DUPLICATE_NAME)
def duplicate_name(index: TopologyIndex) -> Iterator[Finding]:
    """The same name twice on one machine: the -Name parameter of a cmdlet would address both."""
    own: dict[MachinePath, list[_Named]] = defaultdict(list)
    for adapter in index.management_adapters:
        own[adapter.on.machine].append((adapter.adapter.name, adapter.keys))
    for place in index.machines:
        several = place.is_host or len(place.adapters) > 1
        for noun, named in _named(place, own.get(place.path, [])) if several else ():
            yield from _repeated(index, place.name, noun, named)
        if not place.path:
            uplinks = [(each.uplink.net_adapter, each.keys) for each in index.uplinks]
            yield from _repeated(index, place.name, "uplink", uplinks)


def _named(place: MachinePlace, own: list[_Named]) -> Iterator[tuple[str, list[_Named]]]:
    """Yield the kinds of objects of a machine, with the names and keys of the objects.

    `own` are its further adapters on its switches: the first one has the name of the switch.
    """
    if len(place.switches) > 1:
        yield "switch", [(each.switch.name, each.keys) for each in place.switches]
    if len(place.adapters) > 1:
        yield "adapter", [(each.adapter.name, each.keys) for each in place.adapters]
    vms = place.machine.vms
    if len({vm.name.casefold() for vm in vms}) < len(vms):
        above = (*place.keys, "nested", "vms") if place.keys else ("vms",)
        yield "VM", [(vm.name, (*above, number)) for number, vm in enumerate(vms)]
    if len(place.switches) + len(own) > 1:
        first = [each for each in place.switches if each.switch.has_management_adapter]
        yield _MANAGEMENT_ADAPTER, [*((each.switch.name, each.keys) for each in first), *own]


def _repeated(
    index: TopologyIndex, machine: str, noun: str, named: Iterable[_Named]
) -> Iterator[Finding]:
    first: dict[str, str] = {}
    copies: set[tuple[int, int]] = set()
    for name, item in named:
        folded = name.casefold()
        if folded not in first:
            first[folded] = name
            continue
        keys = (*item, "net_adapter" if noun == "uplink" else "name")
        place = index.position_of_copy(keys)
        if place is not None and place in copies:
            continue
        hint = None
        if place:
            hint = placeholder_hint(f"{name}{{{index.variable_of_copy(keys)}}}")
            copies.add(place)
        yield index.finding(
            DUPLICATE_NAME,
            f"{noun} {name}",
            keys,
            translate(_ALREADY[noun], machine=machine, name=first[folded]),
            hint=hint,
        )


MARK_IN_NOTES = Rule(
    code="mark-in-notes",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="The notes of a VM contain nestlab's ownership mark.",
    why="The mark decides which topology owns a VM. A mark in the file would give the VM to another topology, or to two.",
    fix="Remove the mark: nestlab writes the mark of this topology itself.",
    example="vms: [{name: web1, notes: 'nestlab:other'}]",
    source=NESTLAB,
)


@detects(MARK_IN_NOTES)
def mark_in_notes(index: TopologyIndex) -> Iterator[Finding]:
    """An ownership mark in the notes of a VM, which would give the VM to another topology."""
    for place, vm in index.vms:
        owners = owners_of(vm.notes)
        if owners:
            yield index.finding(
                MARK_IN_NOTES,
                place.subject,
                (*place.keys, "notes"),
                tr(
                    "has {mark} in its notes, which decides which topology owns a VM",
                    mark=owner_mark(owners[0]),
                ),
            )


MISLEADING_NAME = Rule(
    code="misleading-name",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A name contains characters that change the direction of text.",
    why="Terminals, plans and notebooks show such a name as a different one, so users approve something other than what is done.",
    fix="Remove the invisible characters from the name. They come with text that was copied from web pages or mail.",
    example='vms: [{name: "web\\u202e1"}]',
    source=UNICODE_TEXT_DIRECTION,
    formerly=("name-reads-otherwise",),
)


@detects(MISLEADING_NAME)
def misleading_name(index: TopologyIndex) -> Iterator[Finding]:
    """A name with characters that change the direction of text, so that it looks like another."""
    for noun, name, key, place in _all_names(index):
        if changes_text_direction(name):
            yield index.finding(
                MISLEADING_NAME,
                visible(place.subject),
                (*place.keys, key),
                translate(_MISLEADING[noun], name=visible(name)),
            )


_Place = SwitchPlace | AdapterPlace | MachinePlace | UplinkPlace


def _all_names(index: TopologyIndex) -> Iterator[tuple[str, str, str, _Place]]:
    """Yield every named object: its kind, name, key and place."""
    yield from (("switch", place.switch.name, "name", place) for place in index.switches)
    yield from (("adapter", place.adapter.name, "name", place) for place in index.adapters)
    yield from (("VM", vm.name, "name", place) for place, vm in index.vms)
    yield from (("uplink", each.uplink.net_adapter, "net_adapter", each) for each in index.uplinks)


DUPLICATE_COMPUTER_NAME = Rule(
    code="duplicate-computer-name",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="Two Windows guests on one network get the same computer name.",
    why="Windows finds computers on its network by name: the second one reports a name conflict, and connections by name reach either.",
    fix="Give each its own guest: {computer_name: ...}.",
    example="switches: [{name: A, switch_type: Private}]\nvms:\n  - {name: a, guest: {os: windows, credential: c, computer_name: DC01}, network_adapters: [{switch: A}]}\n  - {name: b, guest: {os: windows, credential: c, computer_name: DC01}, network_adapters: [{switch: A}]}",
    source=INFERRED,
)


@detects(DUPLICATE_COMPUTER_NAME)
def duplicate_computer_name(index: TopologyIndex) -> Iterator[Finding]:
    """Two guests with the same computer name on one network, even at different levels.

    Clones of a prepared image that are not renamed have its computer name; clones of a generalized
    image each get a random name.
    """
    seen: dict[tuple[BroadcastDomain, str], MachinePlace] = {}
    message = cache(_same_computer_name)  # clones of one image often have the same
    for place, vm in index.vms:
        own, base = _names(vm)
        name = own.casefold() if own else base and _name_in_image(index, place, base)
        other = ""
        for adapter in place.adapters if name else ():
            if (domain := index.domain(adapter)) is not None:
                first = seen.setdefault((domain, name), place)
                if first is not place:
                    other = min(other or first.subject, first.subject)
        if other:
            keys, text = (*place.keys, "guest"), message(own, base, other)
            yield index.finding(DUPLICATE_COMPUTER_NAME, place.subject, keys, text)


def _names(vm: VM) -> tuple[str, str]:
    """Return the computer name of a guest, and the image or the file that its disk is made from.

    Each is empty if there is none, and both are for a guest whose system is not Windows.
    """
    if vm.guest.os != "windows":
        return "", ""
    disk = vm.disk
    return vm.computer_name or "", (disk.image or disk.parent or "") if disk else ""


def _name_in_image(index: TopologyIndex, place: MachinePlace, base: str) -> str:
    """Return what identifies the computer name in an image; empty if each clone gets another."""
    return "" if place.keys in index.on_generalized_images else f"/{path_key(base)}"


def _same_computer_name(own: str, base: str, other: str) -> str:
    """Return the message about a guest that has the computer name of another VM."""
    name = (
        tr("the computer name {name}", name=own)
        if own
        else tr("the computer name of its image {image}", image=base)
    )
    return tr("has {computer_name}, like {vm} on the same network", computer_name=name, vm=other)


DETECTORS = (duplicate_name, misleading_name, mark_in_notes, duplicate_computer_name)
