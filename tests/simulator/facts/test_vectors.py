"""Every known fact about Hyper-V, on the simulated host in this process and over WinRM."""

import pytest

import nestlab
from nestlab.simulator.endpoint import serve
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.runspace import Runspace
from nestlab.simulator.world import Quirks
from nestlab.transport.simulated import SimulatedSession
from tests.simulator.facts.vectors import all_vectors, check, prepare
from tests.transport.doors import guests_of, options

VECTORS = list(all_vectors())
NAMES = [vector.name for vector in VECTORS]


@pytest.mark.parametrize("vector", VECTORS, ids=NAMES)
def test_in_process(vector):
    host = SimulatedHost.from_scenario(vector.scenario)
    prepare(host, vector)
    check(host, SimulatedSession(Runspace(host), "sim:prepared"), vector)


@pytest.fixture(scope="module")
def served():
    """One endpoint, whose host becomes that of each vector in turn."""
    host = SimulatedHost.from_scenario("ws2022-intel")
    with serve(host, clock_rate=1.0) as endpoint, pytest.MonkeyPatch.context() as environment:
        guests_of(endpoint, environment)
        session = nestlab.connect(endpoint.address, **options(endpoint))
        try:
            yield host, session
        finally:
            session.close()


@pytest.mark.parametrize("vector", VECTORS, ids=NAMES)
def test_over_winrm(vector, served):
    host, session = served
    prepare(host, vector)
    check(host, session, vector)


def test_an_inference_about_behaviour_has_its_switch():
    switches = {vector.switch for vector in VECTORS if vector.switch}
    assert switches <= set(Quirks.__dataclass_fields__)
    assert all(vector.switch or vector.refused for vector in VECTORS if vector.sure == "conflict")
