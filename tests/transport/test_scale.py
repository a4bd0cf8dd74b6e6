"""Many objects, large arguments, many sessions."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest

import nestlab
from nestlab.model import Cmdlet, Size, SwitchParameter
from nestlab.observe import observe
from nestlab.simulator.endpoint.psrp import pipelines
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.powershell.objects import make_record
from nestlab.simulator.runspace import Runspace
from nestlab.transport.simulated import SimulatedSession
from tests.transport.doors import CLOCK_RATE, options

OBJECTS = 3_000
SESSIONS = 30


@pytest.fixture(params=[(False, "negotiate"), (True, "basic")], ids=["sealed", "tls"])
def way(request):
    tls, auth = request.param
    host = SimulatedHost.from_scenario("ws2022-intel")
    with serve(host, tls=tls, clock_rate=CLOCK_RATE) as endpoint:
        yield endpoint, options(endpoint, auth)


def test_thousands_of_objects_arrive_whole_and_in_order(way, monkeypatch):
    endpoint, given = way

    def flood(_runspace, _statement, writer, _cancel):
        for number in range(OBJECTS):
            writer.output(
                make_record(
                    "VirtualMachine", Name=f"vm-{number}", Id=str(UUID(int=number)), State="Off"
                )
            )

    monkeypatch.setattr(pipelines, "_run_statement", flood)
    session = nestlab.connect(endpoint.address, **given)
    records = session.run(Cmdlet("Get-VM")).records
    assert [record["Name"] for record in records] == [f"vm-{number}" for number in range(OBJECTS)]
    assert {len(record.properties) for record in records} == {len(records[0].properties)}
    session.close()


def test_an_argument_of_900_kib_arrives_whole(way):
    endpoint, given = way
    notes = "".join(chr(0x20 + number % 90) for number in range(900 * 1024))
    session = nestlab.connect(endpoint.address, **given)
    session.run(Cmdlet("Set-VM", {"Name": "sql-test", "Notes": notes}))
    assert session.run(Cmdlet("Get-VM", {"Name": "sql-test"})).records[0]["Notes"] == notes
    session.close()


def test_thirty_sessions_at_one_time(way):
    endpoint, given = way

    def work(number):
        session = nestlab.connect(endpoint.address, **given)
        name = f"net-{number}"
        session.run(Cmdlet("New-VMSwitch", {"Name": name, "SwitchType": "Private"}))
        found = [
            record["Name"]
            for _ in range(3)
            for record in session.run(Cmdlet("Get-VMSwitch", {"Name": name}))
        ]
        return session, found

    with ThreadPoolExecutor(SESSIONS) as workers:
        done = list(workers.map(work, range(SESSIONS)))
    assert endpoint.shells == SESSIONS
    assert [found for _, found in done] == [[f"net-{number}"] * 3 for number in range(SESSIONS)]
    for session, _ in done:
        session.close()
    assert endpoint.shells == 0


@pytest.mark.parametrize("vms", [10, 100])
def test_observing_takes_the_same_few_pipelines_for_any_number_of_vms(vms):
    host = SimulatedHost.from_scenario("ws2022-intel")
    near = SimulatedSession(Runspace(host), "sim:ws2022-intel")
    there = len(near.run(Cmdlet("Get-VM")).records)
    for number in range(vms - there):
        near.run(
            Cmdlet(
                "New-VM",
                {
                    "Name": f"vm-{number}",
                    "MemoryStartupBytes": Size(1 << 29),
                    "NoVHD": SwitchParameter.ON,
                },
            )
        )
    with serve(host, tls=True, clock_rate=CLOCK_RATE) as endpoint:
        session = nestlab.connect(endpoint.address, **options(endpoint, "basic"))
        endpoint.faults.restart()
        assert len(observe(session).hyper_v.vms) == vms
        # Three groups; the errors in two of them (no events, no firmware) name their commands.
        assert endpoint.faults.served.count("Command") == 3
        session.close()


def test_the_live_suite_passes_on_the_simulated_host(monkeypatch):
    with serve(SimulatedHost.from_scenario("ws2022-intel", time_scale=0.02), tls=True) as endpoint:
        variables = {
            "NESTLAB_LIVE_HOST": endpoint.address,
            "NESTLAB_CREDENTIAL_HOST": f"{endpoint.user}:{endpoint.password}",
        }
        variables |= {
            "NESTLAB_LIVE_CA": endpoint.certificate,
            "NESTLAB_CREDENTIAL_LAB_ADMIN": f"{endpoint.guest_user}:{endpoint.guest_password}",
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        command = [sys.executable, "-m", "pytest", "tests/live", "-q", "-p", "no:cacheprovider"]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stdout
    assert "12 passed, 2 skipped" in done.stdout
