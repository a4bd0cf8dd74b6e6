"""Rules about names and connections: who is called what, and who hangs on what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nestlab.constants import (
    ADAPTERS_MAXIMUM,
    SCALABILITY,
    SET_ADAPTER,
    SET_VLAN,
    UNICODE_TEXT_DIRECTION,
    VIRTUAL_SWITCH,
    VLAN_MAXIMUM,
    VLAN_MINIMUM,
)
from nestlab.model.finding import Finding
from nestlab.model.origin import Keys
from nestlab.model.ownership import owner_mark, owners_of
from nestlab.model.topology import SwitchType, Vlan
from nestlab.rules.topology.topology_index import Domain, Survey
from nestlab.visible import turns_text, visible


def duplicate_name(survey: Survey) -> Iterator[Finding]:
    """Two VMs, switches or adapters of one machine with one name: a cmdlet's -Name would mean both."""
    for place in survey.machines:
        groups: list[tuple[str, Iterable[tuple[str, Keys]]]] = [
            ("switch", ((switch.switch.name, switch.keys) for switch in place.switches)),
            ("adapter", ((adapter.adapter.name, adapter.keys) for adapter in place.adapters)),
            (
                "VM",
                (
                    (vm.name, (*_vms_keys(place.keys), index))
                    for index, vm in enumerate(place.machine.vms)
                ),
            ),
        ]
        if not place.path:
            groups.append(
                (
                    "uplink",
                    (
                        (uplink.net_adapter, ("uplinks", i))
                        for i, uplink in enumerate(survey.topology.uplinks)
                    ),
                )
            )
        for noun, named in groups:
            yield from _repeated(survey, place.name, noun, named)


def mark_in_notes(survey: Survey) -> Iterator[Finding]:
    """A mark of nestlab in the notes of a VM: it would say that the VM is another topology's, or nobody's."""
    for place, vm in survey.vms:
        owners = owners_of(vm.notes)
        if owners:
            yield survey.finding(
                "mark-in-notes",
                "error",
                place.subject,
                (*place.keys, "notes"),
                f"has {owner_mark(owners[0])} in its notes, which says whose a VM is",
                hint="Take it out: nestlab writes the mark of this topology itself.",
            )


def _vms_keys(keys: Keys) -> Keys:
    return (*keys, "nested", "vms") if keys else ("vms",)


def _repeated(
    survey: Survey, machine: str, noun: str, named: Iterable[tuple[str, Keys]]
) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for name, keys in named:
        if name.casefold() in first:
            yield survey.finding(
                "duplicate-name",
                "error",
                f"{noun} {name}",
                (*keys, "net_adapter" if noun == "uplink" else "name"),
                f"{machine} already has {'an' if noun[0] in 'au' else 'a'} {noun} named {first[name.casefold()]!r}; case does not count",
                hint="Give each its own name: the -Name of a cmdlet would mean both.",
            )
        first.setdefault(name.casefold(), name)


def name_reads_otherwise(survey: Survey) -> Iterator[Finding]:
    """A name with characters that turn the direction of text: in a terminal or a plan it reads as another one."""
    named = [
        ("switch", place.switch.name, place.subject, (*place.keys, "name"))
        for place in survey.switches
    ]
    named += [
        ("adapter", place.adapter.name, place.subject, (*place.keys, "name"))
        for place in survey.adapters
    ]
    named += [("VM", vm.name, place.subject, (*place.keys, "name")) for place, vm in survey.vms]
    named += [
        ("uplink", u.net_adapter, f"uplink {u.net_adapter}", ("uplinks", n, "net_adapter"))
        for n, u in enumerate(survey.topology.uplinks)
    ]
    for noun, name, subject, keys in named:
        if turns_text(name):
            yield survey.finding(
                "name-reads-otherwise",
                "warning",
                visible(subject),
                keys,
                f"the name of this {noun} has characters that turn the direction of text, and reads otherwise than it is: {visible(name)}",
                hint="Take the invisible characters out of the name; they come with text that is copied from pages and mails.",
                source=UNICODE_TEXT_DIRECTION,
            )


