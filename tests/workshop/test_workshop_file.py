"""Workshop files: read with every problem at once, written with their comments, and their schema."""

from __future__ import annotations

import json

import jsonschema
import pytest
import yaml

import nestlab
from nestlab import workshop
from nestlab.dataclass import replace
from nestlab.workshop.workshop_file import SCHEMA_PATH, schema_text
from tests.workshop.classes import CLASS, LAB, SMALL_CLASS, SMALL_LAB, written


def refused(path):
    with pytest.raises(nestlab.WorkshopFileError) as caught:
        workshop.load(path)
    return caught.value


def test_a_file_is_read_with_its_topology(tmp_path):
    found = workshop.load(written(tmp_path))
    assert (found.name, found.seats.count, found.seats.spare) == ("nat-day", 30, 2)
    assert found.base == nestlab.loads(LAB)
    assert [stage.name for stage in found.stages] == ["switch", "web"]
    assert [seat.name for seat in found.all_seats][:3] == ["ada", "grace", "seat03"]
    assert [seat.name for seat in found.all_seats][-3:] == ["seat30", "spare01", "spare02"]
    assert found.seat("ADA").name == "ada"


def test_an_address_with_the_long_path_of_a_state_file_is_read(tmp_path):
    address = "sim:ws2022-intel?state=C:/" + "a-long-folder/" * 20 + "host.json"
    text = SMALL_CLASS.replace("[sim:ws2022-intel, sim:ws2025-amd]", f"['{address}']")
    assert list(workshop.load(written(tmp_path, text, SMALL_LAB)).hosts) == [address]


def test_all_problems_are_reported_at_once_with_their_places(tmp_path):
    text = CLASS.replace("hosts:", "hots:").replace("count: 30", "count: none")
    path = written(tmp_path, text.replace("  - name: web", "  - nam: web"))
    error = refused(path)
    places = sorted((each.location.removeprefix(f"{path}:"), each.code) for each in error.findings)
    assert places == [
        ("1:1", "missing-key"),
        ("3:16", "wrong-type"),
        ("5:1", "unknown-key"),
        ("8:5", "missing-key"),
        ("8:5", "unknown-key"),
    ]
    assert "Did you mean 'hosts'?" in str(error)
    assert "Did you mean 'name'?" in str(error)


PROBLEMS = [
    ("names: [ada, grace]", "names: [ada, Ada]", "seats.names[1]", "twice", "another name"),
    ("names: [ada, grace]", "names: [seat02]", "seats.names[0]", "another seat", "another name"),
    ("count: 30", "count: 1", "seats.names", "2 names for 1 seats", "count: 2"),
    (
        "names: [ada, grace]",
        "names: [a b]",
        "seats.names[0]",
        "1 to 20 letters",
        "VMs and switches",
    ),
    ("[ada, grace]", "[ada, Com1]", "seats.names[1]", "device in Windows", "another name"),
    ("sim:ws2022", "winrms://a:Geheim@hv01", "hosts[0]", "password: 'winrms://a:***", "_HOST="),
    ("1.ipynb", "Stages.ipynb", "stages[0].notebook", "as another file", "Rename"),
    (
        "- name: web",
        "- name: web\n    notebook: ../1.ipynb",
        "stages[1].notebook",
        "1.ipynb in the folder of a seat",
        "Rename",
    ),
    ("name: nat-day", f"name: {'d' * 36}", "name", "too long", "shorter name"),
    ("10.64.0.0/12", "10.64.0.0/16", "networks", "too small: 32 seats", "at most"),
    ("10.64.0.0/12", "[10.64.0.0/12, 10.65.0.0/16]", "networks", "overlaps", "Remove one"),
    ("10.64.0.0/12", "[]", "networks", "too small", "at most"),
    ("x-room: 12", "ports: 20000-20010", "ports", "the seats need 32: 1 each", "larger range"),
    ("x-room: 12", "ports: 30000-200", "ports", "range of ports", "from 1 to 65535"),
    ("sim:ws2022-intel, ", "hv01, ", "hosts[0]", "not the address of a host", "winrms://"),
    ("sim:ws2022-intel, ", "SIM:ws2025-amd, ", "hosts", "twice", "Remove one"),
    ("[sim:ws2022-intel, sim:ws2025-amd]", "[]", "hosts", "names no host", "winrms://hv01"),
    ("until: [switches]", "until: [swiches]", "stages[0].until", "names nothing", "'switches'"),
    ("until: [switches]", "until: HV2", "stages[0].until", "names nothing", "'HV1'"),
    ("- name: web", "- name: Switch", "stages[1].name", "twice", "another name"),
    ("from: web1", "from: web2", "stages[1].checks[0].from", "names no machine", "'web1'"),
    ("topology: lab.yml", "topology: lob.yml", "topology", "no such file", "Check the path"),
]


