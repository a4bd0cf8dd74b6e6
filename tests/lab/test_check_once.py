"""A check observes everything once, and hands on what it saw."""

import pytest

import nestlab
from nestlab.cli import main
from nestlab.errors import Cancelled
from nestlab.model import HOST
from nestlab.observe import observe, observe_all

TOPOLOGY = """
name: lab
switches: [{name: S, switch_type: Private}]
vms: [{name: web, memory_startup: 1GB, network_adapters: [{switch: S}]}]
"""


@pytest.fixture
def runs(monkeypatch):
    """Return the list to which every run of statements on a simulated host is added."""
    session_type, seen = type(nestlab.connect()), []
    run = session_type.run

    def counted(self, *statements, **options):
        seen.append(len(statements))
        return run(self, *statements, **options)

    monkeypatch.setattr(session_type, "run", counted)
    return seen


def used(runs, work):
    runs.clear()
    work()
    return len(runs), sum(runs)


def test_a_check_observes_once_and_keeps_what_it_saw(runs):
    host, topology = nestlab.connect(), nestlab.loads(TOPOLOGY)
    once = used(runs, lambda: observe_all(host, topology))
    findings = []
    assert used(runs, lambda: findings.append(nestlab.Lab(topology, host).check())) == once
    assert findings[0].states[HOST].computer.name
    assert findings[0].states == observe_all(host, topology)


def test_the_command_observes_no_more_than_the_check(runs, tmp_path):
    (tmp_path / "lab.yml").write_text(TOPOLOGY, encoding="utf-8")
    host, topology = nestlab.connect(), nestlab.loads(TOPOLOGY)
    check = used(runs, lambda: nestlab.Lab(topology, host).check())
    connect = used(runs, nestlab.connect)
    command = used(runs, lambda: main(["check", str(tmp_path / "lab.yml")]))
    assert command == (check[0] + connect[0], check[1] + connect[1])


def test_a_check_of_a_host_observes_it_once(runs):
    host = nestlab.connect()
    assert used(runs, lambda: nestlab.check(host)) == used(runs, lambda: observe(host))


def test_an_apply_that_plans_by_itself_observes_once_before_its_first_step(runs, tmp_path):
    host, topology = nestlab.connect(), nestlab.loads(TOPOLOGY)
    once = used(runs, lambda: nestlab.Lab(topology, host).plan())
    lab = nestlab.Lab(topology, host, tmp_path / "j.jsonl")

    def stop(_step):
        return False

    def begin():
        with pytest.raises(Cancelled):
            list(lab.apply(confirm=stop))

    assert used(runs, begin) == once
