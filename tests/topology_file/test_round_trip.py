"""What is written is what is read, and what people wrote around it stays."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given

from nestlab.errors import TopologyFileError
from nestlab.model import Size
from nestlab.model.topology import VM, Check, Disk, Nested, NetworkAdapter, Switch, SwitchType
from nestlab.topology_file import dumps, load, loads, save, schema
from nestlab.topology_file.json_schema import PATH, schema_text
from tests.strategies import topologies

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
    jsonschema.validate(yaml.safe_load(dumps(topology)), schema())


@given(topologies, topologies)
def test_one_topology_written_over_another_is_read_back_equal(old, new):
    changed = replace(new, origin=loads(dumps(old)).origin)
    assert loads(dumps(changed)) == new


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_unchanged_file_is_written_as_it_was(path):
    assert dumps(load(path)) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_files_fit_the_schema(path):
    jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), schema())


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


def test_where_an_anchor_stands_for_two_places_the_file_is_written_anew():
    text = "name: lab\nvms:\n  - &one {name: a, memory_startup: 2GB, processor_count: 4}\n  - {<<: *one, name: b}\n"
    topology = loads(text)
    changed = replace(topology, vms=(topology.vms[0], replace(topology.vms[1], processor_count=8)))
    assert loads(dumps(changed)) == changed


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
