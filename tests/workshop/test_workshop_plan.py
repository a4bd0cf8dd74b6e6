"""Placing seats on hosts: what fits, what does not and what would, and when seats are ready."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

import nestlab
from nestlab import workshop
from nestlab.cli import main
from nestlab.errors import HostUnreachable
from tests.workshop.classes import SMALL_CLASS, SMALL_LAB, written

FIRST, SECOND = "sim:ws2022-intel", "sim:ws2025-amd"


@pytest.fixture
def hosts(tmp_path):
    """Return the addresses of two hosts that keep their state."""
    return [f"{name}?state={tmp_path / name[4:]}.json" for name in (FIRST, SECOND)]


def class_on(folder, hosts, *changes, lab=SMALL_LAB):
    text = SMALL_CLASS.replace(f"{FIRST}, {SECOND}", ", ".join(f"'{host}'" for host in hosts))
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return workshop.load(written(folder, text, lab))


def placed(course):
    return workshop.plan(course, nestlab.connect)


def test_seats_are_spread_over_the_hosts(tmp_path):
    found = placed(class_on(tmp_path, [FIRST, SECOND]))
    assert found.ok
    assert dict(found.placement.hosts) == {"ada": FIRST, "seat02": SECOND, "seat03": FIRST}
    assert found.needs.all_vms == 2


def test_seats_that_do_not_fit_are_named_with_what_would_fit(tmp_path):
    many = ("{count: 3, names: [ada]}", "{count: 15}")
    found = placed(class_on(tmp_path, [FIRST, SECOND], many))
    assert found.placement.left_out == ("seat15",)
    assert not found.ok
    assert 4 << 30 <= found.most_memory_each < 8 << 30
    smaller = SMALL_LAB.replace("memory_startup: 8GB", f"memory_startup: {found.most_memory_each}")
    assert placed(class_on(tmp_path, [FIRST, SECOND], many, lab=smaller)).ok


@pytest.mark.parametrize(
    ("change", "lacks"),
    [
        (("stages:", "quota: {disk: 700GB}\nstages:"), "disk"),
        (("stages:", "limits: {processor_ratio: 1}\nstages:"), "processors"),
    ],
)
def test_disk_space_and_processors_limit_the_seats_too(change, lacks, tmp_path):
    lab = SMALL_LAB.replace("processor_count: 4", "processor_count: 20")
    found = placed(class_on(tmp_path, [FIRST, SECOND], change, lab=lab))
    assert found.placement.left_out == ("seat03",)
    assert {each for room in found.placement.rooms for each in room.lacks(found.needs)} == {lacks}
    assert found.most_memory_each is None


def test_a_quota_warns_at_its_line(tmp_path):
    quota = ("stages:", "quota: {memory: 6GB, processors: 2}\nstages:")
    found = placed(class_on(tmp_path, [FIRST, SECOND], quota))
    warnings = [(each.code, each.severity, each.location[-5:]) for each in found.quota_findings]
    assert warnings == [
        ("seat-over-quota", "warning", ":6:17"),
        ("seat-over-quota", "warning", ":6:34"),
    ]
    assert found.ok


def test_a_host_that_does_not_answer_gets_no_seat(tmp_path):
    def connect(address):
        if address == SECOND:
            raise HostUnreachable(address, "no answer", hint="Turn it on.")
        return nestlab.connect(address)

    found = workshop.plan(class_on(tmp_path, [FIRST, SECOND]), connect)
    assert set(found.placement.hosts.values()) == {FIRST}
    (finding,) = found.findings.errors
    assert (finding.code, finding.subject, finding.hint) == (
        "workshop-host-silent",
        SECOND,
        "Turn it on.",
    )
    assert not found.ok


def test_without_any_host_its_error_is_raised(tmp_path):
    def connect(address):
        raise HostUnreachable(address, "no answer")

    with pytest.raises(HostUnreachable):
        workshop.plan(class_on(tmp_path, [FIRST, SECOND]), connect)


def build(course, seat, host):
    with closing(nestlab.connect(host)) as session:
        lab = nestlab.Lab(course.seat(seat).topology, session)
        assert all(result.ok for result in lab.apply())


def test_a_seat_stays_on_the_host_that_has_it(tmp_path, hosts):
    course = class_on(tmp_path, hosts)
    build(course, "ada", hosts[1])
    found = placed(course)
    assert found.ok
    assert found.placement.hosts["ada"] == hosts[1]
    assert [host.there for host in found.hosts] == [(), ("ada",)]
    data = {seat["name"]: seat["there"] for seat in found.to_dict()["seats"]}
    assert data == {"ada": True, "seat02": False, "seat03": False}


def test_a_seat_on_two_hosts_is_an_error(tmp_path, hosts):
    course = class_on(tmp_path, hosts)
    for host in hosts:
        build(course, "ada", host)
    found = placed(course)
    (finding,) = found.findings.errors
    assert (finding.code, finding.subject) == ("seat-on-two-hosts", "ada")


def test_what_is_on_a_host_conflicts_with_the_seat_that_it_concerns(tmp_path, hosts):
    course = class_on(tmp_path, hosts)
    other = nestlab.loads(
        "name: other\nswitches:\n"
        "  - {name: ada-LabNet, switch_type: Internal, ip_address: 172.16.0.1/24}"
    )
    with closing(nestlab.connect(hosts[0])) as session:
        assert all(result.ok for result in nestlab.Lab(other, session).apply())
    found = placed(course)
    assert {(each.seat, each.host) for each in found.conflicts} == {("ada", hosts[0])}
    assert not found.ok


def test_minutes_are_those_of_whole_seats_in_the_journals(tmp_path, hosts, monkeypatch):
    from nestlab.apply import journal_records

    began = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
    times = iter(range(10_000))
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    course = class_on(tmp_path, hosts, ("stages:", "limits: {seats_at_once: 1}\nstages:"))
    assert [placed(course).minutes(host) for host in placed(course).hosts] == [None, None]
    with monkeypatch.context() as patch:
        patch.setattr(
            journal_records,
            "datetime",
            type("Clock", (), {"now": lambda _zone: began + timedelta(minutes=next(times))}),
        )
        build(course, "ada", hosts[0])
    found = placed(course)
    first, second = found.hosts
    assert (first.runs, second.runs) == (1, 0)
    assert first.seat_seconds >= 600
    assert found.minutes(first) == pytest.approx(first.seat_seconds / 60)
    assert found.minutes(second) == pytest.approx(first.seat_seconds / 60)


def run(capsys, *arguments):
    code = main(["workshop", *map(str, arguments)])
    return code, capsys.readouterr()


def test_the_command_line_says_where_the_seats_go(tmp_path, capsys):
    path = written(tmp_path, SMALL_CLASS, SMALL_LAB)
    code, said = run(capsys, "plan", path)
    assert code == 0
    assert f"{FIRST}: ada, seat03" in said.out
    assert "Every seat has a host." in said.out
    assert "not known: no journal of a whole seat yet" in said.out
    code, said = run(capsys, "plan", path, "--json")
    data = json.loads(said.out)
    assert (code, data["ok"], data["left_out"]) == (0, True, [])
    assert [seat["host"] for seat in data["seats"]] == [FIRST, SECOND, FIRST]


def test_the_command_line_says_what_does_not_fit(tmp_path, capsys):
    text = SMALL_CLASS.replace("{count: 3, names: [ada]}", "{count: 15, spare: 1}")
    code, said = run(capsys, "plan", written(tmp_path, text, SMALL_LAB))
    assert code == 1
    assert "2 seats do not fit: seat15, spare01" in said.out
    assert f"{FIRST} has too little: memory." in said.out
    assert "What fits: 14 seats" in said.out
    assert "All fit with 7.2 GB of memory for each seat." in said.out


def test_a_wrong_file_ends_with_code_2(tmp_path, capsys):
    text = SMALL_CLASS.replace("count: 3", "count: 0")
    code, said = run(capsys, "plan", written(tmp_path, text))
    assert code == 2
    assert "seats.count: must be a whole number from 1 to 1000" in said.err


def test_it_speaks_spanish(tmp_path, capsys, spanish):
    path = written(tmp_path, SMALL_CLASS, SMALL_LAB)
    code, said = run(capsys, "plan", path)
    assert code == 0
    assert "Cada puesto tiene un host." in said.out
    code, said = run(capsys, "plan", path, "--json")
    assert json.loads(said.out)["ok"]
