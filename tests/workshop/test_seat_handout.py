"""A page and a folder for each seat: what is in them, and what never is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import nestlab
from nestlab import workshop
from nestlab.cli import main
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


def test_pages_load_nothing_and_have_no_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("NESTLAB_CREDENTIAL_LAB_ADMIN", "Administrator:Not-for-Paper-1")
    text = CLASS.replace(
        "[sim:ws2022-intel, sim:ws2025-amd]", "['winrms://hv01.example.com?ca=ca.pem']"
    )
    for path in write_handouts(workshop.load(written(tmp_path, text, LAB)), tmp_path / "pages"):
        page = path.read_text(encoding="utf-8")
        assert "Not-for-Paper-1" not in page
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
    found = workshop.load(folder / "workshop.yml")
    assert found.seat("ada").topology == course.seat("ada").topology
    assert found.hosts == (f"sim:ws2022-intel?state={tmp_path / 'one.json'}", "sim:ws2025-amd")
    assert nestlab.load(folder / "ada.yml") == course.seat("ada").topology
    assert (folder / "1.ipynb").read_text(encoding="utf-8") == "{}"
    sources = ["".join(cell["source"]) for cell in json.loads(notebook.read_text())["cells"]]
    assert any("StagePanel(" in source and "ada" in source for source in sources)
    notebook.write_text("mine", encoding="utf-8")
    write_seat_folder(course.seat("ada"), folder)
    assert notebook.read_text(encoding="utf-8") == "mine"


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
