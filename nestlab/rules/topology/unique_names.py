"""Rules about names in a topology, and about the ownership mark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nestlab.constants import UNICODE_TEXT_DIRECTION
from nestlab.model.finding import Finding
from nestlab.model.origin import KeyPath
from nestlab.model.ownership import owner_mark, owners_of
from nestlab.model.spelling import path_key
from nestlab.model.topology import VM, is_generalized
from nestlab.rules.rule import INFERRED, NESTLAB, Rule, Scope, detects
from nestlab.rules.topology.broadcast_domain import BroadcastDomain
from nestlab.rules.topology.places import placeholder_hint
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.visible import changes_text_direction, visible

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
    for place in index.machines:
        groups: list[tuple[str, Iterable[tuple[str, KeyPath]]]] = [
            ("switch", ((switch.switch.name, switch.keys) for switch in place.switches)),
            ("adapter", ((adapter.adapter.name, adapter.keys) for adapter in place.adapters)),
            (
                "VM",
                (
                    (vm.name, (*_vms_keys(place.keys), position))
                    for position, vm in enumerate(place.machine.vms)
                ),
            ),
        ]
        if not place.path:
            groups.append(
                (
                    "uplink",
                    (
                        (uplink.net_adapter, ("uplinks", i))
                        for i, uplink in enumerate(index.topology.uplinks)
                    ),
                )
            )
        owns = (
            (o.adapter.name, o.keys)
            for o in index.management_adapters
            if o.on.machine == place.path
        )
        named_like = (
            (s.switch.name, s.keys) for s in place.switches if s.switch.has_management_adapter
        )
        groups.append(("management adapter", (*named_like, *owns)))
        for noun, named in groups:
            yield from _repeated(index, place.name, noun, named)


def _vms_keys(keys: KeyPath) -> KeyPath:
    return (*keys, "nested", "vms") if keys else ("vms",)


def _repeated(
    index: TopologyIndex, machine: str, noun: str, named: Iterable[tuple[str, KeyPath]]
) -> Iterator[Finding]:
    first: dict[str, str] = {}
    copies: set[tuple[int, int]] = set()
    for name, item in named:
        keys = (*item, "net_adapter" if noun == "uplink" else "name")
        place = index.position_of_copy(keys)
        if name.casefold() in first and (place is None or place not in copies):
            hint = None
            if place:
                hint = placeholder_hint(f"{name}{{{index.variable_of_copy(keys)}}}")
            yield index.finding(
                DUPLICATE_NAME,
                f"{noun} {name}",
                keys,
                f"{machine} already has {'an' if noun[0] in 'au' else 'a'} {noun} named {first[name.casefold()]!r}; names are not case-sensitive",
                hint=hint,
            )
            copies |= {place} if place else set()
        first.setdefault(name.casefold(), name)


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
                f"has {owner_mark(owners[0])} in its notes, which decides which topology owns a VM",
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
    named = [
        ("switch", place.switch.name, place.subject, (*place.keys, "name"))
        for place in index.switches
    ]
    named += [
        ("adapter", place.adapter.name, place.subject, (*place.keys, "name"))
        for place in index.adapters
    ]
    named += [("VM", vm.name, place.subject, (*place.keys, "name")) for place, vm in index.vms]
    named += [
        ("uplink", u.net_adapter, f"uplink {u.net_adapter}", ("uplinks", n, "net_adapter"))
        for n, u in enumerate(index.topology.uplinks)
    ]
    for noun, name, subject, keys in named:
        if changes_text_direction(name):
            yield index.finding(
                MISLEADING_NAME,
                visible(subject),
                keys,
                f"the name of this {noun} has characters that change the direction of text, and is displayed as a different one: {visible(name)}",
            )


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
    """Two guests of one computer name on one network, also across levels.

    Clones of one prepared image that are not renamed have its computer name; those of a generalized
    one get a random name each.
    """
    seen: dict[tuple[BroadcastDomain, str], str] = {}
    for place, vm in index.vms:
        name, text = _computer_name(index, vm)
        reached = map(index.domain, place.adapters) if name else ()
        domains = {domain for domain in reached if domain is not None}
        others = {seen.get((domain, name), "") for domain in domains} - {""}
        for domain in domains:
            seen.setdefault((domain, name), place.subject)
        if others:
            yield index.finding(
                DUPLICATE_COMPUTER_NAME,
                place.subject,
                (*place.keys, "guest"),
                f"has {text}, like {min(others)} on the same network",
            )


def _computer_name(index: TopologyIndex, vm: VM) -> tuple[str, str]:
    """Return what identifies the computer name of a guest, and the name as text for findings."""
    if vm.guest.os != "windows":
        return "", ""
    if vm.computer_name:
        return vm.computer_name.casefold(), f"the computer name {vm.computer_name}"
    if is_generalized(index.topology.images, vm):
        return "", ""
    base = (vm.disk.image or vm.disk.parent) if vm.disk else None
    return (f"/{path_key(base)}", f"the computer name of its image {base}") if base else ("", "")
