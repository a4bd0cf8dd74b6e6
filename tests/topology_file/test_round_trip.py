"""What is written is what is read, and what people wrote around it stays."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given

from nestlab.errors import TopologyFileError
from nestlab.model import Size
from nestlab.model.topology import (
    VM,
    Check,
    Disk,
    Guest,
    Nested,
    NetworkAdapter,
    Switch,
    SwitchType,
)
from nestlab.topology_file import dumps, load, loads, save
from nestlab.topology_file.json_schema import PATH, schema_text
from tests.strategies import topologies
from tests.topology_file.schema_validator import VALIDATOR

EXAMPLES = sorted((Path(__file__).parents[1] / "cases" / "topologies").glob("*.yml"))

COMMENTED = """\
# The lab of seat 3
name: lab   # becomes the mark
vms:
  # carries the rest
  - name: HV1   # first
    memory_startup: 8GB    # enough
    version: 9.0
    network_adapters:
      - {name: Lan, switch: A, mac_address: 02:22:33:44:55:59}  # fixed
    nested: {}
  # a name, not a truth value
  - name: no
# the wires
switches:
  - {name: A, switch_type: Private}
"""


@given(topologies)
def test_a_topology_without_origin_is_read_back_equal(topology):
    assert loads(dumps(topology)) == topology


@given(topologies)
def test_what_is_written_fits_the_schema(topology):
    VALIDATOR.validate(yaml.safe_load(dumps(topology)))


@given(topologies, topologies)
def test_one_topology_written_over_another_is_read_back_equal(old, new):
    changed = replace(new, origin=loads(dumps(old)).origin)
    assert loads(dumps(changed)) == new


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_unchanged_file_is_written_as_it_was(path):
    assert dumps(load(path)) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_files_fit_the_schema(path):
    VALIDATOR.validate(yaml.safe_load(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_to_dict_is_the_data_of_the_file(path):
    topology = load(path)
    data = json.loads(json.dumps(topology.to_dict()))
    assert loads(json.dumps(data)) == topology


def test_the_shipped_schema_is_current(update_cases):
    if update_cases:
        PATH.write_text(schema_text(), encoding="utf-8", newline="\n")
    assert PATH.read_text(encoding="utf-8") == schema_text(), "run the tests with --update-cases"


def test_a_change_keeps_comments_order_and_spelling():
    topology = loads(COMMENTED)
    bigger = replace(topology.vms[0], memory_startup=Size.parse("16GB"))
    expected = COMMENTED.replace("8GB    # enough", "16GB   # enough")
    assert dumps(replace(topology, vms=(bigger, topology.vms[1]))) == expected


def test_new_things_are_written_tidily_between_the_old():
    topology = loads(COMMENTED)
    inner = VM(
        name="web1",
        disk=Disk(size=Size.parse("40GB")),
        network_adapters=(NetworkAdapter(switch="Inner"),),
    )
    nested = Nested(switches=(Switch(name="Inner", switch_type=SwitchType.PRIVATE),), vms=(inner,))
    changed = replace(
        topology,
        vms=(replace(topology.vms[0], nested=nested), topology.vms[1]),
        checks=(Check(source="HV1", target="host"),),
    )
    text = dumps(changed)
    assert loads(text) == changed
    for line in COMMENTED.splitlines():
        assert line in text or "nested: {}" in line
    assert (
        "      vms:\n        - name: web1\n          disk: {size: 40GB}\n          network_adapters:\n            - {switch: Inner}\n"
        in text
    )
    assert text.endswith("checks:\n  - {from: HV1, to: host}\n")


def test_renamed_and_removed_vms_leave_the_others_comments_alone():
    topology = loads(COMMENTED)
    text = dumps(replace(topology, vms=(replace(topology.vms[0], name="HV9"),)))
    assert loads(text).vms[0].name == "HV9"
    assert text.startswith("# The lab of seat 3\nname: lab   # becomes the mark\n")
    assert "# the wires\nswitches:\n  - {name: A, switch_type: Private}\n" in text


def test_line_endings_of_windows_survive():
    topology = loads(COMMENTED.replace("\n", "\r\n"))
    text = dumps(replace(topology, description="new"))
    assert text.count("\r\n") == text.count("\n")
    assert loads(text).description == "new"


MERGED = """\
name: lab
vms:
  - &one {name: a, memory_startup: 2GB, processor_count: 4}  # the first
  - {<<: *one, name: b}  # the second
