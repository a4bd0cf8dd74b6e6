"""Rules about how switches and adapters are connected."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import VIRTUAL_SWITCH
from nestlab.model.finding import Finding
from nestlab.model.origin import KeyPath
from nestlab.model.topology import DEFAULT_SWITCH, SwitchType
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.rules.topology.places import MachinePlace, SwitchPlace
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

UNKNOWN_SWITCH = Rule(
    code="unknown-switch",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A network adapter is connected to a switch that the file does not declare on its machine.",
    why="Connect-VMNetworkAdapter fails where the machine does not have it, and its network is not known.",
    fix="Declare the switch on that machine, with existing: true where it exists already; or write the name of one that is declared.",
    example="vms: [{name: web1, network_adapters: [{switch: LabNet}]}]",
    source=VIRTUAL_SWITCH,
    one_cause=True,
)


@detects(UNKNOWN_SWITCH)
def unknown_switch(index: TopologyIndex) -> Iterator[Finding]:
    """An adapter on a switch that its machine does not declare."""
    for place in index.adapters:
        name = place.adapter.switch
        if name is not None and index.switch(place.machine[:-1], name) is None:
            outside = index.by_path[place.machine[:-1]]
            known = ", ".join(switch.switch.name for switch in outside.switches)
            hint = _declare(name, outside)
            if known:
                hint = f"{tr('Declared there: {switches}.', switches=known)} {hint}"
            yield index.finding(
                UNKNOWN_SWITCH,
                place.subject,
                (*place.keys, "switch"),
                tr(
                    "is on switch {name!r}, which the file does not declare on {machine}",
                    name=name,
                    machine=outside.name,
                ),
                hint=hint,
            )


def _declare(name: str, outside: MachinePlace) -> str:
    where = (
        tr("nested: {{switches: [...]}} of {vm}", vm=outside.subject)
        if outside.path
        else "switches"
    )
    if name.casefold() == DEFAULT_SWITCH.casefold():
        return tr(
            "The Default Switch of Windows clients exists already: add {{name: {name}, existing: true}} to {where}.",
            name=name,
            where=where,
        )
    return tr(
        "Add {{name: {name}, existing: true}} to {where} if it exists already, or else {{name: {name}, switch_type: Internal}}.",
        name=name,
        where=where,
    )


EXTERNAL_WITHOUT_ADAPTER = Rule(
    code="external-without-adapter",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="An External switch does not say which network adapter it is bound to.",
    why="New-VMSwitch creates an External switch only by the name of its network adapter.",
    fix="Add net_adapter: the name that Get-NetAdapter shows on the host, or an adapter of the nested host.",
    example="switches: [{name: Corp, switch_type: External}]",
    source=VIRTUAL_SWITCH,
)


@detects(EXTERNAL_WITHOUT_ADAPTER)
def external_without_adapter(index: TopologyIndex) -> Iterator[Finding]:
    """An External switch that does not name its network adapter, which New-VMSwitch needs."""
    for place in index.switches:
        switch = place.switch
        if switch.existing or switch.switch_type is not SwitchType.EXTERNAL:
            continue
        if not switch.net_adapters:
            yield index.finding(
                EXTERNAL_WITHOUT_ADAPTER,
                place.subject,
                place.keys,
                tr("is External but names no adapter to be bound to"),
            )


KEY_WITHOUT_EFFECT = Rule(
    code="key-without-effect",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A switch has a key that has no effect on it: one for External switches on another switch, or a setting on an existing one.",
    why="The key changes nothing, and the topology reads as if it did.",
    fix="Remove the key, or make the switch External; an existing switch stays as it is.",
    example="switches: [{name: A, switch_type: Internal, net_adapter: Ethernet}]",
    source=VIRTUAL_SWITCH,
)


@detects(KEY_WITHOUT_EFFECT)
def key_without_effect(index: TopologyIndex) -> Iterator[Finding]:
    """A key that only External switches use on another switch, or a setting of an existing one."""
    for place in index.switches:
        switch = place.switch
        if switch.existing:
            yield from _settings_of_existing(index, place)
        elif switch.vlan is not None and not switch.has_management_adapter:
            message = tr(
                "has no adapter of the machine itself, and vlan applies to that adapter only"
            )
            keys = (*place.keys, "vlan")
            hint = tr("Remove vlan; the VLAN of a VM is that of its network adapter.")
            yield index.finding(KEY_WITHOUT_EFFECT, place.subject, keys, message, hint=hint)
        if switch.management_adapters and not switch.additional_adapters:
            message = (
                tr("is an existing switch, so nestlab adds no adapter of the machine to it")
                if switch.existing
                else tr("is Private, so nestlab adds no adapter of the machine to it")
            )
            keys = (*place.keys, "management_adapters")
            hint = (
                tr("Remove management_adapters.")
                if switch.existing
                else tr("Remove management_adapters, or make the switch Internal or External.")
            )
            yield index.finding(KEY_WITHOUT_EFFECT, place.subject, keys, message, hint=hint)
        if switch.switch_type in (SwitchType.EXTERNAL, None):
            continue
        written = (
            ("net_adapter", bool(switch.net_adapters)),
            ("allow_management_os", not switch.allow_management_os),
        )
        for key in (key for key, differs in written if differs):
            message = tr(
                "is {switch_type}, and {key} has an effect on External switches only",
                switch_type=switch.switch_type,
                key=key,
            )
            hint = tr("Remove {key}, or make the switch External.", key=key)
            keys = (*place.keys, key)
            yield index.finding(KEY_WITHOUT_EFFECT, place.subject, keys, message, hint=hint)


def _settings_of_existing(index: TopologyIndex, place: SwitchPlace) -> Iterator[Finding]:
    for key in ("dns_servers", "interface_metric", "port_forwards"):
        if getattr(place.switch, key):
            message = tr(
                "is an existing switch, so nestlab leaves it as it is: {key} is not set", key=key
            )
            keys = (*place.keys, key)
            yield index.finding(
                KEY_WITHOUT_EFFECT, place.subject, keys, message, hint=tr("Remove {key}.", key=key)
            )


UNKNOWN_NET_ADAPTER = Rule(
    code="unknown-net-adapter",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="An External switch in a nested host is bound to an adapter that the VM does not have.",
    why="The switch cannot be created, and the VMs on it have no network connection.",
    fix="Name an adapter of the nested host in net_adapter, or add that adapter to the VM.",
    example="vms: [{name: HV1, memory_startup: 8GB, guest: {os: windows, credential: lab}, nested: {switches: [{name: Corp, switch_type: External, net_adapter: Ethernet 9}]}}]",
    source=VIRTUAL_SWITCH,
)


@detects(UNKNOWN_NET_ADAPTER)
def unknown_net_adapter(index: TopologyIndex) -> Iterator[Finding]:
    """An External switch of a nested host on an adapter that the VM does not have."""
    for place, vm in index.nested_hosts:
        known = ", ".join(adapter.name for adapter in vm.network_adapters)
        for switch, name, keys in _bound(place):
            if index.adapter(place.path, name) is None:
                yield index.finding(
                    UNKNOWN_NET_ADAPTER,
                    switch.subject,
                    keys,
                    tr(
                        "is bound to adapter {name!r}, which {vm} does not have",
                        name=name,
                        vm=place.subject,
                    ),
                    hint=tr("Adapters of {vm}: {adapters}.", vm=place.subject, adapters=known)
                    if known
                    else tr("Add a network adapter to {vm}, which has none.", vm=place.subject),
                )


def _bound(place: MachinePlace) -> Iterator[tuple[SwitchPlace, str, KeyPath]]:
    """Yield the External switches of a machine with each adapter they name, and its keys."""
    for switch in place.switches:
        names = switch.switch.net_adapters
        if switch.switch.switch_type is SwitchType.EXTERNAL:
            for position, name in enumerate(names):
                item: KeyPath = (position,) if len(names) > 1 else ()
                yield switch, name, (*switch.keys, "net_adapter", *item)


SWITCH_ON_A_SWITCH = Rule(
    code="switch-on-a-switch",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="An External switch is bound to another virtual switch or to its management adapter.",
    why="Windows binds an External switch to a physical network adapter only.",
    fix="Connect the VMs to the first switch and remove the second one, or bind it to a physical adapter.",
    example="switches: [{name: A, switch_type: Internal}, {name: B, switch_type: External, net_adapter: vEthernet (A)}]",
    source=VIRTUAL_SWITCH,
)


@detects(SWITCH_ON_A_SWITCH)
def switch_on_a_switch(index: TopologyIndex) -> Iterator[Finding]:
    """An External switch that is bound to another switch or to its management adapter."""
    physical = {uplink.net_adapter.casefold() for uplink in index.topology.uplinks}
    for place in index.with_switches:
        names = {
            alias.casefold(): s.switch.name
            for s in place.switches
            for alias in (s.switch.name, s.switch.management_alias)
        }
        for switch, name, keys in _bound(place):
            other = names.get(name.casefold())
            if switch.switch.existing or other is None or other == switch.switch.name:
                continue
            if index.adapter(place.path, name) is not None or (
                not place.path and name.casefold() in physical
            ):
                continue
            message = tr(
                "is bound to {name!r}, which belongs to switch {switch} of {machine}: a switch cannot be bound to another switch",
                name=name,
                switch=other,
                machine=place.name,
            )
            hint = tr(
                "Connect the adapters of its VMs to {switch}, and leave this switch out; or name a physical adapter.",
                switch=other,
            )
            yield index.finding(SWITCH_ON_A_SWITCH, switch.subject, keys, message, hint=hint)


ADAPTER_IN_TWO_SWITCHES = Rule(
    code="adapter-in-two-switches",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="Two External switches of one machine are bound to the same network adapter.",
    why="A network adapter carries one External switch: New-VMSwitch refuses the second one because the adapter is in use.",
    fix="Put the VMs on one switch, or bind the second switch to another adapter.",
    example="switches: [{name: A, switch_type: External, net_adapter: Ethernet}, {name: B, switch_type: External, net_adapter: Ethernet}]",
    source=VIRTUAL_SWITCH,
)


@detects(ADAPTER_IN_TWO_SWITCHES)
def adapter_in_two_switches(index: TopologyIndex) -> Iterator[Finding]:
    """Two External switches on one adapter: New-VMSwitch refuses the second one."""
    for place in index.with_switches:
        first: dict[str, str] = {}
        for switch, name, keys in _bound(place):
            if name.casefold() in first:
                yield index.finding(
                    ADAPTER_IN_TWO_SWITCHES,
                    switch.subject,
                    keys,
                    tr(
                        "is bound to adapter {name!r}, which switch {switch!r} of {machine} already has",
                        name=name,
                        switch=first[name.casefold()],
                        machine=place.name,
                    ),
                )
            first.setdefault(name.casefold(), switch.switch.name)


DETECTORS = (
    unknown_switch,
    external_without_adapter,
    key_without_effect,
    unknown_net_adapter,
    switch_on_a_switch,
    adapter_in_two_switches,
)
