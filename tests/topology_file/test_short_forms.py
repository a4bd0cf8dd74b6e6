"""`defaults` and `count`: what they mean, what is refused, and that saving keeps them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import nestlab
from nestlab.errors import TopologyFileError
from nestlab.model import Size
from nestlab.topology_file import dumps, loads
from nestlab.topology_file.writing import render
from tests.lab.edits import EDITS
from tests.topology_file.commented_files import CommentedWriter
from tests.topology_file.schema_validator import VALIDATOR
from tests.topology_file.short_files import ShortFiles

SEATS = """\
name: eight-seats
images: {ws2022: {path: 'D:\\images\\ws2022.vhdx'}}
defaults:
  # what every seat has
  vm: {memory_startup: 1GB, disk: {image: ws2022}, guest: {os: windows, credential: lab-admin}}
vms:
  - name: seat{seat:02}   # the seats
    count: {seat: 8}
    memory_startup: 6GB
    network_adapters: [{name: Room, ip_address: '192.168.100.{seat+10}/24'}]
    nested:
      vms:
        - {name: 's{seat:02}-vm{n}', count: 2, notes: 'seat {seat}'}  # two in each
  - name: teacher
"""
seeds = st.integers(0, 1 << 30)


@given(seeds)
def test_a_short_file_means_the_same_as_its_long_form(seed):
    short, long = ShortFiles(Random(seed)).draw()  # noqa: S311  # for tests
    assert loads(render(short)) == loads(render(long))


@given(seeds)
def test_a_short_file_fits_the_schema(seed):
    short, _ = ShortFiles(Random(seed)).draw()  # noqa: S311  # for tests
    VALIDATOR.validate(short)


@given(seeds, st.data())
def test_any_change_of_a_short_file_is_saved_with_its_comments(seed, data):
    random = Random(seed)  # noqa: S311  # for tests
    text = "# of the file\n" + CommentedWriter(random).document(ShortFiles(random).draw()[0])
    read = loads(text)
    assert dumps(read) == text
    paths = [tuple(map(str.casefold, path)) for path, _ in read.machines()]
    assume(len(set(paths)) == len(paths))  # the edits find VMs by their names
    changed = read
    for edit in data.draw(st.lists(st.sampled_from(EDITS), min_size=1, max_size=3)):
        changed = edit(changed, data.draw)
    saved = dumps(changed)
    assert loads(saved) == changed
    assert "# of the file" in saved, "the whole file was rewritten"


def changed_vms(topology, change):
    return replace(topology, vms=tuple(map(change, topology.vms)))


def test_a_change_of_all_copies_is_made_in_the_short_form():
    more = changed_vms(loads(SEATS), lambda vm: replace(vm, memory_startup=Size.parse("8GB")))
    expected = SEATS.replace("6GB", "8GB") + "    memory_startup: 8GB\n"
    assert dumps(more) == expected


def test_a_change_of_one_copy_is_written_out_beside_a_lower_count():
    topology = loads(SEATS)
    vms = list(topology.vms)
    vms[7] = replace(vms[7], memory_startup=Size.parse("8GB"))
    text = dumps(replace(topology, vms=tuple(vms)))
    assert loads(text).vms == tuple(vms)
    before, after = SEATS.replace("seat: 8", "seat: 7").split("  - name: teacher")
    assert text.startswith(before)
    assert text.endswith("  - name: teacher" + after)
    assert text.count("  - name: seat08\n") == 1


def test_a_removed_copy_lowers_the_count():
    topology = loads(SEATS)
    fewer = replace(topology, vms=(*topology.vms[:6], topology.vms[8]))
    assert dumps(fewer) == SEATS.replace("seat: 8", "seat: 6")


def test_a_new_vm_leaves_the_short_form_alone():
    topology = loads(SEATS)
    one = replace(topology.vms[8], name="guest", disk=None)
    text = dumps(replace(topology, vms=(*topology.vms, one)))
    assert text.startswith(SEATS)
    assert loads(text).vms[9] == one


def test_places_name_the_copy():
    origin = loads(SEATS, "lab.yml").origin
    keys = ("vms", 4, "nested", "vms", 1, "notes")
    assert origin.locate(keys) == "lab.yml:13:55 (copy 2 of 2 in copy 5 of 8)"
    assert origin.locate(("vms", 8)) == "lab.yml:14:5"


def test_null_has_the_default_of_nestlab():
    topology = loads("name: lab\ndefaults: {vm: {disk: {size: 2GB}}}\nvms: [{name: a, disk: null}]")
    assert topology.vms[0].disk is None


def test_a_default_whose_keys_do_not_fit_is_left_out():
    text = "name: lab\ndefaults: {vm: {disk: {image: ws2022}}}\nvms: [{name: a, disk: {path: b}}]"
    assert loads(text).vms[0].disk.image is None


VMS = "name: lab\nvms: [{name: 'a{n}', %s}]"
REFUSED = {
    "a count of 0": (VMS % "count: 0", "vms[0].count", "from 1 to 1000, not '0'"),
    "a count of 10,000": (VMS % "count: 10000", "vms[0].count", "from 1 to 1000, not '10000'"),
    "a count of 0 disks": (
        VMS % "disks: [{size: 1TB, count: 0}]",
        "vms[0].disks[0].count",
        "from 1 to 1000, not '0'",
    ),
    "a count of 10,000 disks": (
        VMS % "disks: [{size: 1TB, count: 10000}]",
        "vms[0].disks[0].count",
        "from 1 to 1000, not '10000'",
    ),
    "two variables": (VMS % "count: {n: 1, m: 2}", "vms[0].count", "must name one variable"),
    "a bad variable": (VMS % "count: {'1': 2}", "vms[0].count", "or with a digit first"),
    "a count in a list": (VMS % "count: [1]", "vms[0].count", "must be a whole number"),
    "a variable that is not there": (
        VMS % "count: 2, notes: '{m}'",
        "vms[0].notes (copy 1 of 2)",
        "has the variable {m}, which no enclosing count defines",
    ),
    "other arithmetic": (
        VMS % "count: 2, notes: '{n*2}'",
        "vms[0].notes (copy 1 of 2)",
        "has '{n*2}', which is not a placeholder",
    ),
    "a bad value of every copy": (
        VMS % "count: 3, memory_startup: x",
        "vms[0].memory_startup (copy 1 of 3)",
        "must be a size",
    ),
    "a bad value of one copy": (
        VMS % "count: 3, automatic_start_delay: '{n-3}'",
        "vms[0].automatic_start_delay (copy 1 of 3)",
        "must be a whole number",
    ),
    "a placeholder without quotes": (
        VMS % "count: 2, processor_count: {n}",
        "vms[0].processor_count (copy 1 of 2)",
        "not a mapping",
    ),
    "too many copies": (
        VMS % "count: 1000, nested: {vms: [{name: b, count: 1000}]}",
        "vms[0].nested.vms[0].count (copy ",
        "makes more than 500,000 values",
    ),
    "an unknown default": ("name: lab\ndefaults: {vms: {}}", "defaults", "no key 'vms'"),
    "a default of one VM": ("name: lab\ndefaults: {vm: {name: x}}", "defaults.vm", "no key 'name'"),
    "an unknown key inside": (
        "name: lab\ndefaults: {vm: {guest: {so: x}}}",
        "defaults.vm.guest",
        "no key 'so'",
    ),
    "an unknown key inside, of every copy": (
        "name: lab\ndefaults: {vm: {guest: {so: x}}}\nvms: [{name: 'a{n}', count: 3}, {name: b}]",
        "defaults.vm.guest",
        "no key 'so'",
    ),
    "defaults as a list": ("name: lab\ndefaults: []", "defaults", "must be a mapping"),
    "a count of checks": (
        "name: lab\nchecks: [{from: a, to: b, count: 2}]",
        "checks[0]",
        "no key 'count'",
    ),
}


@pytest.mark.parametrize(("text", "subject", "message"), REFUSED.values(), ids=REFUSED)
def test_a_bad_short_form_is_one_finding_at_its_line(text, subject, message):
    with pytest.raises(TopologyFileError) as caught:
        loads(text, "lab.yml")
    (finding,) = caught.value.findings
    assert finding.location.startswith("lab.yml:2:")
    assert finding.subject.startswith(subject)
    assert message in finding.message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("name: lab\nvms: [{name: a, count: 8}]", "duplicate-name"),
        ("name: lab\nvms: [{name: a, network_adapters: [{count: 4}]}]", "duplicate-name"),
        (
            VMS % "count: 8, network_adapters: [{switch: S, ip_address: 10.0.0.1/24}]"
            + "\nswitches: [{name: S, switch_type: Private}]",
            "duplicate-address",
        ),
    ],
)
def test_what_all_copies_have_alike_is_one_finding(text, code):
    (finding,) = (found for found in nestlab.validate(loads(text, "lab.yml")) if found.code == code)
    assert "(copy 2 of " in finding.location
    assert "{n" in finding.hint


def test_braces_outside_of_a_count_are_text():
    assert loads("name: lab\nvms: [{name: '{n}', notes: '{{'}]").vms[0].notes == "{{"
    assert loads("name: lab\nvms: [{name: '{{n}}', count: 1}]").vms[0].name == "{n}"


def test_a_placeholder_counts_inner_copies():
    text = "name: lab\nvms: [{name: 'a{n}', count: 3, nested: {vms: [{name: 'b{m}', count: {m: '{n}'}}]}}]"
    assert [len(vm.vms) for vm in loads(text).vms] == [1, 2, 3]


@pytest.mark.parametrize(
    "key", ['"c\\x6funt"', '? "coun\\\n    t"\n    '], ids=["escape", "escaped line break"]
)
def test_the_key_of_a_short_form_may_be_written_with_escapes(key):
    text = f"name: x\nvms:\n  - name: a{{n}}\n    {key}: 2\n"
    assert [vm.name for vm in loads(text).vms] == ["a1", "a2"]


def test_merged_keys_can_be_counted():
    text = "name: lab\nx-a: &a {count: 2, network_adapters: [{name: 'n{n}', count: {n: 2}}]}\nvms: [{<<: *a, name: 'a{n}'}]"
    topology = loads(text)
    assert [vm.name for vm in topology.vms] == ["a1", "a2"]
    assert [adapter.name for adapter in topology.vms[1].network_adapters] == ["n1", "n2"]


def test_the_example_of_eight_seats_is_short():
    path = Path(__file__).parents[2] / "notebooks" / "topologies" / "eight-seats.yml"
    topology = nestlab.load(path)
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 23
    assert len(list(topology.machines())) == 25
    assert not nestlab.validate(topology)
