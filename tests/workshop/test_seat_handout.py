"""A page and a folder for each seat: what is in them, and what never is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import nestlab
from nestlab import workshop
from nestlab.cli import main
from nestlab.notebook import StagePanel
from nestlab.workshop.seat_folder import address_elsewhere, write_seat_folder
from nestlab.workshop.seat_handout import write_handouts
from tests.workshop.classes import CLASS, LAB, SMALL_CLASS, SMALL_LAB, written

READY = Path(__file__).parents[2] / "notebooks"


def test_a_page_has_the_addresses_the_picture_and_the_stages_of_its_seat_only(tmp_path):
    course = workshop.load(written(tmp_path))
    pages = write_handouts(course, tmp_path / "pages")
    assert [path.name for path in pages][:3] == ["index.html", "seat-ada.html", "seat-grace.html"]
    assert len(pages) == 33
    page = pages[1].read_text(encoding="utf-8")
    ada, grace = course.seat("ada").topology, course.seat("grace").topology
    for machine in ("ada-HV1", "ada-LabNet", str(ada.switches[0].ip_address)):
        assert machine in page
    assert "<svg" in page
    assert "1. switch" in page
    assert "Let web1 reach the internet." in page
    assert "Checks of the finished lab" not in page
    assert "grace-" not in page
    assert str(grace.switches[0].ip_address) not in page
    assert str(grace.switches[0].ip_address.network) in pages[0].read_text(encoding="utf-8")


def test_pages_and_folders_have_no_secret_and_pages_load_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("NESTLAB_CREDENTIAL_LAB_ADMIN", "Administrator:Not-for-Paper-1")
    monkeypatch.setenv("NESTLAB_CREDENTIAL_HOST", "admin:Not-for-Paper-1")
    text = (
        CLASS.replace(
            "[sim:ws2022-intel, sim:ws2025-amd]", "['winrms://admin@hv01.example.com?ca=ca.pem']"
        )
        .replace("May", "Not-for-Paper-2")
        .replace("x-room: 12", "x-notes: Not-for-Paper-3")
    )
    lab = LAB.replace("vms:", "# Not-for-Paper-4\nvms:", 1)
    course = workshop.load(written(tmp_path, text, lab))
    write_seat_folder(course.seat("ada"), tmp_path / "ada")
    files = [path for path in (tmp_path / "ada").iterdir() if path.is_file()]
    assert len(files) == 5
    for path in files:
        assert "Not-for-Paper" not in path.read_text(encoding="utf-8")
    for path in write_handouts(course, tmp_path / "pages"):
        page = path.read_text(encoding="utf-8")
        assert "Not-for-Paper" not in page
        assert "token" not in page
        assert re.findall(r"(?:src|href)=\"(?!#|seat-[a-z0-9]+\.html)[^\"]*\"", page) == []


def test_a_link_is_on_the_page_of_its_seat_alone(tmp_path):
    course = workshop.load(written(tmp_path, SMALL_CLASS, SMALL_LAB))
    links = {name: f"http://10.0.0.5/{name}?token=t-{name}" for name in course.seat_names}
    index, ada, *others = (
        path.read_text(encoding="utf-8") for path in write_handouts(course, tmp_path, links)
    )
    assert "token=t-ada" in ada
    assert all("token=t-ada" not in page for page in (index, *others))


def test_pages_are_in_the_language_of_the_reader(tmp_path, capsys):
    file = READY / "es" / "workshops" / "bare-to-routed.yml"
    assert main(["--language", "es", "workshop", "handout", str(file), "-o", str(tmp_path)]) == 0
    page = (tmp_path / "seat-grace.html").read_text(encoding="utf-8")
    assert '<html lang="es">' in page
    assert "Cómo conectarse" in page
    assert "How to connect" not in page
    capsys.readouterr()


def test_a_folder_has_files_that_mean_the_same_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = SMALL_CLASS.replace("sim:ws2022-intel,", "'sim:ws2022-intel?state=one.json',").replace(
        "{name: switch, until", "{name: switch, notebook: 1.ipynb, until"
    )
    course = workshop.load(written(tmp_path, text, SMALL_LAB))
    (tmp_path / "1.ipynb").write_text("{}", encoding="utf-8")
    folder = tmp_path / "seats" / "ada"
    notebook = write_seat_folder(course.seat("ada"), folder)
    found = workshop.load(folder / "_workshop.yml")
    assert found.seat("ada").topology == course.seat("ada").topology
    assert found.hosts == (f"sim:ws2022-intel?state={tmp_path / 'one.json'}", "sim:ws2025-amd")
    assert nestlab.load(folder / "ada.yml") == course.seat("ada").topology
    assert (folder / "1.ipynb").read_text(encoding="utf-8") == "{}"
    sources = ["".join(cell["source"]) for cell in json.loads(notebook.read_text())["cells"]]
    assert any("StagePanel(" in source and "ada" in source for source in sources)
    notebook.write_text("mine", encoding="utf-8")
    write_seat_folder(course.seat("ada"), folder)
    assert notebook.read_text(encoding="utf-8") == "mine"


def test_what_a_learner_changed_is_kept_and_the_rest_follows_the_class(tmp_path):
    def write(count):
        text = SMALL_CLASS.replace("10.64.0.0/14", "10.96.0.0/14" if count > 1 else "10.64.0.0/14")
        course = workshop.load(written(tmp_path, text, SMALL_LAB))
        for seat in course.all_seats:
            write_seat_folder(seat, tmp_path / seat.name)
        return course.seat("ada").topology, course.seat("seat02").topology

    write(1)
    (tmp_path / "ada" / "ada.yml").write_text("name: mine\n", encoding="utf-8")
    ada, second = write(2)
    assert nestlab.load(tmp_path / "ada" / "ada.yml").name == "mine"
    assert nestlab.load(tmp_path / "ada" / "_seat.yml") == ada
    assert nestlab.load(tmp_path / "seat02" / "seat02.yml") == second


def test_a_learner_is_told_of_a_newer_topology_that_did_not_replace_the_own_one(tmp_path):
    def write(network):
        text = SMALL_CLASS.replace("10.64.0.0/14", network)
        course = workshop.load(written(tmp_path, text, SMALL_LAB))
        write_seat_folder(course.seat("ada"), tmp_path / "ada")
        return course.seat("ada").topology

    def told():
        return StagePanel(tmp_path / "ada" / "_workshop.yml", "ada").news.value

    own = tmp_path / "ada" / "ada.yml"
    first = write("10.64.0.0/14")
    changed = f"{own.read_text(encoding='utf-8')}# mine\n"
    own.write_text(changed, encoding="utf-8")
    write("10.64.0.0/14")
    assert told() == "", "nothing is newer"
    for _ in range(2):
        write("10.96.0.0/14")
        assert "ada.yml stays as you changed it" in told()
        assert own.read_text(encoding="utf-8") == changed
        assert nestlab.load(tmp_path / "ada" / "_seat-before.yml") == first
    own.write_bytes((tmp_path / "ada" / "_seat.yml").read_bytes())
    assert told() == ""
    write("10.96.0.0/14")
    assert not (tmp_path / "ada" / "_seat-before.yml").exists()
    own.write_text(changed, encoding="utf-8")
    assert told() == ""


@pytest.mark.parametrize("name", ["lab", "workshop", "seat", "stages"])
def test_a_seat_has_a_file_of_its_own_whatever_its_name(name, tmp_path):
    text = SMALL_CLASS.replace("[ada]", f"[{name}]")
    course = workshop.load(written(tmp_path, text, SMALL_LAB))
    write_seat_folder(course.seat(name), tmp_path / "seat")
    assert nestlab.load(tmp_path / "seat" / f"{name}.yml") == course.seat(name).topology
    assert workshop.load(tmp_path / "seat" / "_workshop.yml").base == course.base


def test_notebooks_of_one_name_in_two_folders_are_both_there(tmp_path):
    text = SMALL_CLASS.replace("{name: switch,", "{name: switch, notebook: a/1.ipynb,").replace(
        "{name: all,", "{name: all, notebook: b/1.ipynb,"
    )
    course = workshop.load(written(tmp_path, text, SMALL_LAB))
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.ipynb").write_text(name, encoding="utf-8")
    write_seat_folder(course.seat("ada"), tmp_path / "ada")
    for name in ("a", "b"):
        assert (tmp_path / "ada" / name / "1.ipynb").read_text(encoding="utf-8") == name


@pytest.mark.parametrize(
    "address", ["winrms://hv01", "winrms://hv01?auth=kerberos", "sim:ws2022-intel?language=es"]
)
def test_an_address_without_files_stays_as_it_is(address):
    assert address_elsewhere(address) == address


def test_options_of_other_actions_are_refused(tmp_path, capsys):
    file = str(written(tmp_path, SMALL_CLASS, SMALL_LAB))
    assert main(["workshop", "plan", file, "-o", str(tmp_path / "x")]) == 2
    assert "plan does not take --output" in capsys.readouterr().err
    assert main(["workshop", "handout", file, "--port", "80"]) == 2
