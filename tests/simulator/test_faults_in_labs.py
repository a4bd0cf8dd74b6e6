"""A fault at any cmdlet: a second apply converges, nothing is created twice, nothing of others is touched."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import nestlab
from nestlab.errors import NestlabError
from nestlab.model import Cmdlet
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.faults import KINDS, Fault
from nestlab.simulator.host import SimulatedHost
from nestlab.topology_file import loads
from tests.transport.doors import CLOCK_RATE, guests_of, options
from tests.transport.test_lab_over_winrm import ONE_GUEST

TOPOLOGIES = Path(__file__).parents[1] / "cases" / "topologies"


_OF_POWER = {"booted_at", "ready_at", "started", "state", "ran_at_shutdown"}


def state_of(host):
    """Everything but the time, the faults, and what a power cut turns off."""
    data = host.simulated_host.world.to_dict()
    return without_power(
        {key: value for key, value in data.items() if key not in ("clock", "faults")}
    )


def without_power(data):
    if isinstance(data, dict):
        return {key: without_power(value) for key, value in data.items() if key not in _OF_POWER}
    return [without_power(item) for item in data] if isinstance(data, list) else data


def names(host):
    return [record["Name"] for record in host.run(Cmdlet("Get-VM"), Cmdlet("Get-VMSwitch"))]


@settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    name=st.sampled_from(["bridged-lab", "nat-lab", "two-node-cluster"]),
    kind=st.sampled_from(sorted(KINDS)),
    nth=st.integers(1, 650),
    moment=st.integers(0, 2),
)
def test_a_second_apply_converges(tmp_path_factory, name, kind, nth, moment):
    host, journal = nestlab.connect(), tmp_path_factory.mktemp("lab") / "journal.jsonl"
    others, before = names(host), state_of(host)
    host.simulated_host.inject_faults(Fault(kind, nth=nth, after_effects=moment, seconds=900))
    lab = nestlab.Lab(nestlab.load(TOPOLOGIES / f"{name}.yml"), host, journal)
    with contextlib.suppress(NestlabError):
        list(lab.apply())
    host.simulated_host.clear_faults()
    host.wait(900)
    assert [result.message for result in lab.apply() if not result.ok] == []
    assert lab.plan().is_empty
    assert all(
        check.passed or check.status == "undetermined" for check in lab.verify()
    )  # Linux guests are not observed
    made = names(host)
    assert len(made) == len(set(made))
    assert set(others) <= set(made)
    assert [result.message for result in lab.destroy() if not result.ok] == []
    assert state_of(host) == before


@pytest.mark.parametrize("seed", ["a", "b", "c"])
def test_chance_strikes_the_same_calls_again(seed, tmp_path):
    def run(journal):
        host = nestlab.connect()
        host.simulated_host.world.seed = seed
        host.simulated_host.inject_faults(Fault("fail", chance=0.02))
        lab = nestlab.Lab(nestlab.load(TOPOLOGIES / "nat-lab.yml"), host, tmp_path / journal)
        said = []
        try:
            said = [(result.step.title, result.status, result.message) for result in lab.apply()]
        except NestlabError as error:
            said.append(error.message)
        return said

    assert run("one.jsonl") == run("other.jsonl")


@pytest.mark.parametrize("text", ["drop:New-VMSwitch:1", "power-cut:New-VM:1:1"])
def test_over_winrm_the_step_says_that_its_session_broke_and_a_second_apply_converges(
    text, tmp_path, monkeypatch
):
    host = SimulatedHost.from_scenario("ws2022-intel")
    host.inject_faults(Fault.parse(text))
    with serve(host, tls=True, clock_rate=CLOCK_RATE) as endpoint:
        guests_of(endpoint, monkeypatch)
        session = nestlab.connect(endpoint.address, **options(endpoint))
        lab = nestlab.Lab(loads(ONE_GUEST), session, tmp_path / "journal.jsonl")
        (broken,) = (result for result in lab.apply() if not result.ok)
        assert "was lost while New-VM" in broken.message
        session.wait(300)
        assert [result.message for result in lab.apply() if not result.ok] == []
        assert lab.plan().is_empty
        session.close()
