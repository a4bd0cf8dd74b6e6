"""Faults of stages: planted at one seat over the session, found by check, taken back by every way to build it."""

from __future__ import annotations

import json

import pytest

import nestlab
from nestlab import workshop
from nestlab.cli import main
from nestlab.errors import UsageError
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.runspace import Runspace
from nestlab.transport.simulated import SimulatedSession
from nestlab.workshop import LearnerStage, WorkshopRun
from nestlab.workshop.faults import with_fault
from nestlab.workshop.workshop_values import FaultKind, StageFault
from tests.workshop.classes import SMALL_CLASS, SMALL_LAB, written
from tests.workshop.faulty import CLASS, FAULTS, LAB, mend, stage_name

HOST = "sim:ws2022-intel"
CAUSES = {
    ("spoofing", "HV2"): "MacAddressSpoofing is Off",
    ("gateway", "web1"): "10.64.0.254, its gateway",
    ("gateway", "HV1"): "10.64.1.254, its gateway",
    ("address", "HV1/web1"): "it has 10.64.0.254/24",
    ("dns", "HV1"): "Set the DNS server of Ethernet to 1.1.1.1",
    ("vlan", "HV1"): "between ada-HV1 and host are in a different VLAN",
    ("vlan", "web1"): "between ada-HV1/web1 and ada-HV1 are in a different VLAN",
    ("disconnected", "web1"): "is not connected to a switch",
    ("memory", "HV1"): "it has 2GB of memory",
    ("memory", "db1"): "it has 512MB of memory",
    ("extensions", "HV1"): "needs them, and they are hidden",
    ("power", "web1"): "Start web1",
    ("power", "HV2"): "Start ada-HV2",
    ("firewall", "db1"): "firewall of ada-HV2/db1 blocks echo requests",
    ("nat", "LabNet"): "not a router and has no NAT",
    ("nat", "HV1/NestedNat"): "not a router and has no NAT",
    ("dhcp", "LabNet"): "Serve 10.64.1.100 to 10.64.1.150 by DHCP",
}


class OneHost:
    """A simulated host of this process, with any number of sessions."""

    def __init__(self):
        self.host = SimulatedHost.from_scenario(HOST[4:])

    def connect(self, address):
        return SimulatedSession(Runspace(self.host), address)

    def of_seat(self, name):
        """Return all that a host has with the name of a seat, as text."""
        data = self.host.world.to_dict()["host"]
        found = [each for each in data["hyper_v"]["vms"] if name in each["name"]]
        found += [each for each in data["hyper_v"]["switches"] if name in each["name"]]
        found += [each for each in data.get("nats", ()) if name in each["name"]]
        return json.dumps(found, default=str)


@pytest.fixture
def one():
    return OneHost()


@pytest.fixture
def course(tmp_path):
    return workshop.load(written(tmp_path, CLASS, LAB))


@pytest.fixture
def small(tmp_path):
    text = SMALL_CLASS.replace(", sim:ws2025-amd", "").replace(
        "checks: [{from: web1, to: internet}]",
        "fault: {kind: nat, at: HV1/NestedNat}, checks: [{from: web1, to: internet}]",
    )
    return workshop.load(written(tmp_path, text, SMALL_LAB))


def ended(results):
    return [str(result.status) + result.message for result in results]


@pytest.mark.parametrize(("kind", "at"), FAULTS)
def test_a_fault_is_found_named_and_mended_by_what_the_hints_show(kind, at, course, one):
    stage = LearnerStage(course, "ada", stage_name(kind, at), one.connect)
    assert ended(stage.plant()) == ["done"]
    report = stage.check(wait=0)
    assert not report.passed
    assert not report.is_unknown
    assert CAUSES[kind, at] in report.hints[0].text
    for _ in range(2):
        mend(report, one.connect)
        report = stage.check()
        if report.passed:
            return
    pytest.fail(str(report))


def test_all_kinds_are_tried():
    assert {kind for kind, _ in FAULTS} == set(workshop.FaultKind)


