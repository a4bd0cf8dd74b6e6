"""What `verify` says of a check is what a ping says ten virtual minutes later."""

import os
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface
from itertools import islice

from hypothesis import HealthCheck, Phase, assume, event, given, settings
from hypothesis import strategies as st

import nestlab
from nestlab.errors import PlanRefused
from nestlab.model.topology import Check, Disk, Guest
from nestlab.reachability.endpoints import resolve
from nestlab.reachability.tracing import attempt
from nestlab.simulator.behaviour.network.world_network import world_network
from tests.lab.edits import NETWORKS, small_topologies
from tests.lab.test_honest_plan import MOST_STEPS, carried, prepared_host

CASES = int(os.environ.get("NESTLAB_VERIFY_CASES", "30"))
TEN_MINUTES = 600


def answers(host, source, target):
    """Whether a ping is answered on the simulated wires, whatever verify thinks."""
    network = world_network(host.simulated_host.world).network
    drop, _ = attempt(network, resolve(network, source), resolve(network, target))
    return drop is None


@st.composite
def labs(draw):
    topology = carried(draw(small_topologies()))
    places = ["host", *("/".join(path) for path, _ in topology.machines() if path)]
    sources = st.sampled_from(places)
    targets = st.sampled_from([*places, "internet", "10.2.0.11"])
    pairs = draw(st.sets(st.tuples(sources, targets), min_size=1, max_size=8))
    checks = tuple(Check(source=one, target=two) for one, two in sorted(pairs) if one != two)
    return replace(topology, checks=checks)


@st.composite
def labs_with_linux(draw):
    """Labs whose VMs without VMs inside are Linux guests with a seed disk, and an edit of them."""
    topology = draw(labs())
    vms = tuple(_linux(vm, draw) for vm in topology.vms)
    topology = replace(topology, vms=vms)
    other = replace(topology, vms=tuple(_linux(vm, draw) for vm in vms))
    return topology, draw(st.sampled_from([topology, other]))


def _linux(vm, draw):
    if vm.nested is not None:
        inner = tuple(_linux(each, draw) for each in vm.vms)
        return replace(vm, nested=replace(vm.nested, vms=inner))
    network = draw(st.sampled_from(sorted(NETWORKS.values())))
    host, length = draw(st.integers(20, 22)), draw(st.sampled_from([24, 24, 16]))
    address = IPv4Interface(f"{network}.{host}/{length}")
    gateway = draw(st.sampled_from([None, IPv4Address(f"{network}.1"), IPv4Address("10.1.0.10")]))
    adapters = tuple(
        replace(adapter, ip_address=address, gateway=gateway, dhcp=False, dns_servers=())
        for adapter in vm.network_adapters[:1]
    )
    return replace(
        vm,
        disk=Disk(image="ubuntu"),
        guest=Guest(os="linux", cloud_init=True),
        secure_boot=None,
        network_adapters=adapters + vm.network_adapters[1:],
        answers_ping=draw(st.sampled_from([True, True, False])),
        forwarding=draw(st.booleans()),
        routes=(),
    )


@settings(
    max_examples=CASES,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
    print_blob=False,
)
@given(labs())
def test_a_check_never_passes_that_a_ping_ten_minutes_later_contradicts(tmp_path_factory, topology):
    host, journal = applied(tmp_path_factory, topology)
    hold(host, nestlab.Lab(topology, host, journal).verify())


@settings(
    max_examples=CASES,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
    print_blob=False,
)
@given(labs_with_linux(), st.booleans())
def test_nor_does_one_with_linux_guests_as_the_file_says_or_not(tmp_path_factory, pair, started):
    built, verified = pair
    host, journal = applied(tmp_path_factory, built)
    if started:
        host.wait(TEN_MINUTES)
    hold(host, nestlab.Lab(verified, host, journal).verify())


def applied(tmp_path_factory, topology):
    host = prepared_host()
    journal = tmp_path_factory.mktemp("verify") / "lab.jsonl"
    lab = nestlab.Lab(replace(topology, checks=()), host, journal)
    try:
        results = list(islice(lab.apply(), MOST_STEPS))
    except PlanRefused:
        assume(False)
    assert [str(result) for result in results if not result.ok] == []
    return host, journal


def hold(host, report):
    host.wait(TEN_MINUTES)
    for result in report:
        event(f"{result.method}: {result.status}")
        if result.status != "undetermined":
            truth = answers(host, result.check.source, result.check.target)
            assert truth == result.reachable, str(result)
