"""What changed on the machines between two observations, as sentences.

Values that change without user action, such as dynamic memory, are left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Hashable, Iterator, Mapping
from typing import Any

from nestlab.dataclass import dataclass, fields, is_dataclass, replace
from nestlab.model import MachinePath, path_text
from nestlab.model.size import Size
from nestlab.model.state import (
    DiskFileState,
    HostState,
    HyperVState,
    IPInterfaceState,
    VirtualMachineState,
)
from nestlab.texts import mark, tr, translate
from nestlab.visible import visible


@dataclass(frozen=True)
class StatePart:
    """One part of an observed state: its label, its name, and all that a plan may read of it.

    The label is a key of saved plans, and the same in every language.
    """

    label: str
    name: str
    value: Hashable


@dataclass(frozen=True)
class HostChange:
    """One difference between two observations; `name` is what changed, empty without a name."""

    machine: MachinePath
    name: str
    text: str

    def __str__(self) -> str:
        return visible(f"{path_text(self.machine)}{self.text}")


StateDigests = Mapping[MachinePath, Mapping[str, str]]
"""Observed states as in a saved plan: by machine, the label and the digest of each part."""


def state_digests(states: Mapping[MachinePath, HostState]) -> dict[MachinePath, dict[str, str]]:
    """Return digests of what was observed on the machines, enough to find what has changed."""
    return {
        path: {part.label: _digest(part.value) for part in _parts(state)}
        for path, state in states.items()
    }


def host_changes(
    before: Mapping[MachinePath, HostState] | StateDigests, after: Mapping[MachinePath, HostState]
) -> tuple[HostChange, ...]:
    """Return the differences of two observations, on the machines of the first one."""
    return tuple(
        change for path, old in before.items() for change in _changes_on(path, old, after.get(path))
    )


def _changes_on(
    path: MachinePath, before: HostState | Mapping[str, str], after: HostState | None
) -> Iterator[HostChange]:
    if after is None:
        yield HostChange(path, path[-1] if path else "", tr(" does not answer any more"))
        return
    if isinstance(before, HostState):
        before, after = _without_equal_vms(before, after)
    new = {part.label: part for part in _parts(after)}
    old = (
        {part.label: part.value for part in _parts(before)}
        if isinstance(before, HostState)
        else before
    )
    for label in (*old, *(label for label in new if label not in old)):
        if label not in new:
            yield HostChange(path, _name(label), tr(": {part} is gone", part=_shown(label)))
        elif label not in old:
            yield HostChange(path, new[label].name, tr(": {part} is new", part=_shown(label)))
        elif old[label] != (
            new[label].value if isinstance(before, HostState) else _digest(new[label].value)
        ):
            what = _differences(old[label], new[label].value)
            text = tr(": {part} changed{properties}", part=_shown(label), properties=what)
            yield HostChange(path, new[label].name, text)


def _without_equal_vms(before: HostState, after: HostState) -> tuple[HostState, HostState]:
    """Return two states without the VMs that are equal in both, which are most of them."""
    if before.hyper_v is None or after.hyper_v is None:
        return before, after
    old = {vm.id: vm for vm in before.hyper_v.vms}
    same = {vm.id for vm in after.hyper_v.vms if old.get(vm.id) == vm}
    return _without_vms(before, before.hyper_v, same), _without_vms(after, after.hyper_v, same)


def _without_vms(state: HostState, hyper_v: HyperVState, ids: Collection[str]) -> HostState:
    vms = tuple(vm for vm in hyper_v.vms if vm.id not in ids)
    return replace(state, hyper_v=replace(hyper_v, vms=vms))


def _differences(before: Any, after: Any) -> str:
    """Return which properties differ, in parentheses; empty if only digests are known."""
    if type(before) is not type(after) or not is_dataclass(after):
        return ""
    differing = (
        field.name.replace("_", " ")
        for field in fields(after)
        if getattr(before, field.name) != getattr(after, field.name)
    )
    return f" ({', '.join(differing)})"


def _parts(state: HostState) -> Iterator[StatePart]:
    """Yield everything that a plan may read, with its label."""
    yield StatePart(_FEATURES, "", (state.features, state.pending_features))
    yield StatePart(_ROLE, "", state.hyper_v is not None)
    yield from (_part("NAT", nat.name, nat) for nat in state.nats)
    yield from (_part(_RULE, rule.name, rule) for rule in state.firewall_rules)
    yield from (_part(_SCOPE, scope.name, scope) for scope in state.dhcp_scopes)
    yield from (
        _part("adapter", a.name, (a.mac_address, a.interface_description))
        for a in state.net_adapters
    )
    yield from (
        _part(_ADDRESSES, i.interface_alias, _stable_interface(i)) for i in state.ip_interfaces
    )
    if state.hyper_v is None:
        return
    yield from (_part("switch", switch.name, switch) for switch in state.hyper_v.switches)
    yield from (
        StatePart(f"VM {vm.name} ({vm.id})", vm.name, _stable_vm(vm)) for vm in state.hyper_v.vms
    )
    yield from (
        _part(_MANAGEMENT_ADAPTER, a.name, (a.switch_id, a.vlan))
        for a in state.hyper_v.management_adapters
    )
    files = {file.path.lower(): file for file in state.hyper_v.disk_files}
    yield from (
        _part(_FILE, path, _stable_file(files.get(path)))
        for path in sorted(state.hyper_v.existing_disks)
    )


def _part(kind: str, name: str, value: Hashable) -> StatePart:
    return StatePart(f"{kind} {name}", name, value)


_RULE, _SCOPE, _FILE = "firewall rule", "DHCP scope", "disk file"  # not shown
_MANAGEMENT_ADAPTER, _ADDRESSES = "management adapter", "addresses of"  # not shown
_FEATURES = mark("installed features")
_ROLE = mark("Hyper-V role")
_KINDS: Mapping[str, str] = {
    "NAT": mark("NAT {name}"),
    _RULE: mark("firewall rule {name}"),
    _SCOPE: mark("DHCP scope {name}"),
    _MANAGEMENT_ADAPTER: mark("management adapter {name}"),
    "adapter": mark("adapter {name}"),
    _ADDRESSES: mark("addresses of {name}"),
    "switch": mark("switch {name}"),
    "VM": mark("VM {name}"),
    _FILE: mark("disk file {name}"),
}
"""What labels of parts begin with, and what they are shown as."""


def _kind_of(label: str) -> str:
    """Return the kind of a part; empty for one without a name."""
    return next((kind for kind in _KINDS if label.startswith(f"{kind} ")), "")


def _name(label: str) -> str:
    """Return the name in the label of a part that is gone."""
    kind = _kind_of(label)
    name = label.removeprefix(f"{kind} ") if kind else ""
    return name.rpartition(" (")[0] if kind == "VM" else name  # the id comes last


def _shown(label: str) -> str:
    """Return a label, which is the same in the saved plans of every language, as it is shown."""
    kind = _kind_of(label)
    if not kind:
        return translate(label)
    return translate(_KINDS[kind], name=label.removeprefix(f"{kind} "))


def _stable_interface(interface: IPInterfaceState) -> IPInterfaceState:
    # Windows changes an automatic metric with the speed of the link.
    metric = None if interface.automatic_metric else interface.interface_metric
    return replace(interface, interface_index=0, interface_metric=metric)


def _stable_file(file: DiskFileState | None) -> DiskFileState | None:
    # The file of a dynamic disk grows as the VM writes to it.
    return file and replace(file, file_size=Size(0))


def _stable_vm(vm: VirtualMachineState) -> VirtualMachineState:
    # Dynamic memory, heartbeats, and the addresses that guests report change by themselves.
    adapters = tuple(replace(a, ip_addresses=(), connected=False) for a in vm.network_adapters)
    return replace(
        vm,
        memory_assigned=Size(0),
        heartbeat="",
        automatic_checkpoint=False,
        network_adapters=adapters,
    )


def _digest(value: Any) -> str:
    return hashlib.sha256(_text(value).encode()).hexdigest()[:16]


def _text(value: Any) -> str:
    """Return a text that is the same in every process, unlike the repr of a set."""
    if is_dataclass(value) and not isinstance(value, type):
        return (
            "("
            + ",".join(
                f"{field.name}={_text(getattr(value, field.name))}" for field in fields(value)
            )
            + ")"
        )
    if isinstance(value, frozenset):
        return "{" + ",".join(sorted(map(_text, value))) + "}"
    if isinstance(value, tuple):
        return "[" + ",".join(map(_text, value)) + "]"
    return repr(value)
