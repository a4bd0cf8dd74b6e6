"""Labs that the field really runs, each as a topology file: the whole loop on a simulated host."""

import re
from pathlib import Path

import pytest

import nestlab
from nestlab.lab import capture_all
from nestlab.model.topology import VM

ROOT = Path(__file__).parents[2]
FIELD = sorted((ROOT / "notebooks" / "topologies" / "field").glob("*.yml"))
PAGE = (ROOT / "docs" / "how-to" / "field-labs.md").read_text("utf-8")
ROW = re.compile(
    r"^\| \[([\w-]+)\.yml\]\(\.\./\.\./notebooks/topologies/field/\1\.yml\) \| [^|]+ \| (\d+|not counted) \| (\d+) \| (fully|mostly: [^|]+) \|$",
    re.MULTILINE,
)
HOST = "# On a simulated host: "
LONGEST = 140


def scenario_of(path):
    """Return the address of the simulated host that the header names, else of the default one."""
    lines = path.read_text("utf-8").splitlines()
    return next(
        (line.removeprefix(HOST) for line in lines if line.startswith(HOST)), "sim:ws2022-intel"
    )


def written(path):
    """Return the lines of a file that are no comments."""
    lines = path.read_text("utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]


def credentials_of(topology):
    return {
        "/".join(path): vm.guest.credential
        for path, vm in topology.machines()
        if isinstance(vm, VM) and vm.guest.credential
    }


@pytest.mark.parametrize("path", FIELD, ids=lambda path: path.stem)
def test_a_lab_of_the_field_is_built_verified_and_captured(path, tmp_path):
    topology = nestlab.load(path)
    assert topology.name == path.stem
    assert list(nestlab.validate(topology).errors) == []
    host = nestlab.connect(scenario_of(path), prepared_for=topology)
    lab = nestlab.Lab(topology, host, tmp_path / "journal.jsonl")
    results = list(lab.apply())
    assert [str(result) for result in results if not result.ok] == []
    assert lab.plan().is_empty
    report = lab.verify()
    assert [str(check) for check in report if not check.passed] == []
    assert len(report) == len(topology.checks)
    found = capture_all(host, of_topology=topology.name, credential=credentials_of(topology))
    assert found.losses == ()
    assert [line for line in found.unread if "no credential was given" not in line] == []
    assert [path for path, _ in found.topology.machines()] == [p for p, _ in topology.machines()]
    assert list(nestlab.validate(found.topology).errors) == []
    plan = nestlab.Lab(found.topology, host).plan()
    assert (str(plan.steps), plan.deferred, plan.remainder) == ("()", (), ())


def test_the_table_has_every_lab_with_its_lines():
    rows = {name: (lines, int(ours), how) for name, lines, ours, how in ROW.findall(PAGE)}
    assert rows.keys() == {path.stem for path in FIELD}
    for path in FIELD:
        _, ours, how = rows[path.stem]
        assert ours == len(written(path)), path.stem
        assert max(map(len, written(path))) <= LONGEST, path.stem
        said = [
            line for line in path.read_text("utf-8").splitlines() if line.startswith("# Mostly: ")
        ]
        assert bool(said) == how.startswith("mostly: "), path.stem


def test_eight_seats_of_three_vms_take_at_most_twenty_lines():
    path = FIELD[0].with_name("eight-seats-of-three.yml")
    assert len(written(path)) <= 20
    seats = nestlab.load(path).vms
    assert [len(seat.vms) for seat in seats] == [3] * 8