@pytest.mark.parametrize(("old", "new", "subject", "message", "hint"), PROBLEMS)
def test_a_problem_is_named_with_its_place_and_what_to_do(
    old, new, subject, message, hint, tmp_path
):
    path = written(tmp_path, CLASS.replace(old, new, 1))
    (finding,) = refused(path).findings
    assert (finding.subject, finding.severity) == (subject, "error")
    assert message in finding.message
    assert hint in finding.hint
    assert finding.location.startswith(f"{path}:")
    assert "Geheim" not in finding.message + finding.hint


def test_problems_of_the_topology_are_those_of_its_own_file(tmp_path):
    path = written(tmp_path, lab=LAB.replace("memory_startup: 8GB", "memory: 8GB"))
    (finding,) = refused(path).findings
    assert finding.code == "unknown-key"
    assert finding.location.startswith(f"{tmp_path / 'lab.yml'}:")


SHARED = [
    (
        "switch_type: Internal\n    ip_address: 192.168.100.1/24",
        "switch_type: External\n    net_adapter: Ethernet",
        "External switch LabNet",
        "existing: true",
    ),
    ("disk: {image: ws2022}", "disk: {path: 'D:\\hv1.vhdx'}", "existing disk", "disk: {image"),
    (
        "vms:\n  - name: HV1",
        "uplinks: [{net_adapter: Ethernet, network: 192.168.100.0/24}]\nvms:\n  - name: HV1",
        "a network that all seats share",
        "dhcp: true",
    ),
]


@pytest.mark.parametrize(("old", "new", "message", "hint"), SHARED)
def test_what_seats_cannot_share_is_refused(old, new, message, hint, tmp_path):
    path = written(tmp_path, lab=LAB.replace(old, new, 1))
    findings = refused(path).findings
    assert {each.subject for each in findings} == {"topology"}
    assert any(message in each.message and hint in each.hint for each in findings)


def test_one_seat_shares_nothing(tmp_path):
    old, new = SHARED[1][:2]
    text = SMALL_CLASS.replace("{count: 3, names: [ada]}", "{count: 1}")
    found = workshop.load(written(tmp_path, text, SMALL_LAB.replace(old, new, 1)))
    assert found.all_seats[0].topology.vms[0].disk.path == "D:\\hv1.vhdx"


def test_a_change_keeps_comments_order_and_keys_of_the_user(tmp_path):
    path = written(tmp_path)
    found = workshop.load(path)
    assert workshop.dumps(found) == CLASS
    workshop.save(replace(found, hosts=("sim:ws2022-intel",)), path)
    expected = CLASS.replace("[sim:ws2022-intel, sim:ws2025-amd]", "[sim:ws2022-intel]")
    assert path.read_text(encoding="utf-8") == expected
    assert workshop.load(path).hosts == ("sim:ws2022-intel",)


def test_a_workshop_without_a_file_is_read_back_equal(tmp_path):
    written(tmp_path)
    found = workshop.load(tmp_path / "class.yml")
    text = workshop.dumps(replace(found, origin=None))
    assert workshop.loads(text, str(tmp_path / "other.yml")) == found


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    found = workshop.load(written(tmp_path))
    with pytest.raises(nestlab.WorkshopFileError, match="cannot be written"):
        workshop.save(found, tmp_path / "no" / "class.yml")


@pytest.mark.parametrize("text", ["", "# nothing", "a: [", "[1]"])
def test_what_is_no_workshop_is_refused(text, tmp_path):
    path = tmp_path / "class.yml"
    path.write_text(text, encoding="utf-8")
    assert len(refused(path).findings) == 1


def test_the_shipped_schema_is_current(update_cases):
    if update_cases:
        SCHEMA_PATH.write_text(schema_text(), encoding="utf-8", newline="\n")
    assert SCHEMA_PATH.read_text(encoding="utf-8") == schema_text(), "run with --update-cases"


@pytest.mark.parametrize("text", [CLASS, SMALL_CLASS])
def test_the_schema_accepts_the_files(text):
    jsonschema.Draft202012Validator(workshop.schema()).validate(yaml.safe_load(text))


@pytest.mark.parametrize(("old", "new"), [("count: 30", "count: 0"), ("hosts:", "hots:")])
def test_the_schema_refuses_what_reading_refuses(old, new):
    validator = jsonschema.Draft202012Validator(json.loads(json.dumps(workshop.schema())))
    assert not validator.is_valid(yaml.safe_load(CLASS.replace(old, new)))
