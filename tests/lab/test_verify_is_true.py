"""What `verify` says of a check is what a ping says ten virtual minutes later."""

import os
from dataclasses import replace
from itertools import islice

from hypothesis import HealthCheck, Phase, assume, event, given, settings
from hypothesis import strategies as st

import nestlab
from nestlab.errors import PlanRefused
from nestlab.model.topology import Check
from nestlab.reachability.endpoints import resolve
from nestlab.reachability.tracing import attempt
from nestlab.simulator.behaviour.network.world_network import world_network
from tests.lab.edits import small_topologies
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


@settings(
    max_examples=CASES,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
    print_blob=False,
)
@given(labs())
def test_a_check_never_passes_that_a_ping_ten_minutes_later_contradicts(tmp_path_factory, topology):
    host = prepared_host()
    journal = tmp_path_factory.mktemp("verify") / "lab.jsonl"
    lab = nestlab.Lab(replace(topology, checks=()), host, journal)
    try:
        results = list(islice(lab.apply(), MOST_STEPS))
    except PlanRefused:
        assume(False)
    assert [str(result) for result in results if not result.ok] == []
    report = nestlab.Lab(topology, host, journal).verify()
    host.wait(TEN_MINUTES)
    for result in report:
        event(f"{result.how}: {result.status}")
        if result.status != "undetermined":
            truth = answers(host, result.check.source, result.check.target)
            assert truth == result.reachable, str(result)
