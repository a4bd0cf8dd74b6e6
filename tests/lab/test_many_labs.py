"""Many labs on one host at once end as they would in turn, and none touches another's.

The sample of the default run grows to the whole with NESTLAB_MANY_LABS=all.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

import nestlab
from nestlab.errors import StalePlan
from nestlab.simulator.endpoint.winrm import serve
from tests.lab.many import belongings, in_threads, large_host, session, timeless, topology
from tests.transport.doors import CREDENTIAL

pytestmark = pytest.mark.timeout(3000)  # much work, on a machine that may be busy

ALL = os.environ.get("NESTLAB_MANY_LABS") == "all"
LABS, PROCESSES = 30, 8
ROOT = Path(__file__).parents[2]


def lab(host, number, folder):
    return nestlab.Lab(topology(number), session(host), folder / f"{number}.jsonl")


def failed(results):
    return [str(result) for result in results if not result.ok]


@pytest.fixture(scope="module")
def in_turn(tmp_path_factory):
    """Return how a host is after so many labs have been applied one after the other."""
    known = {}

    def state(numbers):
        if numbers not in known:
            host, folder = large_host(), tmp_path_factory.mktemp("turn")
            for number in numbers:
                assert failed(lab(host, number, folder).apply()) == []
            known[numbers] = timeless(host)
        return known[numbers]

    return state


def test_labs_in_as_many_threads_end_as_in_turn_and_one_that_goes_leaves_the_others_as_they_are(
    in_turn, tmp_path
):
    host, numbers = large_host(), tuple(range(LABS))
    ended = {}

    def apply(number):
        ended[number] = failed(lab(host, number, tmp_path).apply())

    in_threads(*(lambda number=number: apply(number) for number in numbers))
    assert ended == {number: [] for number in numbers}
    assert timeless(host) == in_turn(numbers)
    before = {number: belongings(host, number) for number in numbers}
    assert all(targets and files for targets, files in before.values())
    assert failed(lab(host, 7, tmp_path).destroy()) == []
    assert belongings(host, 7) == ([], {})
    assert {number: belongings(host, number) for number in numbers if number != 7} == {
        n: b for n, b in before.items() if n != 7
    }
    assert [
        number
        for number in numbers
        if number != 7 and not lab(host, number, tmp_path).plan().is_empty
    ] == []


WORKER = """
import json, sys
from pathlib import Path
import nestlab
from tests.lab.many import topology
address, user, password, folder, *numbers = sys.argv[1:]
session = nestlab.connect(address, username=user, password=password, auth="negotiate")
failed, count = [], 0
for number in map(int, numbers):
    for result in nestlab.Lab(topology(number), session, Path(folder) / f"{number}.jsonl").apply():
        count += 1
        failed += [] if result.ok else [str(result)]
session.close()
print(json.dumps({"failed": failed, "steps": count}))
"""


def test_labs_by_eight_processes_over_one_endpoint_end_as_in_turn(in_turn, tmp_path, monkeypatch):
    host, numbers = large_host(), tuple(range(LABS if ALL else PROCESSES))
    with serve(host) as endpoint:
        monkeypatch.setenv(CREDENTIAL, f"{endpoint.guest_user}:{endpoint.guest_password}")
        arguments = [endpoint.address, endpoint.user, endpoint.password, str(tmp_path)]
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", WORKER, *arguments, *map(str, numbers[first::PROCESSES])],
                stdout=subprocess.PIPE,
                text=True,
                cwd=ROOT,
            )
            for first in range(PROCESSES)
        ]
        gave = [json.loads(process.communicate()[0]) for process in processes]
    assert [item["failed"] for item in gave] == [[]] * PROCESSES
    assert all(item["steps"] for item in gave)
    assert timeless(host) == in_turn(numbers)


def advanced(run, results):
    """Take one result of a run; return whether there may be more."""
    result = next(run, None)
    if result is not None:
        results.append(result)
    return result is not None


def interleaved(host, folder, numbers, order):
    """Plan and apply labs in one thread, now a step of one, now of another; a plan that has gone stale is made anew."""
    results = {number: [] for number in numbers}
    runs = {number: lab(host, number, folder).apply() for number in numbers}
    while runs:
        number = order.choice(sorted(runs))
        try:
            if not advanced(runs[number], results[number]):
                del runs[number]
        except StalePlan:
            runs[number] = lab(host, number, folder).apply()
    return {number: failed(result) for number, result in results.items()}


@pytest.mark.parametrize("seed", range(100 if ALL else 4))
def test_six_labs_in_any_order_end_alike(in_turn, tmp_path, seed):
    order, host = random.Random(seed), large_host()  # noqa: S311  # which order is no secret
    numbers = tuple(range(6))
    if seed % 2:
        assert interleaved(host, tmp_path, numbers, order) == {number: [] for number in numbers}
    else:
        for number in order.sample(numbers, len(numbers)):
            assert failed(lab(host, number, tmp_path).apply()) == []
    assert timeless(host) == in_turn(numbers)
