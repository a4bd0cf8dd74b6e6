"""Changes of WinNAT: one at a time on a machine, and again where another program is at it."""

import threading

import pytest

import nestlab
from nestlab.errors import CmdletError
from nestlab.model import Cmdlet
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.runspace import Runspace
from nestlab.transport.simulated import SimulatedSession

ADDRESS = "sim:ws2022-intel"


@pytest.fixture
def host():
    return SimulatedHost.from_scenario("ws2022-intel")


def session(host):
    return SimulatedSession(Runspace(host), ADDRESS)


def nat(number):
    return Cmdlet(
        "New-NetNat",
        {"Name": f"nat-{number}", "InternalIPInterfaceAddressPrefix": f"10.{number}.0.0/24"},
    )


def lab(host, folder, number):
    text = (
        f"name: lab-{number}\n"
        f"switches: [{{name: Net{number}, switch_type: Internal, ip_address: 10.{number}.0.1/24, nat: 10.{number}.0.0/24}}]\n"
    )
    return nestlab.Lab(nestlab.loads(text), session(host), folder / f"{number}.jsonl")


def test_a_change_while_another_one_is_under_way_is_refused_as_a_sharing_violation(host):
    with host.clock.own_time():
        session(host).run(nat(1))
    with pytest.raises(CmdletError) as caught:
        session(host).run(nat(2))
    assert caught.value.record.fully_qualified_error_id == "Windows System Error 32,New-NetNat"
    host.wait(1)
    session(host).run(nat(2))
    assert [nat.name for nat in host.machine.nats] == ["nat-1", "nat-2"]


def test_the_quirk_can_be_turned_off(host):
    host.world.quirks.nat_changes_exclude_each_other = False
    with host.clock.own_time():
        session(host).run(nat(1))
    session(host).run(nat(2))


def test_a_lab_waits_for_the_change_of_another_program(host, tmp_path):
    plan, said = lab(host, tmp_path, 7), []
    with host.clock.own_time():
        session(host).run(nat(1))
    host.machine.world.nat_changes[host.machine.name] += 20
    assert [
        str(result)
        for result in plan.apply(on_event=lambda event: said.append(event.to_dict()))
        if not result.ok
    ] == []
    assert any("WinNAT" in event.get("activity", "") for event in said)
    assert plan.plan().is_empty


def test_a_port_that_something_else_holds_is_a_failure_after_a_while(host, tmp_path):
    host.world.quirks.reserved_ports.append(8080)
    text = (
        "name: ports\nswitches: [{name: Net, switch_type: Internal, ip_address: 10.9.0.1/24, nat: 10.9.0.0/24,"
        " port_forwards: [{protocol: tcp, external_port: 8080, to: 10.9.0.5:80}]}]\n"
    )
    failed = [
        result
        for result in nestlab.Lab(nestlab.loads(text), session(host), tmp_path / "j.jsonl").apply()
        if not result.ok
    ]
    assert [result.step.cmdlets[-1].name for result in failed] == ["Add-NetNatStaticMapping"]


def test_twelve_labs_at_once_lose_no_nat(host, tmp_path):
    failed = []

    def apply(number):
        failed.extend(
            str(result) for result in lab(host, tmp_path, number).apply() if not result.ok
        )

    threads = [threading.Thread(target=apply, args=(number,)) for number in range(1, 13)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(host.machine.nats) == 12


class Busy:
    """A session at which two changes of WinNAT at one time would be seen."""

    def __init__(self, inner):
        self._inner, self.most, self.now, self._lock = inner, 0, 0, threading.Lock()

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def run(self, *statements, **options):
        changes = any(statement.name == "New-NetNat" for statement in statements)
        with self._lock:
            self.now += changes
            self.most = max(self.most, self.now)
        try:
            return self._inner.run(*statements, **options)
        finally:
            with self._lock:
                self.now -= changes


def test_the_labs_of_one_process_send_one_change_at_a_time_to_a_host(host, tmp_path):
    watched = Busy(session(host))
    labs = [lab(host, tmp_path, number) for number in range(1, 9)]
    for each in labs:
        each.host = watched
    threads = [threading.Thread(target=list, args=(each.apply(),)) for each in labs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert watched.most == 1


def test_another_error_is_not_waited_for(host, tmp_path):
    session(host).run(nat(5))
    before = host.clock.now
    with pytest.raises(CmdletError) as caught:
        session(host).run(nat(5))
    assert caught.value.record.error_id == "Windows System Error 52"
    assert host.clock.now == before
