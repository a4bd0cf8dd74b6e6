"""Rules about teams of adapters under a switch: Switch Embedded Teaming."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import SET_ADAPTER, SWITCH_EMBEDDED_TEAMING, TEAM_MEMBERS_MAXIMUM
from nestlab.model.finding import Finding
from nestlab.model.topology import VM, SwitchType
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

TEAM_TOO_LARGE = Rule(
    code="team-too-large",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A switch is bound to more adapters than a team can have.",
    why="Switch Embedded Teaming supports at most 8 adapters, and New-VMSwitch refuses more.",
    fix="Name at most 8 adapters in net_adapter.",
    example="switches: [{name: A, switch_type: External, net_adapter: [n1, n2, n3, n4, n5, n6, n7, n8, n9]}]",
    source=SWITCH_EMBEDDED_TEAMING,
)


@detects(TEAM_TOO_LARGE)
def team_too_large(index: TopologyIndex) -> Iterator[Finding]:
    """A switch on more adapters than a team can have."""
    for place in index.switches:
        count = len(place.switch.net_adapters)
        if count > TEAM_MEMBERS_MAXIMUM:
            keys = (*place.keys, "net_adapter", TEAM_MEMBERS_MAXIMUM)
            message = tr(
                "is bound to {count} adapters; a team has at most {maximum}",
                count=count,
                maximum=TEAM_MEMBERS_MAXIMUM,
            )
            yield index.finding(TEAM_TOO_LARGE, place.subject, keys, message)


TEAM_SPANS_NETWORKS = Rule(
    code="team-spans-networks",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="The adapters of a team are on different switches or in different VLANs.",
    why="A frame leaves by any adapter of the team, so it arrives in one network or in another.",
    fix="Connect all adapters of the team to one switch, with the same vlan.",
    example="switches: [{name: A, switch_type: Private}, {name: B, switch_type: Private}]\nvms: [{name: HV1, memory_startup: 8GB, network_adapters: [{name: a, switch: A, mac_address_spoofing: true}, {name: b, switch: B, mac_address_spoofing: true}], guest: {os: windows, credential: lab}, disk: {parent: 'D:\\ws2022.vhdx'}, nested: {switches: [{name: T, switch_type: External, net_adapter: [a, b]}]}}]",
    source=SWITCH_EMBEDDED_TEAMING,
)


@detects(TEAM_SPANS_NETWORKS)
def team_spans_networks(index: TopologyIndex) -> Iterator[Finding]:
    """A team whose adapters are on different switches, or in different VLANs."""
    for place in index.switches:
        members = (
            index.bound_adapters(place) if place.switch.switch_type is SwitchType.EXTERNAL else []
        )
        for member in members[1:]:
            one, other = members[0].adapter, member.adapter
            same_switch = (one.switch or "").casefold() == (other.switch or "").casefold()
            if same_switch and one.vlan == other.vlan:
                continue
            what = "vlan" if same_switch else "switch"
            keys = (*member.keys, what)
            yield index.finding(
                TEAM_SPANS_NETWORKS,
                member.subject,
                keys,
                tr(
                    "is in a team with {adapter} under {switch}, and on a different VLAN",
                    adapter=one.name,
                    switch=place.name,
                )
                if same_switch
                else tr(
                    "is in a team with {adapter} under {switch}, and on a different switch",
                    adapter=one.name,
                    switch=place.name,
                ),
                hint=tr("Give both the same {key}.", key=what),
            )


TEAMING_NOT_ALLOWED = Rule(
    code="teaming-not-allowed",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A nested host has an adapter in a team, but teaming is turned off on it.",
    why="Without AllowTeaming the other adapter of the team does not take over when one fails.",
    fix="Remove allow_teaming: a team sets it.",
    example="switches: [{name: A, switch_type: Private}]\nvms: [{name: HV1, memory_startup: 8GB, network_adapters: [{name: a, switch: A, mac_address_spoofing: true, allow_teaming: false}, {name: b, switch: A, mac_address_spoofing: true}], guest: {os: windows, credential: lab}, disk: {parent: 'D:\\ws2022.vhdx'}, nested: {switches: [{name: T, switch_type: External, net_adapter: [a, b]}]}}]",
    source=SET_ADAPTER,
)


@detects(TEAMING_NOT_ALLOWED)
def teaming_not_allowed(index: TopologyIndex) -> Iterator[Finding]:
    """An adapter in a team of the nested host, on which teaming is not allowed."""
    for place in index.adapters:
        vm = index.by_path[place.machine].machine
        if place.adapter.allow_teaming is not False or not isinstance(vm, VM):
            continue
        name = place.adapter.name.casefold()
        teams = (switch for switch in vm.switches if switch.is_team)
        team = next((t for t in teams if name in map(str.casefold, t.net_adapters)), None)
        if team is not None:
            keys = (*place.keys, "allow_teaming")
            message = tr(
                "is in the team of switch {switch}, but does not allow teaming", switch=team.name
            )
            yield index.finding(TEAMING_NOT_ALLOWED, place.subject, keys, message)


TEAM_MEMBER_ADDRESS = Rule(
    code="team-member-address",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="An adapter of a team that is not its first has an address of its own.",
    why="A team leaves one adapter to Windows, vEthernet (switch), which has the settings of the first.",
    fix="Remove the address; if the team needs one, give the switch ip_address.",
    example="switches: [{name: A, switch_type: Private}]\nvms: [{name: HV1, memory_startup: 8GB, network_adapters: [{name: a, switch: A, mac_address_spoofing: true}, {name: b, switch: A, mac_address_spoofing: true, ip_address: 10.0.0.3/24}], guest: {os: windows, credential: lab}, disk: {parent: 'D:\\ws2022.vhdx'}, nested: {switches: [{name: T, switch_type: External, net_adapter: [a, b]}]}}]",
    source=SWITCH_EMBEDDED_TEAMING,
)


@detects(TEAM_MEMBER_ADDRESS)
def team_member_address(index: TopologyIndex) -> Iterator[Finding]:
    """An address on an adapter of a team that is not its first: Windows has no adapter for it."""
    for place in index.switches:
        first = (place.switch.net_adapter or "").casefold()
        members = index.bound_adapters(place) if place.switch.is_team else []
        for member in members:
            if member.adapter.ip_address and member.adapter.name.casefold() != first:
                yield index.finding(
                    TEAM_MEMBER_ADDRESS,
                    member.subject,
                    (*member.keys, "ip_address"),
                    tr(
                        "has {address}, but only the first adapter of the team of {switch}, {adapter}, may have one: the address is not set",
                        address=member.adapter.ip_address,
                        switch=place.name,
                        adapter=place.switch.net_adapter,
                    ),
                )


DETECTORS = (team_too_large, team_spans_networks, teaming_not_allowed, team_member_address)
