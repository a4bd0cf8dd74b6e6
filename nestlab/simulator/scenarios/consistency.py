"""Checks that a scenario is consistent: references, names, features."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from nestlab.model.origin import KeyPath
from nestlab.simulator.behaviour.feature_catalog import FEATURES
from nestlab.simulator.cmdlets.registry import handlers
from nestlab.simulator.scenarios.scenario_file import Problem
from nestlab.simulator.scenarios.specs import (
    DiskSpec,
    ImageSpec,
    NetAdapterSpec,
    SwitchSpec,
    VMSpec,
)
from nestlab.simulator.state.operating_systems import OPERATING_SYSTEMS
from nestlab.topology_file.reading_hints import nearest

Values = Mapping[str, Any]
_REQUIRED = (
    ("computer", "name"),
    ("computer", "operating_system"),
    ("computer", "manufacturer"),
    ("computer", "model"),
    ("computer", "memory"),
    ("processors", "manufacturer"),
    ("processors", "name"),
    ("processors", "cores"),
    ("processors", "logical_processors"),
)


def problems_of(values: Values) -> Iterator[Problem]:
    """Yield the problems of a scenario."""
    missing = [(table, key) for table, key in _REQUIRED if key not in values.get(table, {})]
    for table, key in missing:
        hint = "Add it, or base the scenario on another one ('based_on') that has it."
        yield Problem(
            "missing-key",
            (table,),
            f"a scenario without 'based_on' needs {table}.{key}",
            hint,
        )
    for rule in _RULES:
        yield from rule(values)


def _unknown(
    keys: KeyPath, noun: str, name: str, known: Iterable[str], more: str = ""
) -> Iterator[Problem]:
    names = list(known)
    if name.casefold() in (other.casefold() for other in names):
        return
    near = nearest(name, names)
    guess = f"Did you mean {near!r}? " if near else ""
    known_hint = (
        f"Known names: {', '.join(names[:20])}." if names else f"The scenario has no {noun}."
    )
    yield Problem(
        f"unknown-{noun.replace(' ', '-')}",
        keys,
        f"there is no {noun} {name!r}",
        guess + known_hint + more,
    )


def _features(values: Values) -> Iterator[Problem]:
    features = values.get("computer", {}).get("features", ())
    for index, name in enumerate(features):
        yield from _unknown(("computer", "features", index), "feature", name, FEATURES)
    if "Hyper-V" not in features:
        inside = [key for key in ("switches", "nats", "vms") if values.get(key)]
        if inside:
            message = f"lack Hyper-V, but the scenario has {' and '.join(inside)}"
            hint = f"Add Hyper-V to computer.features, or write {', '.join(f'{key}: []' for key in inside)}."
            yield Problem("no-hyper-v", ("computer", "features"), message, hint)


def _adapters(values: Values) -> Iterator[Problem]:
    adapters: tuple[NetAdapterSpec, ...] = values.get("net_adapters", ())
    wires = [wire["name"] for wire in values.get("wires", ())]
    yield from _duplicates("net_adapters", "name", [adapter.name for adapter in adapters])
    for index, adapter in enumerate(adapters):
        if adapter.wire:
            yield from _unknown(("net_adapters", index, "wire"), "wire", adapter.wire, wires)
        yield from _addresses(("net_adapters", index), adapter)


def _switches(values: Values) -> Iterator[Problem]:
    switches: tuple[SwitchSpec, ...] = values.get("switches", ())
    adapters = [adapter.name for adapter in values.get("net_adapters", ())]
    taken: set[str] = set()
    yield from _duplicates("switches", "id", [switch.id for switch in switches])
    for index, switch in enumerate(switches):
        keys: KeyPath = ("switches", index)
        external = switch.switch_type == "External"
        if external and not switch.net_adapter:
            yield Problem(
                "bad-value",
                keys,
                "an External switch needs net_adapter",
                f"Adapters: {', '.join(adapters)}.",
            )
        elif switch.net_adapter and not external:
            yield Problem(
                "bad-value",
                (*keys, "net_adapter"),
                f"{_article(switch.switch_type)} switch has no physical adapter",
                "Remove the key.",
            )
        elif external:
            yield from _unknown((*keys, "net_adapter"), "net adapter", switch.net_adapter, adapters)
            if switch.net_adapter.casefold() in taken:
                yield Problem(
                    "bad-value",
                    (*keys, "net_adapter"),
                    f"{switch.net_adapter} is used by another switch",
                    "Choose another adapter.",
                )
            taken.add(switch.net_adapter.casefold())
        if switch.ip_address and switch.switch_type != "Internal":
            hint = "An External switch takes over the address of its adapter; a Private one has no host adapter."
            yield Problem(
                "bad-value",
                (*keys, "ip_address"),
                f"{_article(switch.switch_type)} switch has no address of its own",
                hint,
            )
        yield from _addresses(keys, switch)


def _article(switch_type: str) -> str:
    return f"{'a' if switch_type == 'Private' else 'an'} {switch_type}"


def _addresses(keys: KeyPath, spec: NetAdapterSpec | SwitchSpec) -> Iterator[Problem]:
    if spec.gateway and not (spec.ip_address and spec.gateway in spec.ip_address.network):
        yield Problem(
            "bad-value",
            (*keys, "gateway"),
            f"{spec.gateway} is not in the network of this adapter",
            "Correct ip_address or gateway.",
        )


def _images(values: Values) -> Iterator[Problem]:
    images: tuple[ImageSpec, ...] = values.get("images", ())
    yield from _duplicates("images", "path", [image.path for image in images])
    for index, image in enumerate(images):
        if image.partitions:
            yield from _partitions(("images", index, "partitions"), image)


def _partitions(keys: tuple[str | int, ...], image: ImageSpec) -> Iterator[Problem]:
    is_windows = OPERATING_SYSTEMS[image.operating_system].family == "windows"
    has_windows = [part.windows for part in image.partitions]
    if any(part.windows and part.file_system != "NTFS" for part in image.partitions):
        yield Problem("bad-value", keys, "Windows needs NTFS", "Correct file_system.")
    if is_windows != any(has_windows):
        count_text = "none of them has" if is_windows else "one of them has"
        name = image.operating_system
        text = f"the operating system is {name}, and {count_text} windows: true"
        yield Problem("bad-value", keys, text, "Correct windows, or operating_system.")
    if sum(map(int, (part.size for part in image.partitions))) >= int(image.size):
        text = f"they are together larger than the disk of {image.size}"
        yield Problem("bad-value", keys, text, "Increase size, or make them smaller.")


def _vms(values: Values) -> Iterator[Problem]:
    vms: tuple[VMSpec, ...] = values.get("vms", ())
    switches = [switch.name for switch in values.get("switches", ())]
    disks: list[str] = [image.path for image in values.get("images", ())]
    for index, vm in enumerate(vms):
        for number, adapter in enumerate(vm.network_adapters):
            if adapter.switch:
                yield from _unknown(
                    ("vms", index, "network_adapters", number, "switch"),
                    "switch",
                    adapter.switch,
                    switches,
                )
        if vm.disk is not None:
            yield from _disk(("vms", index, "disk"), vm.disk, disks)
            disks.append(vm.disk.path)


_INHERITED = (
    " A scenario inherits the VMs of the one that it is based on: list their images in it as well, or "
    "write vms of its own ('vms: []' for none)."
)


def _disk(keys: KeyPath, disk: DiskSpec, earlier_paths: list[str]) -> Iterator[Problem]:
    if disk.path.casefold() in (path.casefold() for path in earlier_paths):
        yield Problem(
            "bad-value",
            (*keys, "path"),
            f"another disk has the path {disk.path}",
            "Give each disk its own path.",
        )
    if disk.parent:
        yield from _unknown((*keys, "parent"), "disk image", disk.parent, earlier_paths, _INHERITED)


def _faults(values: Values) -> Iterator[Problem]:
    for index, fault in enumerate(values.get("faults", ())):
        if fault.get("cmdlet"):
            yield from _unknown(
                ("faults", index, "cmdlet"), "simulated cmdlet", fault["cmdlet"], handlers()
            )


def _duplicates(key: str, name: str, given: list[str]) -> Iterator[Problem]:
    folded = [text.casefold() for text in given]
    for index, text in enumerate(folded):
        if text and text in folded[:index]:
            yield Problem(
                "duplicate-name",
                (key, index, name),
                f"{given[index]!r} is already in {key}[{folded.index(text)}]",
                "Change one.",
            )


_RULES: tuple[Callable[[Values], Iterator[Problem]], ...] = (
    _features,
    _adapters,
    _switches,
    _images,
    _vms,
    _faults,
)
