"""A ping over the network without the VMs that it does not concern ends as over the network of the whole world."""

from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nestlab
from nestlab.model import path_text
from nestlab.reachability.endpoints import resolve
from nestlab.reachability.tracing import attempt
from nestlab.simulator.behaviour.network.ping_participants import uninvolved_vms
from nestlab.simulator.behaviour.network.world_network import world_network
from nestlab.simulator.state.clock import Clock
from nestlab.simulator.state.machine import World
from nestlab.simulator.state.networking import NetIPAddress, NetRoute

ROOM = """
name: room
images: {ws2022: {path: 'D:\\images\\ws2022.vhdx', os: windows}}
defaults: {vm: {memory_startup: 1GB, disk: {image: ws2022}, guest: {os: windows, credential: lab-admin}}}
switches:
  - {name: Lab, switch_type: Internal, ip_address: 10.1.0.1/24, nat: 10.1.0.0/24}
  - {name: Far, switch_type: Internal, ip_address: 10.2.0.1/24}
  - {name: Own, switch_type: Private}
vms:
  - {name: a, network_adapters: [{switch: Lab, ip_address: 10.1.0.10/24, gateway: 10.1.0.1}]}
  - {name: b, network_adapters: [{switch: Lab, ip_address: 10.1.0.11/24, gateway: 10.1.0.1}]}
  - {name: c, network_adapters: [{switch: Far, ip_address: 10.2.0.10/24, gateway: 10.2.0.1}]}
  - name: r
    forwarding: true
    network_adapters:
      - {name: lab, switch: Lab, ip_address: 10.1.0.20/24}
      - {name: own, switch: Own, ip_address: 10.3.0.1/24}
  - {name: d, network_adapters: [{switch: Own, ip_address: 10.3.0.10/24, gateway: 10.3.0.1}]}
  - name: HV
    memory_startup: 4GB
    network_adapters: [{switch: Lab, ip_address: 10.1.0.30/24, gateway: 10.1.0.1}]
    nested:
      switches: [{name: In, switch_type: Internal, ip_address: 10.4.0.1/24, nat: 10.4.0.0/24}]
      vms: [{name: e, network_adapters: [{switch: In, ip_address: 10.4.0.10/24, gateway: 10.4.0.1}]}]
"""
ADDRESSES = ["10.1.0.1", "10.1.0.10", "10.1.0.11", "10.1.0.20", "10.2.0.10", "10.3.0.1"]
ADDRESSES += ["10.3.0.10", "10.4.0.10", "10.1.0.99", "1.1.1.1"]
NUMBERS = st.integers(0, 20)
EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("address"), NUMBERS, st.sampled_from(ADDRESSES[:-1])),
        st.tuples(st.just("gateway"), NUMBERS, st.sampled_from(ADDRESSES[:-1])),
        st.tuples(st.just("forwarding"), NUMBERS, st.booleans()),
        st.tuples(st.just("mac"), NUMBERS, NUMBERS),
        st.tuples(st.just("own mac"), NUMBERS, NUMBERS),
        st.tuples(st.just("switch"), NUMBERS, NUMBERS),
        st.tuples(st.just("state"), NUMBERS, st.sampled_from(["Off", "Running", "Saved"])),
        st.tuples(st.just("kind"), NUMBERS, st.sampled_from(["Internal", "Private", "External"])),
    ),
    max_size=8,
)


@cache
def room():
    host = nestlab.connect()
    assert all(result.ok for result in nestlab.Lab(nestlab.loads(ROOM), host).apply())
    host.wait(600)
    return host.simulated_host.world.to_dict()


def change(world, kind, number, value):
    """Change the state of the world, also as no cmdlet would."""
    hyper_v = world.host.hyper_v
    adapters = [each for _, _, machine in world.host.machines() for each in machine.adapters]
    ports = [each for vm in hyper_v.vms for each in vm.settings.adapters]
    ip = adapters[number % len(adapters)].ip
    match kind:
        case "address":
            ip.addresses = [NetIPAddress(value, 24), *ip.addresses][: 1 + number % 2]
        case "gateway":
            ip.routes = [NetRoute("0.0.0.0/0", value)]
        case "forwarding":
            ip.forwarding = value
        case "mac":
            ports[number % len(ports)].mac_address = ports[value % len(ports)].mac_address
        case "own mac":
            own = hyper_v.management_adapters[value % len(hyper_v.management_adapters)]
            ports[number % len(ports)].mac_address = own.mac_address
        case "switch":
            chosen = hyper_v.switches[value % len(hyper_v.switches)]
            ports[number % len(ports)].switch_id = chosen.id
        case "state":
            hyper_v.vms[number % len(hyper_v.vms)].state = value
        case "kind":
            hyper_v.switches[number % len(hyper_v.switches)].switch_type = value


def end(network, source, target):
    drop, walk = attempt(network, resolve(network, source), resolve(network, target))
    places = [network.stacks[step.stack].label for step in walk.steps]
    return drop and (drop.reason, drop.status, drop.explanation), places


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(EDITS, st.booleans())
def test_a_ping_ends_alike_without_the_vms_that_it_does_not_concern(edits, has_nested_host):
    world = World.from_dict(room(), Clock())
    if not has_nested_host:
        hyper_v = world.host.hyper_v
        hyper_v.remove(hyper_v.vms_named("HV")[0])
    for edit in edits:
        change(world, *edit)
    whole = world_network(world)
    for _, _, source in world.host.machines():
        if id(source) not in whole.paths:
            continue  # it has not finished its start
        name = path_text(whole.path_of(source))
        for target in ADDRESSES:
            part = world_network(world, uninvolved_vms(world, source, target))
            assert end(part.network, name, target) == end(whole.network, name, target), (
                name,
                target,
            )


def test_most_vms_do_not_take_part():
    world = World.from_dict(room(), Clock())
    vms = {id(vm): vm.name for vm in world.host.hyper_v.vms}
    guests = {vm.name: world.host.guest(vm) for vm in world.host.hyper_v.vms}
    others = uninvolved_vms(world, guests["a"], "1.1.1.1")
    assert {"b", "c", "d"} <= {vms[each] for each in others}
    assert not {"a", "HV"} & {vms[each] for each in others}
    assert "c" not in {vms[each] for each in uninvolved_vms(world, guests["a"], "10.2.0.10")}


def test_a_mac_address_on_another_switch_involves_no_vm():
    world = World.from_dict(room(), Clock())
    ports = {vm.name: vm.settings.adapters[0] for vm in world.host.hyper_v.vms}
    vms = {id(vm): vm.name for vm in world.host.hyper_v.vms}
    source = world.host.guest(world.host.hyper_v.vms_named("a")[0])
    ports["b"].mac_address = ports["c"].mac_address = ports["a"].mac_address
    others = {vms[each] for each in uninvolved_vms(world, source, "1.1.1.1")}
    assert "b" not in others
    assert "c" in others
