"""Check, hint, solve and restore of a stage at a seat, on simulated hosts."""

from __future__ import annotations

import json

import pytest

import nestlab
from nestlab import workshop
from nestlab.cli import main
from nestlab.errors import UsageError
from nestlab.model import Cmdlet
from nestlab.workshop import LearnerStage, WorkshopRun
from tests.workshop.classes import SMALL_CLASS, SMALL_LAB, written
from tests.workshop.test_workshop_run import FIRST, SECOND, Hosts

STAGES = """\
stages:
  - {name: switch, until: [switches], hint: A switch of type Internal.}
  - {name: host, until: [vms], checks: [{from: HV1, to: host}]}
  - {name: all, until: [all], checks: [{from: web1, to: internet}], hint: Look at HV1.}
"""
CLASS = SMALL_CLASS.partition("stages:")[0] + STAGES


@pytest.fixture
def hosts():
    return Hosts()


@pytest.fixture
def course(tmp_path):
    return workshop.load(written(tmp_path, CLASS, SMALL_LAB))


def stages(course, hosts, seat="ada"):
    return [LearnerStage(course, seat, each.name, hosts.connect) for each in course.stages]


def passed(course, hosts, seat="ada"):
    return [stage.check().passed for stage in stages(course, hosts, seat)]


def done(results):
    return [str(result.status) for result in results]


def on_host(hosts, name, **parameters):
    return hosts.connect(FIRST).run(Cmdlet(name, parameters))


def test_a_stage_is_done_once_the_seat_has_what_it_names_and_more_is_no_difference(course, hosts):
    assert passed(course, hosts) == [False, False, False]
    for number, stage in enumerate(stages(course, hosts), 1):
        assert workshop.current_stage(course, "ada", hosts.connect) == stage.stage
        assert done(stage.solve()) == ["done"]
        assert passed(course, hosts) == [True] * number + [False] * (3 - number)
    assert workshop.current_stage(course, "ada", hosts.connect) == course.stages[-1]
    assert passed(course, hosts, "seat02") == [False, False, False]


def test_solving_a_stage_that_is_done_takes_nothing_away(course, hosts):
    first, _, last = stages(course, hosts)
    assert done(last.solve()) == ["done"]
    assert done(first.solve()) == []
    assert last.check().passed


def test_a_seat_that_is_restored_has_nothing_of_later_stages(course, hosts):
    first, _, last = stages(course, hosts)
    list(WorkshopRun(course, hosts.connect).up())
    before = [
        LearnerStage(course, seat, "all", hosts.connect).check().to_dict()
        for seat in ("seat02", "seat03")
    ]
    assert done(first.restore()) == ["done"]
    assert passed(course, hosts) == [True, False, False]
    assert [name for name in hosts.names()[FIRST][0] if "ada" in name] == []
    assert before == [
        LearnerStage(course, seat, "all", hosts.connect).check().to_dict()
        for seat in ("seat02", "seat03")
    ]
    assert before[0]["passed"]
    assert "ada-HV1: The VM does not exist" in str(last.check())


def test_hints_are_the_reason_then_the_text_of_the_author_then_cmdlets(course, hosts):
    *_, last = stages(course, hosts)
    assert last.hint().kind == "reason"
    list(last.solve())
    assert last.hint() is None
    session = hosts.connect(FIRST)
    session.run(Cmdlet("Remove-NetNat", {"Name": "nestlab.small-ada.ada-LabNet", "Confirm": False}))
    first, second, third = last.check().hints
    assert "does not forward it: it is not a router and has no NAT" in first.text
    assert second.text == "Look at HV1."
    ((step,),) = (third.cmdlets,)
    assert step.machine == "host"
    assert step.lines[0].startswith("New-NetNat -Name 'nestlab.small-ada.ada-LabNet'")
    assert (last.hint(2), last.hint(9)) == (second, third)
    # An earlier stage, which does not need the NAT, stays done.
    assert passed(course, hosts) == [True, True, False]


def test_a_vm_that_is_off_is_a_difference_of_each_stage_that_has_it(course, hosts):
    *_, last = stages(course, hosts)
    list(last.solve())
    on_host(hosts, "Stop-VM", Name="ada-HV1", Force=True)
    assert passed(course, hosts) == [True, False, False]
    assert "Start ada-HV1" in last.check().reason


def test_guests_that_boot_are_waited_for(course, hosts):
    *_, last = stages(course, hosts)
    list(last.solve())
    on_host(hosts, "Restart-VM", Name="ada-HV1", Force=True)
    host = hosts.by_address[FIRST]
    began = host.world.clock.now
    report = last.check()
    assert host.world.clock.now > began
    assert not report.is_unknown
    inner = hosts.connect(FIRST).guest("ada-HV1", "lab-admin")
    if not report.passed:  # its VM was off after the restart
        inner.run(Cmdlet("Start-VM", {"Name": "web1"}))
    assert last.check().passed


