"""Laws that hold on every topology."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface
from itertools import permutations
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nestlab.model.cmdlet import Cmdlet
from nestlab.model.machine_path import MachinePath, path_text
from nestlab.model.parameter_values import SwitchParameter
from nestlab.model.topology import VM, NetworkAdapter, SwitchType, Topology, Vlan
from nestlab.reachability import Trace, from_topology, matrix, trace
from tests.reachability.any_topology import topologies

_KEYS = {"from", "to", "status", "leg", "hops", "drop", "fixes", "breaks", "assumptions"}


def _with_twins(topology: Topology) -> Topology:
    """Give every plain VM two brothers that differ from it in nothing but the last byte of the address."""

    def twins(vm: VM) -> list[VM]:
        if vm.nested is not None:
            return [replace(vm, nested=replace(vm.nested, vms=several(vm.vms)))]
        plain = len(vm.network_adapters) == 1 and not vm.forwarding
        return [vm, *(_moved(vm, by) for by in (64, 128) if plain)]

    def several(vms: tuple[VM, ...]) -> tuple[VM, ...]:
        return tuple(twin for vm in vms for twin in twins(vm))

    return replace(topology, vms=several(topology.vms))


def _moved(vm: VM, by: int) -> VM:
    (adapter,) = vm.network_adapters
    address = adapter.ip_address
    moved = (
        IPv4Interface((address.ip + by, address.network.prefixlen)) if address is not None else None
    )
    return replace(
        vm, name=f"{vm.name}+{by}", network_adapters=(replace(adapter, ip_address=moved),)
    )


def _names(topology: Topology) -> list[str]:
    return [path_text(path) for path, _ in topology.machines()]


def _each_vm(topology: Topology, change: Callable[[MachinePath, VM], VM]) -> Topology:
    def changed(path: MachinePath, vms: tuple[VM, ...]) -> tuple[VM, ...]:
        result = []
        for vm in vms:
            inner = (*path, vm.name)
            nested = replace(vm.nested, vms=changed(inner, vm.vms)) if vm.nested else None
            result.append(change(inner, replace(vm, nested=nested)))
        return tuple(result)

    return replace(topology, vms=changed((), topology.vms))


def _each_adapter(
    topology: Topology, change: Callable[[MachinePath, NetworkAdapter], NetworkAdapter]
) -> Topology:
    return _each_vm(
        topology,
        lambda path, vm: replace(
            vm, network_adapters=tuple(change(path, a) for a in vm.network_adapters)
        ),
    )


@given(topologies())
@settings(max_examples=60, deadline=None)
def test_spoofing_everywhere_never_takes_a_way_away(topology: Topology) -> None:
    before = matrix(topology)
    after = matrix(
        _each_adapter(topology, lambda _, adapter: replace(adapter, mac_address_spoofing=True))
    )
    for source, target in permutations(before.endpoints, 2):
        if before.result(source, target).status == "reachable":
            assert after.result(source, target).status in ("reachable", "unstable")


@given(topologies())
@settings(max_examples=60, deadline=None)
def test_matrix_says_what_each_trace_says(topology: Topology) -> None:
    network = from_topology(_with_twins(topology))
    table = matrix(network)
    for source, target in permutations(table.endpoints, 2):
        answer, verdict = trace(network, source, target), table.result(source, target)
        assert (answer.status, answer.drop.reason if answer.drop else None) == (
            verdict.status,
            verdict.reason,
        )


@given(topologies(), st.integers(1, 3), st.data())
@settings(max_examples=80, deadline=None)
def test_matrix_says_of_branches_built_alike_what_each_trace_says(
    topology: Topology, copies: int, data: st.DataObject
) -> None:
    vms = [vm for vm in topology.vms if vm.nested] or list(topology.vms)
    original = data.draw(st.sampled_from(vms))
    # By 0 every copy has the addresses of the original, by 1 overlapping ones, by 8 networks of its
    # own.
    inner, outer = (
        data.draw(st.sampled_from([0, 0, 1, 8])),
        data.draw(st.sampled_from([0, 1, 1, 8])),
    )
    copied = tuple(_copy(original, number, inner, outer) for number in range(1, copies + 1))
    network = from_topology(replace(topology, vms=(*topology.vms, *copied)))
    table = matrix(network)
    for source, target in permutations(table.endpoints, 2):
        answer, verdict = trace(network, source, target), table.result(source, target)
        assert (answer.status, answer.drop.reason if answer.drop else None) == (
            verdict.status,
            verdict.reason,
        )


def _copy(vm: VM, number: int, inner: int, outer: int, *, outermost: bool = True) -> VM:
    """Return a copy with other addresses: on the adapters of the outermost VM in the same network, inside it in other ones, where asked."""
    by = number * outer if outermost else number * inner << 8
    nested = vm.nested
    if nested is not None:
        switches = tuple(
            replace(
                s,
                ip_address=_other(s.ip_address, number * inner << 8),
                nat=s.nat and _other(s.ip_address, number * inner << 8).network,
            )
            if s.ip_address
            else s
            for s in nested.switches
        )
        nested = replace(
            nested,
            switches=switches,
            vms=tuple(_copy(each, number, inner, outer, outermost=False) for each in nested.vms),
        )
    adapters = tuple(
        replace(
            a,
            ip_address=_other(a.ip_address, by),
            gateway=a.gateway and (a.gateway + (0 if outermost else by)),
        )
        if a.ip_address
        else a
        for a in vm.network_adapters
    )
    return replace(
        vm,
        name=f"{vm.name}x{number}" if outermost else vm.name,
        nested=nested,
        network_adapters=adapters,
    )


def _other(address: IPv4Interface, by: int) -> IPv4Interface:
    return IPv4Interface((address.ip + by, address.network.prefixlen))


@given(topologies(), st.data())
@settings(max_examples=60, deadline=None)
def test_fixes_done_on_the_topology_make_it_reachable(
    topology: Topology, data: st.DataObject
) -> None:
    network = from_topology(topology)
    names = [*_names(topology), "internet"]
    answers = [trace(network, a, b) for a, b in permutations(names, 2)]
    answers = [
        answer
        for answer in answers
        if answer.fixes and all(_can_do(c) for fix in answer.fixes for c in fix.cmdlets)
    ]
    assume(answers)
    answer = data.draw(st.sampled_from(answers))
    fixed = topology
    for fix in answer.fixes:
        assert fix.verified == (not answer.breaks)
        for cmdlet in fix.cmdlets:
            fixed = _do(fixed, fix.machine, cmdlet.name, dict(cmdlet.parameters))
    assert fixed != topology
    # What is assumed of the outside follows the addresses in use, so the same uplinks are kept by
    # stating them.
    if topology.uplinks:
        assert trace(fixed, answer.source, answer.target).reachable, (
            f"{answer}\n{trace(fixed, answer.source, answer.target)}"
        )


def _can_do(cmdlet: Cmdlet) -> bool:
    return (
        cmdlet.name
        in ("Set-VMNetworkAdapter", "Set-VMNetworkAdapterVlan", "Connect-VMNetworkAdapter")
        and "VMName" in cmdlet.parameters
    )


def _do(
    topology: Topology, machine: MachinePath, name: str, parameters: dict[str, Any]
) -> Topology:
    """Do on the topology what a cmdlet does on a host."""
    which = parameters.get("VMNetworkAdapterName", parameters.get("Name"))

    def change(path: MachinePath, adapter: NetworkAdapter) -> NetworkAdapter:
        if path != (*machine, parameters["VMName"]) or adapter.name != which:
            return adapter
        if name == "Set-VMNetworkAdapter":
            return replace(adapter, mac_address_spoofing=parameters["MacAddressSpoofing"] == "On")
        if name == "Connect-VMNetworkAdapter":
            return replace(adapter, switch=parameters["SwitchName"], connected=True)
        if parameters.get("Access") is SwitchParameter.ON:
            return replace(adapter, vlan=Vlan(access=parameters["VlanId"]))
        if parameters.get("Trunk") is SwitchParameter.ON:
            tags = tuple(int(tag) for tag in parameters["AllowedVlanIdList"].split(","))
            return replace(adapter, vlan=Vlan(trunk=tags, native=parameters["NativeVlanId"]))
        return replace(adapter, vlan=None)

    return _each_adapter(topology, change)


@given(topologies())
@settings(max_examples=60, deadline=None)
def test_neighbours_reach_each_other_both_ways_or_not_at_all(topology: Topology) -> None:
    network = from_topology(
        _each_vm(topology, lambda _, vm: replace(vm, answers_ping=True, forwarding=False))
    )
    plain = {
        stack.label: stack.interfaces[0].addresses[0].network
        for stack in network.machines()
        if len(stack.interfaces) == 1 and stack.interfaces[0].addresses
    }
    for one, other in permutations(plain, 2):
        if plain[one] == plain[other]:
            assert trace(network, one, other).reachable == trace(network, other, one).reachable


@given(topologies())
@settings(max_examples=40, deadline=None)
def test_every_answer_can_be_shown_and_sent(topology: Topology) -> None:
    network = from_topology(topology)
    for source in _names(topology):
        _looks_right(trace(network, source, "internet"))


def _looks_right(answer: Trace) -> None:
    data = answer.to_dict()
    assert json.loads(json.dumps(data)) == data
    assert set(data) == _KEYS
    assert (
        (answer.status == "reachable")
        == (data["drop"] is None)
        == (data["leg"] is None)
        == bool(answer)
    )
    assert "\n" not in repr(answer)
    assert answer.source in str(answer)
    assert "<table>" in answer._repr_html_()


def _guesses_the_host(topology: Topology, source: str, target: str) -> bool:
    """Whether the answer is about how the host stands on a physical wire: without `uplinks` that is guessed from the VMs there."""
    return "host" in (source, target) and any(
        switch.switch_type is SwitchType.EXTERNAL for switch in topology.switches
    )


@given(topologies(), st.data())
@settings(max_examples=120, deadline=None)
def test_what_is_said_for_certain_holds_whatever_dhcp_gives(
    topology: Topology, data: st.DataObject
) -> None:
    adapters = [
        (path, a.name)
        for path, m in topology.machines()
        if isinstance(m, VM)
        for a in m.network_adapters
        if a.connected
    ]
    assume(adapters)
    waiting = data.draw(st.sets(st.sampled_from(adapters), min_size=1, max_size=2))

    def asks(path: MachinePath, adapter: NetworkAdapter) -> NetworkAdapter:
        return (
            replace(adapter, ip_address=None, gateway=None, dhcp=True)
            if (path, adapter.name) in waiting
            else adapter
        )

    # The router option of a scope lies in the scope's own prefix.
    gateways = st.sampled_from([None, IPv4Address("10.0.7.1"), IPv4Address("10.0.7.9")])

    def is_given(path: MachinePath, adapter: NetworkAdapter) -> NetworkAdapter:
        if (path, adapter.name) not in waiting:
            return adapter
        number = sorted(waiting).index((path, adapter.name))
        return replace(
            adapter,
            dhcp=False,
            ip_address=IPv4Interface(f"10.0.7.{9 + number}/24"),
            gateway=data.draw(gateways),
        )

    open_ = _each_adapter(topology, asks)
    before, after = matrix(open_), matrix(_each_adapter(open_, is_given))
    for source, target in permutations(before.endpoints, 2):
        said = before.result(source, target)
        if said.status in ("reachable", "unreachable") and not _guesses_the_host(
            open_, source, target
        ):
            assert after.result(source, target).status in (said.status, "unstable"), (
                source,
                target,
                waiting,
            )
