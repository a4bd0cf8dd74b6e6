"""What breaks on the way: the apply ends clean or says what to do, and a second one converges.

Some requests of an apply are broken in turn; with NESTLAB_CHAOS=all, every one, before and after it
took effect.
"""

from __future__ import annotations

import os
import threading
import time

import pytest

import nestlab
from nestlab.errors import Cancelled, HostUnreachable, NestlabError, SessionBroken
from nestlab.model import Cmdlet
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from nestlab.topology_file import loads
from nestlab.transport.winrm import connection
from tests.transport.doors import CLOCK_RATE, guests_of, options

TOPOLOGY = """
name: chaos
switches:
  - {name: ChaosNet, switch_type: Internal, ip_address: 192.168.77.1/24, nat: 192.168.77.0/24}
vms:
  - {name: c1, memory_startup: 1GB, guest: {os: none}, disk: {size: 10GB}, network_adapters: [{switch: ChaosNet}]}
"""
REQUESTS = 64
LATE = 3.5
STEP = 1 if os.environ.get("NESTLAB_CHAOS") == "all" else 22


@pytest.fixture
def host():
    return SimulatedHost.from_scenario("ws2022-intel")


@pytest.fixture(params=[False, True], ids=["http", "tls"])
def endpoint(host, request):
    with serve(host, tls=request.param, clock_rate=CLOCK_RATE) as running:
        yield running


@pytest.fixture
def session(endpoint):
    opened = nestlab.connect(endpoint.address, **options(endpoint))
    yield opened
    opened.close()


def names(host):
    hyper_v = host.machine.hyper_v
    return sorted(vm.name for vm in hyper_v.vms), sorted(switch.name for switch in hyper_v.switches)


def built(tmp_path, session):
    return nestlab.Lab(loads(TOPOLOGY), session, journal=tmp_path / "journal.jsonl")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(0, REQUESTS, STEP))
def test_a_connection_dropped_at_any_request_leaves_an_apply_that_converges(
    at, after, host, tmp_path
):
    if STEP > 1 and after == bool(at // STEP % 2):
        at += STEP // 2  # the two ways meet different requests
    with serve(host, tls=True, clock_rate=CLOCK_RATE) as endpoint:
        session = nestlab.connect(endpoint.address, **options(endpoint, "basic"))
        endpoint.faults.restart()
        endpoint.faults.drop(at, after=after)
        try:
            results = list(built(tmp_path, session).apply())
            clean = all(result.ok for result in results)
            assert clean or any("again" in result.hint for result in results if not result.ok)
        except NestlabError as error:
            clean = False
            assert error.hint  # noqa: PT017  # what to do, in the words of the error
        lab = built(tmp_path, session)
        assert [result.message for result in lab.apply() if not result.ok] == []
        assert lab.plan().is_empty
        vms, switches = names(host)
        assert vms.count("c1") == switches.count("ChaosNet") == 1
        session.close()


def test_an_idle_pause_longer_than_the_keep_alive(host, monkeypatch):
    monkeypatch.setattr(connection, "IDLE_SECONDS", 0.3)
    with serve(host, keep_alive=0.4, clock_rate=CLOCK_RATE) as endpoint:
        session = nestlab.connect(endpoint.address, **options(endpoint))
        time.sleep(0.8)
        assert session.run(Cmdlet("Get-VMHost")).records
        session.run(Cmdlet("Set-VM", {"Name": "sql-test", "Notes": "after the pause"}))
        session.close()


def test_connections_closed_while_idle_are_opened_anew(session, endpoint):
    for notes in ("one", "two"):
        assert endpoint.drop_connections() > 0
        session.run(Cmdlet("Set-VM", {"Name": "sql-test", "Notes": notes}))
        assert session.run(Cmdlet("Get-VM", {"Name": "sql-test"})).records[0]["Notes"] == notes


def test_an_answer_that_comes_too_late_is_asked_for_again(session, endpoint, monkeypatch):
    held = threading.Event()
    monkeypatch.setattr(
        "time.sleep", lambda seconds: held.wait(seconds if seconds == LATE else 0.05)
    )  # pypsrp waits between its tries
    endpoint.faults.restart()
    endpoint.faults.delay(1, LATE)
    names_seen = [
        record["Name"] for record in session.run(Cmdlet("Get-VM"), cancel=threading.Event())
    ]
    assert names_seen.count("sql-test") == 1
    assert endpoint.faults.served[:3] == ("Command", "Receive", "Receive")


def test_a_killed_shell_is_replaced(session, endpoint):
    endpoint.faults.restart()
    endpoint.faults.kill_shell(0)
    session.run(Cmdlet("Set-VM", {"Name": "sql-test", "Notes": "in a new shell"}))
    endpoint.faults.restart()
    endpoint.faults.kill_shell(1)
    with pytest.raises(SessionBroken, match="its shell no longer exists") as caught:
        session.run(Cmdlet("Set-VM", {"Name": "sql-test", "Notes": "unknown"}))
    assert "may or may not" in caught.value.hint
    assert session.run(Cmdlet("Get-VM", {"Name": "sql-test"})).records


@pytest.mark.parametrize(("status", "words"), [(503, "not available"), (400, "")])
def test_a_bare_status_is_survived_or_explained(status, words, session, endpoint):
    endpoint.faults.restart()
    endpoint.faults.respond_with_status(0, status)
    try:
        session.run(Cmdlet("Get-VMHost"))
    except NestlabError as error:
        assert words in error.message  # noqa: PT017  # either way is right, see the name
    assert session.run(Cmdlet("Get-VMHost")).records


def test_a_full_house_is_explained(host):
    with serve(host, max_shells=2, clock_rate=CLOCK_RATE) as endpoint:
        sessions = [nestlab.connect(endpoint.address, **options(endpoint)) for _ in range(2)]
        with pytest.raises(HostUnreachable, match="refuses to open more shells") as caught:
            nestlab.connect(endpoint.address, **options(endpoint))
        assert "MaxShellsPerUser" in caught.value.hint
        sessions[0].close()
        nestlab.connect(endpoint.address, **options(endpoint)).close()
        sessions[1].close()


def test_any_number_of_guests_takes_no_more_shells_than_runs_at_a_time(
    session, endpoint, monkeypatch
):
    guests_of(endpoint, monkeypatch)
    for vm in ("sql-test", "dc-archive", "build-agent") * 4:
        with pytest.raises(NestlabError):
            session.guest(vm, "lab-admin").run(Cmdlet("Get-VMHost"))
    assert endpoint.shells == 1


def test_a_long_cmdlet_is_cancelled_gracefully_in_its_own_thread():
    host = SimulatedHost.from_scenario("ws2022-intel", time_scale=1.0)
    with serve(host, clock_rate=1.0) as endpoint:
        session = nestlab.connect(endpoint.address, **options(endpoint))
        cancel = threading.Event()
        threading.Timer(0.3, cancel.set).start()
        with pytest.raises(Cancelled):
            session.run(Cmdlet("Start-Sleep", {"Seconds": 100_000}), cancel=cancel)
        assert session.run(Cmdlet("Get-VMHost")).records  # the session goes on, in the same shell
        with pytest.raises(SessionBroken, match="did not finish within"):
            session.run(Cmdlet("Start-Sleep", {"Seconds": 100_000}), timeout=0.2)
        assert session.run(Cmdlet("Get-VMHost")).records
        assert endpoint.faults.served.count("Create") <= 2
        session.close()