def unknown_switch(survey: Survey) -> Iterator[Finding]:
    """An adapter on a switch that its machine does not have."""
    for place in survey.adapters:
        name = place.adapter.switch
        if name is not None and survey.switch(place.machine[:-1], name) is None:
            outside = survey.by_path[place.machine[:-1]]
            known = ", ".join(switch.switch.name for switch in outside.switches)
            yield survey.finding(
                "unknown-switch",
                "error",
                place.subject,
                (*place.keys, "switch"),
                f"is on switch {name!r}, which {outside.name} does not have",
                hint=f"Switches of {outside.name}: {known}."
                if known
                else f"Add the switch to {outside.name}, which has none.",
                source=VIRTUAL_SWITCH,
            )


def external_without_adapter(survey: Survey) -> Iterator[Finding]:
    """An External switch has to say to which adapter it is bound: New-VMSwitch knows External only by its adapter."""
    for place in survey.switches:
        if place.switch.switch_type is SwitchType.EXTERNAL and place.switch.net_adapter is None:
            yield survey.finding(
                "external-without-adapter",
                "error",
                place.subject,
                place.keys,
                "is External and names no adapter to be bound to",
                hint="Add net_adapter: the name that Get-NetAdapter shows on the host, or an adapter of the nested host.",
                source=VIRTUAL_SWITCH,
            )


def key_without_effect(survey: Survey) -> Iterator[Finding]:
    """A key that only an External switch has a use for, on another: nothing would come of it, and nothing say so."""
    for place in survey.switches:
        switch = place.switch
        if switch.switch_type is SwitchType.EXTERNAL:
            continue
        written = (
            ("net_adapter", switch.net_adapter is not None),
            ("allow_management_os", not switch.allow_management_os),
        )
        for key in (key for key, differs in written if differs):
            yield survey.finding(
                "key-without-effect",
                "warning",
                place.subject,
                (*place.keys, key),
                f"is {switch.switch_type}, and {key} has an effect on External switches only",
                hint=f"Remove {key}, or make the switch External.",
                source=VIRTUAL_SWITCH,
            )


def unknown_net_adapter(survey: Survey) -> Iterator[Finding]:
    """An External switch of a nested host on an adapter that the VM does not have."""
    for place, vm in survey.nested_hosts:
        for switch in place.switches:
            name = switch.switch.net_adapter
            if (
                switch.switch.switch_type is SwitchType.EXTERNAL
                and name
                and survey.adapter(place.path, name) is None
            ):
                known = ", ".join(adapter.name for adapter in vm.network_adapters)
                yield survey.finding(
                    "unknown-net-adapter",
                    "error",
                    switch.subject,
                    (*switch.keys, "net_adapter"),
                    f"is bound to adapter {name!r}, which {place.subject} does not have",
                    hint=f"Adapters of {place.subject}: {known}."
                    if known
                    else f"Add a network adapter to {place.subject}, which has none.",
                    source=VIRTUAL_SWITCH,
                )


def switch_on_a_switch(survey: Survey) -> Iterator[Finding]:
    """An External switch on the machine's own adapter of a switch, or on a switch: no switch can ride on either."""
    physical = {uplink.net_adapter.casefold() for uplink in survey.topology.uplinks}
    for place in survey.machines:
        names = {
            alias.casefold(): s.switch.name
            for s in place.switches
            for alias in (s.switch.name, s.switch.management_adapter)
        }
        for switch in place.switches:
            name = switch.switch.net_adapter
            other = (
                names.get(name.casefold())
                if name and switch.switch.switch_type is SwitchType.EXTERNAL
                else None
            )
            if name is None or other is None or other == switch.switch.name:
                continue
            if survey.adapter(place.path, name) is not None or (
                not place.path and name.casefold() in physical
            ):
                continue
            yield survey.finding(
                "switch-on-a-switch",
                "error",
                switch.subject,
                (*switch.keys, "net_adapter"),
                f"is to ride on {name!r}, which belongs to switch {other} of {place.name}: no switch rides on another",
                hint=f"Connect the adapters of its VMs to {other}, and leave this switch out; or name a physical adapter.",
                source=VIRTUAL_SWITCH,
            )


