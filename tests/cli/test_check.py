"""What ``nestlab check`` prints: what prevents something first, notes short, and all on request.

Before, about 20 notes with their evidence stood between the findings and the verdict.
"""

from __future__ import annotations

import json

import pytest

from nestlab.cli import main

LAB = r"""
name: lab
images: {win: {path: 'D:\images\ws2022.vhdx'}}
vms:
  - {name: a, generation: 1, memory_startup: 2GB, disk: {image: win}, guest: {os: windows, credential: c}}
  - {name: b, memory_startup: 2GB, disk: {image: win}, guest: {os: linux}}
  - {name: c, memory_startup: 2GB, disk: {image: win}, guest: {os: windows, credential: c, computer_name: b}, notes: x}
"""
HOSTS = ["sim:ws2022-intel", "sim:busy-host", "sim:old-vms", "sim:win11-home"]


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """The lab as a file in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lab.yml").write_text(LAB, encoding="utf-8")
    return "lab.yml"


def check(capsys, *words):
    """The findings as data, and the lines of the text."""
    main(["check", *words, "--json"])
    found = json.loads(capsys.readouterr().out)["findings"]
    main(["check", *words])
    return found, capsys.readouterr().out.splitlines()


def headlines(lines):
    return [line for line in lines if line.endswith("]") and " [" in line]


@pytest.mark.parametrize("host", HOSTS)
def test_notes_about_the_host_are_counted_where_a_topology_is_checked(host, lab, capsys):
    found, lines = check(capsys, lab, "--host", host)
    of_host = [f for f in found if f["severity"] == "info" and not f["location"]]
    shown = [f"[{f['code']}]" for f in found if f not in of_host]
    assert [line.rpartition(" ")[2] for line in headlines(lines)] == shown
    assert of_host
    assert f"Not shown: {len(of_host)} notes about the host. `--notes` shows all." in lines


@pytest.mark.parametrize("host", HOSTS)
def test_without_a_topology_a_note_is_one_line_after_what_prevents_something(host, capsys):
    found, lines = check(capsys, "--host", host)
    notes = [f for f in found if f["severity"] == "info"]
    others = [f for f in found if f["severity"] != "info"]
    codes = [line.rpartition(" ")[2].strip("[]") for line in headlines(lines)]
    assert codes == [f["code"] for f in (*others, *notes)]
    for note in notes:
        (at, *_) = (
            n
            for n, line in enumerate(lines)
            if line.endswith(f"{note['message']} [{note['code']}]")
        )
        assert not lines[at + 1].startswith("    ")
    assert "The notes are shortened: `--notes` shows their evidence, fix and source." in lines


@pytest.mark.parametrize("words", [[], ["lab.yml"]])
@pytest.mark.parametrize("host", HOSTS)
def test_the_option_notes_shows_every_finding_in_full(host, words, lab, capsys):
    found, short = check(capsys, *words, "--host", host)
    same, lines = check(capsys, *words, "--host", host, "--notes")
    assert found == same
    text = "\n".join(lines)
    for finding in found:
        assert f"{finding['message']} [{finding['code']}]" in text
        assert finding["evidence"] in text
        assert finding["hint"] in text
    assert not any("--notes" in line for line in lines)
    assert short[-1] == lines[-1]