# what we check
checks: [{from: a, to: b}]  # both ways
"""


def with_vm(topology, number, **values):
    vms = list(topology.vms)
    vms[number] = replace(vms[number], **values)
    return replace(topology, vms=tuple(vms))


def test_a_merged_value_is_written_out_where_it_changes():
    text = dumps(with_vm(loads(MERGED), 1, processor_count=8))
    assert text == MERGED.replace("name: b}", "name: b, processor_count: 8}")


def test_a_change_at_an_anchor_leaves_what_is_merged_from_it():
    text = dumps(with_vm(loads(MERGED), 0, processor_count=8))
    assert text == MERGED.replace("count: 4", "count: 8").replace(
        "name: b}", "name: b, processor_count: 4}"
    )


def test_a_merged_value_is_hidden_by_the_default():
    merged = MERGED.replace("count: 4", "count: 4, version: 9.0")
    default = VM(name="b").processor_count
    text = dumps(with_vm(loads(merged), 1, processor_count=default, version=None))
    expected = f"name: b, processor_count: {default}, version: null}}"
    assert text == merged.replace("name: b}", expected)


def test_a_merged_expectation_is_hidden_by_the_word_for_its_default():
    text = (
        "# both ways\nname: lab\nchecks:\n"
        "  - &one {from: a, to: b, expect: unreachable}\n"
        "  - {<<: *one, from: c}\n"
    )
    topology = loads(text)
    changed = replace(topology, checks=(topology.checks[0], Check(source="c", target="b")))
    saved = dumps(changed)
    assert loads(saved) == changed
    assert saved == text.replace("from: c}", "from: c, expect: reachable}")


def test_what_was_merged_from_a_removed_vm_is_written_out():
    topology = loads(MERGED)
    changed = replace(topology, vms=topology.vms[1:])
    text = dumps(changed)
    assert loads(text) == changed
    assert "{name: b, processor_count: 4, memory_startup: 2GB}  # the second\n# what we" in text


def test_a_comment_above_a_merge_that_is_written_out_stays():
    vms = """\
  - &one {name: a, memory_startup: 2GB}
  -
    # as much as the first
    <<: *one
    name: b
"""
    topology = loads(f"name: lab\nvms:\n{vms}")
    changed = replace(topology, vms=topology.vms[1:])
    text = dumps(changed)
    assert loads(text) == changed
    assert text == (
        "name: lab\nvms:\n  -\n    # as much as the first\n    name: b\n    memory_startup: 2GB\n"
    )


BRACKETS = """\
name: lab
vms:
  - name: a
    network_adapters:
      - {switch: S,  # the lab net
         ip_address: 10.0.0.5/24}
      - switch: T
        dns_servers: [
          1.1.1.1,  # first
          9.9.9.9,  # second
        ]
    processor_count: 2  # enough
  # the next one
  - name: b
"""


def test_comments_in_brackets_stay():
    text = dumps(with_vm(loads(BRACKETS), 0, processor_count=4))
    assert text == BRACKETS.replace("count: 2", "count: 4")


def test_an_item_in_brackets_goes_with_its_comment():
    topology = loads(BRACKETS)
    first, second = topology.vms[0].network_adapters
    fewer = replace(second, dns_servers=second.dns_servers[1:])
    text = dumps(with_vm(topology, 0, network_adapters=(first, fewer)))
    assert text == BRACKETS.replace("          1.1.1.1,  # first\n", "")


def test_a_new_key_of_a_vm_is_above_the_comment_of_the_next():
    text = dumps(with_vm(loads(BRACKETS), 0, notes="new"))
    assert text == BRACKETS.replace("# enough\n", "# enough\n    notes: new\n")


TWO = """\
name: lab
vms:
  # first
  - name: a
  # second
  - name: b