def test_a_fault_touches_no_other_seat(small, one):
    assert ended(WorkshopRun(small, one.connect).up()) == ["done"] * 3
    before = [one.of_seat(name) for name in ("seat02", "seat03")]
    stage = LearnerStage(small, "ada", "all", one.connect)
    assert ended(stage.plant()) == ["done"]
    assert [one.of_seat(name) for name in ("seat02", "seat03")] == before
    assert not stage.check(wait=0).passed
    assert LearnerStage(small, "seat02", "all", one.connect).check(wait=0).only_unplanted


@pytest.mark.parametrize("way", ["solve", "restore", "undo", "up", "reset"])
def test_every_way_to_build_a_seat_takes_the_fault_back(way, small, one):
    stage = LearnerStage(small, "ada", "all", one.connect)
    assert ended(stage.plant()) == ["done"]
    assert not stage.check(wait=0).passed
    run = WorkshopRun(small, one.connect, seats=["ada"])
    lab = nestlab.Lab(small.seat("ada").topology, one.connect(HOST))
    ways = {
        "solve": stage.solve,
        "restore": stage.restore,
        "undo": lab.undo,
        "up": run.up,
        "reset": run.reset,
    }
    assert [str(result) for result in ways[way]() if not result.ok] == []
    report = stage.check()
    assert report.passed or report.only_unplanted
    assert report.only_unplanted == (way == "reset"), "a seat that is built anew begins again"


def test_a_fault_is_planted_again_after_it_was_mended(small, one):
    stage = LearnerStage(small, "ada", "all", one.connect)
    for _ in range(2):
        assert ended(stage.plant()) == ["done"]
        mend(stage.check(wait=0), one.connect)
        assert stage.check().passed
    # The learner restarts the lab: the fault does not come back.
    assert ended(stage.solve()) == []


def test_a_seat_that_is_further_on_stays_there(tmp_path, one):
    text = SMALL_CLASS.replace(
        "{name: switch, until: [switches]}",
        "{name: switch, until: [nat], fault: {kind: nat, at: LabNet}}",
    )
    course = workshop.load(written(tmp_path, text, SMALL_LAB))
    last = LearnerStage(course, "ada", "all", one.connect)
    first = LearnerStage(course, "ada", "switch", one.connect)
    assert ended(last.solve()) == ["done"]
    assert ended(first.plant()) == ["done"]
    assert "not a router and has no NAT" in last.check(wait=0).reason
    mend(first.check(wait=0), one.connect)
    assert last.check().passed


def test_a_fault_that_is_planted_twice_takes_nothing_of_later_stages_back(tmp_path, one):
    text = SMALL_CLASS.replace(
        "{name: switch, until: [switches]}",
        "{name: switch, until: [HV1], fault: {kind: vlan, at: HV1}}",
    )
    course = workshop.load(written(tmp_path, text, SMALL_LAB))
    last = LearnerStage(course, "ada", "all", one.connect)
    first = LearnerStage(course, "ada", "switch", one.connect)
    assert ended(last.solve()) == ["done"]
    assert ended(first.plant()) == ["done"]
    planted = one.of_seat("ada")
    assert ended(first.plant()) == ["done"]
    assert one.of_seat("ada") == planted


def test_a_fault_that_nestlab_cannot_plant_is_refused(tmp_path, one):
    before, client, after = LAB.partition("  - name: client\n")
    guest = "    guest: {os: windows, credential: lab-admin}\n"
    text = CLASS[: CLASS.index("stages:")] + (
        "stages: [{name: all, until: [client], fault: {kind: firewall, at: client}}]\n"
    )
    course = workshop.load(written(tmp_path, text, before + client + after.replace(guest, "")))
    stage = LearnerStage(course, course.seat_names[0], "all", one.connect)
    (said,) = ended(stage.plant())
    assert "The fault firewall at client changes nothing at the seat ada." in said


def test_a_wrong_address_is_none_that_a_server_gives(tmp_path):
    text = "name: x\nswitches: [{name: A, switch_type: Private}]\nvms:\n"
    server = "ip_address: 10.0.0.1/24, dhcp_server: {range: 10.0.0.100-10.0.0.253}"
    other = "ip_address: 10.0.0.254/24"
    for number, given in enumerate((server, other, "ip_address: 10.0.0.9/24")):
        text += f"  - {{name: v{number}, disk: {{size: 9GB}}, network_adapters: [{{switch: A, {given}}}]}}\n"
    faulty = with_fault(nestlab.loads(text), StageFault(kind=FaultKind("address"), at="v2"))
    assert str(faulty.vms[2].network_adapters[0].ip_address) == "10.0.0.99/24"


