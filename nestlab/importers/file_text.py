"""A draft as the text of a topology file: `defaults`, `count`, and comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nestlab.enumerations import all_of
from nestlab.errors import TopologyFileError
from nestlab.importers.common_values import (
    ADAPTER_KEYS,
    VM_KEYS,
    common_values,
    without_common,
    without_file_defaults,
)
from nestlab.importers.counted import with_counts, with_repeats
from nestlab.importers.draft import Item, LabDraft, LeftOut
from nestlab.model.plain import Plain, written_fields
from nestlab.model.topology import VM, Topology
from nestlab.texts import tr
from nestlab.topology_file.loading_and_saving import loads
from nestlab.topology_file.writing import (
    LINE_WIDTH,
    block_lines,
    flow_text,
    item_lines,
    plain_or_quoted,
    render,
)
from nestlab.visible import visible_line

_ADAPTER_VARIABLE = "nic"
_NAMES_IN_LINE = 8
_VM_ORDER = [field.key for field in written_fields(VM)]


def file_text(draft: LabDraft, header: Sequence[str]) -> str:
    """Return the text of the topology file, with the lines of `header` as comments at its start.

    Short forms are used only if the file then declares the same topology as without them.
    """
    vms = without_file_defaults([item.data for item in draft.vms])
    plain = _text(draft, header, {}, _items(draft.vms, vms))
    wanted = loads(plain)
    defaults, shortened = _with_defaults(vms)
    attempts: tuple[tuple[dict[str, Plain], list[Item]], ...] = (
        (defaults, _counted(draft.vms, shortened)),
        ({}, _counted(draft.vms, vms)),
    )
    for common, items in attempts:
        text = _text(draft, header, common, items)
        if _declares(text, wanted):
            return text
    return plain


def _declares(text: str, wanted: Topology) -> bool:
    try:
        return loads(text) == wanted
    except TopologyFileError:
        return False


# -- short forms


def _with_defaults(
    vms: Sequence[dict[str, Plain]],
) -> tuple[dict[str, Plain], list[dict[str, Plain]]]:
    """Return the section `defaults`, and the VMs without the values in it."""
    adapters = [adapter for vm in vms for adapter in vm.get("network_adapters", ())]
    common = common_values(vms, VM_KEYS, may_be_absent=True)
    of_adapters = common_values(adapters, ADAPTER_KEYS, may_be_absent=False)
    shortened = [_without(vm, common, of_adapters) for vm in vms]
    sections = {"vm": common, "network_adapter": of_adapters}
    return {name: section for name, section in sections.items() if section}, shortened


def _without(
    vm: dict[str, Plain], common: dict[str, Plain], of_adapters: dict[str, Plain]
) -> dict[str, Plain]:
    found = without_common(vm, common)
    if "network_adapters" in found:
        adapters = [without_common(each, of_adapters) for each in found["network_adapters"]]
        found["network_adapters"] = adapters
    return dict(sorted(found.items(), key=lambda entry: _VM_ORDER.index(entry[0])))


def _items(originals: Sequence[Item], vms: Sequence[dict[str, Plain]]) -> list[Item]:
    return [Item(vm, item.comments) for vm, item in zip(vms, originals, strict=True)]


def _counted(originals: Sequence[Item], vms: Sequence[dict[str, Plain]]) -> list[Item]:
    """Return the VMs, with `count` for series of VMs, adapters and disks."""
    inner = [_with_counted_parts(vm) for vm in vms]
    found: list[Item] = []
    position = 0
    for data, length in with_counts(inner):
        copies = originals[position : position + length]
        found.append(Item(data, _merged_comments(copies)))
        position += length
    return found


def _with_counted_parts(vm: dict[str, Plain]) -> dict[str, Plain]:
    found = dict(vm)
    if found.get("network_adapters"):
        adapters = with_counts(found["network_adapters"], _ADAPTER_VARIABLE)
        found["network_adapters"] = [adapter for adapter, _ in adapters]
    if found.get("disks"):
        found["disks"] = list(with_repeats(found["disks"]))
    return found


def _merged_comments(copies: Sequence[Item]) -> tuple[str, ...]:
    """Return the comments of copies: once if they are all equal, else with the names of the VMs."""
    if all(copy.comments == copies[0].comments for copy in copies):
        return copies[0].comments
    return tuple(f"{copy.data['name']}: {comment}" for copy in copies for comment in copy.comments)


# -- text


def _text(
    draft: LabDraft, header: Sequence[str], defaults: dict[str, Plain], vms: Sequence[Item]
) -> str:
    head: dict[str, Plain] = {"name": draft.name}
    if draft.description:
        head["description"] = draft.description
    lines = [
        *(_comment(line) for line in header),
        *render(head).splitlines(),
        *_images(draft),
        *_defaults(defaults),
        *_section("switches", draft.switches),
        *_section("vms", vms),
        *_left_out(draft.left_out),
    ]
    return "\n".join(lines) + "\n"


def _images(draft: LabDraft) -> Iterator[str]:
    """Yield the section `images`, a line for each."""
    if draft.images:
        yield "images:"
    for name, data in draft.images.items():
        yield f"  {plain_or_quoted(name, flow=False)}: {flow_text(data)}"


def _defaults(sections: dict[str, Plain]) -> Iterator[str]:
    """Yield the section `defaults`, as blocks if a line would be too long."""
    if sections:
        yield "defaults:"
    for name, section in sections.items():
        line = f"  {name}: {flow_text(section)}"
        if len(line) <= LINE_WIDTH:
            yield line
        else:
            yield f"  {name}:"
            yield from block_lines(section, 4)


def _section(key: str, items: Sequence[Item]) -> Iterator[str]:
    if not items:
        return
    yield f"{key}:"
    for item in items:
        yield from (f"  {_comment(comment)}" for comment in item.comments)
        yield from item_lines(key, item.data, 2)


def _left_out(entries: Sequence[LeftOut]) -> Iterator[str]:
    if not entries:
        return
    yield ""
    yield _comment(tr("Not in this file, or in another form:"))
    yield from (_comment(f"- {line}") for line in left_out_lines(entries))


def left_out_lines(entries: Sequence[LeftOut]) -> list[str]:
    """Return one line for each object, or for several objects with the same text."""
    subjects: dict[str, list[str]] = {}
    for entry in entries:
        names = subjects.setdefault(entry.what, [])
        if entry.subject not in names:
            names.append(entry.subject)
    return [visible_line(f"{_several(names)}: {what}") for what, names in subjects.items()]


def _several(names: Sequence[str]) -> str:
    if len(names) <= _NAMES_IN_LINE:
        return all_of(names)
    more = tr("{count} more", count=len(names) - _NAMES_IN_LINE)
    return all_of([*names[:_NAMES_IN_LINE], more])


def _comment(text: str) -> str:
    return f"# {visible_line(text)}".rstrip()
