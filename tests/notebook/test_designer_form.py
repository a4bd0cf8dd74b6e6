"""What the form of a part offers: lists of words, and values to take with a click."""

import pytest

from nestlab.model.topology import Topology
from nestlab.notebook.designer.draft import Draft
from nestlab.notebook.designer.edits import edit
from nestlab.notebook.designer.fields import form
from nestlab.notebook.designer.form_field import Field
from nestlab.notebook.designer.images import FIRST_IMAGE
from nestlab.notebook.designer.parts import find
from nestlab.notebook.designer.templates import TEMPLATES, template
from nestlab.reachability import trace
from nestlab.rules import validate
from nestlab.topology_file import loads

LAB = """
name: lab
switches: [{name: Net, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24}]
vms:
  - name: HV1
    memory_startup: 8GB
    guest: {os: windows}
    network_adapters: [{switch: Net, ip_address: 10.0.0.2/24, gateway: 10.0.0.1}]
    nested: {}
  - {name: web1, network_adapters: [{switch: Net, ip_address: 10.0.0.3/24, gateway: 10.0.0.1}]}
"""


def field(draft: Draft, part: str, name: str) -> Field:
    fields = form(draft.topology, find(draft.topology, part))
    return next(each for each in fields if each.name == name)


@pytest.mark.parametrize(
    ("part", "name", "words"),
    [
        ("switch:host/Net", "switch_type", ("Private", "Internal", "External")),
        ("HV1", "state", ("Running", "Off")),
        ("HV1", "guest.os", ("windows", "linux", "none")),
        ("HV1", "generation", ("1", "2")),
        ("HV1", "automatic_stop_action", ("", "TurnOff", "Save", "ShutDown")),
        ("HV1", "guest.time_zone", ("", "Kamchatka Standard Time")),
    ],
)
def test_a_value_that_is_one_of_some_words_is_chosen_from_a_list(
    part: str, name: str, words: tuple[str, ...]
) -> None:
    found = field(Draft(loads(LAB)), part, name)
    assert (found.control, found.options[: len(words)]) == ("select", words)
    assert found.value in found.options


def taken(draft: Draft, part: str, name: str, number: int = 0) -> Draft:
    """Take an offer of a field, as a click on it does."""
    value, _ = field(draft, part, name).offers[number]
    return edit(draft, {"do": "set", "id": part, "field": name, "value": value})


def test_a_lab_begun_with_nothing_gets_its_image_guest_and_checks_from_offers() -> None:
    draft = Draft(Topology(name="lab"))
    for intent in (
        {"do": "nat", "id": "host"},
        {"do": "add-vm", "into": "host"},
        {"do": "nest", "id": "vm1"},
    ):
        draft = edit(draft, intent)
    draft = taken(draft, "vm1", "disk.image")
    assert r"D:\images\ws2022.vhdx" in draft.message
    draft = edit(draft, {"do": "add-vm-inside", "id": "vm1"})
    assert [text for _, text in field(draft, "host", "checks").offers] == [
        "vm2 to internet",
        "vm1 to internet",
    ]
    draft = taken(taken(draft, "host", "checks"), "host", "checks")
    assert field(draft, "host", "checks").value == "vm2 to internet, vm1 to internet"
    assert field(draft, "host", "checks").offers == ()
    assert [finding for finding in validate(draft.topology) if finding.severity != "info"] == []
    assert trace(draft.topology, "vm2", "internet").reachable
    for path in (("vm1",), ("vm1", "vm2")):
        vm = draft.topology.machine(path)
        assert (vm.disk.image, vm.guest.os, vm.guest.credential) == (
            "ws2022",
            "windows",
            "lab-admin",
        )


def test_an_image_of_the_file_is_offered_instead_of_the_first_one() -> None:
    own = "images: {mine: {path: 'E:\\m.vhdx', os: linux}}\n"
    draft = Draft(loads(f"{own}{LAB.lstrip()}"))
    assert field(draft, "web1", "disk.image").offers == (("mine", "mine"),)
    draft = taken(draft, "web1", "disk.image")
    assert draft.topology.images[0].path == "E:\\m.vhdx"
    assert (field(draft, "web1", "guest.os").value, field(draft, "web1", "disk.image").offers) == (
        "none",
        (),
    )


def test_a_windows_guest_is_offered_the_credential_that_others_have() -> None:
    draft = Draft(loads(LAB))
    assert field(draft, "web1", "guest.credential").offers == ()
    draft = taken(draft, "HV1", "guest.credential")
    draft = edit(draft, {"do": "set", "id": "HV1", "field": "guest.credential", "value": "course"})
    draft = edit(draft, {"do": "set", "id": "web1", "field": "guest.os", "value": "windows"})
    assert field(draft, "web1", "guest.credential").offers == (("course", "course"),)


def test_a_check_that_should_fail_is_written_on_one_line() -> None:
    draft = Draft(loads(LAB))
    text = "web1 to internet, host to web1: unreachable"
    draft = edit(draft, {"do": "set", "id": "host", "field": "checks", "value": text})
    assert [(c.source, c.target, c.reachable) for c in draft.topology.checks] == [
        ("web1", "internet", True),
        ("host", "web1", False),
    ]
    assert field(draft, "host", "checks").value == text


def test_the_templates_have_the_image_that_the_form_offers() -> None:
    for name in TEMPLATES:
        assert FIRST_IMAGE in template(name).images