# what we check
checks: [{from: a, to: b}]
"""


@pytest.mark.parametrize(
    ("left", "gone"), [(1, "  # first\n  - name: a\n"), (0, "  # second\n  - name: b\n")]
)
def test_a_removed_vm_takes_its_own_comment(left, gone):
    topology = loads(TWO)
    assert dumps(replace(topology, vms=(topology.vms[left],))) == TWO.replace(gone, "")


def test_an_alias_that_moves_above_its_anchor_is_written_out():
    text = TWO.replace("name: a", "name: a\n    notes: &n both\n").replace(
        "name: b", "name: b\n    notes: *n  # as a"
    )
    topology = loads(text)
    changed = replace(topology, vms=topology.vms[::-1])
    saved = dumps(changed)
    assert loads(saved) == changed
    assert "  # second\n  - name: b\n    notes: both  # as a\n" in saved


def test_a_moved_vm_takes_its_comment_along():
    topology = loads(TWO)
    text = dumps(replace(topology, vms=topology.vms[::-1]))
    assert text == TWO.replace("  # first\n  - name: a\n", "").replace(
        "name: b\n", "name: b\n  # first\n  - name: a\n", 1
    )


OWN = """\
x-common: &common {processor_count: 2}  # shared
name: lab
x-owner: [me, {since: 2020}]
switches:
  - {name: S, switch_type: Private, x-rack: 7}
vms:
  - <<: *common
    name: a
    x-ticket: 12  # ours
    disk: {size: 40GB, x-why: tests}
"""


def test_keys_of_the_users_own_are_read_over_and_stay():
    topology = loads(OWN)
    VALIDATOR.validate(yaml.safe_load(OWN))
    assert topology.vms[0].processor_count == 2
    text = dumps(with_vm(topology, 0, notes="new", disk=Disk(size=Size.parse("50GB"))))
    assert text == OWN.replace("size: 40GB", "size: 50GB").replace(
        "x-why: tests}\n", "x-why: tests}\n    notes: new\n"
    )


def test_save_replaces_the_file_in_one_step(tmp_path):
    path = tmp_path / "lab.yml"
    save(loads("name: lab"), path)
    save(loads("name: lab\ndescription: second"), path)
    assert load(path).description == "second"
    assert os.listdir(tmp_path) == ["lab.yml"]  # noqa: PTH208  # names are enough


def test_what_cannot_be_written_is_one_clear_error(tmp_path):
    with pytest.raises(TopologyFileError, match="cannot be written"):
        save(loads("name: lab"), tmp_path / "no-such-folder" / "lab.yml")


def test_a_topology_shows_itself_in_a_notebook():
    topology = loads(COMMENTED.replace("name: HV1 ", "name: <b>HV1</b> ").replace("</b>", ""))
    page = topology._repr_html_()
    assert "&lt;b&gt;HV1" in page
    assert "nested host (L1)" in page
    assert "Private switch" in page


def test_keys_before_and_after_the_only_one_that_stays_in_braces_are_added():
    text = """name: lab
vms:
  - name: web1
    guest: {
      computer_name: A,
      language: es-ES  # stays
      }
"""
    read = loads(text)
    guest = Guest(credential="lab", language="es-ES", time_zone="UTC")
    changed = replace(read, vms=(replace(read.vms[0], guest=guest),))
    saved = dumps(changed)
    assert loads(saved) == changed
    assert "language: es-ES,  # stays" in saved
