"""The network read from observed states."""

from __future__ import annotations

import json
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest

from nestlab.model.state import (
    ComputerState,
    HostState,
    HyperVState,
    IPInterfaceState,
    NatState,
    NetAdapterState,
    NetworkAdapterState,
    SecurityState,
    SwitchState,
    Unread,
    VirtualMachineState,
    VMHostState,
)
from nestlab.reachability import Reason, from_states, trace
from nestlab.topology_file import loads

TOPOLOGY = loads(
    "name: t\nvms: [{name: a, guest: {os: linux}, network_adapters: [{switch: Lab, ip_address: 10.0.0.11/24, gateway: 10.0.0.1}]}]"
)

DENIED = Unread(what="Get-NetNat", error="Access is denied.")


def _host(
    *,
    state: str = "Running",
    connected: bool = True,
    ip_addresses: tuple[str, ...] = (),
    nat: bool = True,
    adapter_name: str = "Network Adapter",
) -> HostState:
    own = NetworkAdapterState(
        id="m",
        name="Lab",
        switch_id="s1",
        switch_name="Lab",
        mac_address="00155D000001",
        device_id="{M}",
    )
    adapter = NetworkAdapterState(
        id="n",
        name=adapter_name,
        vm_id="v",
        switch_id="s1",
        switch_name="Lab",
        mac_address="00155D000002",
        connected=connected,
        ip_addresses=ip_addresses,
    )
    default = (IPv4Network("0.0.0.0/0"), IPv4Address("192.0.2.1"))
    return HostState(
        computer=ComputerState(name="HV"),
        hyper_v=HyperVState(
            vm_host=VMHostState(),
            switches=(SwitchState(id="s1", name="Lab", switch_type="Internal"),),
            vms=(VirtualMachineState(id="v", name="a", state=state, network_adapters=(adapter,)),),
            management_adapters=(own,),
        ),
        net_adapters=(
            NetAdapterState(name="Ethernet", interface_description="Intel"),
            NetAdapterState(name="vEthernet (Lab) 2", device_id="{m}", virtual=True),
        ),
        ip_interfaces=(
            IPInterfaceState(
                interface_alias="Ethernet",
                ip_addresses=(IPv4Interface("192.0.2.10/24"),),
                routes=(default,),
            ),
            IPInterfaceState(
                interface_alias="vEthernet (Lab) 2", ip_addresses=(IPv4Interface("10.0.0.1/24"),)
            ),
        ),
        nats=(NatState(name="n", internal_prefix=IPv4Network("10.0.0.0/24")),) if nat else (),
    )


def test_unobserved_guest_has_the_declared_address_and_that_is_said() -> None:
    answer = trace(from_states(TOPOLOGY, {(): _host()}), "a", "internet")
    assert answer.reachable
    assert any(
        "a is assumed to be configured as declared: its guest was not observed" in text
        for text in answer.assumptions
    )


def test_reported_address_wins_over_the_declared_one() -> None:
    network = from_states(TOPOLOGY, {(): _host(ip_addresses=("10.0.0.55", "fe80::1"))})
    assert trace(network, "host", "10.0.0.55").reachable
    assert not trace(network, "host", "10.0.0.11").reachable


def test_missing_nat_on_the_host_is_found_with_its_fix() -> None:
    answer = trace(from_states(TOPOLOGY, {(): _host(nat=False)}), "a", "internet")
    assert answer.drop is not None
    assert (answer.drop.reason, answer.drop.at.machine) == (Reason.NOT_FORWARDING, "host")
    assert [cmdlet.name for fix in answer.fixes for cmdlet in fix.cmdlets] == ["New-NetNat"]


def test_the_fix_names_the_edit_of_the_file_unless_the_switch_exists_already() -> None:
    for existing, edits in ((False, ["nat: 10.0.0.0/24 on switch Lab"]), (True, [])):
        kind = "existing: true" if existing else "switch_type: Internal"
        vms = TOPOLOGY.to_dict()["vms"]
        topology = loads(f"{{name: t, switches: [{{name: Lab, {kind}}}], vms: {json.dumps(vms)}}}")
        answer = trace(from_states(topology, {(): _host(nat=False)}), "a", "internet")
        assert [edit for fix in answer.fixes for edit in fix.in_file] == edits
        assert answer.fixes


def test_guest_of_unknown_address_and_guest_switched_off_are_not_judged() -> None:
    assert trace(from_states(None, {(): _host()}), "a", "host").status == "undetermined"
    assert (
        trace(from_states(TOPOLOGY, {(): _host(state="Off")}), "host", "a").status == "undetermined"
    )


def test_disconnected_adapter_is_seen() -> None:
    answer = trace(from_states(TOPOLOGY, {(): _host(connected=False)}), "a", "host")
    assert answer.drop is not None
    assert answer.drop.reason is Reason.ADAPTER_DISCONNECTED


def test_an_adapter_that_was_renamed_on_the_host_has_what_the_file_declares() -> None:
    named, renamed = (
        trace(from_states(TOPOLOGY, {(): state}), "a", "internet")
        for state in (_host(), _host(adapter_name="x"))
    )
    assert renamed.status == named.status == "reachable"
    assert renamed.assumptions == named.assumptions


@pytest.mark.parametrize(
    ("switch_notes", "running", "unread", "status", "reason"),
    [
        ("", ("hns",), (), "undetermined", "the Host Network Service may hold one"),
        ("", ("SharedAccess",), (), "undetermined", "the Host Network Service may hold one"),
        ("nestlab:t", ("hns",), (), "unreachable", "does not forward it"),
        ("", (), (), "unreachable", "does not forward it"),
        ("", (), (DENIED,), "undetermined", "Get-NetNat could not be read: Access is denied."),
        ("nestlab:t", (), (DENIED,), "undetermined", "Get-NetNat could not be read"),
    ],
)
def test_a_nat_that_is_hidden_or_could_not_be_read_may_translate(
    switch_notes: str,
    running: tuple[str, ...],
    unread: tuple[Unread, ...],
    status: str,
    reason: str,
) -> None:
    state = _host(nat=False)
    assert state.hyper_v is not None
    (switch,) = state.hyper_v.switches
    state = replace(
        state,
        hyper_v=replace(state.hyper_v, switches=(replace(switch, notes=switch_notes),)),
        security=SecurityState(running_services=frozenset(running)),
        unread=unread,
    )
    answer = trace(from_states(TOPOLOGY, {(): state}), "a", "internet")
    assert answer.status == status
    assert answer.drop is not None
    assert reason in answer.drop.explanation
    assert bool(answer.fixes) == (status == "unreachable")


def test_a_nat_that_is_shown_leaves_nothing_open() -> None:
    state = replace(_host(), security=SecurityState(running_services=frozenset({"hns"})))
    assert trace(from_states(TOPOLOGY, {(): state}), "a", "internet").reachable
