"""What a hub hands to each seat: its folder, its notebook and a session restricted to its names."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from nestlab import connect, workshop
from nestlab.hub import NoSeat, SeatHook, configure, restricted_address
from nestlab.model import Cmdlet
from nestlab.workshop import LearnerStage
from nestlab.workshop.stage_progress import StageProgress, seat_file
from tests.workshop.classes import SMALL_CLASS, SMALL_LAB, written


class Section(SimpleNamespace):
    """A section of a hub's configuration, as `c.Spawner` is one."""


@pytest.fixture
def course(tmp_path):
    text = SMALL_CLASS.replace(
        "[sim:ws2022-intel, sim:ws2025-amd]", f"['sim:ws2022-intel?state={tmp_path}/host.json']"
    )
    return workshop.load(written(tmp_path, text, SMALL_LAB))


def configured(tmp_path, **options):
    config = Section(Spawner=Section(), JupyterHub=Section(services=[{"name": "other"}]))
    configure(config, tmp_path / "class.yml", tmp_path / "hub", **options)
    return config


def spawner(user, *, admin=False):
    return SimpleNamespace(
        user=SimpleNamespace(name=user, admin=admin),
        environment={"LANG": "C"},
        notebook_dir="",
        default_url="",
    )


def test_a_seat_gets_its_folder_and_a_session_that_has_only_its_names(tmp_path, course):
    config = configured(tmp_path)
    ada = spawner("ada")
    config.Spawner.pre_spawn_hook(ada)
    folder = Path(ada.notebook_dir)
    assert (folder.name, ada.default_url) == ("ada", "/lab/tree/stages.ipynb")
    assert Path(ada.environment["NESTLAB_PROGRESS"]).name == "ada"
    assert ada.environment["LANG"] == "C"
    own = workshop.load(folder / "_workshop.yml")
    stage = LearnerStage(own, "ada", "all", connect)
    assert [result.ok for result in stage.solve()] == [True]
    assert stage.check().passed
    other = LearnerStage(course, "seat02", "all", connect)
    assert [result.ok for result in other.solve()] == [True]
    refused = LearnerStage(own, "seat02", "switch", connect)
    assert [result.ok for result in refused.restore()] == [False]
    assert other.check().passed
    names = [record["Name"] for record in connect(course.hosts[0]).run(Cmdlet("Get-VM")).records]
    assert {"ada-HV1", "seat02-HV1"} <= set(names)


def test_the_service_is_added_to_those_there_are(tmp_path, course):
    config = configured(tmp_path, port=9)
    assert [each["name"] for each in config.JupyterHub.services] == ["other", "nestlab"]
    assert config.JupyterHub.services[1]["url"] == "http://127.0.0.1:9"
    for seat in course.seat_names:
        assert list((tmp_path / "hub" / "roles" / seat).glob("*.pssc"))


def test_a_user_has_the_seat_that_is_named_for_it_and_others_are_refused(tmp_path, course):
    hook = SeatHook(course, tmp_path, {"ada@example.com": "seat02"}, restricted=False)
    given = spawner("ada@example.com")
    hook(given)
    assert Path(given.notebook_dir).name == "seat02"
    assert workshop.load(Path(given.notebook_dir) / "_workshop.yml").hosts == course.hosts
    trainer = spawner("trainer", admin=True)
    hook(trainer)
    assert trainer.notebook_dir == ""
    with pytest.raises(NoSeat) as error:
        hook(spawner("ada"))
    assert error.value.status_code == 403
    assert error.value.jupyterhub_message == "The workshop small has no seat for ada."


def test_what_was_planted_before_the_first_server_is_handed_to_the_seat(tmp_path, monkeypatch):
    lab = "stages:\n  - {name: find, until: [all], fault: {kind: nat, at: LabNet}}\n"
    text = SMALL_CLASS.partition("stages:")[0] + lab
    course = workshop.load(written(tmp_path, text, SMALL_LAB))
    (find,), seat, folder = course.stages, course.seat("ada"), tmp_path / "hub" / "progress"
    trainers = StageProgress(seat, seat_file(seat, folder))
    trainers.mark_planted(find)
    given = spawner("ada")
    SeatHook(course, tmp_path / "hub", restricted=False)(given)
    monkeypatch.setenv("NESTLAB_PROGRESS", given.environment["NESTLAB_PROGRESS"])
    learners = StageProgress(seat)
    assert learners.is_planted(find)
    learners.mark_check(find, passed=True)
    again = StageProgress(seat, seat_file(seat, folder))
    assert (again.is_planted(find), again.is_done(find)) == (True, True)
    assert len(list(folder.rglob("*.json"))) == 1


def test_further_variables_are_those_of_the_seat(tmp_path, course):
    hook = SeatHook(course, tmp_path, None, lambda seat: {"ACCOUNT": seat.name}, restricted=False)
    given = spawner("ADA")
    hook(given)
    assert given.environment["ACCOUNT"] == "ada"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("winrms://hv01", "winrms://hv01?configuration_name=NestLab.small-ada"),
        ("winrms://hv01?ca=a.pem", "winrms://hv01?ca=a.pem&configuration_name=NestLab.small-ada"),
        ("winrms://hv01?configuration_name=Own", "winrms://hv01?configuration_name=Own"),
        ("ssh://hv01?subsystem=lab", "ssh://hv01?subsystem=lab"),
    ],
)
def test_a_host_is_reached_through_the_role_of_the_seat(course, address, expected, tmp_path):
    assert restricted_address(address, course.seat("ada"), roles=tmp_path) == expected
