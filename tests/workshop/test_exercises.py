"""The twenty exercises that come with the notebooks: found by check, fixed by what the hints show, and by nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from nestlab import workshop
from nestlab.model import Cmdlet
from nestlab.workshop import LearnerStage
from tests.workshop.faulty import mend
from tests.workshop.test_faults import HOST, OneHost, ended

WORKSHOPS = Path(__file__).parents[2] / "notebooks" / "workshops"
FILES = sorted(WORKSHOPS.glob("find-and-fix-*.yml"))
COURSES = {path.stem[-1]: workshop.load(path) for path in FILES}
EXERCISES = [
    pytest.param(grade, stage.name, id=f"{grade}-{stage.name}")
    for grade, course in COURSES.items()
    for stage in course.stages
]
CAUSES = {
    "client-does-not-answer": "Start ada-client",
    "nothing-gets-out": "host receives the packet for 1.1.1.1 on vEthernet (ada-LabNet) and does not forward it",
    "hv1-without-internet": "ada-HV1 sends an ARP request for 10.64.1.254, its gateway",
    "hv2-and-app1-do-not-answer": "Start ada-HV2",
    "client-reaches-nothing": "ada-client's adapter Ethernet is not connected to a switch",
    "app1-does-not-answer-pings": "the firewall of ada-HV2/app1 blocks echo requests",
    "names-do-not-resolve": "Set the DNS server of Ethernet to 1.1.1.1",
    "web1-and-db1-without-internet": "ada-HV1 receives the packet for 1.1.1.1 on vEthernet (NestedNat) and does not forward it",
    "web1-without-internet": "ada-HV1/web1 sends an ARP request for 10.64.0.254, its gateway",
    "db1-is-isolated": "in a different VLAN",
    "web1-reaches-nothing": "ada-HV1/web1's adapter Ethernet is not connected to a switch",
    "hv1-is-too-small": "ada-HV1 to 8GB (it has 2GB of memory)",
    "app1-does-not-answer": "Start app1",
    "app1-frames-are-dropped": "MacAddressSpoofing is Off",
    "hyper-v-does-not-start": "Expose virtualization extensions to ada-HV1",
    "hv2-is-isolated": "in a different VLAN",
    "app1-at-another-address": "10.64.1.21",
    "db1-is-slow": "Set the memory of db1 to 1GB (it has 512MB of memory)",
    "no-new-clients": "Serve 10.64.1.100 to 10.64.1.150 by DHCP",
    "db1-without-internet": "ada-HV1/db1 sends an ARP request for 10.64.0.254, its gateway",
}


@pytest.fixture
def one():
    return OneHost()


def planted(grade, name, one):
    stage = LearnerStage(COURSES[grade], "ada", name, one.connect)
    assert ended(stage.plant()) == ["done"]
    return stage


def test_there_are_twenty_in_three_grades_with_a_text_and_a_hint_each():
    stages = [stage for course in COURSES.values() for stage in course.stages]
    assert [len(course.stages) for course in COURSES.values()] == [7, 7, 6]
    assert all(stage.text and stage.hint and stage.fault and stage.checks for stage in stages)
    assert {stage.name for stage in stages} == set(CAUSES)


@pytest.mark.parametrize(("grade", "name"), EXERCISES)
def test_an_exercise_is_solved_by_what_the_hints_show_and_by_no_wrong_fix(grade, name, one):
    stage = planted(grade, name, one)
    report = stage.check(wait=0)
    assert not report.passed
    assert not report.is_unknown
    reason, author, _ = report.hints
    assert CAUSES[name] in reason.text
    assert author.text == stage.stage.hint
    wrong(stage, one)
    report = stage.check(wait=0)
    assert not report.passed
    for _ in range(4):
        mend(report, one.connect)
        report = stage.check()
        if report.passed:
            return
    pytest.fail(str(report))


def wrong(stage, one):
    """Fix the wrong thing, or the right thing wrongly, as a learner might."""
    wrong_fix(one, stage.seat.topology, stage.stage.fault)


def wrong_fix(one, seat, fault):
    """Do at a seat what does not mend a fault; `one.connect` opens a session to its host."""
    WRONG[fault.kind](one, seat, fault.at)


def on(one, *path):
    session = one.connect(HOST)
    for name in path:
        session = session.guest(name, "lab-admin")
    return session


def place(seat, at):
    """Return the machine that has a VM, and the name of the VM there."""
    (path,) = (path for path, _ in seat.machines() if path and path[-1].endswith(at))
    return path[:-1], path[-1]


def reboot_of_another(one, _seat, at):
    other = "ada-HV2" if at == "client" else "ada-client"
    on(one).run(Cmdlet("Restart-VM", {"Name": other, "Force": True}))


def another_vlan(one, seat, at):
    outer, name = place(seat, at)
    settings = {"VMName": name, "Access": True, "VlanId": 7}
    on(one, *outer).run(Cmdlet("Set-VMNetworkAdapterVlan", settings))


def more_processors(one, seat, at):
    """Give a VM other processors: it has to be off for that, and is started again."""
    outer, name = place(seat, at)
    session = on(one, *outer)
    session.run(Cmdlet("Stop-VM", {"Name": name, "Force": True}))
    session.run(Cmdlet("Set-VMProcessor", {"VMName": name, "Count": 1}))
    session.run(Cmdlet("Start-VM", {"Name": name}))


def still_little_memory(one, seat, at):
    outer, name = place(seat, at)
    session = on(one, *outer)
    session.run(Cmdlet("Stop-VM", {"Name": name, "Force": True}))
    session.run(Cmdlet("Set-VMMemory", {"VMName": name, "StartupBytes": 3 << 28}))
    session.run(Cmdlet("Start-VM", {"Name": name}))


def another_switch(one, seat, at):
    outer, name = place(seat, at)
    session = on(one, *outer)
    session.run(Cmdlet("New-VMSwitch", {"Name": "Other", "SwitchType": "Private"}))
    session.run(Cmdlet("Connect-VMNetworkAdapter", {"VMName": name, "SwitchName": "Other"}))


def another_gateway(one, seat, at):
    outer, name = place(seat, at)
    gateway = seat.machine((*outer, name)).network_adapters[0].gateway
    guest = on(one, *outer, name)
    guest.run(Cmdlet("Remove-NetRoute", {"DestinationPrefix": "0.0.0.0/0", "Confirm": False}))
    settings = {"DestinationPrefix": "0.0.0.0/0", "InterfaceAlias": "Ethernet"}
    guest.run(Cmdlet("New-NetRoute", {**settings, "NextHop": str(gateway + 200)}))


def another_dns_server(one, seat, at):
    outer, name = place(seat, at)
    settings = {"InterfaceAlias": "Ethernet", "ServerAddresses": ["9.9.9.9"]}
    on(one, *outer, name).run(Cmdlet("Set-DnsClientServerAddress", settings))


def nat_of_another_network(one, _seat, at):
    outer = ("ada-HV1",) if "/" in at else ()
    settings = {"Name": "mine", "InternalIPInterfaceAddressPrefix": "172.31.0.0/24"}
    on(one, *outer).run(Cmdlet("New-NetNat", settings))


def scope_of_another_network(one, _seat, _at):
    settings = {"Name": "mine", "StartRange": "172.31.0.10", "EndRange": "172.31.0.20"}
    on(one).run(Cmdlet("Add-DhcpServerv4Scope", {**settings, "SubnetMask": "255.255.255.0"}))


def spoofing_of_another(one, _seat, _at):
    settings = {"VMName": "ada-client", "MacAddressSpoofing": "On"}
    on(one).run(Cmdlet("Set-VMNetworkAdapter", settings))


WRONG = {
    "power": reboot_of_another,
    "firewall": reboot_of_another,
    "address": another_gateway,
    "extensions": more_processors,
    "memory": still_little_memory,
    "vlan": another_vlan,
    "disconnected": another_switch,
    "gateway": another_gateway,
    "dns": another_dns_server,
    "nat": nat_of_another_network,
    "dhcp": scope_of_another_network,
    "spoofing": spoofing_of_another,
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_spanish_files_are_the_same_exercises(path):
    spanish = workshop.load(path.parents[1] / "es" / "workshops" / path.name)
    english = workshop.load(path)
    assert [stage.fault for stage in spanish.stages] == [stage.fault for stage in english.stages]
    assert spanish.base.vms == english.base.vms
    assert spanish.stages[0].hint != english.stages[0].hint