def test_a_fault_of_several_seats_is_one_run(small, one):
    run = WorkshopRun(small, one.connect, stage=workshop.stage_named(small, "all"))
    assert ended(run.plant()) == ["done"] * 3
    found = [
        LearnerStage(small, name, "all", one.connect).check(wait=0).passed
        for name in small.seat_names
    ]
    assert found == [False] * 3


def test_a_stage_without_a_fault_is_refused(small, one):
    with pytest.raises(UsageError, match="The stage switch has no fault") as caught:
        list(LearnerStage(small, "ada", "switch", one.connect).plant())
    assert "fault: {kind: nat, at: LabNet}" in caught.value.hint
    with pytest.raises(UsageError, match="No stage was named"):
        list(WorkshopRun(small, one.connect).plant())


PROBLEMS = [
    ("{kind: nat, at: LabNat}", "at", "names nothing that the fault nat", "LabNet, HV1/NestedNat"),
    ("{kind: spoofing, at: HV1}", "at", "names nothing", "another kind"),
    ("{kind: gateway, at: LabNet}", "at", "names nothing", "HV1, HV1/web1"),
    ("{kind: gatway, at: HV1}", "kind", "must be spoofing", "'gateway'"),
    ("{kind: memory}", "", "needs 'at'", ""),
]


@pytest.mark.parametrize(("fault", "key", "message", "hint"), PROBLEMS)
def test_a_fault_that_cannot_be_planted_is_a_problem_of_the_file(
    fault, key, message, hint, tmp_path
):
    text = SMALL_CLASS.replace("until: [all],", f"until: [all], fault: {fault},")
    path = written(tmp_path, text, SMALL_LAB)
    with pytest.raises(nestlab.WorkshopFileError) as caught:
        workshop.load(path)
    (finding,) = caught.value.findings
    assert finding.subject.endswith(f"stages[1].fault.{key}".rstrip("."))
    assert message in finding.message
    assert hint in finding.hint
    assert finding.location.startswith(f"{path}:8:")


def test_a_fault_must_be_at_what_its_stage_has(tmp_path):
    text = SMALL_CLASS.replace("[switches]", "[switches], fault: {kind: nat, at: LabNet}")
    with pytest.raises(nestlab.WorkshopFileError, match="at the end of this stage"):
        workshop.load(written(tmp_path, text, SMALL_LAB))


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    text = SMALL_CLASS.replace(
        "hosts: [sim:ws2022-intel, sim:ws2025-amd]",
        f"hosts: ['{HOST}?state={tmp_path / 'h.json'}']",
    )
    return written(
        tmp_path, text.replace("checks:", "fault: {kind: nat, at: LabNet}, checks:"), SMALL_LAB
    )


def test_the_command_line_plants_a_fault(file, capsys):
    name = str(file)
    assert main(["workshop", "plant", name, "ada", "--yes"]) == 0
    assert "1 of 1 seats done." in capsys.readouterr().out
    assert main(["workshop", "check", name, "ada", "--stage", "all"]) == 1
    assert main(["workshop", "hint", name, "ada", "--stage", "all"]) == 1
    assert "not a router and has no NAT" in capsys.readouterr().out
    assert main(["workshop", "solve", name, "ada", "--stage", "all", "--yes"]) == 0
    assert main(["workshop", "check", name, "ada", "--stage", "all"]) == 0


def test_a_plant_without_a_fault_is_refused_with_a_hint(file, capsys):
    assert main(["workshop", "plant", str(file), "ada", "--yes", "--stage", "switch"]) == 2
    assert "has no fault" in capsys.readouterr().err
    text = file.read_text(encoding="utf-8").replace("fault: {kind: nat, at: LabNet}, ", "")
    file.write_text(text, encoding="utf-8")
    assert main(["workshop", "plant", str(file), "ada", "--yes"]) == 2
    assert "Stages with a fault: -." in capsys.readouterr().err
