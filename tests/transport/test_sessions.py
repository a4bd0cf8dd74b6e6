"""What a session does over its life: progress, renewal, restarts, secrets."""

from __future__ import annotations

import threading

import pytest
from pypsrp.powershell import RunspacePool
from pypsrp.wsman import WSMan

import nestlab
from nestlab.errors import HostError, UsageError
from nestlab.model import Cmdlet, Secret, SwitchParameter
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from nestlab.transport.psrp import remote_shell as shell
from tests.transport.doors import CLOCK_RATE, carried, guests_of, options


@pytest.fixture
def host():
    return SimulatedHost.from_scenario("ws2022-intel")


@pytest.fixture
def endpoint(host):
    with serve(host, tls=True, clock_rate=CLOCK_RATE) as running:
        yield running


@pytest.fixture
def session(endpoint):
    opened = nestlab.connect(endpoint.address, **options(endpoint, "basic"))
    yield opened
    opened.close()


def state_of(host, name):
    return next(vm.state for vm in host.machine.hyper_v.vms if vm.name == name)


def test_progress_is_told_while_it_happens():
    slow = SimulatedHost.from_scenario("ws2022-intel", time_scale=1.0)
    told = []
    with serve(slow, tls=True) as endpoint:
        session = nestlab.connect(endpoint.address, **options(endpoint, "basic"))
        session.run(
            Cmdlet("Start-VM", {"Name": "sql-test"}),
            on_progress=lambda progress: told.append((state_of(slow, "sql-test"), progress)),
        )
        session.close()
    assert [progress.percent_complete for _, progress in told] == [0, 25, 50, 75, 100]
    assert "sql-test" in told[0][1].activity
    assert (told[0][0], state_of(slow, "sql-test")) == ("Off", "Running")  # not all at the end


def test_a_shell_is_renewed_before_it_holds_too_many_commands(session, endpoint, monkeypatch):
    monkeypatch.setattr(shell, "COMMANDS_PER_SHELL", 3)
    endpoint.faults.restart()
    for _ in range(7):
        session.run(Cmdlet("Get-VMHost"))
    assert endpoint.faults.served.count("Create") == 2
    assert endpoint.shells == 1


def test_changes_have_a_pipeline_each_and_reads_share_one(session, endpoint):
    endpoint.faults.restart()
    session.run(
        Cmdlet("Get-VM"),
        Cmdlet("Get-VMHost"),
        Cmdlet("Set-VM", {"Name": "sql-test", "Notes": "a"}),
        Cmdlet("Get-VMSwitch"),
    )
    assert endpoint.faults.served.count("Command") == 3
    assert endpoint.faults.served.count("Signal") == 3  # each command is given back


def test_a_host_that_restarts_is_away_and_comes_back(host):
    with serve(host, tls=True, clock_rate=100) as endpoint:
        session = nestlab.connect(endpoint.address, **options(endpoint, "basic"))
        session.run(Cmdlet("Restart-Computer", {"Force": SwitchParameter.ON}))
        with pytest.raises(HostError):
            session.run(Cmdlet("Get-VMHost"))
        assert endpoint.shells == 0
        session.wait(300)
        assert session.run(Cmdlet("Get-VMHost")).records
        session.close()


def test_a_session_goes_on_after_it_was_closed(session, endpoint):
    session.close()
    session.close()
    assert endpoint.shells == 0
    assert session.run(Cmdlet("Get-VMHost")).records


def test_guests_run_nestlabs_own_commands_and_nothing_else(session, endpoint, monkeypatch):
    guests_of(endpoint, monkeypatch)
    guest = session.guest("sql-test", "lab-admin")
    endpoint.faults.restart()
    for name in (r"C:\Windows\notepad.exe", "Invoke-Expression", "Invoke-Command"):
        with pytest.raises(UsageError, match="not among the commands"):
            guest.run(Cmdlet(name))
    with pytest.raises(UsageError, match="not among the commands"):
        guest.run(Cmdlet("Get-VM", pipe_to=Cmdlet("ForEach-Object")))
    assert endpoint.faults.served == ()


def test_secrets_are_looked_up_by_name_and_travel_under_the_session_key(
    session, endpoint, monkeypatch, caplog
):
    monkeypatch.setenv("NESTLAB_CREDENTIAL_DOMAIN_JOIN", "ada:Sehr-Geheim-0815")
    with caplog.at_level("DEBUG"), pytest.raises(nestlab.errors.CmdletError):
        session.run(
            Cmdlet(
                "Get-CimInstance",
                {"ClassName": "Win32_Processor", "Credential": Secret("domain-join")},
            )
        )
    assert "PSCredential" in carried(caplog.text)
    assert "Sehr-Geheim-0815" not in caplog.text + carried(caplog.text)


def test_many_threads_share_a_session_safely(session, endpoint):
    failures = []

    def work():
        try:
            for _ in range(5):
                assert session.run(Cmdlet("Get-VMHost")).records
        except Exception as error:  # noqa: BLE001  # reported below
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert endpoint.shells <= 6


def test_shells_that_nobody_uses_go(endpoint):
    wsman = WSMan(
        "localhost",
        port=endpoint.port,
        username=endpoint.user,
        password=endpoint.password,
        cert_validation=endpoint.certificate,
        no_proxy=True,
    )
    pool = RunspacePool(wsman, idle_timeout=1)
    pool.open()
    assert endpoint.shells == 1
    for unused in endpoint.listener.service._shells.values():
        unused.last_used -= 3600
    assert not pool.is_alive(timeout=60)
    assert endpoint.shells == 0
