"""Every known fact about Hyper-V, on the simulated host in this process and over WinRM."""

from pathlib import Path

import pytest

import nestlab
from nestlab.simulator.endpoint.psrp.statements import CONFIGURATIONS
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.state.quirks import Quirks
from nestlab.transport.simulated import SimulatedSession
from tests.simulator.facts.vectors import all_vectors, check, prepare, runspace_of
from tests.transport.doors import guests_of, options

TESTS = Path(__file__).parents[2]
ALL = list(all_vectors())
VECTORS = [vector for vector in ALL if vector.when]
ELSEWHERE = [vector for vector in ALL if vector.test]
NAMES = [vector.name for vector in VECTORS]


@pytest.mark.parametrize("vector", VECTORS, ids=NAMES)
def test_in_process(vector):
    host = SimulatedHost.from_scenario(vector.scenario)
    prepare(host, vector)
    check(host, SimulatedSession(runspace_of(host, vector), "sim:prepared"), vector)


@pytest.fixture(scope="module")
def served():
    """One endpoint, whose host becomes that of each vector in turn, and a session for each configuration."""
    host = SimulatedHost.from_scenario("ws2022-intel")
    with serve(host, clock_rate=1.0) as endpoint, pytest.MonkeyPatch.context() as environment:
        guests_of(endpoint, environment)
        names = [item.name for item in CONFIGURATIONS]
        sessions = {
            name: nestlab.connect(endpoint.address, configuration_name=name, **options(endpoint))
            for name in names
        }
        try:
            yield host, sessions
        finally:
            for session in sessions.values():
                session.close()


@pytest.mark.parametrize("vector", VECTORS, ids=NAMES)
def test_over_winrm(vector, served):
    host, sessions = served
    prepare(host, vector)
    check(host, sessions[vector.configuration], vector)


@pytest.mark.parametrize("vector", ELSEWHERE, ids=[vector.name for vector in ELSEWHERE])
def test_there_is_a_test(vector):
    path, _, name = vector.test.partition("::")
    assert f"def {name}(" in (TESTS / path).read_text(encoding="utf-8")


def test_an_inference_about_behaviour_has_its_switch():
    switches = {vector.switch for vector in VECTORS if vector.switch}
    assert switches <= set(Quirks.__dataclass_fields__)
    assert all(vector.switch or vector.refused for vector in VECTORS if vector.sure == "conflict")