def adapter_in_two_switches(survey: Survey) -> Iterator[Finding]:
    """One adapter carries one External switch: the second New-VMSwitch is refused with "object in use"."""
    for place in survey.machines:
        first: dict[str, str] = {}
        for switch in place.switches:
            name = switch.switch.net_adapter
            if switch.switch.switch_type is not SwitchType.EXTERNAL or name is None:
                continue
            if name.casefold() in first:
                yield survey.finding(
                    "adapter-in-two-switches",
                    "error",
                    switch.subject,
                    (*switch.keys, "net_adapter"),
                    f"is bound to adapter {name!r}, which switch {first[name.casefold()]!r} of {place.name} already has",
                    hint="Put the VMs on one switch, or bind this one to another adapter.",
                    source=VIRTUAL_SWITCH,
                )
            first.setdefault(name.casefold(), switch.switch.name)


def too_many_adapters(survey: Survey) -> Iterator[Finding]:
    """More synthetic adapters than every supported host gives a VM."""
    for place, vm in survey.vms:
        count = len(vm.network_adapters)
        if count > ADAPTERS_MAXIMUM:
            yield survey.finding(
                "too-many-adapters",
                "error",
                place.subject,
                (*place.keys, "network_adapters", ADAPTERS_MAXIMUM),
                f"has {count} network adapters; a VM has at most {ADAPTERS_MAXIMUM}",
                hint="Carry several networks over one adapter with a VLAN trunk.",
                evidence=f"{count} network_adapters; Server 2016 allows 8, Server 2019 and later 64",
                source=SCALABILITY,
            )


def duplicate_mac(survey: Survey) -> Iterator[Finding]:
    """Two adapters in one broadcast domain with one static MAC address."""
    first: dict[tuple[Domain, str], str] = {}
    for place in survey.adapters:
        mac, domain = place.adapter.mac_address, survey.domain(place)
        if mac is None or domain is None:
            continue
        if (domain, mac) in first:
            shown = "-".join(mac[i : i + 2] for i in range(0, len(mac), 2))
            yield survey.finding(
                "duplicate-mac",
                "error",
                place.subject,
                (*place.keys, "mac_address"),
                f"has the MAC address {shown} of {first[domain, mac]}, on the same network",
                hint="Give one of them another address, or leave mac_address out: Hyper-V then picks one.",
                source=SET_ADAPTER,
            )
        first.setdefault((domain, mac), place.subject)


def vlan_mode_conflict(survey: Survey) -> Iterator[Finding]:
    """Access and trunk exclude each other; trunk needs its native VLAN."""
    for place in survey.adapters:
        vlan = place.adapter.vlan
        if vlan is None:
            continue
        if vlan.access is not None and (vlan.trunk or vlan.native is not None):
            message, hint = (
                "is in access mode and in trunk mode at once",
                "Keep access, or keep trunk and native.",
            )
        elif vlan.trunk and vlan.native is None:
            message, hint = (
                "is in trunk mode and names no native VLAN",
                "Add native: the VLAN of frames without a tag, 0 for none.",
            )
        else:
            continue
        keys = (*place.keys, "vlan")
        yield survey.finding(
            "vlan-mode-conflict", "error", place.subject, keys, message, hint=hint, source=SET_VLAN
        )


def vlan_out_of_range(survey: Survey) -> Iterator[Finding]:
    """VLAN ids that no frame can carry."""
    for place in survey.adapters:
        for keys, vlan_id, least in _vlan_ids(place.adapter.vlan):
            if not least <= vlan_id <= VLAN_MAXIMUM:
                yield survey.finding(
                    "vlan-out-of-range",
                    "error",
                    place.subject,
                    (*place.keys, "vlan", *keys),
                    f"has VLAN {vlan_id}; a VLAN is a number from {least} to {VLAN_MAXIMUM}",
                    hint="Leave vlan out for frames without a tag."
                    if vlan_id == 0
                    else "Choose a number in that range.",
                    source=SET_VLAN,
                )


def _vlan_ids(vlan: Vlan | None) -> Iterator[tuple[Keys, int, int]]:
    if vlan is None:
        return
    if vlan.access is not None:
        yield ("access",), vlan.access, VLAN_MINIMUM
    for index, vlan_id in enumerate(vlan.trunk):
        yield ("trunk", index), vlan_id, VLAN_MINIMUM
    if vlan.native is not None:
        yield ("native",), vlan.native, 0