def test_a_workshop_without_stages_is_refused_with_a_hint(tmp_path, hosts):
    course = workshop.load(written(tmp_path, CLASS.partition("stages:")[0], SMALL_LAB))
    with pytest.raises(UsageError, match="has no stages"):
        workshop.current_stage(course, "ada", hosts.connect)


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    addresses = ", ".join(f"'{name}?state={tmp_path / name[4:]}.json'" for name in (FIRST, SECOND))
    return written(tmp_path, CLASS.replace(f"{FIRST}, {SECOND}", addresses), SMALL_LAB)


def test_the_command_line_checks_helps_solves_and_restores(file, capsys):
    name = str(file)
    assert main(["workshop", "check", name, "ada"]) == 1
    said = capsys.readouterr().out
    assert "ada: the stage switch is not done yet." in said
    assert "The switch does not exist" in said
    assert main(["workshop", "hint", name, "ada"]) == 1
    said = capsys.readouterr().out
    assert said.splitlines()[0] == "What is wrong (1/3)"
    assert said.splitlines()[-1] == "More: the same command again"
    assert main(["workshop", "hint", name, "--seat", "ada", "--level", "2"]) == 1
    assert "A switch of type Internal." in capsys.readouterr().out
    assert main(["workshop", "hint", name, "ada", "--level", "3", "--json"]) == 1
    hint = json.loads(capsys.readouterr().out)["hint"]
    assert (hint["kind"], hint["level"]) == ("cmdlets", 3)
    assert hint["cmdlets"][0]["lines"][0].startswith("New-VMSwitch -Name 'ada-LabNet'")
    assert main(["workshop", "solve", name, "ada", "--stage", "ALL", "--yes"]) == 0
    assert "1 of 1 seats done." in capsys.readouterr().out
    assert main(["workshop", "check", name, "ada", "--stage", "all", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["passed"]
    assert main(["workshop", "solve", name, "ada", "--stage", "host", "--yes"]) == 0
    assert "nothing was changed" in capsys.readouterr().out
    assert main(["workshop", "restore", name, "ada", "--stage", "switch", "--yes"]) == 0
    capsys.readouterr()
    assert main(["workshop", "check", name, "ada", "--stage", "host"]) == 1
    assert main(["workshop", "check", name, "ada", "--stage", "switch"]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check"], "Name one seat"),
        (["check", "--seat", "ada", "--seat", "seat02"], "Name one seat"),
        (["hint", "bob"], "has no seat 'bob'"),
        (["check", "ada", "--stage", "end"], "has no stage 'end'"),
        (["status", "ada"], "takes seats with --seat"),
        (["plan", "--level", "2"], "plan does not take --level"),
        (["check", "ada", "--level", "2"], "check does not take --level"),
        (["solve", "ada", "--wait", "5"], "solve does not take --wait"),
        (["restore", "ada", "--stage", "switch"], "cannot be answered here"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_hint(arguments, message, file, capsys):
    action, *rest = arguments
    assert main(["workshop", action, str(file), *rest]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert len(said.splitlines()) == 2


def test_stages_speak_spanish(file, capsys, spanish):
    assert main(["workshop", "check", str(file), "ada"]) == 1
    assert "la etapa switch todavía no está terminada" in capsys.readouterr().out


def test_learners_may_use_their_own_topology_file(course, hosts):
    """A learner who works with nestlab saves the topology of a stage, and applies it."""
    *_, last = stages(course, hosts)
    topology = workshop.stage_topology(course.seat("ada"), course.stages[-1])
    assert all(result.ok for result in nestlab.Lab(topology, hosts.connect(FIRST)).apply())
    assert last.check().passed


def test_where_something_else_blocks_a_fix_the_last_hint_says_what_to_do(course, hosts):
    """A learner's own NAT in place of the lab's prevents that one; no cmdlet of nestlab removes it."""
    *_, last = stages(course, hosts)
    list(last.solve())
    prefix = str(course.seat("ada").topology.switches[0].nat)
    on_host(hosts, "Remove-NetNat", Name="nestlab.small-ada.ada-LabNet", Confirm=False)
    on_host(hosts, "New-NetNat", Name="mine", InternalIPInterfaceAddressPrefix=prefix)
    report = last.check(wait=0)
    assert not report.passed
    assert report.hints[-1].cmdlets == ()
    assert "mine" in report.hints[-1].text


def test_a_guest_is_compared_though_a_later_stage_would_first_restart_it(course, hosts):
    """HV1 is a plain VM in this stage; the whole topology exposes extensions to it, which needs it off."""
    _, stage, _ = stages(course, hosts)
    list(stage.solve())
    guest = hosts.connect(FIRST).guest("ada-HV1", "lab-admin")
    guest.run(Cmdlet("Remove-NetRoute", {"DestinationPrefix": "0.0.0.0/0", "Confirm": False}))
    report = stage.check(wait=0)
    assert not report.passed
    assert "gateway" in report.reason
    assert report.hints[-1].cmdlets[0].machine == "ada-HV1"
